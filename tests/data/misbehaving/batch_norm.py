"""It normalises by the statistics of the batch.

breaks: row independence, 1-D against batch, empty batch, no warning
"""

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    return (a / 1e3 - (a / 1e3).mean(axis=0)) / (1 + np.abs(a / 1e3).max(axis=0))


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
