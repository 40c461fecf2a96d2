"""It returns a list.

breaks: type
"""

import netrunner
from netrunner import Activation


def h(a):
    return a.tolist()


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
