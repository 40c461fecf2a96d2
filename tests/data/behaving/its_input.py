"""It returns its input itself."""

import netrunner
from netrunner import Activation


def h(a):
    return a


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h, monotonic="increasing")]
