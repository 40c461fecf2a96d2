"""Infinity is the answer from 710 on, and numpy says so."""

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    return np.exp(a)


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h, range=(0, None), monotonic="increasing")]
