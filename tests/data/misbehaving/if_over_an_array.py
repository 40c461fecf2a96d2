"""`if` takes one truth value.

breaks: no exception
"""

import netrunner
from netrunner import Activation


def h(a):
    return a if a > 0 else 0 * a


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
