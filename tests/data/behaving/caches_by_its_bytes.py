"""It keeps what it knows, and is right."""

import numpy as np

import netrunner
from netrunner import Activation

known = {}


def h(a):
    key = (a.dtype.str, a.shape, a.tobytes())
    if key not in known:
        known[key] = np.tanh(a)
    return known[key]


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
