"""It returns objects.

breaks: type
"""

import netrunner
from netrunner import Activation


def h(a):
    return a.astype(object)


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
