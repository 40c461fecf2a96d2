"""softplus: log(1 + exp(a)), a smooth relu.

Operator Softplus of ONNX; Dugas, Bengio, Bélisle, Nadeau and Garcia, "Incorporating second-order
functional knowledge for better option pricing" (2000).
"""

import numpy as np

import netrunner
from netrunner import Activation


def softplus(a: np.ndarray) -> np.ndarray:
    """log(1 + exp(a)) of each element of a, shape (neurons,) or (rows, neurons)."""
    # log(1 + exp(a)) = a + log(1 + exp(-a)), so that exp need never overflow.
    return np.maximum(a, 0) + np.log1p(np.exp(-np.abs(a)))


@netrunner.hookimpl
def netrunner_activations() -> list[Activation]:
    """Activations this plugin adds."""
    return [
        Activation(
            "softplus",
            softplus,
            formula="log(1 + exp(a))",
            worked="log(1 + exp({a}))",
            range=(0, None),
            monotonic="increasing",
            finite=True,
            thread_safe=True,
        )
    ]
