"""It goes to another folder when it is asked what it adds.

breaks: no side effects
"""

import os

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    return np.tanh(a)


@netrunner.hookimpl
def netrunner_activations():
    os.chdir("/")
    return [Activation("h", h)]
