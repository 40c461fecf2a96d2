"""Layer: weights, biases, and the activation that is applied to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any

from netrunner.activations.activation import Activation, Array, Function, Origin, guarded
from netrunner.problems.words import quote


class Labels:
    """What a layer is called, wherever it is shown."""

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
    def activation_name(self) -> str:
        return self.activation.name

    @property
    def shapes(self) -> str:
        """The shapes that meet in the product, for one row: (2,)·(2, 3) + (3,) → (3,)."""
        inputs, size = self.weights.shape
        return shapes_text((inputs,), (size,))


def layer_title(index: int, name: str | None) -> str:
    return f"layer {index}" if name is None else f"layer {index} {quote(name)}"


def shapes_text(X: tuple[int, ...], A: tuple[int, ...]) -> str:
    """The shapes in A = X·W + B, for an X and an A of these shapes."""
    inputs, size = X[-1], A[-1]
    return f"{X}·({inputs}, {size}) + ({size},) → {A}"
