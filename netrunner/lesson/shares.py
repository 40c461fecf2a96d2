"""Shares of a whole in percent, the same wherever they are shown, and the largest of them."""

from __future__ import annotations

import numpy as np

from netrunner.activations.activation import Array


def winner(shares: Array) -> int | None:
    """The place of the largest share, from 0; the first of several, None if one is NaN."""
    return None if np.isnan(shares).any() else int(np.argmax(shares))


def percentages(shares: Array) -> list[str]:
    """Shares of shape (neurons,) in percent with one decimal.

    They add up to the whole, by the largest remainder, unless equal shares would then differ.
    Shares that would round to 0 or to all are shown as < 0.1 % and > 99.9 %, unless they are just
    that. A share that is not finite is shown as it is.
    """
    finite = np.isfinite(shares)
    tenths = 1000 * np.where(finite, shares, 0).astype(np.float64)
    rounded = np.floor(tenths)
    remainders = tenths - rounded
    missing = round(remainders.sum())
    ranked = np.argsort(-remainders, kind="stable")
    if 0 < missing < len(ranked) and remainders[ranked[missing - 1]] == remainders[ranked[missing]]:
        equal = remainders == remainders[ranked[missing]]
        rounded[equal] = np.rint(tenths[equal])
        missing -= int(equal[ranked[:missing]].sum())
    rounded[ranked[:missing]] += 1
    known = zip(shares.tolist(), rounded.tolist(), finite.tolist(), strict=True)
    return [_percent(share, tenth) if ok else str(share) for share, tenth, ok in known]


def _percent(share: float, tenths: float) -> str:
    if tenths == 0 and share > 0:
        return "< 0.1 %"
    if tenths == 1000 and share < 1:
        return "> 99.9 %"
    return f"{tenths / 10:.1f} %"
