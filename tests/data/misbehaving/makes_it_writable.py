"""It sets writeable and changes the input.

breaks: no mutation, NaN in NaN out
"""

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    a.setflags(write=True)
    a[...] = 0
    return np.ones_like(a)


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
