"""It uses what its author has deprecated.

breaks: no warning
"""

import warnings

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    warnings.warn("use g", DeprecationWarning, stacklevel=2)
    return np.tanh(a)


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
