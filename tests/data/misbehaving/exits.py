"""It ends the program.

breaks: no exception
"""

import sys

import netrunner
from netrunner import Activation


def h(a):
    sys.exit(0)


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
