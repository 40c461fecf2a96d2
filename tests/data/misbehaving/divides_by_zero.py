"""It has a slip that Python finds only when it runs.

breaks: no exception
"""

import netrunner
from netrunner import Activation


def h(a):
    return a * (1 / 0)


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
