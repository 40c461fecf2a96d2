"""Softmax in the steps of the chapter: the largest logit c is subtracted from all, then
e = exp(a - c), their sum s, and the shares e / s; or their logarithms, a - c - log(s)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Context, Decimal

import numpy as np

from netrunner.activations.activation import Array
from netrunner.lesson.arithmetic import Arithmetic, Written, left_out, plain_line
from netrunner.lesson.notation import (
    FULL,
    Expression,
    Line,
    Symbol,
    Words,
    as_float64,
    decimals,
    factor,
    rounded,
    shown,
    spelled,
)

_WORKING = Context(prec=40, traps=[])  # exp and quotients have no last digit


def softmax_lines(
    arithmetic: Arithmetic,
    symbol: Callable[..., Symbol],
    neurons: Iterable[int],
    A: Array,
    Z: Array,
    log: bool,
) -> list[Line]:
    """The lines from a to z, for finite A and Z of shape (neurons,).

    `symbol(letter, *indices)` is a symbol of the layer. `log` says that Z are logarithms.
    """
    a, z = decimals(A), decimals(Z)
    everyone = range(1, len(a) + 1)
    c, s = symbol("c"), symbol("s")
    largest = max(a)
    e = [_exp(each - largest) for each in a]
    total = sum(e, Decimal(0))

    symbols, numbers = arithmetic.listed([symbol("a", k) for k in everyone], a)
    if left_out(len(a), arithmetic.all_terms):
        numbers = (symbol("a", a.index(largest) + 1),)
    elif len(a) > 1:
        numbers = ("max(", *numbers, ")")
    value = shown(largest, arithmetic.precision)
    naive = _without_subtracting(c, A, arithmetic, log)
    lines = [plain_line(None, c, ("max(", *symbols, ")"), numbers, value, naive)]

    for k in neurons:
        power = ("exp(", symbol("a", k), " - ", c, ")")
        written = _power(a[k - 1], largest)
        lines.append(arithmetic.line(k, symbol("e", k), power, written, e[k - 1]))

    middle = left_out(len(e), arithmetic.all_terms)
    terms = {i: (each,) for i, each in enumerate(e) if i not in middle}
    together = sum((e[i] for i in middle), Decimal(0))
    lines.append(
        arithmetic.sum_line(
            None, s, lambda i: (symbol("e", i + 1),), terms, total, middle, together
        )
    )

    for k in neurons:
        symbols = (symbol("e", k), "/", s)
        written = _quotient(e[k - 1], total)
        digits = [*arithmetic.digits]
        if log:
            symbols = (symbol("a", k), " - ", c, " - log(", s, ")")
            written = _logarithm(a[k - 1], largest, total)
            digits += range(FULL + 1, _WORKING.prec)  # near 1, s needs more than a float has
        lines.append(arithmetic.line(k, symbol("z", k), symbols, written, z[k - 1], digits=digits))
    return lines


def _power(a: Decimal, largest: Decimal) -> Written:
    def written(digits: int) -> tuple[Expression, Decimal]:
        one, other = rounded(a, digits), rounded(largest, digits)
        return (f"exp({factor(spelled(one))} - {factor(spelled(other))})",), _exp(one - other)

    return written


def _quotient(e: Decimal, total: Decimal) -> Written:
    def written(digits: int) -> tuple[Expression, Decimal]:
        one, other = rounded(e, digits), rounded(total, digits)
        return (f"{spelled(one)}/{spelled(other)}",), _WORKING.divide(one, other)

    return written


def _logarithm(a: Decimal, largest: Decimal, total: Decimal) -> Written:
    def written(digits: int) -> tuple[Expression, Decimal]:
        numbers = [rounded(each, digits) for each in (a, largest, total)]
        one, other, s = numbers
        value = one - other - _WORKING.ln(s)
        first, second, third = (spelled(each) for each in numbers)
        return (f"{factor(first)} - {factor(second)} - log({third})",), value

    return written


def _exp(power: Decimal) -> Decimal:
    return as_float64(_WORKING.exp(power))


def _without_subtracting(
    c: Symbol, A: Array, arithmetic: Arithmetic, log: bool
) -> tuple[Expression, ...]:
    """What the naive form would have given, if that is wrong."""
    with np.errstate(all="ignore"):
        e = np.exp(A)
        total = e.sum()
        shares = decimals(A - np.log(total) if log else e / total)
    if np.isfinite(total) and total > 0:
        return ()
    if np.isinf(e).any():
        first = int(np.isinf(e).argmax())
        number = shown(decimals(A)[first], arithmetic.precision)
        what = f"exp({number}) at neuron {first + 1} would overflow to inf"
    elif total > 0:
        what = "the sum of the exponentials would overflow to inf"
    else:
        what = "all the exponentials would vanish to 0"
    middle = left_out(len(shares), arithmetic.all_terms)
    texts = [shown(share, arithmetic.precision) for share in shares]
    if middle:
        texts[middle.start : middle.stop] = [f"⋯ {len(middle)} more ⋯"]
    results = "logarithms" if log else "shares"
    result = f", {what}, and the {results} would be [{' '.join(texts)}]"
    return ((Words("without subtracting "), c, Words(result)),)
