"""Layer: weights, biases, and the activation that is applied to them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, cached_property
from types import MappingProxyType
from typing import Any

from netrunner.activations.activation import Activation, Array, Origin, read_only
from netrunner.activations.guard import Guarded
from netrunner.activations.plugins import built_in_activations, load_registry
from netrunner.activations.registry import Registry
from netrunner.problems.problem import NetrunnerError, Problem
from netrunner.problems.source import Place
from netrunner.problems.words import quote
from netrunner.process.dataclass import dataclass


class Labels:
    """The names of a layer, wherever it is shown."""

    index: int
    name: str | None
    parameters: Mapping[str, Any]

    @property
    def title(self) -> str:
        """layer 2 'hidden 2'"""
        return layer_title(self.index, self.name)

    @property
    def activation_name(self) -> str:
        raise NotImplementedError

    @property
    def activation_text(self) -> str:
        """The activation with the parameters that the network sets: leaky_relu(alpha=0.01)."""
        parameters = ", ".join(f"{key}={value}" for key, value in self.parameters.items())
        return self.activation_name + (f"({parameters})" if parameters else "")

    @property
    def heading(self) -> str:
        """layer 2 'hidden 2', leaky_relu(alpha=0.01)"""
        return f"{self.title}, {self.activation_text}"


@dataclass(frozen=True, eq=False)
class Layer(Labels):
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
    parameters: Mapping[str, Any] = MappingProxyType({})

    def __repr__(self) -> str:
        inputs, size = self.weights.shape
        return f"<Layer {self.index}: {inputs} → {size} {self.activation.name}>"

    def __reduce__(self) -> tuple[Any, ...]:
        """A pickle has the activation's name, or the path of its plugin file."""
        values = (self.index, self.name, self.weights, self.biases)
        more = {key: getattr(self, key) for key in more_keys()}
        return _restored, (*values, self.activation.name, self.origin, dict(self.parameters), more)

    @property
    def size(self) -> int:
        """How many neurons the layer has."""
        return int(self.weights.shape[1])

    @cached_property
    def h(self) -> Guarded:
        """The activation function with the layer's parameters, after the trial of a plugin's.

        Raises NetrunnerError if it gives a row, or a neuron, another result than it would alone.
        """
        h = Guarded(self.activation, self.origin, self.parameters, f"{self.title}: ")
        if self.origin.kind != "built-in":
            from netrunner.activations.trial import try_once

            try_once(h, self.size, self.weights.dtype, tuple(self.parameters.items()))
        return h

    @property
    def activation_name(self) -> str:
        return self.activation.name

    @property
    def shapes(self) -> str:
        """The shapes that meet in the product, for one row: (2,)·(2, 3) + (3,) → (3,)."""
        inputs, size = self.weights.shape
        return shapes_text((inputs,), (size,))


@cache
def more_keys() -> list[str]:
    """A layer's attributes with defaults: the keys of a network file that a run does not need."""
    named = Layer.__annotations__.keys() - {"parameters"}  # which belong to the activation
    return [name for name in named if hasattr(Layer, name)]


def layer_title(index: int, name: str | None) -> str:
    return f"layer {index}" if name is None else f"layer {index} {quote(name)}"


def shapes_text(X: tuple[int, ...], A: tuple[int, ...]) -> str:
    """The shapes in A = X·W + B, for an X and an A of these shapes."""
    inputs, size = X[-1], A[-1]
    return f"{X}·({inputs}, {size}) + ({size},) → {A}"


def _restored(
    index: int,
    name: str | None,
    weights: Array,
    biases: Array,
    activation: str,
    origin: Origin,
    parameters: dict[str, Any],
    more: dict[str, Any],
) -> Layer:
    """A layer from a pickle. Raises NetrunnerError if its activation is not here."""
    if origin.kind == "built-in":  # other plugins do not matter, even if they fail
        registry = Registry(built_in_activations())
    else:
        registry = load_registry([origin.path] if origin.kind == "file" else [])
    if activation not in registry:
        message = f"activation {quote(activation)} of plugin {quote(origin.plugin)} is not here"
        raise NetrunnerError(Problem("unknown-activation", Place(origin.file), message))
    found = registry[activation]
    values = (index, name, read_only(weights), read_only(biases))
    return Layer(*values, found.activation, found.origin, MappingProxyType(parameters), **more)
