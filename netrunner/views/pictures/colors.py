"""Colours that differ for the colour-blind, too (Okabe and Ito, 2008), and what they mean here.

Colour never stands alone: what is negative is also dashed, ticked, or says so.
"""

from __future__ import annotations

import math

INK = "#1a1a1a"
GREY = "#595959"
LIGHT_GREY = "#c8c8c8"
POSITIVE = "#0072B2"
NEGATIVE = "#D55E00"
NEGATIVE_TEXT = "#A84300"  # dark enough to be read in small letters
ZERO = "#8c8c8c"
NOT_FINITE = "#e0e0e0"
DARKEST = {True: "#084594", False: "#D55E00"}  # of a strip, for positive and negative values

Color = tuple[float, float, float]


def tint(value: float, largest: float, strength: float = 0.32) -> Color:
    """White for 0, towards blue for positive and orange for negative values up to `largest`."""
    if not math.isfinite(value):
        return _rgb(NOT_FINITE)
    part = strength * abs(value) / largest if largest else 0.0
    red, green, blue = _rgb(NEGATIVE if value < 0 else POSITIVE)
    return 1 - part * (1 - red), 1 - part * (1 - green), 1 - part * (1 - blue)


def _rgb(color: str) -> Color:
    return tuple(int(color[start : start + 2], 16) / 255 for start in (1, 3, 5))  # type: ignore[return-value]
