"""Both sides of np.where are computed, and the unused one overflows. numpy warns of it.

breaks: no warning
"""

import numpy as np

import netrunner
from netrunner import Activation


def h(a, alpha=1.0):
    return np.where(a > 0, a, alpha * (np.exp(a) - 1))


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h, range=(-1, None), monotonic="increasing")]
