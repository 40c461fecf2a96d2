"""It works in place, on a copy."""

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    z = a.copy()
    z[z < 0] *= 0.1
    np.minimum(z, 6, out=z)
    return z


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h, range=(None, 6), monotonic="increasing")]
