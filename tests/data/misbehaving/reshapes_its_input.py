"""It gives its input another shape.

breaks: no mutation, ...
"""

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    z = np.tanh(a)
    a.shape = (-1, 1)
    return z


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
