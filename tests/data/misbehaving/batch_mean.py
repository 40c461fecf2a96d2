"""It subtracts the mean of all the numbers, as if a batch were one row.

breaks: row independence, element-wise, no warning
"""

import netrunner
from netrunner import Activation


def h(a):
    return a - a.mean()


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
