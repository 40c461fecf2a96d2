"""What `netrunner check` finds, in the format, the examples and by the lint; and the fixes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from netrunner.activations.registry import Registry
from netrunner.format.assembly import NetworkFile
from netrunner.format.document import MAX_PROBLEMS
from netrunner.format.fixing import Tries, fixed, with_tried_fixes
from netrunner.format.lint import lint
from netrunner.format.network_text import network_of
from netrunner.format.nodes import element_at
from netrunner.network.network import Example
from netrunner.problems.problem import NetrunnerError, Problem, in_file_order
from netrunner.problems.source import Source
from netrunner.problems.words import count, quote

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROWS_TOGETHER = 1_000  # of examples that run together
MAX_FAILED = 100  # failing examples that are reported
DEFAULT_TOLERANCE = {"float64": 1e-6, "float32": 1e-5}


def check_activations(file: NetworkFile) -> Iterator[Problem]:
    """Problems of activations that fail their trial; without examples, of those that just fail."""
    for layer in file.network.layers:
        try:
            h = layer.h  # which runs the trial
            if not file.network.examples and layer.origin.kind != "built-in":
                h(np.full(layer.size, 0.5, file.network.dtype))
        except NetrunnerError as error:
            yield from error.problems


def check_examples(file: NetworkFile) -> Iterator[Problem]:
    """A problem for each example whose output the network does not give, up to a limit.

    Raises NetrunnerError if a plugin misbehaves.
    """
    network = file.network
    failed = warned = 0
    for numbers in _together(network.examples):
        examples = [network.examples[number] for number in numbers]
        X = np.concatenate([np.atleast_2d(example.input) for example in examples])
        Y, not_finite = network.silent_output(X)
        row = 0
        for index, example in zip(numbers, examples, strict=True):
            output = Y[row] if example.output.ndim == 1 else Y[row : row + len(example.output)]
            row += 1 if example.output.ndim == 1 else len(example.output)
            values = file.examples[index]
            if not_finite is not None and warned < MAX_FAILED and np.isfinite(output).all():
                warned += 1
                _, why = network.silent_output(example.input)
                if why is not None:
                    place, message = (
                        file.place(values["input"].node),
                        f"example {index + 1}: {why}",
                    )
                    yield Problem("not-finite", place, message, severity="warning")
            if (problem := mismatch(file, index, output.astype(np.float64))) is not None:
                yield problem
                failed += 1
                if failed == MAX_FAILED:
                    return


def _together(examples: Sequence[Example]) -> Iterator[list[int]]:
    """The indices of the examples that run together."""
    numbers: list[int] = []
    rows, most = 0, MAX_FAILED  # if all of these fail, the others need not run
    for i, example in enumerate(examples):
        numbers.append(i)
        rows += len(np.atleast_2d(example.input))
        if rows >= most:
            yield numbers
            numbers, rows, most = [], 0, ROWS_TOGETHER
    if numbers:
        yield numbers


def allowed_error(example: Example, dtype: np.dtype[Any]) -> NDArray[np.float64]:
    """By how much each output of an example may be off."""
    if example.tolerance is not None:
        return np.full(example.output.shape, example.tolerance)
    tolerance = DEFAULT_TOLERANCE[dtype.name]
    return np.asarray(tolerance + tolerance * np.abs(example.output), np.float64)


def mismatch(file: NetworkFile, number: int, output: NDArray[np.float64]) -> Problem | None:
    """The difference between the output of an example and the network's, in words."""
    network, example = file.network, file.network.examples[number]
    allowed = allowed_error(example, network.dtype)
    with np.errstate(all="ignore"):
        off = np.abs(output - example.output)
    same = (output == example.output) | (np.isnan(output) & np.isnan(example.output))
    wrong = ~(same | (np.isfinite(off) & (off <= allowed)))
    if not wrong.any():
        return None
    first = tuple(np.argwhere(wrong)[0].tolist())
    got, wanted = float(output[first]), float(example.output[first])
    name = network.output_names[first[-1]] if network.output_names else None
    neuron = f"output {first[-1] + 1}" + (f" {quote(name)}" if name else "")
    row = f", row {first[0] + 1}" if len(first) > 1 else ""
    others = int(wrong.sum()) - 1
    message = f"example {number + 1}{row}: {neuron} is {got!r}, expected {wanted!r}"
    if np.isfinite(off[first]):
        message += f": off by {off[first]:.3g}, allowed is {allowed[first]:.3g}"
    if others:
        message += f"; so {'is' if others == 1 else 'are'} {others} more"
    place = file.place(element_at(file.examples[number]["output"].node, first))
    return Problem("example-mismatch", place, message)


@dataclass(frozen=True)
class Checked:
    """What `check` finds in the text of a network file; and the network, if there are no errors."""

    source: Source
    problems: tuple[Problem, ...]
    file: NetworkFile | None

    @property
    def errors(self) -> int:
        return sum(problem.severity == "error" for problem in self.problems)

    @property
    def summary(self) -> str:
        """A short summary of what was found."""
        if self.errors or self.file is None:
            return count(self.errors, "error")
        network, warnings = self.file.network, len(self.problems)
        layers, examples = len(network.layers), len(network.examples)
        summary = f"ok: {count(layers, 'layer')}, {count(examples, 'example')} verified"
        return summary + (f", {count(warnings, 'warning')}" if warnings else "")


class Checker:
    """Checks the texts of network files; the files that they name are in `folder`."""

    def __init__(self, name: str, folder: Path | None, registry: Registry) -> None:
        self.name, self.folder, self.registry = name, folder, registry
        self.gave_up = False

    def check(self, text: str) -> Checked:
        """All the problems of a text, in the order of their places."""
        source, file = Source(self.name, text), None
        problems: Iterable[Problem]
        try:
            file = network_of(source, self.folder, self.registry)
            problems = [*check_activations(file)] or [
                *check_examples(file),
                *check_answers(file),
                *islice(lint(file), MAX_PROBLEMS),
            ]
        except NetrunnerError as error:
            problems = error.problems
        return Checked(source, tuple(in_file_order(problems)), file)

    def with_fixes(self, checked: Checked) -> Checked:
        """The same, keeping only fixes that were tried and help."""
        return with_tried_fixes(checked, Tries(self.check))

    def fixed(self, text: str) -> str:
        """The text after all fixes that help; `gave_up` says whether they were too many."""
        tries = Tries(self.check)
        text = fixed(text, tries)
        self.gave_up = not tries.go_on or len(tries.check(text).problems) >= MAX_PROBLEMS
        return text


def check_answers(file: NetworkFile) -> Iterator[Problem]:
    """A problem for each answer of an exercise that differs from the network's."""
    if "answers" not in file.values:
        return
    from netrunner.format.answers import agrees, classes_of, given_numbers, true_answers

    given = file.values["answers"]
    if not file.network.examples:
        message = "answers are for the input of the first example, but there is none"
        yield Problem("missing-key", file.place(given.node), message)
        return
    example = file.network.examples[0]
    true = true_answers(file.network.silent_trace(example.input).row(1))
    classes = classes_of(file.network.output_names)
    network = f"a network of {count(len(file.network.layers), 'layer')}"
    numbers, wrong = given_numbers(given.value, true, network, classes)
    for fault, answer in wrong:
        yield fault.at(file.place(answer))
    for (array, k), (answer, text) in numbers.items():
        value = true[array][k - 1]
        if not agrees(text, value, example.tolerance):
            is_named = array == "class" and classes
            expected = repr(classes[int(value) - 1]) if is_named else f"{value:.15g}"
            message = f"answers: {array}, number {k}: found {answer.text}, expected {expected}"
            yield Problem("answer-mismatch", file.place(answer), message)
