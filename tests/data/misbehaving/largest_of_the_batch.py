"""softmax that subtracts the largest number of the whole batch.

breaks: row independence
"""

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    with np.errstate(over="ignore"):
        e = np.exp(a - a.max(initial=-np.inf))
    return e / e.sum(axis=-1, keepdims=True)


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h, elementwise=False)]
