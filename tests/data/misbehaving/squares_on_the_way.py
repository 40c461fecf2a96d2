"""a² overflows where the answer is far from it.

breaks: ends of the float range
"""

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    with np.errstate(over="ignore"):
        return (a + np.sqrt(a * a + 4)) / 2


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
