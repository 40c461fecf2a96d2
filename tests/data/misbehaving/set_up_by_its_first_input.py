"""It takes its scale from the first batch that it ever sees.

breaks: repeatable
"""

import numpy as np

import netrunner
from netrunner import Activation

scale = []


def h(a):
    if not scale:
        scale.append(np.abs(a).max())
    return a / scale[0]


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
