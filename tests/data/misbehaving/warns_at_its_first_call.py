"""It warns when it is first called.

breaks: no warning
"""

import warnings

import numpy as np

import netrunner
from netrunner import Activation

ready = False


def h(a):
    global ready
    if not ready:
        ready = True
        warnings.warn("this activation is experimental", UserWarning, stacklevel=2)
    return np.tanh(a)


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
