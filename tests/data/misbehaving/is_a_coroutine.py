"""It is an async function.

breaks: type
"""

import numpy as np

import netrunner
from netrunner import Activation

async def h(a):
    return a


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
