"""It raises what Ctrl-C raises, in the same line as its if.

breaks: no exception
"""

import netrunner
from netrunner import Activation


def h(a):
    if a.ndim: raise KeyboardInterrupt  # fmt: skip  # noqa: E701
    return a


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
