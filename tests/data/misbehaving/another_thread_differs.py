"""It has a setting of its own in each thread.

breaks: repeatable
"""

import threading

import netrunner
from netrunner import Activation

local = threading.local()
local.scale = 2.0


def h(a):
    return a * getattr(local, "scale", 1.0)


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
