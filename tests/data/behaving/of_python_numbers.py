"""It loops over Python's own numbers, slowly."""

import math

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    return np.array([math.atan(each) for each in a.flat], dtype=a.dtype).reshape(a.shape)


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h, range=(-1.5707964, 1.5707964), monotonic="increasing")]
