"""Each row gets mean 0 and deviation 1; scaled first, so that no square overflows."""

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    size = np.abs(a).max(axis=-1, keepdims=True)
    size = np.where(size == 0, 1, size)
    with np.errstate(invalid="ignore"):  # an infinity over itself
        a = a / size
    a = a - a.mean(axis=-1, keepdims=True)
    return a / np.sqrt((a * a).mean(axis=-1, keepdims=True) + 1e-5)


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h, elementwise=False)]
