"""selu: gamma · a where a > 0, gamma · alpha · (exp(a) - 1) where a ≤ 0.

Operator Selu of ONNX; Klambauer, Unterthiner, Mayr and Hochreiter, "Self-normalizing neural
networks" (2017), https://arxiv.org/abs/1706.02515. The defaults are ONNX's, the paper's two
constants rounded to float32; they keep mean 0 and variance 1 from layer to layer.
"""

import numpy as np

import netrunner
from netrunner import Activation

ALPHA = 1.67326319217681884765625
GAMMA = 1.05070102214813232421875


def selu(a: np.ndarray, alpha: float = ALPHA, gamma: float = GAMMA) -> np.ndarray:
    """The scaled exponential linear unit of each element of a, (neurons,) or (rows, neurons)."""
    if not alpha > 0:
        raise ValueError(f"alpha must be positive, got {alpha}")
    if not gamma > 0:
        raise ValueError(f"gamma must be positive, got {gamma}")
    return gamma * np.maximum(a, 0) + (gamma * alpha) * np.expm1(np.minimum(a, 0))


@netrunner.hookimpl
def netrunner_activations() -> list[Activation]:
    """Activations this plugin adds."""
    formula = "gamma·a if a > 0 else gamma·alpha·(exp(a) - 1)"
    worked = "{gamma}·{a} if {a} > 0 else {gamma}·{alpha}·(exp({a}) - 1)"
    return [
        Activation(
            "selu",
            selu,
            formula=formula,
            worked=worked,
            range=(-ALPHA * GAMMA, None),
            monotonic="increasing",
            thread_safe=True,
        )
    ]
