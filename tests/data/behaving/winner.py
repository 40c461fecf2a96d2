"""1 for the largest of each row."""

import netrunner
from netrunner import Activation


def h(a):
    return a == a.max(axis=-1, keepdims=True)


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h, elementwise=False)]
