"""It cleans NaN out of its input, in place.

breaks: no mutation, NaN in NaN out
"""

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    a[np.isnan(a)] = 0
    return np.tanh(a)


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
