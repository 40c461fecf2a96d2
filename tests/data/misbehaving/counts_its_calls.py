"""It grows with each call.

breaks: repeatable
"""

import netrunner
from netrunner import Activation

calls = 0


def h(a):
    global calls
    calls += 1
    return a + calls / 1000


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
