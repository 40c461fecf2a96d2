"""It returns a float.

breaks: type
"""

import netrunner
from netrunner import Activation


def h(a):
    return 1.0


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
