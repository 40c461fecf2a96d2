"""The chapter's notation as data: symbols, lines of equal expressions, and numbers in digits.

A number here is the Decimal of its shortest spelling in the network's dtype, 0.1 rather than
0.1000000000000000055: what the file says and what a reader can type into a calculator.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Context, Decimal, localcontext
from functools import cache
from typing import Any, TypeAlias

import numpy as np

from netrunner.activations.activation import Array

FULL = 17  # significant digits: no float64 needs more

# Room for every digit of a sum of products of float64, from 1e308² down to 5e-324².
EXACT = Context(prec=3000, traps=[])


_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_SUPERSCRIPTS = str.maketrans("0123456789()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁽⁾")


@dataclass(frozen=True, slots=True)
class Symbol:
    """A letter with its indices and its layer: w₁₂⁽¹⁾ is Symbol("w", (1, 2), 1)."""

    letter: str
    indices: tuple[int, ...] = ()
    layer: int | None = None


def symbol_text(symbol: Symbol) -> str:
    """w₁₂⁽¹⁾; with two digits in an index, w₁₀,₂⁽¹⁾."""
    indices = index_text(symbol.indices).translate(_SUBSCRIPTS)
    layer = "" if symbol.layer is None else f"({symbol.layer})".translate(_SUPERSCRIPTS)
    return symbol.letter + indices + layer


def index_text(indices: tuple[int, ...]) -> str:
    """12 for (1, 2); 10,2 for (10, 2)."""
    return ("," if max(indices, default=0) > 9 else "").join(map(str, indices))


@dataclass(frozen=True, slots=True)
class Name:
    """The name of a function."""

    text: str


@dataclass(frozen=True, slots=True)
class Words:
    """Prose inside an expression, such as `60 more terms`."""

    text: str


# A plain str is arithmetic as Python reads it, with · for multiplication.
Token: TypeAlias = Symbol | Name | Words | str
Expression: TypeAlias = tuple[Token, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """`left` = step = step …, of one neuron, or of the whole layer where `neuron` is None.

    `notes` are sentences to print below it.
    """

    neuron: int | None
    left: Symbol
    steps: tuple[Expression, ...]
    notes: tuple[Expression, ...] = ()


def decimals(array: Array) -> Any:
    """An array as nested lists of Decimals, one for each number."""
    return _nested(array.astype(str).tolist())


def _nested(value: Any) -> Any:
    return [_nested(item) for item in value] if isinstance(value, list) else Decimal(value)


def as_float64(value: Decimal) -> Decimal:
    """`value` as the float64 nearest to it."""
    return Decimal(repr(float(value)))


def rounded(value: Decimal, precision: int) -> Decimal:
    """`value` with at least `precision` digits after the point, and as many significant ones."""
    if not value or not value.is_finite():
        return value
    short = _rounding(_significant(value.adjusted(), precision)).plus(value)
    # 1.7976931348623157e308 must not be rounded up to what reads as infinity.
    return value if short.adjusted() >= 308 and float(short) in _INFINITIES else short


_INFINITIES = (float("inf"), float("-inf"))


def unit(value: Decimal, precision: int) -> Decimal:
    """What 1 in the last place of `rounded(value, precision)` is worth."""
    exponent = value.adjusted() if value else 0
    return Decimal(1).scaleb(exponent + 1 - _significant(exponent, precision), EXACT)


def spelled(value: Decimal) -> str:
    """`value` in digits, as Python reads them: 0.3, 1, 2.06106005e-09, nan, -inf."""
    if not value.is_finite():
        return "nan" if value.is_nan() else "inf" if value > 0 else "-inf"
    if not value:
        return "0"
    value = value.normalize(EXACT)
    if _is_fixed(value.adjusted()):
        return format(value, "f")
    sign, digits, _ = value.as_tuple()
    first, *others = map(str, digits)
    point = "." if others else ""
    return f"{'-' * sign}{first}{point}{''.join(others)}e{value.adjusted():+03d}"


def shown(value: Decimal, precision: int) -> str:
    """`value`, rounded, in digits."""
    return spelled(rounded(value, precision))


def texts(values: Array, precision: int = 8) -> list[str]:
    """Values of shape (neurons,), rounded, in digits."""
    return [shown(value, precision) for value in decimals(values)]


def written(array: Array) -> list[list[str]]:
    """The rows of an array in digits, as they are written in a file."""
    return [[spelled(value) for value in row] for row in decimals(np.atleast_2d(array))]


def name_of(names: Sequence[str] | None, letter: str, number: int) -> str:
    """The name of an input or output, counted from 1; empty if it says no more than x1."""
    name = "" if names is None else names[number - 1]
    return "" if name == f"{letter}{number}" else name


def apportioned(values: Sequence[Decimal], unit: Decimal) -> tuple[list[Decimal], Decimal]:
    """Finite values rounded to multiples of `unit`, and their sum, which is rounded correctly.

    If each were rounded by itself, the sum would be off in its last digits. Here all are rounded
    down, and those that lost most get one unit back until the sum is right (Hamilton's method).
    """
    with localcontext(EXACT):
        counts = [value / unit for value in values]
        floors = [count.to_integral_value(ROUND_FLOOR) for count in counts]
        whole = sum(counts, Decimal(0)).to_integral_value()
        lost = [count - floor for count, floor in zip(counts, floors, strict=True)]
        missing = int(whole - sum(floors, Decimal(0)))
        for i in sorted(range(len(values)), key=lambda i: -lost[i])[:missing]:
            floors[i] += 1
        return [floor * unit + 0 for floor in floors], whole * unit + 0  # no -0


def factor(digits: str) -> str:
    """A number in a sum or product: in parentheses if it is negative."""
    return f"({digits})" if digits.startswith("-") else digits


def joined(parts: Iterable[Expression], between: str) -> Expression:
    """Expressions in a row, with an operator or a comma between them."""
    tokens: list[Token] = []
    for part in parts:
        tokens += [between, *part] if tokens else part
    return tuple(tokens)


def _is_fixed(exponent: int) -> bool:
    return -5 < exponent < 15


def _significant(exponent: int, precision: int) -> int:
    if not _is_fixed(exponent):
        return precision + 1
    # More than 15 digits of a float64 are noise, unless they are asked for.
    return max(1, precision, min(exponent + 1 + precision, 15))


@cache
def _rounding(digits: int) -> Context:
    return Context(prec=digits, traps=[])
