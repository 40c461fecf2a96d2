"""Whether what is about to be exported under an activation's name has the activation's numbers.

A name proves nothing: a plugin may call anything `elu`. So the two are compared, number by number,
before a file is written.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from netrunner.activations.activation import Array
from netrunner.network.layer import Layer
from netrunner.problems.problem import Fault
from netrunner.problems.source import quote

# Relative, and absolute below 1. ONNX keeps parameters as float32 in a float32 network.
TOLERANCE = {"float64": 1e-11, "float32": 1e-6}


def verify(layer: Layer, counterpart: Callable[[Array], Array], what: str) -> None:
    """Raises Fault where `counterpart`, called `what`, is not the layer's activation.

    Raises NetrunnerError where the activation is a plugin's and misbehaves.
    Both are given float64, in which a difference in meaning is told from one in rounding.
    """
    a = _samples(layer.size)
    name = f"{layer.title}: activation {quote(layer.activation.name)}"
    with np.errstate(all="ignore"):
        expected = np.asarray(layer.h(a.copy()), dtype=np.float64)
        try:
            found = counterpart(a)
        except TypeError:
            message = f"{name} has parameters that {what} has not"
            raise Fault("not-exportable", message) from None
        allowed = TOLERANCE[layer.weights.dtype.name] * np.maximum(np.abs(expected), 1)
        wrong = ~((found == expected) | (np.abs(found - expected) <= allowed))
    if wrong.any():
        at = tuple(np.argwhere(wrong)[0].tolist())
        raise Fault(
            "not-exportable",
            f"{name} of plugin {quote(layer.origin.plugin)} is not {what}:"
            f" for {a[at]} it gives {expected[at]}, and {what} gives {found[at]}",
        )


def _samples(size: int) -> Array:
    """Rows of `size` numbers, from the corners and from all over -80 to 80, well mixed."""
    corners = [0.0, -0.0, -1, 1, -2.5, 2.5, -3, 3, -1e-3, 1e-3, -1e-8, 1e-8]
    values = np.concatenate([corners, np.linspace(-8, 8, 1601), np.linspace(-80, 80, 1601)])
    mixed = values[np.arange(len(values)) * 1009 % len(values)]
    rows = max(8, -(-len(mixed) // size))
    return np.resize(mixed, (rows, size))
