"""celu: max(a, 0) + min(0, alpha · (exp(a / alpha) - 1)): elu with slope 1 on both sides of 0.

Operator Celu of ONNX; Barron, "Continuously differentiable exponential linear units" (2017),
https://arxiv.org/abs/1704.07483.
"""

import numpy as np

import netrunner
from netrunner import Activation


def celu(a: np.ndarray, alpha: float = 1.0) -> np.ndarray:
    """The continuously differentiable elu of each element of a, (neurons,) or (rows, neurons)."""
    if not alpha > 0:
        raise ValueError(f"alpha must be positive, got {alpha}")
    # With a small alpha, a / alpha may overflow to -inf; expm1(-inf) is -1, as it should be.
    with np.errstate(over="ignore"):
        return np.maximum(a, 0) + alpha * np.expm1(np.minimum(a, 0) / alpha)


@netrunner.hookimpl
def netrunner_activations() -> list[Activation]:
    """Activations this plugin adds."""
    formula = "max(a, 0) + min(0, alpha·(exp(a/alpha) - 1))"
    worked = "{a} if {a} >= 0 else {alpha}·(exp({a}/{alpha}) - 1)"
    return [
        Activation(
            "celu",
            celu,
            formula=formula,
            worked=worked,
            range=(-1, None),
            monotonic="increasing",
            thread_safe=True,
        )
    ]
