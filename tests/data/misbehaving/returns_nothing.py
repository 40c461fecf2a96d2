"""It forgets to return.

breaks: type
"""

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    np.tanh(a)


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
