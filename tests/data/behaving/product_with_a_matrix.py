"""It mixes the neurons by a product, which BLAS sums in any order."""

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    n = a.shape[-1]
    with np.errstate(over="ignore", invalid="ignore"):
        return np.tanh(a * 1e-3) @ np.cos(np.arange(n * n).reshape(n, n)).astype(a.dtype)


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h, elementwise=False)]
