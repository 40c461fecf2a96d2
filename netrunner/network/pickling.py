"""Layers in pickles: an activation travels by its name, or by the path of the file it is from."""

from __future__ import annotations

import copyreg
from types import MappingProxyType
from typing import Any

from netrunner.activations.activation import Origin, read_only
from netrunner.activations.plugins import Registry, built_in_activations, load_registry
from netrunner.network.layer import Layer
from netrunner.problems.problem import NetrunnerError, Problem
from netrunner.problems.source import Place
from netrunner.problems.words import quote


def _restore_layer(
    index: int,
    name: str | None,
    weights: Any,
    biases: Any,
    activation: str,
    origin: Origin,
    parameters: dict[str, Any],
) -> Layer:
    if origin.kind == "built-in":  # whatever plugins there are, or fail
        registry = Registry(built_in_activations())
    else:
        registry = load_registry([origin.path] if origin.kind == "file" else [])
    if activation not in registry:
        message = f"activation {quote(activation)} of plugin {quote(origin.plugin)} is not here"
        raise NetrunnerError(Problem("unknown-activation", Place(origin.file), message))
    return Layer(
        index,
        name,
        read_only(weights),
        read_only(biases),
        registry[activation].activation,
        registry[activation].origin,
        MappingProxyType(parameters),
    )


def _reduce_layer(layer: Layer) -> tuple[Any, ...]:
    return _restore_layer, (
        layer.index,
        layer.name,
        layer.weights,
        layer.biases,
        layer.activation.name,
        layer.origin,
        dict(layer.parameters),
    )


copyreg.pickle(Layer, _reduce_layer)
