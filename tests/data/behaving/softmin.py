"""The smallest wins."""

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    with np.errstate(over="ignore"):
        e = np.exp(a.min(axis=-1, keepdims=True) - a)
    return e / e.sum(axis=-1, keepdims=True)


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h, elementwise=False, range=(0, 1))]
