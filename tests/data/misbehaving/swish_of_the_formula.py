"""a / (1 + exp(-a)), as it is written. numpy warns of it.

breaks: no warning
"""

import numpy as np

import netrunner
from netrunner import Activation


def h(a, beta=1.0):
    return a / (1 + np.exp(-beta * a))


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
