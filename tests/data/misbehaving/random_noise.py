"""It adds noise.

breaks: repeatable, no side effects
"""

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    return a + np.random.normal(0, 0.1, a.shape)


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
