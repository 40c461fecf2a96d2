"""Every neuron's arithmetic, with its numbers put in, as data for the writers.

The values are those of the run, and each line is true as it is printed: see `arithmetic`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext

import numpy as np

from netrunner.activations.activation import Array
from netrunner.lesson.arithmetic import Arithmetic, left_out, plain_line
from netrunner.lesson.explain_softmax import softmax_lines
from netrunner.lesson.notation import (
    EXACT,
    FULL,
    Expression,
    Line,
    Name,
    Symbol,
    decimals,
    name_of,
    rounded,
    shown,
    spelled,
)
from netrunner.lesson.selection import choose
from netrunner.lesson.worked import filled
from netrunner.network.trace import LayerTrace, Trace

ROWS_AT_ONCE = 1000  # for one call of an activation


@dataclass(frozen=True, slots=True)
class LayerExplanation:
    """The lines of one layer, for one row, in reading order.

    `is_h` says that they call the activation h, because it has no formula to put numbers into.
    """

    step: LayerTrace
    is_h: bool
    lines: tuple[Line, ...]

    @property
    def index(self) -> int:
        """The layer's number, from 1."""
        return self.step.index

    @property
    def title(self) -> str:
        """layer 1 'hidden 1', h = gelu"""
        return f"{self.step.title}, {'h = ' * self.is_h}{self.step.activation_text}"

    @property
    def by_neuron(self) -> dict[int | None, list[Line]]:
        """The lines of each neuron; those that the whole layer shares, None, come first."""
        found: dict[int | None, list[Line]] = {}
        for line in sorted(self.lines, key=lambda line: line.neuron or 0):
            found.setdefault(line.neuron, []).append(line)
        return found


@dataclass(frozen=True, slots=True)
class RowExplanation:
    """One row of the input; `number` counts from 1, and is None for a single input."""

    number: int | None
    _explainers: tuple[_LayerExplainer, ...]

    @property
    def layers(self) -> Iterator[LayerExplanation]:
        """The chosen layers, each worked out when it is read."""
        for explainer in self._explainers:
            yield explainer.explain((self.number or 1) - 1)


@dataclass(frozen=True, slots=True)
class Explanation:
    """A run, explained; `str()` of it is the text. It is worked out as it is read.

    `names` has the symbols of inputs and outputs, each with its name.
    """

    network: str
    names: tuple[tuple[Symbol, str], ...]
    _rows: int | None
    _explainers: tuple[_LayerExplainer, ...]

    @property
    def rows(self) -> Iterator[RowExplanation]:
        """The rows of a batch, or the one row of a single input."""
        numbers = [None] if self._rows is None else range(1, self._rows + 1)
        return (RowExplanation(number, self._explainers) for number in numbers)

    def __str__(self) -> str:
        return self._written("text").removesuffix("\n")

    def to_markdown(self) -> str:
        """The explanation as Markdown for GitHub."""
        return self._written("markdown")

    def to_latex(self) -> str:
        """The explanation as a fragment of LaTeX, for a document that loads amsmath."""
        return self._written("latex")

    def to_html(self) -> str:
        """The explanation as a fragment of HTML."""
        return self._written("html")

    def _written(self, format: str) -> str:
        from netrunner.views.render.explain import text_of

        return text_of(self, format)

    def _repr_html_(self) -> str:
        return self.to_html()


def explain(
    trace: Trace,
    *,
    layer: int | str | None = None,
    neuron: int | str | None = None,
    all_terms: bool = False,
    precision: int = 8,
) -> Explanation:
    """The arithmetic of every neuron of a run.

    `layer` and `neuron` choose some of them, by number from 1 or by name. `precision` is the least
    number of digits after the point, and of significant ones. Raises NetrunnerError.
    """
    chosen = choose(trace, layer, neuron)
    explainers = tuple(
        _LayerExplainer(each, neurons, all_terms, precision) for each, neurons in chosen
    )
    return Explanation(trace.network, _names(trace, chosen, all_terms), trace.rows, explainers)


def _names(
    trace: Trace, chosen: list[tuple[LayerTrace, list[int]]], all_terms: bool
) -> tuple[tuple[Symbol, str], ...]:
    """The names of the inputs and outputs in the chosen lines, except an x₁ that is called x1."""
    named = []
    first, (last, neurons) = chosen[0][0], chosen[-1]
    if first.index == 1 and trace.input_names is not None:
        middle = left_out(len(trace.input_names), all_terms)
        named = [
            (Symbol("x", (i + 1,)), name)
            for i in range(len(trace.input_names))
            if i not in middle and (name := name_of(trace.input_names, "x", i + 1))
        ]
    if last is trace.layers[-1] and trace.output_names is not None:
        named += [(Symbol("z", (k,), last.index), trace.output_names[k - 1]) for k in neurons]
    return tuple(named)


class _LayerExplainer:
    """Explains the chosen neurons of a layer, row by row."""

    def __init__(
        self, step: LayerTrace, neurons: list[int], all_terms: bool, precision: int
    ) -> None:
        self.step, self.layer, self.neurons = step, step.layer, neurons
        self.arithmetic = Arithmetic(precision, all_terms, str(self.layer.weights.dtype))
        self.middle = left_out(self.layer.weights.shape[0], all_terms)
        self.written_out = [i for i in range(self.layer.weights.shape[0]) if i not in self.middle]
        self.weights: dict[int, list[Decimal]] = {}  # of a neuron, for the terms written out
        activation = self.layer.activation
        self.is_softmax = activation.is_softmax
        self.is_h = not activation.worked_with(self.layer.parameters)
        called = activation.name.isidentifier() and not self.is_h
        self.name = Name(activation.name if called else "h")
        # Only a few numbers of digits, since one call of h takes all of them.
        given = self.arithmetic.digits
        self.digits = sorted({given[0], min(given[0] + 2, FULL), FULL})
        self.first_row, self.h = -1, np.empty((0, 0, 0))

    def explain(self, row: int) -> LayerExplanation:
        """The layer's lines for one row, counted from 0."""
        with localcontext(EXACT):
            return LayerExplanation(self.step, self.is_h, tuple(self._lines(row)))

    def _lines(self, row: int) -> list[Line]:
        X, A, Z = (np.atleast_2d(each)[row] for each in (self.step.X, self.step.A, self.step.Z))
        a, z = decimals(A), decimals(Z)
        x = decimals(X[self.written_out])
        sums = [self._sum(k, X, x, a[k - 1]) for k in self.neurons]
        if self.is_softmax and np.isfinite(A).all():
            log = self.layer.activation.is_log_softmax
            return sums + softmax_lines(self.arithmetic, self._symbol, self.neurons, A, Z, log)
        if self.layer.activation.elementwise:
            values = self._values_of_h(row)
            outputs = [
                self._output(k, a[k - 1], z[k - 1], h)
                for k, h in zip(self.neurons, values, strict=True)
            ]
            return [line for pair in zip(sums, outputs, strict=True) for line in pair]
        everyone = [self._symbol("a", i + 1) for i in range(len(a))]
        symbols, numbers = self.arithmetic.listed(everyone, a)
        return sums + [self._output_of_row(k, symbols, numbers, z[k - 1]) for k in self.neurons]

    def _symbol(self, letter: str, *indices: int) -> Symbol:
        return Symbol(letter, indices, self.step.index)

    def _input(self, i: int) -> Symbol:
        index = self.step.index
        return Symbol("x", (i,)) if index == 1 else Symbol("z", (i,), index - 1)

    def _sum(self, k: int, X: Array, x: list[Decimal], a: Decimal) -> Line:
        """a = w·x + … + b; `x` are the inputs of the terms written out."""
        inputs = len(X)

        def symbols(i: int) -> Expression:
            if i == inputs:
                return (self._symbol("b", k),)
            return (self._symbol("w", k, i + 1), "·", self._input(i + 1))

        if k not in self.weights:
            column = self.layer.weights[self.written_out, k - 1]
            self.weights[k] = decimals(np.append(column, self.layer.biases[k - 1]))
        *weights, bias = self.weights[k]
        terms = dict(zip(self.written_out, zip(weights, x, strict=True), strict=True))
        together = self._together(k, X) if self.middle else Decimal(0)
        return self.arithmetic.sum_line(
            k, self._symbol("a", k), symbols, {**terms, inputs: (bias,)}, a, self.middle, together
        )

    def _together(self, k: int, X: Array) -> Decimal:
        """The sum of the products that are not written out."""
        middle = slice(self.middle.start, self.middle.stop)
        W = self.layer.weights[middle, k - 1]
        with np.errstate(all="ignore"):
            products = W.astype(np.float64, copy=False) * X[middle].astype(np.float64, copy=False)
            total = float(products.sum(dtype=np.longdouble))
        if math.isfinite(total):
            return Decimal(repr(total))
        pairs = zip(decimals(W), decimals(X[middle]), strict=True)
        return sum((w * x for w, x in pairs), Decimal(0))

    def _output(self, k: int, a: Decimal, z: Decimal, h: Mapping[int, float]) -> Line:
        """z = h(a), for an element-wise h; `h` has its values by the number of digits of a."""

        def written(digits: int) -> tuple[Expression, Decimal]:
            value = Decimal(repr(h[digits])) if a.is_finite() else a
            return self._worked(spelled(rounded(a, digits))), value

        symbols, left = (self.name, "(", self._symbol("a", k), ")"), self._symbol("z", k)
        return self.arithmetic.line(k, left, symbols, written, z, digits=self.digits)

    def _values_of_h(self, row: int) -> list[dict[int, float]]:
        """h of a row's a, by the number of digits of a, for each chosen neuron.

        h takes the numbers as they are printed, in float64, and is called once for many rows.
        """
        first = row - row % ROWS_AT_ONCE
        if self.first_row != first:
            A = np.atleast_2d(self.step.A)[first : first + ROWS_AT_ONCE]
            printed = np.zeros((len(self.digits), len(A), len(self.neurons)))
            for i, values in enumerate(A[:, [k - 1 for k in self.neurons]]):
                for j, a in enumerate(decimals(values)):
                    if a.is_finite():
                        printed[:, i, j] = [rounded(a, digits) for digits in self.digits]
            flat = printed.reshape(-1, len(self.neurons))
            with np.errstate(all="ignore"):
                self.h = np.asarray(self.layer.h(flat), np.float64).reshape(printed.shape)
            self.first_row = first
        return [
            dict(zip(self.digits, values, strict=True))
            for values in self.h[:, row - first].T.tolist()
        ]

    def _worked(self, a: str) -> Expression:
        """The activation's formula with the numbers put in, or else h(0.3)."""
        if self.is_h:
            return (self.name, f"({a})")
        return (filled(self.layer.activation, self.layer.parameters, a),)

    def _output_of_row(self, k: int, symbols: Expression, numbers: Expression, z: Decimal) -> Line:
        """z = h(a, a, …), for an h of the whole row."""
        h, value = Symbol("h", (k,)), shown(z, self.arithmetic.precision)
        left = self._symbol("z", k)
        return plain_line(k, left, (h, "(", *symbols, ")"), (h, "(", *numbers, ")"), value)
