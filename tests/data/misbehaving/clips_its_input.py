"""It cuts large numbers off in place.

breaks: no mutation
"""

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    np.clip(a, -500, 500, out=a)
    return a * 1.0


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
