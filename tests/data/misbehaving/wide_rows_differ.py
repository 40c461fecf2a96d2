"""It has another way for wide layers, which is another function.

breaks: element-wise
"""

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    return np.arctan(a) if a.shape[-1] >= 64 else np.tanh(a)


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
