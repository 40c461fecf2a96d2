"""It subtracts the mean of all it has seen.

breaks: repeatable
"""

import numpy as np

import netrunner
from netrunner import Activation

seen = []


def h(a):
    if np.isfinite(a).all() and a.size and np.abs(a).max() < 100:
        seen.append(a.mean())
    return a - np.mean(seen) if seen else a * 1.0


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
