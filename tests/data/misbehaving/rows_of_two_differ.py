"""It takes a row of two for a point.

breaks: element-wise
"""

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    return np.arctan(a) if a.shape[-1] == 2 else np.tanh(a)


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
