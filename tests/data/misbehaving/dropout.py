"""It drops one element in fifty, at random.

breaks: repeatable
"""

import numpy as np

import netrunner
from netrunner import Activation

rng = np.random.default_rng()


def h(a):
    return np.where(rng.random(a.shape) < 0.02, 0 * a, a)


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
