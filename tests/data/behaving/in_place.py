"""It writes in place, as numpy's own functions do."""

import numpy as np

import netrunner
from netrunner import Activation


def h(a, out=None):
    return np.arctan(a, out=out)


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h, range=(-1.6, 1.6), finite=True, in_place=True, thread_safe=True)]
