"""It overflows where its answer does."""

import netrunner
from netrunner import Activation


def h(a):
    return a * a


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h, range=(0, None))]
