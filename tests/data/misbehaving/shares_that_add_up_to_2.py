"""Its shares add up to 2.

breaks: declared shares
"""

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    e = np.exp(a - a.max(axis=-1, keepdims=True))
    return 2 * e / e.sum(axis=-1, keepdims=True)


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h, elementwise=False, shares=True)]
