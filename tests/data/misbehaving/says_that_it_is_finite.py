"""It says that it is finite, and grows beyond the largest float.

breaks: declared finite
"""

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    with np.errstate(over="ignore"):
        return np.exp(a)


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h, finite=True)]
