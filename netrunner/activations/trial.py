"""The trial of an activation, before its first use: does it keep rows and neurons apart?

And is it what it declares, where the engine relies on that?

The numbers are always the same, never the user's, so that the verdict does not depend on the input.
There is no verdict on a function that fails on one of these rows alone: a run reports what it does
wrong.
"""

from __future__ import annotations

import warnings
from contextlib import redirect_stdout
from dataclasses import replace
from io import StringIO
from threading import RLock
from typing import TYPE_CHECKING, Any

import numpy as np

from netrunner.activations.blame import MISTAKES
from netrunner.activations.guard import Guarded, wrong_shape, wrong_type
from netrunner.problems.problem import NetrunnerError

if TYPE_CHECKING:
    from netrunner.activations.activation import Activation, Array
    from netrunner.problems.problem import Problem

ROWS = 3
ROUGHLY = 1e-3  # by which shares may miss 1, as in float16 or a table
FAR = 1000.0  # so far below the other rows that its exp vanishes beside theirs

_ONE_AT_A_TIME = RLock()  # a function may itself use a network
_BY_ROW = "treat each row by itself: axis=-1, keepdims=True"
_WHOLE_ROW = "declare elementwise=False"
_WHOLE = "np.vectorize takes the type of its first result: give it otypes=[float]"
_ONE_ROW = "for a single input, a has shape (neurons,): use axis=-1, and no loop over rows"


def try_once(h: Guarded, width: int, dtype: np.dtype[Any], key: object = None) -> None:
    """Raises NetrunnerError if h gives a row, or a neuron, another result than it would alone.

    Also if it changes its input, or is not what it declares.

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
    if not np.array_equal(X, rows_of(X.shape[1], X.dtype)):
        return h.problem("plugin-changes-input", "changes its input, which is not allowed")
    if h.activation.in_place and _returns_something_else(h, X):
        did = "declares in_place=True, but returns something other than what it writes to out"
        return h.problem("plugin-result", did)
    try:
        found = _mixture(h, X, Z)
    except NetrunnerError:
        return None
    if found is not None:
        return h.problem("plugin-result", *found)
    if declared := _not_as_declared(h.activation, Z):
        return h.problem("plugin-result", declared)
    return _fails_on_a_single_input(h, X[0], Z[0])


def _fails_on_several_rows(h: Guarded, X: Array, problem: Problem) -> Problem | None:
    """The problem of all rows together, with a hint, if h takes each row alone.

    As many rows as neurons might be taken, with wrong results: numpy broadcasts (n,) and (n, n).
    """
    try:
        for i in range(len(X)):
            h(X[i : i + 1])
    except NetrunnerError:
        return None
    return replace(problem, hint=_BY_ROW)


def _returns_something_else(h: Guarded, X: Array) -> bool:
    """Whether a function that takes out= returns other numbers than it writes there."""
    out = np.full_like(X, np.nan)
    returned = h.answer(X, out=out)  # raises nothing: h(X) has just made the same call
    if wrong_type(returned, X.shape) or wrong_shape(returned, X.shape):
        return True
    return _first_other(returned, out, X) is not None


def _not_as_declared(activation: Activation, Z: Array) -> str | None:
    """What the engine, and the percentages, would rely on in vain."""
    if activation.finite and not np.isfinite(Z).all():
        return "declares finite=True, but gives NaN or infinity for finite numbers"
    if activation.shares:
        sums = Z.sum(axis=-1)
        if (wrong := np.abs(sums - 1) > ROUGHLY).any():
            return f"declares shares=True, but the results of a row add up to {sums[wrong][0]:.8g}"
    return None


def _fails_on_a_single_input(h: Guarded, row: Array, in_batch: Array) -> Problem | None:
    """The problem of a row of shape (neurons,), if h takes it in a batch."""
    try:
        alone = h(row)
    except NetrunnerError as error:
        return replace(error.problems[0], hint=_ONE_ROW)
    if (at := _first_other(alone[None], in_batch[None], row[None])) is None:
        return None
    did = "gives a single input, of shape (neurons,), another result than as a batch of one"
    did = f"{did}: {_of(at, alone[None])} alone and {in_batch[at[1]]:.8g} in a batch"
    return h.problem("plugin-result", did, _ONE_ROW)


def _mixture(h: Guarded, X: Array, Z: Array) -> tuple[str, str | None] | None:
    """How h, which gives Z for X, mixes rows or neurons, and what would fix it."""
    if _cuts_fractions_off(h, X.dtype, X.shape[1]):
        return "cuts fractions off where the first number of a row gives a whole number", _WHOLE
    alone = np.concatenate([_alone(h, X[i : i + 1], Z[i : i + 1]) for i in range(len(X))])
    again = h(X)
    if (at := _first_other(again, Z, X)) is not None:
        did = "gives a different answer for the same numbers each time"
        return f"{did}: {_of(at, Z)} and {again[at]:.8g}", None
    if (at := _first_other(alone, Z, X)) is not None:
        did = f"mixes the rows of a batch: {_of(at, Z)} among other rows and {alone[at]:.8g} alone"
        one = X[:1, :1]
        single = _alone(h, one, np.full_like(one, np.nan))
        mixes_neurons = (
            h.activation.elementwise
            and X.shape[1] > 1
            and _first_other(single, alone[:1, :1], one) is not None
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


def _cuts_fractions_off(h: Guarded, dtype: np.dtype[Any], width: int) -> bool:
    """Whether h returns integers where the first neuron's result is one, as np.vectorize does."""
    if width < 2 or not h.activation.elementwise:
        return False
    row = np.full((1, width), 2.5, dtype)
    row[0, 0] = -1.5
    try:
        one, turned = (np.asarray(h.answer(each)) for each in (row, row[:, ::-1]))
    except MISTAKES:  # it does not take a batch of one
        return False
    return (
        one.dtype.kind == "i" and turned.dtype.kind == "f" and bool((one != turned[:, ::-1]).any())
    )


def _alone(h: Guarded, row: Array, otherwise: Array) -> Array:
    try:
        return h(row)
    except NetrunnerError:  # it does not take a batch of one, or a single neuron
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
