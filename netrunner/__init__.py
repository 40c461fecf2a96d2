"""netrunner runs neural networks that you can read.

net = netrunner.load("networks/three_layer.yaml")
y = net([1.0, 0.5])
trace = net.trace([1.0, 0.5])
"""

from __future__ import annotations

TYPE_CHECKING = False  # importing typing would take as long as everything else here

if TYPE_CHECKING:
    from typing import Any

    from netrunner.activations.activation import Activation
    from netrunner.activations.hookspecs import hookimpl
    from netrunner.exchange.compare import compare
    from netrunner.exchange.exporting import export
    from netrunner.exchange.from_sklearn import from_sklearn
    from netrunner.exchange.from_torch import from_torch
    from netrunner.exchange.importing import import_network
    from netrunner.exchange.trace_files import load_trace
    from netrunner.format.examples import example
    from netrunner.format.loading import load, loads
    from netrunner.format.save import save
    from netrunner.network.building import from_arrays
    from netrunner.network.layer import Layer
    from netrunner.network.network import Network
    from netrunner.network.trace import LayerTrace, Trace
    from netrunner.problems.problem import NetrunnerError, NetrunnerWarning, Problem
    from netrunner.views.pictures.curves import plot_activations

__version__ = "0.1.0"

_HOMES = {
    "Activation": "netrunner.network.layer",
    "Layer": "netrunner.network.layer",
    "LayerTrace": "netrunner.network.trace",
    "NetrunnerError": "netrunner.problems.problem",
    "NetrunnerWarning": "netrunner.problems.problem",
    "Network": "netrunner.network.network",
    "Problem": "netrunner.problems.problem",
    "Trace": "netrunner.network.trace",
    "compare": "netrunner.exchange.compare",
    "example": "netrunner.format.examples",
    "export": "netrunner.exchange.exporting",
    "from_arrays": "netrunner.network.building",
    "from_sklearn": "netrunner.exchange.from_sklearn",
    "from_torch": "netrunner.exchange.from_torch",
    "hookimpl": "netrunner.activations.hookspecs",
    "import_network": "netrunner.exchange.importing",
    "load": "netrunner.format.loading",
    "load_trace": "netrunner.exchange.trace_files",
    "loads": "netrunner.format.loading",
    "plot_activations": "netrunner.views.pictures.curves",
    "save": "netrunner.format.save",
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
    "compare",
    "example",
    "export",
    "from_arrays",
    "from_sklearn",
    "from_torch",
    "hookimpl",
    "import_network",
    "load",
    "load_trace",
    "loads",
    "plot_activations",
    "save",
]


def __getattr__(name: str) -> Any:
    # Each name is imported at its first use: `netrunner --help` needs no numpy.
    import importlib

    if name == "dask":  # so that netrunner.dask.predict needs no separate import
        return importlib.import_module("netrunner.dask")
    if name not in _HOMES:
        raise AttributeError(f"module 'netrunner' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*_HOMES, *(name for name in globals() if name.startswith("__"))})
