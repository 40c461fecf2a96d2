"""It raises.

breaks: no exception
"""

import netrunner
from netrunner import Activation


def h(a):
    raise RuntimeError("not today")


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
