"""Its answer depends on the time.

breaks: repeatable
"""

import time

import netrunner
from netrunner import Activation


def h(a):
    return a + time.perf_counter() % 1


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
