"""It returns texts.

breaks: type
"""

import netrunner
from netrunner import Activation


def h(a):
    return a.astype(str)


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
