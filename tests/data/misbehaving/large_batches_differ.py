"""It has a quicker and coarser way for many rows.

breaks: row independence
"""

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    return np.round(a, 1) if len(a) > 100 else a * 1.0


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
