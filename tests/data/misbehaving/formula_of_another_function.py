"""Its function was changed, and its worked formula is still that of leaky_relu.

breaks: worked formula
"""

import numpy as np

import netrunner
from netrunner import Activation


def h(a, slope=0.1):
    return np.tanh(a) + slope * a


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h, worked="{a} if {a} > 0 else {slope}·{a}")]
