"""How far a computed forward pass may be from the true one, derived rather than guessed.

The sum of n products, in any order and with fused multiply-adds or without, is off by at most
γ_n · Σ|xᵢ||wᵢ| with γ_n = n·u / (1 - n·u), where u is half the distance from 1 to the next float
(Higham, Accuracy and Stability of Numerical Algorithms, 2nd edition, sections 3.1 and 3.5). The
bias makes it n + 1 terms. What was wrong in the layer's input adds |error|·|W|, and an activation
carries an error on by at most its Lipschitz constant.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

# |h(a) - h(b)| ≤ L · |a - b|; for softmax by the largest |a - b| of the row, as the absolute
# values of a row of its Jacobian, p_k - p_k² and p_k·p_i, add up to 2·p_k·(1 - p_k) ≤ 1/2.
LIPSCHITZ = {"identity": 1, "relu": 1, "tanh": 1, "sigmoid": 1 / 4, "softmax": 1 / 2}

Rounding = Callable[[str, Any, float], Any]  # activation, |Z|, u → how far h itself is off


class Bound(NamedTuple):
    """How far A and Z of one layer may be off, each number by its own bound."""

    A: Any
    Z: Any


def ours(name: str, Z: Any, u: float) -> Any:
    """netrunner's promise: 2.5 ulp, for softmax 6; in float32, 4 and 8. An ulp is at most 2u|Z|."""
    if name in ("identity", "relu"):
        return 0 * Z
    single = u > 1e-10
    ulps = (8 if single else 6) if name == "softmax" else (4 if single else 2.5)
    return ulps * 2 * u * Z


def usual(name: str, Z: Any, u: float) -> Any:
    """Any careful formula, as an absolute error, since most lose the digits of a tail.

    Three roundings and an exp of at most 2 ulp for sigmoid and tanh; for softmax those, a sum of
    n terms, and the rounding of a - max, which costs at most u·t·exp(-t) ≤ u/e. onnxruntime
    states no bound; `benchmarks/accuracy.py` finds it within these.
    """
    if name in ("identity", "relu"):
        return 0 * Z
    roundings = Z.shape[-1] + 4 if name == "softmax" else 8
    return np.full_like(Z, roundings * u)


def bounds(layers: Sequence[Any], trace: Any, dtype: Any, rounding: Rounding) -> list[Bound]:
    """A bound for each layer of `trace`, for another evaluation in `dtype` of the same network.

    `layers` have weights, biases and the activation's name; the trace stands in for the true
    values, from which it differs by no more than the other evaluation may.
    """
    info = np.finfo(dtype)
    u, tiny = float(info.eps) / 2, float(info.smallest_subnormal)
    X = np.abs(np.asarray(trace.input, np.float64))
    off = np.zeros_like(X)
    found = []
    for layer, seen in zip(layers, trace.layers, strict=True):
        W = np.abs(np.asarray(layer.weights, np.float64))
        B = np.abs(np.asarray(layer.biases, np.float64))
        n = len(W) + 1
        gamma = n * u / (1 - n * u)
        A = gamma * ((X + 2 * off) @ W + B) + off @ W + n * tiny
        name = layer.activation.name
        carried = A.max(axis=-1, keepdims=True) if name == "softmax" else A
        Z = np.abs(np.asarray(seen.Z, np.float64))
        off = LIPSCHITZ[name] * carried + np.zeros_like(A)
        off = off + rounding(name, Z + off, u) + 8 * tiny
        # What computing the bound itself in float64 may have lost.
        off = off * (1 + 1e-9)
        found.append(Bound(A * (1 + 1e-9), off))
        X = Z
    return found
