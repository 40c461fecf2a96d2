"""What happened in a run, layer by layer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from netrunner.layer import Array


@dataclass(frozen=True, eq=False)
class LayerTrace:
    """One layer of a run: A = X·W + B and Z = h(A), each (neurons,) or (rows, neurons)."""

    index: int
    name: str | None
    activation: str
    parameters: Mapping[str, Any]
    A: Array
    Z: Array


@dataclass(frozen=True, eq=False)
class Trace:
    """A run: the input, every layer's A and Z, and the output; the arrays are read-only.

    `network` is the network's name. A single input gives one-dimensional arrays, a batch
    two-dimensional ones with one row for each of its rows.
    """

    network: str
    input_names: tuple[str, ...] | None
    output_names: tuple[str, ...] | None
    input: Array
    layers: tuple[LayerTrace, ...]

    @property
    def output(self) -> Array:
        """Y: the last layer's Z."""
        return self.layers[-1].Z
