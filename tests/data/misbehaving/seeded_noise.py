"""The same noise in each call, but another for each place.

breaks: row independence, element-wise
"""

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    return a + np.random.default_rng(0).normal(0, 0.1, a.shape)


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
