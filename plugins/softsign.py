"""softsign: a / (1 + |a|), from -1 to 1, and slower to get there than tanh.

Operator Softsign of ONNX; Turian, Bergstra and Bengio, "Quadratic features and deep architectures
for chunking" (2009).
"""

import numpy as np

import netrunner
from netrunner import Activation


def softsign(a: np.ndarray) -> np.ndarray:
    """a / (1 + |a|) of each element of a, shape (neurons,) or (rows, neurons)."""
    return a / (1 + np.abs(a))


@netrunner.hookimpl
def netrunner_activations() -> list[Activation]:
    """Activations this plugin adds."""
    return [
        Activation(
            "softsign",
            softsign,
            formula="a / (1 + |a|)",
            worked="{a}/(1 + abs({a}))",
            range=(-1, 1),
            monotonic="increasing",
            finite=True,
            thread_safe=True,
        )
    ]
