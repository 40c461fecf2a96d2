"""gelu: a · Φ(a), where Φ(a) = erfc(-a/√2) / 2 is the normal distribution function.

Operator Gelu of ONNX; Hendrycks and Gimpel, "Gaussian error linear units" (2016),
https://arxiv.org/abs/1606.08415. With `approximate: tanh` it is their approximation
a/2 · (1 + tanh(√(2/π) · (a + 0.044715 · a³))), a different function by up to 5e-4.
"""

import math

import numpy as np

import netrunner
from netrunner import Activation

erfc = np.vectorize(math.erfc, otypes=[np.float64])

# 1/√2 in two parts: the first has 24 bits, so that its product with a float32 is exact.
HALF_ROOT_HIGH = float(np.float32(0.5**0.5))
HALF_ROOT_LOW = 1.210161710447897e-08


def gelu(a: np.ndarray, approximate: str = "none") -> np.ndarray:
    """The Gaussian error linear unit of each element of a, (neurons,) or (rows, neurons)."""
    if approximate not in ("none", "tanh"):
        raise ValueError(f"approximate must be none or tanh, got {approximate}")
    # Beyond 40 either way, both forms are 0 or a itself; the squares and cubes stay small.
    t = np.clip(a, -40, 40).astype(np.float64)
    z = gelu_tanh(a, t) if approximate == "tanh" else a * normal_cdf(t)
    return z.astype(a.dtype, copy=False)


def normal_cdf(t: np.ndarray) -> np.ndarray:
    """Φ(t) = erfc(x) / 2 at x = -t/√2, with what rounding x leaves off put back.

    In the tail erfc multiplies the relative error of x by 2x², at t = -38 by 1,400.
    """
    high = t.astype(np.float32).astype(np.float64)
    product = -high * HALF_ROOT_HIGH  # exact
    rest = -high * HALF_ROOT_LOW - (t - high) * 0.5**0.5
    x = product + rest
    left_off = (product - x) + rest
    slope = -2 / math.sqrt(math.pi) * np.exp(-x * x)
    return (erfc(x) + slope * left_off) / 2


def gelu_tanh(a: np.ndarray, t: np.ndarray) -> np.ndarray:
    """a/2 · (1 + tanh(u)) as a / (1 + exp(-2u)), which keeps the tail where 1 + tanh(u) is 0."""
    u = math.sqrt(2 / math.pi) * (t + 0.044715 * t**3)
    root = np.exp(-np.abs(u))  # the root of exp(-|2u|): it never becomes subnormal
    numerator = np.where(u < 0, root, 1)
    return a * numerator / (1 + root * root) * numerator


@netrunner.hookimpl
def netrunner_activations() -> list[Activation]:
    """Activations this plugin adds."""
    return [
        Activation(
            "gelu",
            gelu,
            formula="a·Φ(a) = a/2·erfc(-a/√2), or its approximation by tanh",
            worked={
                "none": "{a}/2·erfc(-{a}/sqrt(2))",
                "tanh": "{a}/2·(1 + tanh(sqrt(2/pi)·({a} + 0.044715·{a}·{a}·{a})))",
            },
            range=(-0.17, None),
            finite=True,
            thread_safe=True,
        )
    ]
