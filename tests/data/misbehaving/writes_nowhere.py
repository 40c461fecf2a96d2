"""It says that it writes in place, and does not.

breaks: declared in place
"""

import numpy as np

import netrunner
from netrunner import Activation


def h(a, out=None):
    return np.tanh(a)


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h, in_place=True)]
