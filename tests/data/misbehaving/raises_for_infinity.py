"""It refuses infinity.

breaks: ends of the float range
"""

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    if np.isinf(a).any():
        raise ValueError("inf")
    return np.tanh(a)


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
