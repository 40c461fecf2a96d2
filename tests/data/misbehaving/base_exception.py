"""It raises what few catch.

breaks: no exception
"""

import netrunner
from netrunner import Activation


class Enough(BaseException):
    pass


def h(a):
    raise Enough


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
