"""It returns a masked array.

breaks: type
"""

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    return np.ma.array(a)


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
