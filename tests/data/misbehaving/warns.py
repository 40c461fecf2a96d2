"""It warns in each call.

breaks: no warning
"""

import warnings

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    warnings.warn("be careful", stacklevel=1)
    return np.tanh(a)


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
