"""a itself where a is large."""

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    return np.where(a > 30, a, np.log1p(np.exp(np.minimum(a, 30))))


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h, range=(0, None), monotonic="increasing")]
