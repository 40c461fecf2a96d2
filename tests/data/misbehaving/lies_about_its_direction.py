"""It falls, and says that it rises.

breaks: declared monotonicity
"""

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    return -np.tanh(a)


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h, monotonic="increasing")]
