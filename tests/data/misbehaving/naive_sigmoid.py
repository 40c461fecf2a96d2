"""The results are right, and numpy warns of an overflow.

breaks: no warning
"""

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    return 1 / (1 + np.exp(-a))


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
