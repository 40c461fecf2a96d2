"""The nearest distribution to a row, by its sorted cumulative sum."""

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    with np.errstate(over="ignore", invalid="ignore"):
        a = a - a.max(axis=-1, keepdims=True)
        z = -np.sort(-a, axis=-1)
        k = np.arange(1, a.shape[-1] + 1)
        total = np.cumsum(np.maximum(z, -2), axis=-1)
        size = np.maximum((1 + k * z > total).sum(axis=-1, keepdims=True), 1)
        tau = (np.take_along_axis(total, size - 1, axis=-1) - 1) / size
        return np.maximum(a - tau, 0)


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h, elementwise=False, range=(0, 1))]
