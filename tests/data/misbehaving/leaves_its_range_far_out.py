"""It leaves the declared range beyond 800.

breaks: declared range
"""

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    return np.where(np.abs(a) > 800, 1.5, np.tanh(a)) + 0 * a.clip(-1, 1)


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h, range=(-1, 1))]
