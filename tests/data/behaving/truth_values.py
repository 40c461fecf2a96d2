"""A step of truth values."""

import netrunner
from netrunner import Activation


def h(a):
    return a > 0


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
