"""Its table is only for float64.

breaks: float32 and float64
"""

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    return np.tanh(a) if a.dtype == np.float64 else np.zeros_like(a)


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
