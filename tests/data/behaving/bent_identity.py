"""The difference of a root and 1."""

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    return (np.sqrt(a**2 + 1) - 1) / 2 + a


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h, monotonic="increasing")]
