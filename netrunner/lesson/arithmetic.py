"""Sums and other expressions with their numbers put in, true exactly as they are printed.

The terms get more digits until the expression, worked out from what is printed, rounds to the
value that is printed after it. That value is the run's own. If the run's rounding shows, it is
what the printed expression gives instead, and a note says what the run has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import prod
from typing import TypeAlias

from netrunner.lesson.notation import (
    FULL,
    Expression,
    Line,
    Symbol,
    Words,
    as_float64,
    factor,
    joined,
    rounded,
    shown,
    spelled,
    unit,
)

WHOLE = 10  # a longer sum keeps its ENDS, unless all terms are asked for
ENDS = 2

# From a number of digits: the expression with its numbers in these digits, and its value.
Written: TypeAlias = Callable[[int], tuple[Expression, Decimal]]

_ONE, _ZERO = Decimal(1), Decimal(0)


def left_out(count: int, all_terms: bool) -> range:
    """Which of `count` terms are not written out, counted from 0."""
    return range(0) if all_terms or count <= WHOLE else range(ENDS, count - ENDS)


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """How lines are written: how many digits, which terms, and the dtype of the run.

    Its methods expect the decimal context `notation.EXACT`.
    """

    precision: int
    all_terms: bool
    dtype: str

    def line(
        self,
        neuron: int | None,
        left: Symbol,
        symbols: Expression,
        written: Written,
        run: Decimal,
        scale: Decimal = _ONE,
        digits: Sequence[int] | None = None,
    ) -> Line:
        """left = symbols = numbers = value, with as many digits as the value needs.

        `scale` is the size of the terms: a value of 0 says nothing about it. `digits` are the
        numbers of digits to try, instead of all from the precision to FULL.
        """
        digits = self.digits if digits is None else digits
        numbers, given, fits = self._numbers(written, run, scale, digits)
        notes: tuple[Expression, ...] = ()
        if not fits:
            words = f"rounded to {self.dtype} at each step, the run has {spelled(run)}"
            notes = ((Words(words),),)
            run = given
            numbers, _, _ = self._numbers(written, run, scale, digits)
        value = spelled(rounded(run, self.precision))
        return plain_line(neuron, left, symbols, numbers, value, notes)

    @property
    def digits(self) -> Sequence[int]:
        """Numbers of digits to try, the fewest first."""
        return range(min(self.precision, FULL), FULL + 1)

    def _numbers(
        self, written: Written, run: Decimal, scale: Decimal, tried: Sequence[int]
    ) -> tuple[Expression, Decimal, bool]:
        """The expression with as few digits as the run's value allows, what it gives, and whether
        that rounds to the value."""
        value = rounded(run, self.precision)
        half = unit(run, self.precision) / 2 * (1 if run else scale)
        for digits in tried:
            numbers, given = written(digits)
            if not (run.is_finite() and as_float64(given).is_finite()):
                return numbers, given, True
            if abs(given - value) <= half or as_float64(given) == run:
                return numbers, given, True
        return numbers, given, abs(given - run) <= half

    def sum_line(
        self,
        neuron: int | None,
        left: Symbol,
        symbols: Callable[[int], Expression],
        terms: Mapping[int, tuple[Decimal, ...]],
        run: Decimal,
        middle: range = range(0),
        together: Decimal = _ZERO,
    ) -> Line:
        """A sum of products; a long one gives the total of its middle.

        `terms` are the products to write out, by their places in the sum, in order, and
        `symbols(i)` is the product at place i in symbols. The terms of `middle` are not written
        out, and add up to `together`.
        """
        kept = list(terms)
        before = sum(i < middle.start for i in kept) if middle else 0

        def written(digits: int) -> tuple[Expression, Decimal]:
            products = [[rounded(number, digits) for number in terms[i]] for i in kept]
            parts: list[Expression] = [
                ("·".join(factor(spelled(number)) for number in product),) for product in products
            ]
            value = sum(map(_product, products), _ZERO)
            if middle:
                number = rounded(together, digits)
                words = Words(f"⋯ {len(middle)} more terms, together ")
                parts.insert(before, (words, spelled(number), Words(" ⋯")))
                value += number
            return joined(parts, " + "), value

        names = [symbols(i) for i in kept]
        if middle:
            names.insert(before, (Words(f"⋯ {len(middle)} more terms ⋯"),))
        largest = max([abs(together), *(abs(_product(term)) for term in terms.values())])
        scale = _ONE if run else min(_ONE, largest)
        return self.line(neuron, left, joined(names, " + "), written, run, scale)

    def listed(
        self, symbols: Sequence[Symbol], values: Sequence[Decimal]
    ) -> tuple[Expression, Expression]:
        """Symbols separated by commas, and their values; of many, only the ends."""
        middle = left_out(len(values), self.all_terms)
        names: list[Expression] = [(symbol,) for symbol in symbols]
        numbers: list[Expression] = [(shown(value, self.precision),) for value in values]
        for each in (names, numbers):
            if middle:
                each[middle.start : middle.stop] = [(Words(f"⋯ {len(middle)} more ⋯"),)]
        return joined(names, ", "), joined(numbers, ", ")


def plain_line(
    neuron: int | None,
    left: Symbol,
    symbols: Expression,
    numbers: Expression,
    value: str,
    notes: tuple[Expression, ...] = (),
) -> Line:
    """left = symbols = numbers = value; the value is not repeated if it is the numbers."""
    steps = (symbols, (value,)) if numbers == (value,) else (symbols, numbers, (value,))
    return Line(neuron, left, steps, notes)


def _product(factors: Iterable[Decimal]) -> Decimal:
    return prod(factors, start=_ONE)
