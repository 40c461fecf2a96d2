"""hard_sigmoid: max(0, min(1, alpha · a + beta)), a sigmoid of three straight lines.

Operator HardSigmoid of ONNX; Courbariaux, Bengio and David, "BinaryConnect" (2015),
https://arxiv.org/abs/1511.00363.
"""

import numpy as np

import netrunner
from netrunner import Activation


def hard_sigmoid(a: np.ndarray, alpha: float = 0.2, beta: float = 0.5) -> np.ndarray:
    """alpha · a + beta, cut off at 0 and 1; a has shape (neurons,) or (rows, neurons)."""
    with np.errstate(over="ignore"):  # an infinite line is cut off like any other
        return np.clip(alpha * a + beta, 0, 1)


@netrunner.hookimpl
def netrunner_activations() -> list[Activation]:
    """Activations this plugin adds."""
    formula = "max(0, min(1, alpha·a + beta))"
    worked = "max(0, min(1, {alpha}·{a} + {beta}))"
    return [
        Activation(
            "hard_sigmoid",
            hard_sigmoid,
            formula=formula,
            worked=worked,
            range=(0, 1),
            monotonic="increasing",
            thread_safe=True,
        )
    ]
