"""a² overflows at 1e154: so far out, infinity is near enough."""

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    with np.errstate(over="ignore"):
        return (a + np.sqrt(a * a + 4)) / 2


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
