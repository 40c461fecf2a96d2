"""What happened in a run, layer by layer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from netrunner.activations.activation import Array, read_only
from netrunner.network.engine import NotFinite
from netrunner.network.layer import Layer
from netrunner.problems.words import count, quote

if TYPE_CHECKING:
    from matplotlib.axes import Axes


FORMAT = "netrunner-trace/1"  # what a trace in JSON calls itself


@dataclass(frozen=True, eq=False, init=False)
class LayerTrace:
    """One layer of a run: A = X·W + B and Z = h(A), each (neurons,) or (rows, neurons)."""

    layer: Layer
    A: Array
    Z: Array

    def __init__(self, layer: Layer, A: Array, Z: Array) -> None:
        # What dataclass would write takes twice as long, which shows in the trace of one row.
        self.__dict__.update(layer=layer, A=read_only(A), Z=read_only(Z))

    def __reduce__(self) -> tuple[Any, ...]:  # so that what is unpickled is read-only, too
        return LayerTrace, (self.layer, self.A, self.Z)

    def __repr__(self) -> str:
        return f"<LayerTrace {self.index}: {self.activation}, A and Z of shape {self.A.shape}>"

    @property
    def index(self) -> int:
        """The layer's number, from 1."""
        return self.layer.index

    @property
    def name(self) -> str | None:
        """The layer's name."""
        return self.layer.name

    @property
    def activation(self) -> str:
        """The name of the layer's activation."""
        return self.layer.activation.name

    @property
    def parameters(self) -> Mapping[str, Any]:
        """The parameters of the activation that the network sets."""
        return self.layer.parameters


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
    not_finite: NotFinite | None = None

    def __post_init__(self) -> None:
        read_only(self.input)

    def __repr__(self) -> str:
        rows = "a single input" if self.input.ndim == 1 else count(len(self.input), "row")
        return f"<Trace of {quote(self.network)}: {rows}, {len(self.layers)} layers>"

    def _repr_html_(self) -> str:
        """What a notebook shows: X, and the A and Z of each layer, as tables."""
        from netrunner.views.render.html import trace_html

        return trace_html(self)

    def __reduce__(self) -> tuple[Any, ...]:
        ends = (self.input_names, self.output_names)
        return Trace, (self.network, *ends, self.input, self.layers, self.not_finite)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw each layer's activation with the A of this run on its curve.

        The panels are inset axes of `ax`, or of axes of a new figure.
        """
        from netrunner.views.pictures.dots import plot_trace
        from netrunner.views.pictures.saving import known_to_pyplot

        with known_to_pyplot():
            return plot_trace(self, ax)

    @property
    def output(self) -> Array:
        """Y: the last layer's Z."""
        return self.layers[-1].Z
