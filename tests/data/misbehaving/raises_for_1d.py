"""It wants a batch.

breaks: 1-D against batch
"""

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    rows, neurons = a.shape
    return np.tanh(a).reshape(rows, neurons)


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
