"""The points of an activation's curve; a plugin's function is called with care, as in a run."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from netrunner.activations.registry import Registered
from netrunner.network.layer import Layer

Values = NDArray[np.float64]

BOOK_RANGE = (-5.0, 5.0)
STEP = 0.1  # as in the book
FEWEST, MOST = 101, 2_001
LARGEST = 1e300  # that is drawn
FIXED = (0.0, 1.0)  # the other logits, where a function takes whole rows
_JUMP = 0.05  # of the curve's height: a larger step gets more points in between
_BETWEEN = 4_096  # points, at most

_NONE = np.zeros(0)


class Applied:
    """An activation with its parameters, ready to be called."""

    def __init__(self, given: Registered | Layer) -> None:
        """A layer's activation, or a registered one with its parameters' defaults."""
        self.activation = given.activation
        self.parameters = given.parameters if isinstance(given, Layer) else {}
        self._h = given.h if isinstance(given, Layer) else given.h()

    def __call__(self, a: Values) -> Values:
        """h(a) for a of shape (neurons,) or (rows, neurons). Raises NetrunnerError."""
        with np.errstate(all="ignore"):
            return np.array(self._h(a), dtype=np.float64)

    def along(self, a: Values) -> Values:
        """z for each a; for a function of whole rows, z₁ as a₁ moves and the others stay FIXED."""
        if self.activation.elementwise:
            return self(a)
        return self(np.column_stack([a, *(np.full_like(a, other) for other in FIXED)]))[:, 0]


def curve(
    h: Applied, low: float, high: float, others: Values = _NONE
) -> tuple[Values, Values, Values]:
    """Points (a, z) from `low` to `high`, closer where the curve is steep, and h(others).

    A jump becomes a line that is all but vertical; z is NaN where it cannot be drawn. Calls the
    function at most twice. Raises NetrunnerError if a plugin's function misbehaves.
    """
    count = round(min((high - low) / STEP, MOST)) + 1
    a = np.linspace(low, high, max(FEWEST, min(count, MOST)))
    z = h.along(np.append(a, others))
    z, z_others = _finite(z[: len(a)]), z[len(a) :]
    height = np.ptp(z[np.isfinite(z)]) if np.isfinite(z).any() else 0.0
    with np.errstate(all="ignore"):
        steep = np.flatnonzero(np.abs(np.diff(z)) > _JUMP * height)
    if steep.size and height:
        parts = np.linspace(0, 1, max(3, min(257, _BETWEEN // steep.size)))[1:-1]
        between = a[steep, None] + parts * (a[steep + 1] - a[steep])[:, None]
        places = np.repeat(steep + 1, len(parts))
        a = np.insert(a, places, between.ravel())
        z = np.insert(z, places, _finite(h.along(between.ravel())))
    return a, z, z_others


def _finite(z: Values) -> Values:
    """z with NaN for what cannot be drawn."""
    z[~can_be_drawn(z)] = np.nan
    return z


def can_be_drawn(z: Values) -> NDArray[np.bool_]:
    """Which numbers are finite, and far enough from the largest to have a margin around them."""
    return np.abs(z) < LARGEST


def limits(z: Values) -> tuple[float, float]:
    """The book's limits, -0.1 and 1.1, where all of z lies between 0 and 1; else a margin."""
    z = z[np.isfinite(z)]
    low, high = (float(z.min()), float(z.max())) if z.size else (0.0, 1.0)
    if low >= 0 and high <= 1:
        return -0.1, 1.1
    margin = 0.06 * (high - low) or 1.0
    return low - margin, high + margin
