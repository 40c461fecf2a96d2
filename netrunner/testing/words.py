"""Numbers and arrays as text for a review, and when two results count as the same."""

from __future__ import annotations

from typing import Any

import numpy as np

from netrunner.activations.activation import Array

# In units of the type's precision. Two runs of the same sum may differ in the last bits, and so
# may two of numpy's own loops; a mistake makes a far larger difference.
ROUNDING = 256


def array(values: Any) -> str:
    """An array on one line, as numpy prints it; wide ones are shortened."""
    options: Any = {"precision": 8, "threshold": 12, "edgeitems": 3, "linewidth": 10**6}
    with np.printoptions(**options, floatmode="maxprec"):
        return " ".join(str(values).split()).replace("] [", "], [").replace("[ ", "[")


def given(a: Array) -> str:
    """An input's type and shape, and its numbers if they are few."""
    shape = f"a {a.dtype} array of shape {a.shape}"
    return f"{shape}, {array(a)}" if 0 < a.size <= 8 else shape


def number(value: Any) -> str:
    """A number, with the digits that restore it in its own type."""
    return str(value) if isinstance(value, np.floating) else repr(float(value))


def same(x: Array, y: Array, inputs: Array) -> Any:
    """Where two results for the same inputs agree, except for rounding; NaN agrees with NaN.

    Rounding is relative to the largest of the element's result, its input, and 1.
    """
    with np.errstate(all="ignore"):
        size = np.maximum(np.fmax(np.abs(x), np.abs(inputs)), 1)
        close = np.abs(x - y) <= ROUNDING * np.finfo(x.dtype).eps * np.where(
            np.isfinite(size), size, 1
        )
    return (x == y) | close | (np.isnan(x) & np.isnan(y))


def same_rows(x: Array, y: Array, inputs: Array) -> Any:
    """As `same`, but rounding is also relative to the largest element of the row."""
    largest = np.broadcast_to(_largest(inputs), x.shape)
    return same(x, y, np.fmax(largest, np.broadcast_to(_largest(x), x.shape)))


def _largest(values: Array) -> Array:
    finite = np.where(np.isfinite(values), np.abs(values), 0)
    largest: Array = finite.max(axis=-1, keepdims=True, initial=0)
    return largest
