"""Its worked formula is for a reader, and not in Python's syntax: it is not judged."""

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    return np.floor(a) % 2


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h, worked="⌊{a}⌋ mod 2", range=(0, 2))]
