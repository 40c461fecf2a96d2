"""Activations as plugin authors write them, which declare nothing that they need not."""

import numpy as np

import netrunner
from netrunner import Activation


def tanh(a):
    return np.tanh(a)


def leaky(a):
    return np.where(a > 0, a, 0.01 * a)


def centred(a):
    return a - a.mean(axis=-1, keepdims=True)


@netrunner.hookimpl
def netrunner_activations():
    return [
        Activation("tanh", tanh),
        Activation("leaky", leaky),
        Activation("centred", centred, elementwise=False),
    ]
