"""It loses an axis of one.

breaks: shape
"""

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    return np.squeeze(np.tanh(a))


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
