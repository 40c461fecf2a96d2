"""numpy's vectorize."""

import math

import numpy as np

import netrunner
from netrunner import Activation

h = np.vectorize(math.atan, otypes=[np.float64])


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
