"""a · tanh(softplus(a)): tanh forgives the infinity. numpy warns of it.

breaks: no warning
"""

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    return a * np.tanh(np.log1p(np.exp(a)))


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
