"""softmax as the formula has it: NaN where exp overflows.

breaks: ±1000, ends of the float range, no warning
"""

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    e = np.exp(a)
    return e / e.sum(axis=-1, keepdims=True)


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h, elementwise=False)]
