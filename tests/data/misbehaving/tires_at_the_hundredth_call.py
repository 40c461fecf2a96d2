"""It answers otherwise after a hundred calls.

breaks: repeatable
"""

import netrunner
from netrunner import Activation

calls = []


def h(a):
    calls.append(1)
    return a * 1.0 if len(calls) < 150 else a * 2.0


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
