"""What `netrunner check` looks at beyond the format: the examples, and the lint."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from netrunner.activations.plugins import Registry
from netrunner.format.assembly import NetworkFile, read_network
from netrunner.format.document import element_at
from netrunner.format.lint import lint
from netrunner.problems.problem import NetrunnerError, Problem, in_file_order
from netrunner.problems.words import count, quote

DEFAULT_TOLERANCE = {"float64": 1e-6, "float32": 1e-5}


def check_activations(file: NetworkFile) -> Iterator[Problem]:
    """What is wrong with activations that give a row, or a neuron, something else alone."""
    for layer in file.network.layers:
        try:
            layer.h  # noqa: B018 - it is tried
        except NetrunnerError as error:
            yield from error.problems


def check_examples(file: NetworkFile) -> Iterator[Problem]:
    """A problem for each example whose output the network does not give.

    Raises NetrunnerError where a plugin misbehaves.
    """
    network = file.network
    for index, (example, values) in enumerate(zip(network.examples, file.examples, strict=True), 1):
        given, not_finite = network.silent_output(example.input)
        output = given.astype(np.float64)
        if example.tolerance is None:
            tolerance = DEFAULT_TOLERANCE[network.dtype.name]
            allowed = tolerance + tolerance * np.abs(example.output)
        else:
            allowed = np.full(output.shape, example.tolerance)
        with np.errstate(all="ignore"):
            off = np.abs(output - example.output)
        same = (output == example.output) | (np.isnan(output) & np.isnan(example.output))
        wrong = ~(same | (np.isfinite(off) & (off <= allowed)))
        if not_finite is not None and np.isfinite(output).all():
            place = file.place(values["input"].node)
            yield Problem("not-finite", place, f"example {index}: {not_finite}", severity="warning")
        if wrong.any():
            first = tuple(np.argwhere(wrong)[0].tolist())
            got, wanted = float(output[first]), float(example.output[first])
            name = network.output_names[first[-1]] if network.output_names else None
            neuron = f"output {first[-1] + 1}" + (f" {quote(name)}" if name else "")
            row = f", row {first[0] + 1}" if len(first) > 1 else ""
            others = int(wrong.sum()) - 1
            more = f"; so {'is' if others == 1 else 'are'} {others} more" if others else ""
            message = f"example {index}{row}: {neuron} is {got!r}, expected {wanted!r}"
            if np.isfinite(off[first]):
                message += f": off by {off[first]:.3g}, allowed is {allowed[first]:.3g}"
            message += more
            place = file.place(element_at(values["output"].node, first))
            yield Problem("example-mismatch", place, message)


def check_file(path: str, registry: Registry) -> tuple[list[Problem], str]:
    """All the problems of a network file, in file order, and a summary in a few words."""
    try:
        file = read_network(path, registry)
        problems = [*check_activations(file)] or [*check_examples(file), *lint(file)]
    except NetrunnerError as error:
        problems = list(error.problems)
    problems = in_file_order(problems)
    errors = sum(problem.severity == "error" for problem in problems)
    if errors:
        return problems, count(errors, "error")
    layers, examples = len(file.network.layers), len(file.network.examples)
    warnings = len(problems)
    summary = f"ok: {count(layers, 'layer')}, {count(examples, 'example')} verified"
    return problems, summary + (f", {count(warnings, 'warning')}" if warnings else "")
