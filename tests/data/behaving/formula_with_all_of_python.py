"""A worked formula of many parts, with digits enough for what is printed."""

import numpy as np

import netrunner
from netrunner import Activation


def h(a, low=-2.0, high=True):
    inside = np.sin(np.pi * np.maximum(a, low)) ** 2 + a / np.sqrt(2)
    return np.where((low <= a) & (a < 3) & high | (a == 5), inside, -np.abs(a))


@netrunner.hookimpl
def netrunner_activations():
    worked = (
        "sin(pi·max({a}, {low}))**2 + 0.7071067811865·{a}"
        " if {low} <= {a} < 3 and {high} or not {a} != 5 else -abs({a})"
    )
    return [Activation("h", h, worked=worked)]
