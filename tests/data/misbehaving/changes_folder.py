"""It goes to another folder for good.

breaks: no side effects
"""

import os

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    os.chdir("/")
    return np.tanh(a)


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
