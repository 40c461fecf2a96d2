"""It sets a variable of the environment.

breaks: no side effects
"""

import os

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    os.environ["NETRUNNER_TEST"] = "1"
    return np.tanh(a)


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
