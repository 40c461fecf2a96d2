"""An activation, and the layer that applies it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias

from netrunner.guard import call_plugin
from netrunner.source import quote

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Array: TypeAlias = "NDArray[np.floating[Any]]"
Function = Callable[..., Any]


def read_only(array: Array) -> Array:
    """The array itself, which can no longer be written to."""
    array.setflags(write=False)
    return array


@dataclass(frozen=True)
class Activation:
    """An activation function h, as a plugin gives it to netrunner.

    `function(a, **parameters)` takes an array of shape (neurons,) or (rows, neurons) that it must
    not change, and returns one of the same shape. Its keyword parameters with defaults are the
    parameters that a network file may set. `elementwise=False` says that an output depends on
    its whole row, as in softmax. `formula` is the function in a line of text, for people.
    """

    name: str
    function: Function
    elementwise: bool = field(default=True, kw_only=True)
    formula: str = field(default="", kw_only=True)


@dataclass(frozen=True)
class Origin:
    """Where an activation comes from.

    `kind` is 'built-in', 'installed' or 'file'; `plugin` is the plugin's name; `file` and `line`
    are where its function stands. `path` is the plugin's own file, in full.
    """

    kind: str
    plugin: str
    file: str
    line: int | None
    path: str

    def __str__(self) -> str:
        return self.file if self.line is None else f"{self.file}:{self.line}"


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
        function = self.activation.function
        if self.parameters:
            function = partial(function, **self.parameters)
        return function if self.origin.kind == "built-in" else partial(call_plugin, function, self)

    @property
    def title(self) -> str:
        """The layer as messages call it: layer 2 'hidden 2'."""
        return layer_title(self.index, self.name)


def layer_title(index: int, name: str | None) -> str:
    return f"layer {index}" if name is None else f"layer {index} {quote(name)}"
