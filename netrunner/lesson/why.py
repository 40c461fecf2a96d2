"""The walk back from an output: which terms made it, and which made the largest of them.

Terms are exact products of the numbers as they are written, 0.1 and not 0.1000000000000000055,
so that a neuron's terms and its bias add up to its sum with nothing left over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Context, Decimal, localcontext
from typing import TYPE_CHECKING

import numpy as np

from netrunner.lesson.notation import EXACT, decimals
from netrunner.lesson.selection import find_output
from netrunner.network.layer import Layer
from netrunner.network.network import Network
from netrunner.network.trace import Trace

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

_SHARES = Context(prec=40, traps=[])


@dataclass(frozen=True, slots=True)
class Term:
    """weight · input, where the input is that of `neuron` in the layer before, from 1.

    `share` is value / sum; None where the sum is 0 or not finite.
    """

    neuron: int
    name: str | None
    weight: Decimal
    input: Decimal
    value: Decimal
    share: Decimal | None


@dataclass(frozen=True, slots=True)
class Part:
    """The bias, or `count` smaller terms together."""

    count: int
    value: Decimal
    share: Decimal | None


@dataclass(frozen=True, slots=True)
class Step:
    """One neuron of the walk: its largest terms, largest first, the rest, and the bias.

    `sum` is what these add up to exactly; `a` and `z` are the run's values, so that a sum that
    the run has rounded differs from `a`. `follows` is the neuron of the layer before that the walk
    goes on to: None in layer 1, and where all terms are 0.
    """

    layer: Layer
    neuron: int
    name: str | None
    a: Decimal
    z: Decimal
    sum: Decimal
    terms: tuple[Term, ...]
    rest: Part | None
    bias: Part
    follows: int | None

    @property
    def parts(self) -> tuple[Term | Part, ...]:
        """The terms, the rest if there is one, and the bias: what makes the sum."""
        rest = () if self.rest is None else (self.rest,)
        return (*self.terms, *rest, self.bias)


@dataclass(frozen=True, slots=True)
class Walk:
    """The steps from the output back, for one row; `row` is None for a single input."""

    row: int | None
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Why:
    """Why an output neuron has its value, in each row of the input."""

    network: str
    neuron: int
    name: str | None
    walks: tuple[Walk, ...]


def why(network: Network, x: ArrayLike, neuron: int | str, top: int = 5) -> Why:
    """The walk back from an output neuron, by number from 1 or by name, with `top` terms a step.

    x has shape (inputs,) or (rows, inputs). Raises NetrunnerError.
    """
    if top < 1:
        raise ValueError(f"top must be at least 1, got {top}")
    k = find_output(network, neuron)
    trace = network.trace(x)
    rows = len(np.atleast_2d(trace.input))
    with localcontext(EXACT):
        walks = tuple(
            Walk(None if trace.input.ndim == 1 else row + 1, _walk(network, trace, row, k, top))
            for row in range(rows)
        )
    return Why(network.name, k, _name(network.output_names, k), walks)


def _walk(network: Network, trace: Trace, row: int, neuron: int, top: int) -> tuple[Step, ...]:
    steps = []
    k: int | None = neuron
    for layer, traced in zip(network.layers[::-1], trace.layers[::-1], strict=True):
        if k is None:
            break
        X = trace.input if layer.index == 1 else trace.layers[layer.index - 2].Z
        x = decimals(np.atleast_2d(X)[row])
        a, z = (decimals(np.atleast_2d(each)[row, k - 1 : k])[0] for each in (traced.A, traced.Z))
        input_names = network.input_names if layer.index == 1 else None
        output_names = network.output_names if layer.index == len(network.layers) else None
        steps.append(_step(layer, k, x, (a, z), input_names, _name(output_names, k), top))
        k = steps[-1].follows
    return tuple(steps)


def _step(
    layer: Layer,
    k: int,
    x: list[Decimal],
    run: tuple[Decimal, Decimal],
    input_names: Sequence[str] | None,
    name: str | None,
    top: int,
) -> Step:
    a, z = run
    weights = decimals(layer.weights[:, k - 1])
    bias = decimals(layer.biases[k - 1 : k])[0]
    values = [weight * each for weight, each in zip(weights, x, strict=True)]
    total = sum(values, bias)

    def share(value: Decimal) -> Decimal | None:
        whole = total.is_finite() and a.is_finite() and total
        return _SHARES.divide(value, total) if whole else None

    def size(i: int) -> Decimal:
        # A NaN makes the whole sum NaN: it comes first.
        return Decimal("inf") if values[i].is_nan() else abs(values[i])

    ranked = sorted(range(len(x)), key=size, reverse=True)
    terms = tuple(
        Term(i + 1, _name(input_names, i + 1), weights[i], x[i], values[i], share(values[i]))
        for i in ranked[:top]
    )
    others = [values[i] for i in ranked[top:]]
    together = sum(others, Decimal(0))
    rest = Part(len(others), together, share(together)) if others else None
    goes_on = layer.index > 1 and terms[0].value != 0
    follows = terms[0].neuron if goes_on else None
    return Step(layer, k, name, a, z, total, terms, rest, Part(1, bias, share(bias)), follows)


def _name(names: Sequence[str] | None, k: int) -> str | None:
    return None if names is None else names[k - 1]


def apportioned(values: Sequence[Decimal], unit: Decimal) -> tuple[list[Decimal], Decimal]:
    """Finite values rounded to multiples of `unit`, and their sum, which is rounded right.

    Rounding each for itself would leave a sum that is off in its last digits. Here all are
    rounded down, and those that lost most get one unit back until the sum is right (Hamilton).
    """
    with localcontext(EXACT):
        counts = [(value / unit) for value in values]
        floors = [count.to_integral_value(ROUND_FLOOR) for count in counts]
        whole = sum(counts, Decimal(0)).to_integral_value()
        lost = [count - floor for count, floor in zip(counts, floors, strict=True)]
        missing = int(whole - sum(floors, Decimal(0)))
        for i in sorted(range(len(values)), key=lambda i: -lost[i])[:missing]:
            floors[i] += 1
        return [floor * unit + 0 for floor in floors], whole * unit + 0  # no -0
