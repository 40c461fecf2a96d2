"""What happened in a run, layer by layer."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from netrunner.activations.activation import Array, read_only
from netrunner.network.engine import NotFinite, first_not_finite
from netrunner.network.layer import Labels, Layer, shapes_text
from netrunner.problems.problem import NetrunnerError, Problem
from netrunner.problems.source import Place
from netrunner.problems.words import count, quote
from netrunner.process.dataclass import dataclass

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from netrunner.lesson.explain import Explanation
    from netrunner.lesson.why import Why


FORMAT = "netrunner-trace/1"  # identifies a trace in JSON


@dataclass(frozen=True, eq=False)
class SavedLayer(Labels):
    """A layer of a saved trace: its names, without its weights."""

    index: int
    name: str | None
    activation: str
    parameters: Mapping[str, Any]

    @property
    def activation_name(self) -> str:
        return self.activation


@dataclass(frozen=True, eq=False)
class LayerTrace:
    """One layer of a run: A = X·W + B and Z = h(A).

    X has shape (inputs,) or (rows, inputs), A and Z (neurons,) or (rows, neurons).
    """

    labels: Layer | SavedLayer
    X: Array
    A: Array
    Z: Array

    def __post_init__(self) -> None:
        for name in ("X", "A", "Z"):
            object.__setattr__(self, name, read_only(getattr(self, name)))

    def __reduce__(self) -> tuple[Any, ...]:  # so that what is unpickled is read-only, too
        return LayerTrace, (self.labels, self.X, self.A, self.Z)

    def __repr__(self) -> str:
        return f"<LayerTrace {self.index}: {self.activation}, A and Z of shape {self.A.shape}>"

    @property
    def layer(self) -> Layer:
        """The layer that ran. Raises NetrunnerError for a trace that was loaded from a file."""
        if isinstance(self.labels, SavedLayer):
            message = "a saved trace has no weights: load the network and run it"
            raise NetrunnerError(Problem("wrong-format", Place("trace"), message))
        return self.labels

    @property
    def index(self) -> int:
        """The layer's number, from 1."""
        return self.labels.index

    @property
    def name(self) -> str | None:
        """The layer's name."""
        return self.labels.name

    @property
    def activation(self) -> str:
        """The name of the layer's activation."""
        return self.labels.activation_name

    @property
    def parameters(self) -> Mapping[str, Any]:
        """The parameters of the activation that the network sets."""
        return self.labels.parameters

    @property
    def title(self) -> str:
        """layer 2 'hidden 2'"""
        return self.labels.title

    @property
    def activation_text(self) -> str:
        """The activation with its parameters: leaky_relu(alpha=0.01)."""
        return self.labels.activation_text

    @property
    def heading(self) -> str:
        """layer 2 'hidden 2', leaky_relu(alpha=0.01)"""
        return self.labels.heading

    @property
    def shapes(self) -> str:
        """The shapes that meet in the product: (2,)·(2, 3) + (3,) → (3,)."""
        return shapes_text(self.X.shape, self.A.shape)

    @property
    def size(self) -> int:
        """How many neurons the layer has."""
        return int(self.A.shape[-1])

    @property
    def makes_shares(self) -> bool:
        """Whether Z is shares of 1, as from softmax; unknown in a saved trace, and False there."""
        return isinstance(self.labels, Layer) and self.labels.activation.shares


def arrays_by_symbol(trace: Trace) -> dict[str, Array]:
    """The arrays of a run: X, A1, Z1, …, Y."""
    arrays = {"X": trace.input}
    for step in trace.layers:
        arrays |= {f"A{step.index}": step.A, f"Z{step.index}": step.Z}
    return arrays | {"Y": trace.output}


class Subject(NamedTuple):
    """What was run: the network's name, the names of its inputs and outputs, and its layers."""

    network: str
    input_names: tuple[str, ...] | None
    output_names: tuple[str, ...] | None
    layers: Sequence[Layer | SavedLayer]


class Trace:
    """A run: the input, every layer's A and Z, and the output. The arrays are read-only.

    A single input gives one-dimensional arrays. A batch gives two-dimensional ones, with a row for
    each row of the batch.
    """

    __slots__ = ("__weakref__", "_arrays", "_input", "_layers", "_not_finite", "_subject")

    def __init__(
        self,
        subject: Subject,
        input: Array,
        arrays: Sequence[tuple[Array, Array]],
        not_finite: NotFinite | None = None,
    ) -> None:
        """`arrays` holds A and Z of each layer, in order; all are made read-only."""
        input.setflags(write=False)
        for A, Z in arrays:
            A.setflags(write=False)
            Z.setflags(write=False)
        self._subject, self._input, self._arrays = subject, input, arrays
        self._not_finite = not_finite
        self._layers: tuple[LayerTrace, ...] | None = None  # made on first use

    @property
    def network(self) -> str:
        """The network's name."""
        return self._subject.network

    @property
    def input_names(self) -> tuple[str, ...] | None:
        """The names of the input neurons, if they have any."""
        return self._subject.input_names

    @property
    def output_names(self) -> tuple[str, ...] | None:
        """The names of the output neurons, if they have any."""
        return self._subject.output_names

    @property
    def input(self) -> Array:
        """X of the first layer: (inputs,) or (rows, inputs)."""
        return read_only(self._input)

    @property
    def layers(self) -> tuple[LayerTrace, ...]:
        """What happened in each layer."""
        if self._layers is None:
            X, layers = self.input, []
            for labels, (A, Z) in zip(self._subject.layers, self._arrays, strict=True):
                layers.append(LayerTrace(labels, X, A, Z))
                X = layers[-1].Z
            self._layers = tuple(layers)
        return self._layers

    @property
    def output(self) -> Array:
        """Y: the last layer's Z."""
        return read_only(self._arrays[-1][1])

    @property
    def not_finite(self) -> NotFinite | None:
        """A description of where the first NaN or infinity arose, if one did."""
        return self._not_finite

    def __repr__(self) -> str:
        rows = "a single input" if self.input.ndim == 1 else count(len(self.input), "row")
        return f"<Trace of {quote(self.network)}: {rows}, {len(self.layers)} layers>"

    def _repr_html_(self) -> str:
        """What a notebook shows: X, and the A and Z of each layer, as tables."""
        from netrunner.views.render.html import trace_html

        return trace_html(self)

    def __reduce__(self) -> tuple[Any, ...]:
        return Trace, (self._subject, self._input, self._arrays, self._not_finite)

    @property
    def rows(self) -> int | None:
        """How many rows the input has; None for a single input."""
        return None if self.input.ndim == 1 else len(self.input)

    def row(self, number: int) -> Trace:
        """The trace of one row, counted from 1, as if that row had been run alone.

        Raises NetrunnerError if the row does not exist.
        """
        rows = self.rows
        if not 1 <= number <= (1 if rows is None else rows):
            message = f"there is no row {number}: the input has {1 if rows is None else rows}"
            raise NetrunnerError(Problem("no-such-row", Place("--row"), message))
        if rows is None:
            return self
        k = number - 1
        row = Trace(self._subject, self.input[k], [(A[k], Z[k]) for A, Z in self._arrays])
        if self.not_finite is not None:
            found = (first_not_finite(each.layer, each.A, each.Z) for each in row.layers)
            row._not_finite = next(filter(None, found), None)
        return row

    def explain(
        self,
        *,
        layer: int | str | None = None,
        neuron: int | str | None = None,
        all_terms: bool = False,
        precision: int = 8,
    ) -> Explanation:
        """The arithmetic of every neuron, with its numbers; `str()` of it is the text.

        `layer` and `neuron` choose some of them, by number from 1 or by name. `precision` is the
        number of digits after the point. Raises NetrunnerError if the layer or the neuron does not
        exist.
        """
        from netrunner.lesson.explain import explain

        return explain(self, layer=layer, neuron=neuron, all_terms=all_terms, precision=precision)

    def why(self, neuron: int | str, *, top: int = 5) -> Why:
        """The walk back from an output along its largest terms; `str()` of it is the text.

        The output is named or numbered from 1; each step has its `top` largest terms. Raises
        NetrunnerError if the output does not exist.
        """
        from netrunner.lesson.why import why

        return why(self, neuron, top=top)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the trace to a file, in the format of its suffix: .json, .jsonl, .csv, .npz, .txt.

        An .npy file gets the output alone. `netrunner.load_trace` reads .json and .npz. Raises
        NetrunnerError if the format is unknown or the file cannot be written.
        """
        from netrunner.views.render.formats import save

        save(self, path)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw each layer's activation with the A of this run on its curve.

        The panels are inset axes of `ax`, or of axes of a new figure.
        """
        from netrunner.views.pictures.axes import known_to_pyplot
        from netrunner.views.pictures.dots import plot_trace

        with known_to_pyplot():
            return plot_trace(self, ax)
