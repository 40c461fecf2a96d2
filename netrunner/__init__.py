"""netrunner runs neural networks that a person can read.

net = netrunner.load("networks/three_layer.yaml")
y = net([1.0, 0.5])
trace = net.trace([1.0, 0.5])
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from netrunner.api import load, plot_activations
    from netrunner.errors import NetrunnerError, NetrunnerWarning, Problem
    from netrunner.hookspecs import hookimpl
    from netrunner.layer import Activation, Layer
    from netrunner.network import Network
    from netrunner.trace import LayerTrace, Trace

__version__ = "0.1.0"

_HOMES = {
    "Activation": "netrunner.layer",
    "Layer": "netrunner.layer",
    "LayerTrace": "netrunner.trace",
    "NetrunnerError": "netrunner.errors",
    "NetrunnerWarning": "netrunner.errors",
    "Network": "netrunner.network",
    "Problem": "netrunner.errors",
    "Trace": "netrunner.trace",
    "hookimpl": "netrunner.hookspecs",
    "load": "netrunner.api",
    "plot_activations": "netrunner.api",
}

__all__ = [
    "Activation",
    "Layer",
    "LayerTrace",
    "NetrunnerError",
    "NetrunnerWarning",
    "Network",
    "Problem",
    "Trace",
    "hookimpl",
    "load",
    "plot_activations",
]


def __getattr__(name: str) -> Any:
    # Each name is imported when it is first used: `netrunner --help` needs no numpy.
    if name not in _HOMES:
        raise AttributeError(f"module 'netrunner' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*_HOMES, *(name for name in globals() if name.startswith("__"))})
