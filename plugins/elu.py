"""elu: a where a ≥ 0, alpha · (exp(a) - 1) where a < 0.

Operator Elu of ONNX; Clevert, Unterthiner and Hochreiter, "Fast and accurate deep network
learning by exponential linear units" (2015), https://arxiv.org/abs/1511.07289.
"""

import numpy as np

import netrunner
from netrunner import Activation


def elu(a: np.ndarray, alpha: float = 1.0) -> np.ndarray:
    """The exponential linear unit of each element of a, shape (neurons,) or (rows, neurons)."""
    if not alpha > 0:
        raise ValueError(f"alpha must be positive, got {alpha}")
    # exp(a) - 1 would lose all digits of a small a; expm1 keeps them.
    return np.maximum(a, 0) + alpha * np.expm1(np.minimum(a, 0))


@netrunner.hookimpl
def netrunner_activations() -> list[Activation]:
    """Activations this plugin adds."""
    formula = "a if a ≥ 0 else alpha·(exp(a) - 1)"
    worked = "{a} if {a} >= 0 else {alpha}·(exp({a}) - 1)"
    return [
        Activation(
            "elu",
            elu,
            formula=formula,
            worked=worked,
            range=(-1, None),
            monotonic="increasing",
            thread_safe=True,
        )
    ]
