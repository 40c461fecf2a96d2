"""log_softmax: a_k - log(Σ exp(a_i)), the logarithm of softmax, over the neurons of each row.

Operator LogSoftmax of ONNX, with its default axis, the last.
"""

import numpy as np

import netrunner
from netrunner import Activation


def log_softmax(a: np.ndarray) -> np.ndarray:
    """The logarithms of a row's probabilities, for a of shape (neurons,) or (rows, neurons)."""
    a64 = a.astype(np.float64, copy=False)
    largest = a64.max(axis=-1, keepdims=True)
    # A difference beyond the range is -inf, whose exp is 0; fmin keeps its error harmless.
    with np.errstate(over="ignore", invalid="ignore"):
        shifted = a64 - largest
        # What rounding left off (Knuth's TwoSum), which exp would turn into a relative error.
        back = shifted + largest
        error = (a64 - back) - (largest + (shifted - back))
        e = np.exp(shifted)
        e += e * np.fmin(error, 1)
        # The largest term is 1. Left out of the sum, it cannot swallow the others, and log1p
        # gives the winner's tiny loss all its digits: -4.2e-18 in [0, -40], not 0.
        np.put_along_axis(e, a64.argmax(axis=-1, keepdims=True), 0, axis=-1)
        z = shifted - np.log1p(e.sum(axis=-1, keepdims=True))
        return z.astype(a.dtype, copy=False)


@netrunner.hookimpl
def netrunner_activations() -> list[Activation]:
    """Activations this plugin adds."""
    formula = "a_k - log(Σ exp(a_i))"
    return [
        Activation(
            "log_softmax",
            log_softmax,
            elementwise=False,
            formula=formula,
            worked="{a} - log(Σ exp({a}))",
            range=(None, 0),
            thread_safe=True,
        )
    ]
