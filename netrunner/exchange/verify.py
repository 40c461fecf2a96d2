"""The counterpart of an activation, once its numbers have proved to be the same.

A name proves nothing: a plugin may call anything `elu`. So the two are compared, number by number,
before a file is written.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from netrunner.activations.activation import Array
from netrunner.exchange.counterparts import COUNTERPARTS, Counterpart
from netrunner.network.layer import Layer
from netrunner.problems.problem import Fault
from netrunner.problems.words import quote

# Relative, and absolute below 1. ONNX keeps parameters as float32 in a float32 network.
TOLERANCE = {"float64": 1e-11, "float32": 1e-6}


def counterpart_of(
    layer: Layer, where: str, evaluate: Callable[[Counterpart, Array], Array]
) -> Counterpart:
    """The counterpart of the layer's activation; `evaluate` computes it as `where` does.

    Both are given float64, in which a difference in meaning stands out from one in rounding. Raises
    Fault if there is none or the numbers differ, and NetrunnerError if the activation is a plugin's
    and misbehaves.
    """
    name = layer.activation.name
    whose = f"{layer.title}: activation {quote(name)} of plugin {quote(layer.origin.plugin)}"
    known = COUNTERPARTS.get(name)
    if known is None:
        raise Fault("not-exportable", f"{whose} has no counterpart in {where}")
    if layer.origin.kind == "built-in":
        return known
    if unknown := layer.parameters.keys() - known.defaults.keys():
        parameters = ", ".join(map(quote, sorted(unknown)))
        raise Fault("not-exportable", f"{whose}: {name} in {where} does not have {parameters}")
    a = _samples(layer.size)
    with np.errstate(all="ignore"):
        expected = np.asarray(layer.h(a.copy()), dtype=np.float64)
        found = evaluate(known, a)
        allowed = TOLERANCE[layer.weights.dtype.name] * np.maximum(np.abs(expected), 1)
        wrong = ~((found == expected) | (np.abs(found - expected) <= allowed))
    if wrong.any():
        at = tuple(np.argwhere(wrong)[0].tolist())
        raise Fault(
            "not-exportable",
            f"{whose} is not the {name} of {where}:"
            f" for {a[at]} it gives {expected[at]}, and {where} gives {found[at]}",
        )
    return known


def _samples(size: int) -> Array:
    """Rows of `size` numbers: special ones and others from -80 to 80, well mixed."""
    special = [0.0, -0.0, -1, 1, -2.5, 2.5, -3, 3, -1e-3, 1e-3, -1e-8, 1e-8]
    values = np.concatenate([special, np.linspace(-8, 8, 1601), np.linspace(-80, 80, 1601)])
    mixed = values[np.arange(len(values)) * 1009 % len(values)]
    rows = max(8, -(-len(mixed) // size))
    return np.resize(mixed, (rows, size))
