"""It turns numpy's warnings off for everybody.

breaks: no side effects
"""

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    np.seterr(over="ignore")
    return np.tanh(a)


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
