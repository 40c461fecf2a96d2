"""It makes every warning an error.

breaks: no side effects
"""

import warnings

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    warnings.simplefilter("error")
    return np.tanh(a)


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
