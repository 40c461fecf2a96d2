"""The two sides of a comparison: where each comes from, and its run on an input for both."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from netrunner.activations.plugins import load_registry
from netrunner.exchange import trace_files
from netrunner.exchange.formats import READ
from netrunner.files.arrays import StoredArray
from netrunner.format.network_text import read_network
from netrunner.network.layer import Layer
from netrunner.network.network import Network
from netrunner.network.trace import SavedLayer, Trace, arrays_by_symbol
from netrunner.problems.codes import Code
from netrunner.problems.problem import NetrunnerError, NetrunnerWarning, Problem, about
from netrunner.problems.source import Place

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

Source: TypeAlias = Network | Trace | str | os.PathLike[str]
Paths: TypeAlias = Iterable[str | os.PathLike[str]]


@dataclass(frozen=True, eq=False)
class Side:
    """One of the two: a network, its run, or both. `arrays` are A1, Z1, …, Y."""

    name: str
    network: Network | None = None
    input: NDArray[Any] | None = None
    layers: tuple[Layer | SavedLayer, ...] = ()
    arrays: Mapping[str, StoredArray] | None = None

    @property
    def input_size(self) -> int:
        """How many numbers a row of the input has."""
        return self.network.input_size if self.network else np.asarray(self.input).shape[-1]

    @property
    def output_names(self) -> tuple[str, ...] | None:
        return self.network.output_names if self.network else None

    @property
    def is_single(self) -> bool:
        """Whether the run may have been in float32."""
        dtype = self.network.dtype if self.network else np.asarray(self.input).dtype
        return dtype == np.float32

    def run(self, X: ArrayLike) -> Side:
        """The network's run on X."""
        assert self.network is not None
        return replace(_of_trace(self.name, self.network.trace(X)), network=self.network)


def network_in(source: Source, other: Source | None = None, plugins: Paths = ()) -> Network | None:
    """The network in a network file or in another tool's; None for a trace.

    Weights alone get the activations of the `other` network. Raises NetrunnerError.
    """
    if isinstance(source, Trace):
        return None
    if isinstance(source, Network):
        return source
    suffix = Path(source).suffix.lower()
    if suffix == ".npz" and not trace_files.holds_weights(Path(source)):
        return None
    if suffix == ".json" and not trace_files.has_inputs(Path(source)):
        return None
    if suffix in READ:
        from netrunner.exchange.importing import import_network

        activations = None
        if not READ[suffix].has_activations and other is not None:
            activations = _activations(other, plugins)
        try:
            return import_network(source, activations=activations, plugins=plugins)
        except NetrunnerError as error:
            raise NetrunnerError(map(_imported_first, error.problems)) from None
    if suffix in (".py", ".csv", ".jsonl", ".npy") and Path(source).is_file():
        takes = "a network file, a trace (.json, .npz), or a model that import reads"
        message = f"not a network: compare takes {takes}"
        raise NetrunnerError(Problem("unknown-file-type", Place(os.fspath(source)), message))
    return read_network(source, load_registry(plugins)).network


def _imported_first(problem: Problem) -> Problem:
    """The problem with a help for `compare`, which takes no activations."""
    if problem.code != "missing-activations":
        return problem
    return replace(problem, hint="make it a network first, with netrunner import --activations")


def _activations(source: Source, plugins: Paths) -> list[tuple[str, Mapping[str, Any]]] | None:
    network = network_in(source, plugins=plugins)
    if network is None:
        return None
    return [(layer.activation.name, dict(layer.parameters)) for layer in network.layers]


@contextmanager
def side_of(
    source: Source, plugins: Paths, other: Source, outputs_only: bool = False
) -> Iterator[Side]:
    """One side, from its source. Raises NetrunnerError."""
    if isinstance(source, Trace):
        yield _of_trace(source.network, source)
        return
    if isinstance(source, Network):
        yield Side(source.name, source, layers=source.layers)
        return
    name = os.fspath(source)
    network = network_in(source, other, plugins)
    if network is not None:
        yield Side(name, network, layers=network.layers)
        return
    with about(name), trace_files.saved_trace(Path(source), name, outputs_only) as saved:
        yield Side(name, None, saved.input, saved.layers, saved.arrays)


def _of_trace(name: str, trace: Trace) -> Side:
    arrays = {name: StoredArray.of(array) for name, array in arrays_by_symbol(trace).items()}
    return Side(name, None, trace.input, tuple(each.labels for each in trace.layers), arrays)


def on_one_input(a: Side, b: Side, x: ArrayLike | None) -> tuple[Side, Side, str | None]:
    """Both sides, run on the same input, and a description of that input.

    A network that does not take the input stays without a run.
    """
    on = "the input given"
    traces = [each for each in (a, b) if each.network is None]
    if traces:
        if x is not None:
            raise _problem(
                traces[0], "unexpected-input", "a trace has its own input: give no other"
            )
        x, on = traces[0].input, f"the input of {traces[0].name}"
    elif a.input_size != b.input_size:
        return a, b, None
    elif x is None:
        examples = [
            (side, each) for side in (a, b) if side.network for each in side.network.examples
        ]
        if not examples:
            message = "neither network has an example: give an input"
            raise _problem(b, "missing-input", message)
        side, example = examples[0]
        x, on = example.input, f"the first example of {side.name}"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NetrunnerWarning)  # a NaN shows where it is compared
        b = _run(b, x, traces)
    a = _run(a, x, traces)
    if a.input is not None and a.input.size == 0:
        raise _problem(traces[0] if traces else a, "no-values", "its input has no rows")
    return a, b, on


def _run(side: Side, x: ArrayLike | None, traces: list[Side]) -> Side:
    """The side with the run of its network on x, the input of the first of `traces`, if any."""
    if side.network is None or x is None:
        return side
    if traces and np.shape(x)[-1:] != (side.input_size,):
        return side
    try:
        return side.run(x)
    except NetrunnerError as error:
        problem = error.problems[0]
        if not traces or problem.place != Place("input"):
            raise
        raise _problem(traces[0], problem.code, f"its input: {problem.message}") from None


def _problem(side: Side, code: Code, message: str) -> NetrunnerError:
    return NetrunnerError(Problem(code, Place(side.name), message))
