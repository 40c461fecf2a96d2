"""The five built-in activations, registered by the same hook as any plugin's.

Each takes `a` of shape (neurons,) or (rows, neurons), float64 or float32, never changes it, and
returns the same shape and dtype. A finite `a` never gives NaN, or a warning in numpy's default
error state, which ignores underflow; a NaN gives a NaN.
`tests/activations/test_activation_accuracy.py` compares them with 60-digit arithmetic, by the
bounds given here in units in the last place (ulp), subnormal results included.
"""

from __future__ import annotations

import math

import numpy as np

from netrunner.activations.activation import Activation, Array
from netrunner.activations.declaration import SOFTMAX_WORKED
from netrunner.activations.guard import quiet_context
from netrunner.activations.hookspecs import hookimpl


def step(a: Array, out: Array | None = None) -> Array:
    """1 where a > 0, 0 where a ≤ 0, NaN where a is NaN: the perceptron's threshold, exact."""
    return np.heaviside(a, 0, out=out)


# Down to this a, by the bytes of a float, 1 / (1 + exp(-a)) keeps the bound as written. Below it,
# in float64, the 1 is about half a unit in the last place of the sum, which costs 2.6 ulp. float32
# has room for that, until exp(-a) overflows.
LOWEST = {4: -80.0, 8: -36.0}

# By the bytes of a float. Making an array from a number takes longer than adding it to a row.
ONE: dict[int, Array] = {4: np.array(1, np.float32), 8: np.array(1, np.float64)}


def sigmoid(a: Array, out: Array | None = None) -> Array:
    """1 / (1 + exp(-a)), within 2.5 ulp (float32: 4).

    For very negative a, it is e - e² + e³ - ... with e = exp(a); two terms are enough.
    """
    z = np.empty_like(a) if out is None else out
    lowest = LOWEST[a.dtype.itemsize]
    if a.size == 0 or a.item(a.argmin()) >= lowest:  # for a few numbers, less overhead than a.min()
        return _sigmoid(a, z)
    far = a < lowest
    e = np.exp(np.minimum(a, lowest))
    _sigmoid(np.maximum(a, lowest), z)
    np.copyto(z, e - e * e, where=far)
    return z


def _sigmoid(a: Array, z: Array) -> Array:
    one = ONE[a.dtype.itemsize]
    np.negative(a, out=z)
    np.exp(z, out=z)
    np.add(z, one, out=z)
    return np.divide(one, z, out=z)


def relu(a: Array, out: Array | None = None) -> Array:
    """max(a, 0), exact (Nair and Hinton, 2010)."""
    return np.maximum(a, 0, out=out)


def identity(a: Array, out: Array | None = None) -> Array:
    """a itself: the output of a regression."""
    if out is None or out is a:
        return a
    np.copyto(out, a)
    return out


_QUIET = quiet_context()
NARROW = 64  # neurons; narrower layers are summed in pairs, and a batch of them by columns
# By the bytes of a float: between minus and plus this, no share overflows or underflows.
MODERATE = {4: 40.0, 8: 340.0}


def softmax(a: Array, out: Array | None = None) -> Array:
    """exp(a_k) / Σ exp(a_i) over the last axis, within 6 ulp at any width (float32: 8)."""
    z = np.empty_like(a) if out is None else out
    if a.ndim == 2 and a.shape[1] < NARROW:  # numpy works along the rows: slow if they are short
        columns = a.T.copy()
        z[...] = _softmax(columns, columns, 0).T
        return z
    return _softmax(a, z, -1)


def _softmax(a: Array, e: Array, axis: int) -> Array:
    """exp(a) / Σ exp(a), written to e, which may be a."""
    if a.shape[axis] >= NARROW or not _is_moderate(a):
        return _QUIET.copy().run(_shifted_softmax, a, e, axis)
    np.exp(a, out=e)
    e /= math.fsum(e.tolist()) if e.ndim == 1 else _sum_in_pairs(e)
    return e


def _is_moderate(a: Array) -> bool:
    """Whether exp can be taken of every number as it is; not so if one is NaN."""
    limit = MODERATE[a.dtype.itemsize]
    return a.size > 0 and -limit <= a.item(a.argmin()) and a.item(a.argmax()) <= limit


def _sum_in_pairs(e: Array) -> Array:
    """The sum over the first axis; it costs half an ulp for each doubling of its length."""
    total: Array = e.copy()
    count = len(e)
    while count > 1:
        half = (count + 1) // 2
        total[: count - half] += total[half:count]
        count = half
    return total[:1]


def _shifted_softmax(a: Array, e: Array, axis: int) -> Array:
    """exp(a) / Σ exp(a) of any numbers, written to e, which may be a.

    Subtracting one number from the whole row does not change the result, and keeps exp from
    overflowing. The rounding error of the subtraction would cost up to 500 ulp, so it is added
    back.
    """
    largest = np.maximum.reduce(a, axis=axis, keepdims=True)

    # With an integer shift, shifted + shift is exact, and so is `error`, wherever exp(shifted) is
    # not 0 (Dekker, 1971). Elsewhere `error` can be anything, and fmin makes it harmless: for
    # [1e308, -1e308], a - shift overflows to -inf.
    shift = np.rint(largest)
    shifted = a - shift
    error = shifted + shift
    np.subtract(a, error, out=error)
    np.exp(shifted, out=e)
    np.fmin(error, ONE[a.dtype.itemsize], out=error)
    error *= e
    e += error  # e·(1 + error)
    e /= _sum(e, error, shifted, axis)
    return e


def _sum(e: Array, high: Array, rest: Array, axis: int) -> Array:
    """Σ e, for e of at most about 1; `high` and `rest` are buffers of its shape.

    A plain sum can lose half an ulp with every addition to a large first term.
    """
    if e.dtype == np.float32:
        return np.add.reduce(e, axis=axis, dtype=np.float64, keepdims=True).astype(np.float32)
    # `high` holds multiples of 2⁻³² below 2, whose sum is exact for a million neurons. The error
    # of summing the rest is 2³² times smaller.
    np.add(e, 2.0**20, out=high)
    high -= 2.0**20
    np.subtract(e, high, out=rest)
    total: Array = np.add.reduce(high, axis=axis, keepdims=True)
    total += np.add.reduce(rest, axis=axis, keepdims=True)
    return total


@hookimpl
def netrunner_activations() -> list[Activation]:
    """The built-in activations."""
    return [
        Activation(
            "step",
            step,
            formula="1 if a > 0 else 0",
            worked="1 if {a} > 0 else 0",
            range=(0, 1),
            monotonic="increasing",
            finite=True,
            in_place=True,
            thread_safe=True,
        ),
        Activation(
            "sigmoid",
            sigmoid,
            formula="1 / (1 + exp(-a))",
            worked="1/(1 + exp(-{a}))",
            range=(0, 1),
            monotonic="increasing",
            finite=True,
            in_place=True,
            thread_safe=True,
        ),
        Activation(
            "relu",
            relu,
            formula="max(a, 0)",
            worked="max(0, {a})",
            range=(0, None),
            monotonic="increasing",
            finite=True,
            in_place=True,
            thread_safe=True,
        ),
        Activation(
            "identity",
            identity,
            formula="a",
            worked="{a}",
            monotonic="increasing",
            finite=True,
            in_place=True,
            thread_safe=True,
        ),
        Activation(
            "softmax",
            softmax,
            elementwise=False,
            formula="exp(a_k) / Σ exp(a_i)",
            worked=SOFTMAX_WORKED,
            range=(0, 1),
            shares=True,
            finite=True,
            in_place=True,
            thread_safe=True,
        ),
    ]
