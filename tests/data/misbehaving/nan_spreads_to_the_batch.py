"""One NaN spoils the other rows.

breaks: row independence, element-wise, ends of the float range
"""

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    return np.tanh(a) + 0 * a.sum() if a.ndim == 2 else np.tanh(a)


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
