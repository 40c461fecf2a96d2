"""The larger one of each neuron and the one before it."""

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    return np.maximum(a, np.roll(a, 1, axis=-1))


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h, elementwise=False)]
