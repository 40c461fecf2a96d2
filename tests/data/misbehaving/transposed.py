"""It returns its result transposed.

breaks: shape
"""

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    return np.tanh(a).T


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
