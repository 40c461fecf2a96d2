"""The same for each input, but for NaN."""

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    return np.where(np.isnan(a), a, 1.0)


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h, range=(1, 1), monotonic="decreasing")]
