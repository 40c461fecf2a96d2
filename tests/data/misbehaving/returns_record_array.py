"""It returns a subclass of numpy's array.

breaks: type
"""

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    return a.view(np.recarray)


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
