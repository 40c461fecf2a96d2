"""It hides NaN.

breaks: NaN in NaN out
"""

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    return np.nan_to_num(np.tanh(a))


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
