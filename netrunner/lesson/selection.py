"""Which layer and which neuron a user means: a number from 1, or a name that is not a number."""

from __future__ import annotations

import re
from collections.abc import Iterable

from netrunner.network.trace import LayerTrace, Trace
from netrunner.problems.codes import Code
from netrunner.problems.problem import NetrunnerError, Problem
from netrunner.problems.source import Place
from netrunner.problems.suggestions import did_you_mean, nearest
from netrunner.problems.words import quote

LISTED = 8  # names in a message, at most


def choose(
    trace: Trace, layer: int | str | None, neuron: int | str | None
) -> list[tuple[LayerTrace, list[int]]]:
    """The chosen layers, each with the numbers of its chosen neurons; None means all.

    Without a layer, a neuron's number chooses it in every layer that has this number; a name
    chooses an output. Raises NetrunnerError if there is no such layer or neuron.
    """
    layers = trace.layers if layer is None else (find_layer(trace, layer),)
    if neuron is None:
        return [(each, list(range(1, each.size + 1))) for each in layers]
    number = _number(neuron)
    if number is None:
        if layers[-1] is not trace.layers[-1]:
            size = layers[-1].size
            message = (
                f"the neurons of {layers[-1].title} have no names: give a number from 1 to {size}"
            )
            raise _unknown("unknown-neuron", message)
        return [(trace.layers[-1], [find_output(trace, neuron)])]
    having = [each for each in layers if 1 <= number <= each.size]
    if not having:
        widest = max(layers, key=lambda each: each.size)
        whose = f"{widest.title} has" if len(layers) == 1 else "the layers have"
        least = f"; {widest.title} has" if len(layers) > 1 else "; it has"
        raise _unknown(
            "unknown-neuron", f"{whose} no neuron {number}{least} {_neurons(widest.size)}"
        )
    return [(each, [number]) for each in having]


def find_layer(trace: Trace, given: int | str) -> LayerTrace:
    """The layer of this number or name. Raises NetrunnerError."""
    number = _number(given)
    if number is not None:
        if 1 <= number <= len(trace.layers):
            return trace.layers[number - 1]
        raise _unknown("unknown-layer", f"there is no layer {number}; {_layers(trace)}")
    found = [layer for layer in trace.layers if layer.name == given]
    if len(found) == 1:
        return found[0]
    if found:
        numbers = " and ".join(str(layer.index) for layer in found)
        raise _unknown(
            "unknown-layer", f"{quote(str(given))} names layers {numbers}: give the number"
        )
    names = [layer.name for layer in trace.layers if layer.name is not None]
    message = f"there is no layer {quote(str(given))}; {_layers(trace)}"
    raise _unknown("unknown-layer", message, given, names)


def find_output(trace: Trace, given: int | str) -> int:
    """The number of the output neuron of this number or name. Raises NetrunnerError."""
    names, size = trace.output_names or (), trace.layers[-1].size
    number = _number(given)
    if number is not None:
        if 1 <= number <= size:
            return number
        message = f"there is no output neuron {number}; there {_are(size)} {_neurons(size)}"
        raise _unknown("unknown-neuron", message)
    same = [k for k, name in enumerate(names, 1) if name == given]
    if len(same) == 1:
        return same[0]
    if same:
        numbers = " and ".join(map(str, same))
        message = f"{quote(str(given))} names outputs {numbers}: give the number"
        raise _unknown("unknown-neuron", message)
    if given in (trace.input_names or ()):
        raise _unknown(
            "unknown-neuron", f"{quote(str(given))} is an input: nothing is computed for it"
        )
    outputs = (
        f"the outputs are {_cut(map(quote, names))}" if names else f"give a number from 1 to {size}"
    )
    raise _unknown(
        "unknown-neuron", f"there is no output {quote(str(given))}; {outputs}", given, names
    )


def _number(given: int | str) -> int | None:
    if isinstance(given, str):
        return int(given) if re.fullmatch(r"[+-]?[0-9]{1,18}", given) else None
    return given


def _layers(trace: Trace) -> str:
    titles = [
        str(layer.index) + (f" {quote(layer.name)}" if layer.name is not None else "")
        for layer in trace.layers
    ]
    return f"the network has {_cut(titles)}"


def _neurons(size: int) -> str:
    return "only neuron 1" if size == 1 else f"neurons 1 to {size}"


def _are(size: int) -> str:
    return "is" if size == 1 else "are"


def _cut(names: Iterable[str]) -> str:
    items = list(names)
    more = [f"… {len(items) - LISTED} more"] if len(items) > LISTED else []
    return ", ".join(items[:LISTED] + more)


def _unknown(
    code: Code, message: str, given: int | str = "", known: Iterable[str] = ()
) -> NetrunnerError:
    hint = did_you_mean(nearest(str(given), known))
    option = code.replace("unknown-", "--")
    return NetrunnerError(Problem(code, Place(option), message, hint=hint))
