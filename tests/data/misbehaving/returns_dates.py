"""It returns dates.

breaks: type
"""

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    return np.zeros(a.shape, "M8[s]")


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
