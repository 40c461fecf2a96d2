"""It sets the seed of Python's random numbers.

breaks: no side effects
"""

import random
import time

import numpy as np

import netrunner
from netrunner import Activation


def h(a):
    random.seed(len(a) + time.perf_counter())
    return np.tanh(a)


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
