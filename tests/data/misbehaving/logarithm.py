"""It has no answer for a negative number.

breaks: ±1000
"""

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    return np.log(a)


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
