"""Numbers and arrays in the words of a review, and when two answers are the same."""

from __future__ import annotations

from typing import Any

import numpy as np

from netrunner.activations.activation import Array

# Two runs of the same sum may differ in the last bits, as may two of numpy's own loops; in units
# of the type's precision. It is far below what a mistake makes.
ROUNDING = 256


def array(values: Any) -> str:
    """An array in a line, as numpy prints it, wide ones shortened."""
    options: Any = {"precision": 8, "threshold": 12, "edgeitems": 3, "linewidth": 10**6}
    with np.printoptions(**options, floatmode="maxprec"):
        return " ".join(str(values).split()).replace("] [", "], [").replace("[ ", "[")


def given(a: Array) -> str:
    """An input by its type and shape, and its numbers where they are few."""
    shape = f"a {a.dtype} array of shape {a.shape}"
    return f"{shape}, {array(a)}" if 0 < a.size <= 8 else shape


def number(value: Any) -> str:
    """A number in the digits that give it back in its own type."""
    return str(value) if isinstance(value, np.floating) else repr(float(value))


def same(x: Array, y: Array, inputs: Array) -> Any:
    """Where two answers to the same inputs agree but for rounding; NaN agrees with NaN.

    Rounding is measured by the size of the element's answer and input, and 1.
    """
    with np.errstate(all="ignore"):
        size = np.maximum(np.fmax(np.abs(x), np.abs(inputs)), 1)
        close = np.abs(x - y) <= ROUNDING * np.finfo(x.dtype).eps * np.where(
            np.isfinite(size), size, 1
        )
    return (x == y) | close | (np.isnan(x) & np.isnan(y))


def same_rows(x: Array, y: Array, inputs: Array) -> Any:
    """As `same`, where an element may also take the rounding of the largest of its row."""
    largest = np.broadcast_to(_largest(inputs), x.shape)
    return same(x, y, np.fmax(largest, np.broadcast_to(_largest(x), x.shape)))


def _largest(values: Array) -> Array:
    finite = np.where(np.isfinite(values), np.abs(values), 0)
    largest: Array = finite.max(axis=-1, keepdims=True, initial=0)
    return largest
