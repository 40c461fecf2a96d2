"""It returns a single number.

breaks: type
"""

import netrunner
from netrunner import Activation


def h(a):
    return a.sum()


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
