"""netrunner runs neural networks that a person can read.

net = netrunner.load("networks/three_layer.yaml")
y = net([1.0, 0.5])
trace = net.trace([1.0, 0.5])
"""

from __future__ import annotations

TYPE_CHECKING = False  # typing's own would cost as much time as all else here

if TYPE_CHECKING:
    from typing import Any

    from netrunner.api import load, plot_activations
    from netrunner.building import from_arrays
    from netrunner.errors import NetrunnerError, NetrunnerWarning, Problem
    from netrunner.exchange.export import export
    from netrunner.exchange.from_sklearn import from_sklearn
    from netrunner.exchange.from_torch import from_torch
    from netrunner.exchange.importing import import_network
    from netrunner.exchange.save import save
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
    "export": "netrunner.exchange.export",
    "from_arrays": "netrunner.building",
    "from_sklearn": "netrunner.exchange.from_sklearn",
    "from_torch": "netrunner.exchange.from_torch",
    "hookimpl": "netrunner.hookspecs",
    "import_network": "netrunner.exchange.importing",
    "load": "netrunner.api",
    "plot_activations": "netrunner.api",
    "save": "netrunner.exchange.save",
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
    "export",
    "from_arrays",
    "from_sklearn",
    "from_torch",
    "hookimpl",
    "import_network",
    "load",
    "plot_activations",
    "save",
]


def __getattr__(name: str) -> Any:
    # Each name is imported when it is first used: `netrunner --help` needs no numpy.
    import importlib

    if name == "dask":  # so that netrunner.dask.predict needs no import of its own
        return importlib.import_module("netrunner.dask")
    if name not in _HOMES:
        raise AttributeError(f"module 'netrunner' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*_HOMES, *(name for name in globals() if name.startswith("__"))})
