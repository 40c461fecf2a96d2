"""It returns a column for each row.

breaks: shape
"""

import netrunner
from netrunner import Activation


def h(a):
    return a[..., None] * 1.0


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
