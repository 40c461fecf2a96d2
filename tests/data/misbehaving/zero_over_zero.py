"""a / |a| has no answer for 0.

breaks: ±1000
"""

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    with np.errstate(invalid="ignore"):
        return a / np.abs(a)


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
