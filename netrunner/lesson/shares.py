"""Shares of a whole in percent, the same wherever they are shown, and the largest of them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_FLOOR, Decimal, localcontext

import numpy as np

from netrunner.activations.activation import Array
from netrunner.lesson.notation import EXACT

_TENTH_OF_A_PERCENT = Decimal("0.001")


def winner(shares: Array) -> int | None:
    """The place of the largest share, from 0; the first of several, None where one is NaN."""
    return None if np.isnan(shares).any() else int(np.argmax(shares))


def percentages(shares: Array) -> list[str]:
    """Shares of shape (neurons,) in percent with one decimal, which add up to the whole.

    What is not 0 is not shown as 0, nor what is not all as all: < 0.1 %, > 99.9 %. A share that
    is not finite is shown as it is.
    """
    values = [Decimal(text) for text in shares.astype(str).tolist()]
    finite = [value for value in values if value.is_finite()]
    rounded = iter(apportioned(finite, _TENTH_OF_A_PERCENT)[0])
    return [
        _percent(next(rounded), value) if value.is_finite() else str(float(value))
        for value in values
    ]


def percentage(share: float) -> str:
    """One share by itself."""
    return percentages(np.array([share]))[0]


def _percent(rounded: Decimal, share: Decimal) -> str:
    if rounded == 0 and share > 0:
        return "< 0.1 %"
    if rounded == 1 and share < 1:
        return "> 99.9 %"
    return f"{100 * rounded:.1f} %"


def apportioned(values: Sequence[Decimal], unit: Decimal) -> tuple[list[Decimal], Decimal]:
    """Finite values rounded to multiples of `unit`, and their sum, which is rounded correctly.

    Rounded one by one, they would leave a sum that is off in its last digits. Here all are
    rounded down, and those that lost most get one unit back until the sum is right (Hamilton's
    method).
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
