"""swish turns back below -1.28.

breaks: declared monotonicity
"""

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    return a * (1 + np.tanh(a / 2)) / 2


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h, monotonic="increasing")]
