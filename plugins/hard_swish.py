"""hard_swish: a · max(0, min(1, a/6 + 1/2)), a swish without exp.

Operator HardSwish of ONNX; Howard and others, "Searching for MobileNetV3" (2019),
https://arxiv.org/abs/1905.02244.
"""

import numpy as np

import netrunner
from netrunner import Activation


def hard_swish(a: np.ndarray) -> np.ndarray:
    """a · hard_sigmoid(a) with alpha = 1/6, for a of shape (neurons,) or (rows, neurons)."""
    # a + 3 is exact near the corner at -3, where a/6 + 1/2 would be rounding noise.
    return a * (np.clip(a + 3, 0, 6) / 6)


@netrunner.hookimpl
def netrunner_activations() -> list[Activation]:
    """Activations this plugin adds."""
    formula = "a·max(0, min(1, a/6 + 1/2))"
    worked = "{a}·max(0, min(1, {a}/6 + 1/2))"
    return [
        Activation(
            "hard_swish",
            hard_swish,
            formula=formula,
            worked=worked,
            range=(-0.375, None),
            finite=True,
            thread_safe=True,
        )
    ]
