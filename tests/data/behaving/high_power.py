"""It overflows early, where its answer does."""

import netrunner
from netrunner import Activation


def h(a):
    return a**200


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
