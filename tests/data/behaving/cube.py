"""It overflows where its answer does, on both sides."""

import netrunner
from netrunner import Activation


def h(a):
    return a**3


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h, monotonic="increasing")]
