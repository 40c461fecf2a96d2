"""leaky_relu: a where a ≥ 0, alpha · a where a < 0.

Operator LeakyRelu of ONNX; Maas, Hannun and Ng, "Rectifier nonlinearities improve neural network
acoustic models" (2013).
"""

import numpy as np

import netrunner
from netrunner import Activation


def leaky_relu(a: np.ndarray, alpha: float = 0.01) -> np.ndarray:
    """a, its negative part times alpha; a has shape (neurons,) or (rows, neurons)."""
    # One of the two terms is 0. np.where would also compute alpha · a for the large positive a
    # that is not used, and overflow where alpha > 1.
    return np.maximum(a, 0) + alpha * np.minimum(a, 0)


@netrunner.hookimpl
def netrunner_activations() -> list[Activation]:
    """Activations this plugin adds."""
    formula = "a if a ≥ 0 else alpha·a"
    worked = "{a} if {a} >= 0 else {alpha}·{a}"
    return [
        Activation(
            "leaky_relu",
            leaky_relu,
            formula=formula,
            worked=worked,
            monotonic="increasing",
            thread_safe=True,
        )
    ]
