"""It is an async function.

breaks: type
"""

import netrunner
from netrunner import Activation


async def h(a):
    return a


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
