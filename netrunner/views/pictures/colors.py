"""Colours that the colour-blind can tell apart (Okabe and Ito, 2008), and what they mean here.

Colour is never the only sign: what is negative is also dashed, ticked, or labelled.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from netrunner.activations.activation import Array

WHITE = "#ffffff"
INK = "#1a1a1a"
GREY = "#4d4d4d"
LIGHT_GREY = "#c8c8c8"
POSITIVE = "#0072b2"
NEGATIVE = "#d55e00"
NEGATIVE_TEXT = "#a84300"  # dark enough to be read in small letters
ZERO = "#8c8c8c"
BIAS = "#ececec"
NOT_FINITE = "#e0e0e0"

STRENGTH = 0.32  # of the darkest tint behind letters


def tint(value: float, largest: float, strength: float = STRENGTH) -> tuple[str, float]:
    """Colour and opacity: none for 0, up to `strength` for a value of size `largest`."""
    if not math.isfinite(value):
        return NOT_FINITE, 1.0
    share = abs(value) / largest if largest else 0.0
    return (NEGATIVE if value < 0 else POSITIVE), strength * min(share, 1.0)


def largest(arrays: Sequence[Array]) -> float:
    """The size of the largest finite value, which has the darkest tint."""
    return float(max(np.abs(each[np.isfinite(each)]).max(initial=0.0) for each in arrays))


def of_sign(value: float) -> str:
    """The colour of a weight's line."""
    return ZERO if value == 0 else NEGATIVE if value < 0 else POSITIVE


def of_sign_text(value: float) -> str:
    """The colour of a weight in letters."""
    return GREY if value == 0 else NEGATIVE_TEXT if value < 0 else POSITIVE
