"""Layer: weights, biases, and the activation that is applied to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any

from netrunner.activations.activation import Activation, Array, Function, Origin, culprit, guarded
from netrunner.activations.guard import plugin_problem
from netrunner.problems.problem import NetrunnerError
from netrunner.problems.words import quote


@dataclass(frozen=True, eq=False)
class Layer:
    """A dense layer: A = X·W + B, then Z = h(A).

    `index` counts from 1. `weights` has shape (inputs, size), `biases` (size,); both are
    read-only and of the network's dtype.
    """

    index: int
    name: str | None
    weights: Array
    biases: Array
    activation: Activation
    origin: Origin
    parameters: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    def __repr__(self) -> str:
        inputs, size = self.weights.shape
        return f"<Layer {self.index}: {inputs} → {size} {self.activation.name}>"

    @property
    def size(self) -> int:
        """How many neurons the layer has."""
        return int(self.weights.shape[1])

    @cached_property
    def h(self) -> Function:
        """The activation function with the layer's parameters put in, guarded where a plugin's."""
        return guarded(self.activation, self.origin, self.parameters, f"{self.title}: ")

    @property
    def title(self) -> str:
        """The layer as messages call it: layer 2 'hidden 2'."""
        return layer_title(self.index, self.name)


def plugin_error(layer: Layer, did: str) -> NetrunnerError:
    """The error that a layer's activation, a plugin's, did something."""
    whose = culprit(layer.activation, layer.origin, f"{layer.title}: ")
    return NetrunnerError(plugin_problem(whose, layer.origin, "plugin-result", did))


def layer_title(index: int, name: str | None) -> str:
    return f"layer {index}" if name is None else f"layer {index} {quote(name)}"
