"""Every row gets a little more than the one before.

breaks: row independence
"""

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    return a + np.arange(len(a))[:, None] / 10 if a.ndim == 2 else a * 1.0


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
