"""mish: a · tanh(log(1 + exp(a))).

Operator Mish of ONNX; Misra, "Mish: a self regularized non-monotonic activation function" (2019),
https://arxiv.org/abs/1908.08681.
"""

import numpy as np

import netrunner
from netrunner import Activation


def mish(a: np.ndarray) -> np.ndarray:
    """a · tanh(softplus(a)) of each element of a, shape (neurons,) or (rows, neurons)."""
    # With w = exp(a), tanh(log(1 + w)) = w·(w + 2) / (w·(w + 2) + 2): no logarithm is left.
    # Where a > 0, both sides are divided by w², so that only e = exp(-|a|) is needed. Its root
    # never becomes subnormal, which keeps all digits in the tail; float32 works in float64.
    root = np.exp(-np.abs(a) / 2, dtype=np.float64)
    e = root * root
    negative = a < 0
    numerator = np.where(negative, e + 2, 1 + 2 * e)
    denominator = np.where(negative, e * numerator + 2, numerator + 2 * e * e)
    factor = np.where(negative, root, 1)
    z = a * factor * (numerator / denominator) * factor
    return z.astype(a.dtype, copy=False)


@netrunner.hookimpl
def netrunner_activations() -> list[Activation]:
    """Activations this plugin adds."""
    formula = "a·tanh(log(1 + exp(a)))"
    worked = "{a}·tanh(log(1 + exp({a})))"
    return [
        Activation(
            "mish",
            mish,
            formula=formula,
            worked=worked,
            range=(-0.31, None),
            finite=True,
            thread_safe=True,
        )
    ]
