"""It divides by the number of rows.

breaks: row independence, 1-D against batch
"""

import netrunner
from netrunner import Activation


def h(a):
    rows = len(a)
    return a / rows


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
