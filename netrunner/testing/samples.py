"""The inputs of a trial: always the same, so that a finding can be reproduced."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from netrunner.activations.activation import Array, read_only

DTYPES: tuple[Any, ...] = (np.float64, np.float32)
NEURONS = 4
_CORNERS = [[0.0, -1.0, 2.5, -0.5], [1.0, -3.0, 0.25, 6.0]]


@cache
def batch(rows: int = 6, neurons: int = NEURONS, dtype: Any = np.float64, seed: int = 7) -> Array:
    """Everyday sums, between about -10 and 10, of shape (rows, neurons); read-only.

    With the usual number of neurons, its first two rows have round numbers and a zero.
    """
    # Rounded to three digits, they are easy to read and well apart.
    X = np.round(np.random.default_rng([seed, rows, neurons]).normal(0, 3, (rows, neurons)), 3)
    if neurons == NEURONS:
        X[:2] = _CORNERS[: len(X)]
    return read_only(X.astype(dtype))


def thousands(dtype: Any) -> list[float]:
    """Sums as in a badly scaled layer, up to ±1000, where exp overflows or vanishes."""
    sizes = [20, 50, 88, 89, 104, 300, 709, 710, 745, 746, 1000]
    return [sign * float(dtype(size)) for size in sizes for sign in (1, -1)]


def ends(dtype: Any) -> list[float]:
    """The ends of the float range: the largest, the smallest normal and the smallest subnormal
    numbers.
    """
    info = np.finfo(dtype)
    large, tiny = float(info.max), float(info.tiny)
    sizes = [0.0, float(info.smallest_subnormal), 10 * float(info.smallest_subnormal)]
    sizes += [tiny, 2 * tiny, large**0.25, large**0.5, large / 1e8, large / 2, large]
    return [sign * size for size in sizes for sign in (1, -1)]


def rows_with(value: float, dtype: Any) -> list[Array]:
    """Rows in which one, some or all numbers have this size."""
    rows = [[value, 0.0, 1.0, -1.0], [value, -value, 0.0, 2.5], [value] * NEURONS]
    return [np.array(row, dtype) for row in rows]


def ladder(dtype: Any) -> Array:
    """Numbers over the whole float range, sorted, denser where curves bend."""
    info = np.finfo(dtype)
    fine = np.linspace(-30, 30, 6001)
    sizes = np.geomspace(float(info.tiny), float(info.max) / 2, 800)
    usual = np.geomspace(30, 3e4, 2000)
    values = np.concatenate([fine, usual, -usual, sizes, -sizes, ends(dtype), thousands(dtype)])
    return np.unique(values.astype(dtype))
