"""The walk back from an output: which terms made it, and which made the largest of them.

Terms are exact products of the numbers as they are written, 0.1 and not 0.1000000000000000055,
so that a neuron's terms and its bias add up to its sum with nothing left over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext

from netrunner.lesson.notation import EXACT, decimals
from netrunner.lesson.selection import find_output
from netrunner.lesson.shares import percentages
from netrunner.network.layer import Layer
from netrunner.network.trace import LayerTrace, Trace

_SHARES = Context(prec=40, traps=[])


@dataclass(frozen=True, slots=True)
class Term:
    """weight · input, where the input is that of `neuron` in the layer before, from 1.

    `share` is value / sum; None if the sum is 0 or not finite.
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

    `sum` is what these add up to exactly; `a` and `z` are the run's values, so a sum that the
    run has rounded differs from `a`. `follows` is the neuron of the layer before that the walk goes
    on to: None in layer 1, and if all terms are 0. `share` is z in percent, if the layer's outputs
    are shares.
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
    share: str | None = None

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
    """Why an output neuron has its value, in each row of the input; `str()` of it is the text."""

    network: str
    neuron: int
    name: str | None
    walks: tuple[Walk, ...]

    def __str__(self) -> str:
        from netrunner.views.render.why_text import text_of

        return text_of(self).removesuffix("\n")


def why(trace: Trace, neuron: int | str, *, top: int = 5) -> Why:
    """The walk back from an output neuron, by number from 1 or by name, with `top` terms a step.

    Raises NetrunnerError if there is no such output, or the trace was loaded from a file.
    """
    if top < 1:
        raise ValueError(f"top must be at least 1, got {top}")
    _ = trace.layers[-1].layer  # raises, with the reason, for a trace from a file
    k = find_output(trace, neuron)
    rows = [None] if trace.rows is None else range(1, trace.rows + 1)
    with localcontext(EXACT):
        walks = tuple(Walk(row, _walk(trace, trace.row(row or 1).layers, k, top)) for row in rows)
    return Why(trace.network, k, _name(trace.output_names, k), walks)


def _walk(trace: Trace, layers: Sequence[LayerTrace], neuron: int, top: int) -> tuple[Step, ...]:
    """The steps for one row of a run, given its layers."""
    steps = []
    k: int | None = neuron
    output_names = trace.output_names
    for step in reversed(layers):
        if k is None:
            break
        input_names = trace.input_names if step.index == 1 else None
        steps.append(_step(step, k, input_names, _name(output_names, k), top))
        k, output_names = steps[-1].follows, None
    return tuple(steps)


def _step(
    step: LayerTrace, k: int, input_names: Sequence[str] | None, name: str | None, top: int
) -> Step:
    layer, x = step.layer, decimals(step.X)
    a, z = (decimals(each[k - 1 : k])[0] for each in (step.A, step.Z))
    weights = decimals(layer.weights[:, k - 1])
    bias = decimals(layer.biases[k - 1 : k])[0]
    values = [weight * each for weight, each in zip(weights, x, strict=True)]
    total = sum(values, bias)

    def share(value: Decimal) -> Decimal | None:
        whole = a.is_finite() and total
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
    return Step(
        layer,
        k,
        name,
        a,
        z,
        total,
        terms,
        Part(len(others), together, share(together)) if others else None,
        Part(1, bias, share(bias)),
        follows=terms[0].neuron if layer.index > 1 and terms[0].value != 0 else None,
        share=percentages(step.Z)[k - 1] if step.makes_shares and z.is_finite() else None,
    )


def _name(names: Sequence[str] | None, k: int) -> str | None:
    return None if names is None else names[k - 1]
