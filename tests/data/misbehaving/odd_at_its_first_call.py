"""The first call of a process gets another answer than all later ones.

breaks: repeatable
"""

import netrunner
from netrunner import Activation

calls = 0


def h(a):
    global calls
    calls += 1
    return a * 2 if calls == 1 else a * 1


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
