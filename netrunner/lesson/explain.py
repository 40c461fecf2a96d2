"""Every neuron's own arithmetic, with the numbers put in, as data for the writers.

The values are those of the run, and each line is true as it is printed: see `arithmetic`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING

import numpy as np

from netrunner.activations.activation import Array
from netrunner.lesson.arithmetic import Arithmetic, left_out, plain_line
from netrunner.lesson.explain_softmax import softmax_lines
from netrunner.lesson.notation import (
    EXACT,
    Expression,
    Line,
    Name,
    Symbol,
    decimals,
    rounded,
    shown,
    spelled,
)
from netrunner.lesson.selection import choose
from netrunner.lesson.worked import filled
from netrunner.network.engine import forward
from netrunner.network.layer import Layer, layer_title, plugin_error
from netrunner.network.network import Network

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@dataclass(frozen=True, slots=True)
class LayerExplanation:
    """The lines of one layer, in reading order.

    `activation` is its name with the parameters that the file sets; `is_h` says that the lines
    call it h, because it has no formula to put numbers into.
    """

    index: int
    name: str | None
    activation: str
    is_h: bool
    lines: tuple[Line, ...]

    @property
    def title(self) -> str:
        return f"{layer_title(self.index, self.name)}, {'h = ' * self.is_h}{self.activation}"


@dataclass(frozen=True, slots=True)
class RowExplanation:
    """The layers for one row of the input; `number` counts from 1, and is None for a single one."""

    number: int | None
    layers: tuple[LayerExplanation, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """A run, explained. `names` are those of inputs and outputs, each with its symbol."""

    network: str
    names: tuple[tuple[Symbol, str], ...]
    rows: tuple[RowExplanation, ...]


def explain(
    network: Network,
    x: ArrayLike,
    *,
    layer: int | str | None = None,
    neuron: int | str | None = None,
    all_terms: bool = False,
    precision: int = 8,
) -> Explanation:
    """The arithmetic of every neuron for x of shape (inputs,) or (rows, inputs).

    `layer` and `neuron` choose some of them, by number from 1 or by name. `precision` is how many
    digits stand after the point, and how many are significant, at least. Raises NetrunnerError.
    """
    chosen = choose(network, layer, neuron)
    trace = network.trace(x)
    X, *Z = (np.atleast_2d(array) for array in (trace.input, *(each.Z for each in trace.layers)))
    A = [np.atleast_2d(each.A) for each in trace.layers]
    single = trace.input.ndim == 1
    with localcontext(EXACT):
        explainers = [
            _LayerExplainer(each, neurons, all_terms, precision) for each, neurons in chosen
        ]
        rows = tuple(
            RowExplanation(
                None if single else row + 1,
                tuple(
                    each.explain([X, *Z][i][row], A[i][row], Z[i][row])
                    for each in explainers
                    for i in (each.layer.index - 1,)
                ),
            )
            for row in range(len(X))
        )
    return Explanation(network.name, _names(network, chosen, all_terms), rows)


def _names(
    network: Network, chosen: list[tuple[Layer, list[int]]], all_terms: bool
) -> tuple[tuple[Symbol, str], ...]:
    """The names of the inputs and outputs in the chosen lines, but for an x₁ that is called x1."""
    named = []
    first, (last, neurons) = chosen[0][0], chosen[-1]
    if first.index == 1 and network.input_names is not None:
        middle = left_out(network.input_size, all_terms)
        named = [
            (Symbol("x", (i + 1,)), name)
            for i, name in enumerate(network.input_names)
            if i not in middle and name != f"x{i + 1}"
        ]
    if last is network.layers[-1] and network.output_names is not None:
        named += [(Symbol("z", (k,), last.index), network.output_names[k - 1]) for k in neurons]
    return tuple(named)


class _LayerExplainer:
    """Explains the chosen neurons of a layer; the weights become digits once, for all rows."""

    def __init__(self, layer: Layer, neurons: list[int], all_terms: bool, precision: int) -> None:
        self.layer, self.neurons = layer, neurons
        self.arithmetic = Arithmetic(precision, all_terms, str(layer.weights.dtype))
        columns = [k - 1 for k in neurons]
        self.weights = dict(zip(neurons, decimals(layer.weights.T[columns]), strict=True))
        self.biases = dict(zip(neurons, decimals(layer.biases[columns]), strict=True))
        # One neuron that takes a number as it is and applies h to it, in float64.
        self.alone = replace(layer, weights=np.ones((1, 1)), biases=np.zeros(1))
        activation = layer.activation
        self.is_softmax = activation.is_softmax
        self.is_h = not activation.worked and not self.is_softmax
        called = activation.name.isidentifier() and not self.is_h
        self.name = Name(activation.name if called else "h")

    def explain(self, X: Array, A: Array, Z: Array) -> LayerExplanation:
        """The layer's lines for one row: X of shape (inputs,), A and Z of shape (neurons,)."""
        x, a, z = decimals(X), decimals(A), decimals(Z)
        sums = [self._sum(k, x, a[k - 1]) for k in self.neurons]
        if self.is_softmax and np.isfinite(A).all():
            lines = sums + softmax_lines(self.arithmetic, self._symbol, self.neurons, A, Z)
        elif self.layer.activation.elementwise:
            outputs = [self._output(k, a[k - 1], z[k - 1]) for k in self.neurons]
            lines = [line for pair in zip(sums, outputs, strict=True) for line in pair]
        else:
            lines = sums + [self._output_of_row(k, a, z[k - 1]) for k in self.neurons]
        layer = self.layer
        parameters = ", ".join(f"{key}={value}" for key, value in layer.parameters.items())
        activation = layer.activation.name + (f"({parameters})" if parameters else "")
        return LayerExplanation(layer.index, layer.name, activation, self.is_h, tuple(lines))

    def _symbol(self, letter: str, *indices: int) -> Symbol:
        return Symbol(letter, indices, self.layer.index)

    def _input(self, i: int) -> Symbol:
        index = self.layer.index
        return Symbol("x", (i,)) if index == 1 else Symbol("z", (i,), index - 1)

    def _sum(self, k: int, x: list[Decimal], a: Decimal) -> Line:
        """a = w·x + … + b."""

        def symbols(i: int) -> Expression:
            if i == len(x):
                return (self._symbol("b", k),)
            return (self._symbol("w", k, i + 1), "·", self._input(i + 1))

        terms = [*zip(self.weights[k], x, strict=True), (self.biases[k],)]
        return self.arithmetic.sum_line(k, self._symbol("a", k), symbols, terms, a, last=1)

    def _output(self, k: int, a: Decimal, z: Decimal) -> Line:
        """z = h(a), for an h of one neuron."""

        def written(digits: int) -> tuple[Expression, Decimal]:
            number = rounded(a, digits)
            return self._worked(spelled(number)), self._h(number)

        if self.layer.origin.kind != "built-in":
            self._check_alone(a, z)
        symbols = (self.name, "(", self._symbol("a", k), ")")
        return self.arithmetic.line(k, self._symbol("z", k), symbols, written, z)

    def _h(self, a: Decimal) -> Decimal:
        if not a.is_finite():
            return a
        with np.errstate(all="ignore"):
            ((_, _, Z),) = forward((self.alone,), np.array([float(a)]))
        return Decimal(repr(float(Z[0])))

    def _check_alone(self, a: Decimal, z: Decimal) -> None:
        """Raises NetrunnerError where h gives a number alone quite another answer than in the run.

        What float32 rounds off is no matter.
        """
        alone = self._h(a)
        dtype = self.layer.weights.dtype
        slack = float(np.sqrt(np.finfo(dtype).eps)) * max(abs(float(z)), 1)
        if not (a.is_finite() and z.is_finite()) or abs(float(alone) - float(z)) <= slack:
            return
        if self._h(a) != alone:
            did = f"gives the same number another answer each time: for {spelled(a)}, among others"
            did += f" {spelled(z)} and {spelled(alone)}"
        else:
            did = f"is not element-wise, as it says: for {spelled(a)} it gives {spelled(alone)}"
            did += f" alone, and {spelled(z)} in its row"
        raise plugin_error(self.layer, did)

    def _worked(self, a: str) -> Expression:
        """The activation's formula with the numbers put in, or else h(0.3)."""
        activation = self.layer.activation
        if not activation.worked:
            return (self.name, f"({a})")
        return (filled(activation, self.layer.parameters, a),)

    def _output_of_row(self, k: int, a: list[Decimal], z: Decimal) -> Line:
        """z = h(a, a, …), for an h of the whole row."""
        everyone = [self._symbol("a", i + 1) for i in range(len(a))]
        symbols, numbers = self.arithmetic.listed(everyone, a)
        h, value = Symbol("h", (k,)), shown(z, self.arithmetic.precision)
        left = self._symbol("z", k)
        return plain_line(k, left, (h, "(", *symbols, ")"), (h, "(", *numbers, ")"), value)
