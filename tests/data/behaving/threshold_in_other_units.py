"""A step at 6, which its function finds a bit lower: 6 · 0.1 is more than 0.6."""

import netrunner
from netrunner import Activation


def h(a):
    return a * 0.1 > 0.6


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h, worked="1 if {a} > 6 else 0", monotonic="increasing")]
