"""It wants a single input.

breaks: no exception
"""

import math

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    return np.array([math.tanh(each) for each in a])


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
