"""It warns from 500 on.

breaks: no warning
"""

import warnings

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    if np.any(np.abs(a) > 500):
        warnings.warn("large", stacklevel=1)
    return np.tanh(a)


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
