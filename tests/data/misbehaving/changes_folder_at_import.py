"""It goes to another folder when it is imported.

breaks: no side effects
"""

import os

import numpy as np

import netrunner
from netrunner import Activation

os.chdir("/")


def h(a):
    return np.tanh(a)


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
