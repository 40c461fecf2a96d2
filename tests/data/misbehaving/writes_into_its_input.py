"""It subtracts in place.

breaks: no mutation
"""

import netrunner
from netrunner import Activation


def h(a):
    a -= 1
    return a * 1.0


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
