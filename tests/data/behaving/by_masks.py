"""It fills a new array by masks."""

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    z = np.empty_like(a)
    positive = a >= 0
    z[positive] = 1 / (1 + np.exp(-a[positive]))
    e = np.exp(a[~positive])
    z[~positive] = e / (1 + e)
    return z


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h, range=(0, 1), monotonic="increasing")]
