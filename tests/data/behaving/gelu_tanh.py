"""gelu as its authors approximate it; a³ overflows at the ends, and the result is right."""

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    return 0.5 * a * (1 + np.tanh(np.sqrt(2 / np.pi) * (a + 0.044715 * a**3)))


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
