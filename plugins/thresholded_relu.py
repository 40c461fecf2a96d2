"""thresholded_relu: a where a > alpha, else 0.

Operator ThresholdedRelu of ONNX; Konda, Memisevic and Krueger, "Zero-bias autoencoders and the
benefits of co-adapting features" (2014), https://arxiv.org/abs/1402.3337.
"""

import numpy as np

import netrunner
from netrunner import Activation


def thresholded_relu(a: np.ndarray, alpha: float = 1.0) -> np.ndarray:
    """a, with 0 where a ≤ alpha; a has shape (neurons,) or (rows, neurons)."""
    return np.where(a <= alpha, 0, a)  # asked this way round, a NaN stays a NaN


@netrunner.hookimpl
def netrunner_activations() -> list[Activation]:
    """Activations this plugin adds."""
    formula = "a if a > alpha else 0"
    worked = "{a} if {a} > {alpha} else 0"
    return [
        Activation(
            "thresholded_relu",
            thresholded_relu,
            formula=formula,
            worked=worked,
            range=(0, None),
            monotonic="increasing",
            thread_safe=True,
        )
    ]
