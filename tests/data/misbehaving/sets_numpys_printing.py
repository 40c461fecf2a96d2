"""It changes how numpy prints.

breaks: no side effects
"""

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    np.set_printoptions(precision=2)
    return np.tanh(a)


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
