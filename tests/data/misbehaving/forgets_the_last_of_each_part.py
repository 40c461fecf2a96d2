"""It takes a large batch in parts, and forgets the last row of each.

breaks: row independence
"""

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    z = np.zeros_like(a)
    for start in range(0, len(a), 1000):
        z[start : start + 999] = np.tanh(a[start : start + 999])
    z[-1:] = np.tanh(a[-1:])
    return z if a.ndim == 2 else np.tanh(a)


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
