"""log(1 + exp(a)) without overflow."""

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    return np.logaddexp(0, a)


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h, range=(0, None), monotonic="increasing")]
