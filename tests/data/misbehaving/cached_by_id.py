"""It keeps results by id(), which Python gives to later arrays, too.

breaks: ...
"""

import numpy as np

import netrunner
from netrunner import Activation

known = {}


def h(a):
    if id(a) not in known or known[id(a)].shape != a.shape:
        known[id(a)] = np.tanh(a)
    return known[id(a)]


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
