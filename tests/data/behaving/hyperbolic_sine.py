"""It overflows on both sides."""

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    return np.sinh(a)


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h, monotonic="increasing")]
