"""Its answer depends on the time.

breaks: ?
"""

import time

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    return a + time.perf_counter() % 1


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
