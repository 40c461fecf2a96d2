"""It writes in place before it has read all of its input.

breaks: declared in place
"""

import numpy as np

import netrunner
from netrunner import Activation


def h(a, out=None):
    out = np.empty_like(a) if out is None else out
    out[...] = np.maximum(a, 0)
    out += np.tanh(a)
    return out


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h, in_place=True)]
