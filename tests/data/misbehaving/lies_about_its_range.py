"""It says 0 to 1, and is tanh.

breaks: declared range
"""

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    return np.tanh(a)


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h, range=(0, 1))]
