"""It returns complex numbers.

breaks: type
"""

import netrunner
from netrunner import Activation


def h(a):
    return a * 1j


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
