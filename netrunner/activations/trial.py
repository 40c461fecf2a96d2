"""The trial of an activation, before its first use: does it keep rows and neurons apart?

The numbers are always the same, never the user's, so that the verdict does not depend on the input.
There is no verdict on a function that fails on one of these rows alone: a run reports what it does
wrong.
"""

from __future__ import annotations

import warnings
from contextlib import redirect_stdout
from io import StringIO
from threading import RLock
from typing import TYPE_CHECKING, Any

import numpy as np

from netrunner.activations.guard import Guarded
from netrunner.problems.problem import NetrunnerError

if TYPE_CHECKING:
    from netrunner.activations.activation import Array
    from netrunner.problems.problem import Problem

ROWS = 3
FAR = 1000.0  # so far below the other rows that its exp vanishes beside theirs

_ONE_AT_A_TIME = RLock()  # a function may itself use a network
_BY_ROW = "treat each row by itself: axis=-1, keepdims=True"
_WHOLE_ROW = "declare elementwise=False"


def try_once(h: Guarded, width: int, dtype: np.dtype[Any], key: object = None) -> None:
    """Raises NetrunnerError if h gives a row, or a neuron, another result than it would alone.

    After a trial with the same `key` and width, nothing is called again.
    """
    tried = h.activation.tried
    with _ONE_AT_A_TIME:
        if (width, dtype, key) in tried:
            return
        # The function's warnings about these numbers would puzzle a user who gave others.
        with redirect_stdout(StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            problem = _mistake(h, rows_of(width, dtype))
        if problem is not None:
            raise NetrunnerError(problem)
        tried.add((width, dtype, key))


def rows_of(width: int, dtype: Any) -> Array:
    """Numbers between about -4 and 4, all different; those in the last row are far below."""
    X = 4 * np.sin(1.7 * np.arange(ROWS * width) + 0.4).reshape(ROWS, width)
    X[-1] -= FAR
    numbers: Array = X.astype(dtype)
    return numbers


def _mistake(h: Guarded, X: Array) -> Problem | None:
    """What h does wrong, with what would fix it."""
    try:
        Z = h(X)
    except NetrunnerError as error:
        return _fails_on_several_rows(h, X, error.problems[0])
    try:
        found = _mixture(h, X, Z)
    except NetrunnerError:
        return None
    return None if found is None else h.problem("plugin-result", *found)


def _fails_on_several_rows(h: Guarded, X: Array, problem: Problem) -> Problem | None:
    """The problem of all rows together, with a hint, if h takes each row alone.

    As many rows as neurons might be taken, with wrong results: numpy broadcasts (n,) and (n, n).
    """
    try:
        for i in range(len(X)):
            h(X[i : i + 1])
    except NetrunnerError:
        return None
    from dataclasses import replace  # needed only for an error

    return replace(problem, hint=_BY_ROW)


def _mixture(h: Guarded, X: Array, Z: Array) -> tuple[str, str | None] | None:
    """How h, which gives Z for X, mixes rows or neurons, and what would fix it."""
    alone = np.concatenate([_alone(h, X[i : i + 1], Z[i : i + 1]) for i in range(len(X))])
    again = h(X)
    if (at := _first_other(again, Z, X)) is not None:
        did = "gives a different answer for the same numbers each time"
        return f"{did}: {_of(at, Z)} and {again[at]:.8g}", None
    if (at := _first_other(alone, Z, X)) is not None:
        did = f"mixes the rows of a batch: {_of(at, Z)} among other rows and {alone[at]:.8g} alone"
        one = X[:1, :1]
        mixes_neurons = (
            h.activation.elementwise
            and X.shape[1] > 1
            and _first_other(h(one), alone[:1, :1], one) is not None
        )
        return did, f"{_BY_ROW}; and {_WHOLE_ROW}" if mixes_neurons else _BY_ROW
    if not h.activation.elementwise or X.shape[1] == 1:
        return None
    hint = f"{_WHOLE_ROW}, since an output depends on its whole row"
    try:
        single = h(X.reshape(-1, 1)).reshape(X.shape)
    except NetrunnerError as error:
        if error.problems[0].code != "plugin-result":
            raise
        return "is not element-wise: for a single neuron, it returns no array of that shape", hint
    if (at := _first_other(single, Z, X)) is not None:
        did = f"is not element-wise: {_of(at, Z)} in its row and {single[at]:.8g} alone"
        return did, hint
    return None


def _alone(h: Guarded, row: Array, otherwise: Array) -> Array:
    try:
        return h(row)
    except NetrunnerError:  # it does not take a batch of one
        return otherwise


def _of(at: tuple[int, ...], Z: Array) -> str:
    return f"tried on fixed numbers, neuron {at[1] + 1} of row {at[0] + 1} is {Z[at]:.8g}"


def _first_other(x: Array, y: Array, inputs: Array) -> tuple[int, ...] | None:
    """Where two results for the same inputs differ by more than rounding, if they do.

    The same sum can be rounded in several ways, and a difference of large numbers magnifies that.
    So half of the digits of the largest number in the row must agree. NaN agrees with NaN.
    """
    with np.errstate(all="ignore"):
        size = np.maximum(np.maximum(_largest(y), _largest(inputs)), 1)
        close = np.abs(x - y) <= np.sqrt(np.finfo(x.dtype).eps) * size
    same = (x == y) | close | (np.isnan(x) & np.isnan(y))
    return None if same.all() else tuple(np.argwhere(~same)[0].tolist())


def _largest(values: Array) -> Any:
    """The largest absolute value of a finite number in each row."""
    sizes = np.abs(values)
    sizes[~np.isfinite(sizes)] = 0
    return sizes.max(axis=-1, keepdims=True)
