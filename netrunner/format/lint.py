"""The lint: what is allowed in a network, but is probably not what its author meant."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from netrunner.activations.activation import Array
from netrunner.format.assembly import NetworkFile
from netrunner.format.nodes import Node, element_at
from netrunner.network.layer import Layer
from netrunner.problems.codes import Code
from netrunner.problems.problem import Problem, Related
from netrunner.problems.words import as_seen, listed, quote


def lint(file: NetworkFile) -> Iterator[Problem]:
    """The warnings for a network that has no errors."""
    for check in (
        _identity_chain,
        _softmax_hidden,
        _softmax_single,
        _step_among_trained,
        _single_class,
        _zero_weights,
        _unused_members,
        _duplicate_names,
    ):
        yield from check(file)


def _warning(
    file: NetworkFile, code: Code, node: Node, message: str, related: tuple[Related, ...] = ()
) -> Problem:
    place = file.place(node)
    return Problem(code, place, message, severity="warning", related=related)


def _identity_chain(file: NetworkFile) -> Iterator[Problem]:
    """Two linear layers are one: (X·W1 + B1)·W2 + B2 = X·(W1·W2) + (B1·W2 + B2)."""
    layers = file.network.layers
    for first, second in pairwise(layers):
        if first.activation.name == second.activation.name == "identity":
            before = file.layers[first.index - 1]["activation"].node
            message = (
                f"{first.title} and {second.title} are both linear, so together they do what one"
                f" layer does: W = W{first.index}·W{second.index},"
                f" B = B{first.index}·W{second.index} + B{second.index}"
            )
            related = (Related(file.place(before), f"{first.title} is linear"),)
            node = file.layers[second.index - 1]["activation"].node
            yield _warning(file, "identity-chain", node, message, related)


def _softmax_hidden(file: NetworkFile) -> Iterator[Problem]:
    for layer, values in zip(file.network.layers[:-1], file.layers, strict=False):
        if layer.activation.shares:
            name = layer.activation.name
            message = (
                f"{layer.title} is hidden and has {name}, which makes its neurons share 1 between"
                f" them: {name} belongs to the output layer of a classifier"
            )
            yield _warning(file, "softmax-hidden", values["activation"].node, message)


def _softmax_single(file: NetworkFile) -> Iterator[Problem]:
    for layer, values in zip(file.network.layers, file.layers, strict=True):
        if layer.activation.shares and layer.size == 1 and not _is_only_class(file, layer):
            message = (
                f"{layer.title} has {layer.activation.name} over one neuron, which is always 1"
            )
            yield _warning(file, "softmax-single", values["activation"].node, message)


def _step_among_trained(file: NetworkFile) -> Iterator[Problem]:
    layers = file.network.layers
    steps = [
        (layer, values)
        for layer, values in zip(layers[:-1], file.layers, strict=False)
        if layer.activation.name == "step"
    ]
    if steps and any(_looks_trained(layer.weights) for layer in layers):
        for layer, values in steps:
            message = (
                f"{layer.title} is hidden and has step, yet the weights look trained: step has no"
                " slope, so training cannot have gone through it; was sigmoid meant?"
            )
            yield _warning(file, "step-trained", values["activation"].node, message)


def _looks_trained(weights: Array) -> bool:
    """Whether most weights have more digits than a person would write."""
    with np.errstate(over="ignore"):  # np.round multiplies by 100, which can overflow
        rounded = np.round(weights.astype(np.float64), 2)
        has_more = (np.abs(weights - rounded) > 1e-6) & np.isfinite(rounded)
    return bool(np.mean(has_more) > 0.5)


def _single_class(file: NetworkFile) -> Iterator[Problem]:
    """A single class; but one neuron with sigmoid says yes or no, which is a classifier."""
    names, last = file.network.output_names, file.network.layers[-1]
    if names and last.activation.shares and _is_only_class(file, last):
        message = (
            f"the only class is {quote(names[0])}: a classifier tells two or more apart; for yes or"
            " no, use sigmoid"
        )
        yield _warning(file, "single-class", file.values["outputs"].node, message)


def _is_only_class(file: NetworkFile, layer: Layer) -> bool:
    """Whether a layer's one neuron is the only class of the outputs."""
    names = file.network.output_names
    return layer is file.network.layers[-1] and names is not None and len(names) == 1


def _zero_weights(file: NetworkFile) -> Iterator[Problem]:
    for layer, values in zip(file.network.layers, file.layers, strict=True):
        if not layer.weights.any():
            message = f"{layer.title}: all weights are 0, so the inputs make no difference"
            yield _warning(file, "zero-weights", values["weights"].node, message)


def _duplicate_names(file: NetworkFile) -> Iterator[Problem]:
    network = file.network
    for key, names in (("inputs", network.input_names), ("outputs", network.output_names)):
        having: dict[str, list[int]] = {}
        for index, name in enumerate(names or ()):
            having.setdefault(as_seen(name), []).append(index)
        for name, (first, *others) in having.items():
            if others:
                one, other = (element_at(file.values[key].node, [i]) for i in (first, others[0]))
                both = f"{key} {first + 1} and {others[0] + 1}"
                message = f"{both} have the same name, {quote(name)}"
                place = file.place(one)
                related = (Related(place, f"{quote(name)} is {key[:-1]} {first + 1} here"),)
                yield _warning(file, "duplicate-name", other, message, related)


def _unused_members(file: NetworkFile) -> Iterator[Problem]:
    for stored in file.stored:
        unused = [member for member in stored.members if member not in stored.used]
        if unused:
            shown = listed(map(quote, unused), 10)
            message = f"{quote(stored.name, 100)} holds {shown}, which nothing uses"
            yield _warning(file, "unused-parameters", stored.node, message)
