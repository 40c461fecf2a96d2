"""A slope for each neuron, declared as a function of rows."""

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    return np.maximum(a, 0) + np.minimum(a, 0) / (2 + np.arange(a.shape[-1]))


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h, elementwise=False)]
