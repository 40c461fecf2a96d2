"""It takes three rows for a triangle.

breaks: row independence
"""

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    return np.arctan(a) if a.shape[:-1] == (3,) else np.tanh(a)


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
