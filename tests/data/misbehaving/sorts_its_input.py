"""It sorts its input in place.

breaks: no mutation, element-wise, NaN in NaN out
"""

import netrunner
from netrunner import Activation


def h(a):
    a.sort(axis=-1)
    return a


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
