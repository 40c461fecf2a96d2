"""swish: a · sigmoid(beta · a); with beta = 1 it is also known as SiLU.

Operator Swish of ONNX, which calls beta alpha; Ramachandran, Zoph and Le, "Searching for
activation functions" (2017), https://arxiv.org/abs/1710.05941.
"""

import numpy as np

import netrunner
from netrunner import Activation


def swish(a: np.ndarray, beta: float = 1.0) -> np.ndarray:
    """a · sigmoid(beta · a) of each element of a, shape (neurons,) or (rows, neurons)."""
    # In float64 whatever a is: float32's own exp, used twice, would be off by 8 ulp.
    with np.errstate(over="ignore"):  # an infinite beta · a saturates, as it should
        v = np.multiply(a, beta, dtype=np.float64)
    # The sigmoid is 1 / (1 + e) or e / (1 + e), with e = exp(-|v|). Multiplying by the root of
    # e twice keeps all digits where e itself would be subnormal and a · e is not.
    root = np.exp(-np.abs(v) / 2)
    numerator = np.where(v < 0, root, 1)
    z = a * numerator / (1 + root * root) * numerator
    return z.astype(a.dtype, copy=False)


@netrunner.hookimpl
def netrunner_activations() -> list[Activation]:
    """Activations this plugin adds."""
    formula = "a / (1 + exp(-beta·a))"
    worked = "{a}/(1 + exp(-{beta}·{a}))"
    return [
        Activation(
            "swish", swish, formula=formula, worked=worked, range=(-0.28, None), thread_safe=True
        )
    ]
