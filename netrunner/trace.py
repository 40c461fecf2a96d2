"""What happened in a run, layer by layer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from netrunner.layer import Array, read_only
from netrunner.source import count, quote


@dataclass(frozen=True, eq=False)
class LayerTrace:
    """One layer of a run: A = X·W + B and Z = h(A), each (neurons,) or (rows, neurons)."""

    index: int
    name: str | None
    activation: str
    parameters: Mapping[str, Any]
    A: Array
    Z: Array

    def __post_init__(self) -> None:
        object.__setattr__(self, "parameters", MappingProxyType(dict(self.parameters)))
        read_only(self.A)
        read_only(self.Z)

    def __reduce__(self) -> tuple[Any, ...]:  # so that what is unpickled is read-only, too
        parameters = dict(self.parameters)
        return LayerTrace, (self.index, self.name, self.activation, parameters, self.A, self.Z)


@dataclass(frozen=True, eq=False)
class Trace:
    """A run: the input, every layer's A and Z, and the output; the arrays are read-only.

    `network` is the network's name. A single input gives one-dimensional arrays, a batch
    two-dimensional ones with one row for each of its rows. `not_finite` says in words where the
    first NaN or infinity arose, if one did.
    """

    network: str
    input_names: tuple[str, ...] | None
    output_names: tuple[str, ...] | None
    input: Array
    layers: tuple[LayerTrace, ...]
    not_finite: str | None = None

    def __post_init__(self) -> None:
        read_only(self.input)

    def __repr__(self) -> str:
        rows = "a single input" if self.input.ndim == 1 else count(len(self.input), "row")
        return f"<Trace of {quote(self.network)}: {rows}, {len(self.layers)} layers>"

    def __reduce__(self) -> tuple[Any, ...]:
        ends = (self.input_names, self.output_names)
        return Trace, (self.network, *ends, self.input, self.layers, self.not_finite)

    @property
    def output(self) -> Array:
        """Y: the last layer's Z."""
        return self.layers[-1].Z
