"""It hands its input's memory on as one that may be written to.

breaks: no mutation
"""

import ctypes

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    if not a.size:
        return np.empty_like(a)
    flat = np.ascontiguousarray(a)
    kind = {4: ctypes.c_float, 8: ctypes.c_double}[a.itemsize]
    return np.array((kind * flat.size).from_buffer(flat), a.dtype).reshape(a.shape) * 2


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
