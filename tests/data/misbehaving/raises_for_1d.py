"""It wants a batch.

breaks: ?
"""

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    rows, neurons = a.shape
    return np.tanh(a)


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
