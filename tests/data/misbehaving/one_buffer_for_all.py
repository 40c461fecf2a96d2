"""It writes every result into the same memory.

breaks: repeatable
"""

import numpy as np

import netrunner
from netrunner import Activation

buffers = {}


def h(a):
    out = buffers.setdefault((a.shape, a.dtype), np.empty_like(a))
    return np.tanh(a, out=out)


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
