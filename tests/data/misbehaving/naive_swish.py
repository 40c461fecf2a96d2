"""exp(a) / (1 + exp(a)) is inf / inf for a large a.

breaks: ±1000, ends of the float range
"""

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    return a * np.exp(a) / (1 + np.exp(a))


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
