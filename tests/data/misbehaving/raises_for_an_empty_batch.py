"""It needs at least one row.

breaks: empty batch
"""

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    return np.stack([np.tanh(row) for row in a])


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
