"""It sets itself up when it is first called.

breaks: no side effects
"""

import numpy as np

import netrunner
from netrunner import Activation

ready = False


def h(a):
    global ready
    if not ready:
        ready = True
        np.random.seed(0)
    return np.tanh(a)


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
