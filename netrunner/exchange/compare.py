"""A network against a reference: a trace that was kept, or another network.

Every A and Z is compared, so that the first neuron that differs shows, and how the difference
grows from there.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from netrunner.activations.plugins import Registry, load_registry
from netrunner.exchange.reference import Reference, run_of, trace_in
from netrunner.format.assembly import read_network
from netrunner.network.layer import layer_title
from netrunner.network.network import Network
from netrunner.network.trace import LayerTrace, Trace
from netrunner.problems.problem import Fault, NetrunnerError
from netrunner.problems.source import Place

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

# Relative and absolute. A batch alone moves the last bits: up to 3e-13 in float64, at 784 inputs.
DEFAULT_TOLERANCE = {"float64": (1e-9, 1e-12), "float32": (1e-5, 1e-6)}


@dataclass(frozen=True)
class Difference:
    """The first value that differs: of `symbol` ('A2'), at `row` (None in a single run), neuron.

    Layers, rows and neurons count from 1; `by` is the distance of the two values.
    """

    symbol: str
    layer: int
    title: str
    row: int | None
    neuron: int
    neuron_name: str | None
    value: float
    reference: float
    by: float


@dataclass(frozen=True)
class Compared:
    """One array, such as A2, on both sides.

    `differing` of its `size` values are farther apart than allowed; `largest` is the largest
    distance, `largest_relative` the largest in relation to the reference's value, those within
    the absolute tolerance left out. Where `mismatch` says that the shapes do not fit, nothing was
    compared, and these are 0.
    """

    symbol: str
    layer: int
    size: int = 0
    differing: int = 0
    largest: float = 0.0
    largest_relative: float = 0.0
    mismatch: str | None = None


@dataclass(frozen=True)
class Comparison:
    """A network against a reference, array by array in the order of the run.

    `mismatch` says what does not fit as a whole, such as the number of layers.
    """

    network: str
    reference: str
    rtol: float
    atol: float
    rows: int | None
    arrays: tuple[Compared, ...]
    first: Difference | None
    mismatch: str | None = None

    @property
    def same(self) -> bool:
        """Whether everything fits, and no value is farther apart than allowed."""
        return (
            self.first is None
            and self.mismatch is None
            and all(each.mismatch is None for each in self.arrays)
        )


def compare(
    network: Network,
    reference: str | os.PathLike[str],
    *,
    x: ArrayLike | None = None,
    rtol: float | None = None,
    atol: float | None = None,
    registry: Registry | None = None,
) -> Comparison:
    """Run the network on the input of a reference, and compare every A and Z.

    `reference` is a trace that `run` wrote, .json or .npz, which brings its input with it; or
    a network file, .yaml, which is run on `x`, (inputs,) or (rows, inputs), on the first example
    of the network where x is None, or else on the reference's. Two values agree where
    |a - b| ≤ atol + rtol·|b|, b the reference's; a NaN agrees with a NaN. The default is rtol
    1e-9 and atol 1e-12, or 1e-5 and 1e-6 where one of the two is float32. `registry` has the
    activations for a network file.

    Raises NetrunnerError where the reference cannot be read or the input is no input.
    """
    name = os.fspath(reference)
    for option, tolerance in (("rtol", rtol), ("atol", atol)):
        if tolerance is not None and not 0 <= tolerance < math.inf:
            message = f"{tolerance} is no tolerance: a finite number of at least 0"
            raise NetrunnerError(Fault("out-of-range", message).at(Place(option)))
    try:
        with _reference(network, Path(name), name, x, registry) as other:
            single = np.float32 in (network.dtype, other.dtype)
            defaults = DEFAULT_TOLERANCE["float32" if single else "float64"]
            return _Comparing(
                network,
                other,
                name,
                defaults[0] if rtol is None else rtol,
                defaults[1] if atol is None else atol,
            ).compare()
    except Fault as fault:
        raise NetrunnerError(fault.at(Place(name))) from None


@contextmanager
def _reference(
    network: Network, path: Path, name: str, x: ArrayLike | None, registry: Registry | None
) -> Iterator[Reference]:
    if path.suffix.lower() not in (".yaml", ".yml"):
        if x is not None:
            raise Fault("unexpected-input", "a trace brings its own input: give none beside it")
        with trace_in(path, name) as trace:
            yield trace
        return
    other = read_network(name, load_registry() if registry is None else registry).network
    if other.input_size != network.input_size:  # there is no run to compare, only its input
        yield Reference(np.zeros(other.input_size), 0, {}, other.dtype)
        return
    if x is None:
        examples = [*network.examples[:1], *other.examples[:1]]
        if not examples:
            raise Fault("missing-input", "neither network has an example: give an input")
        x = examples[0].input
    yield run_of(other, network.as_input(x))


class _Comparing:
    def __init__(
        self, network: Network, other: Reference, name: str, rtol: float, atol: float
    ) -> None:
        self.network, self.other, self.name = network, other, name
        self.rtol, self.atol = rtol, atol
        self.first: Difference | None = None

    def compare(self) -> Comparison:
        X = self.other.input
        if X.ndim not in (1, 2) or X.shape[-1] != self.network.input_size:
            takes = f"the network takes {self.network.input_size} numbers a row"
            return self._result((), f"the reference's input has shape {X.shape}, and {takes}")
        if X.size == 0:
            raise Fault("no-values", "its input has no rows")
        trace = self._run(X)
        arrays = []
        for layer in trace.layers:
            arrays += [self._array("A", layer, layer.A), self._array("Z", layer, layer.Z)]
        arrays.append(self._array("Y", trace.layers[-1], trace.output))
        ours, theirs = len(trace.layers), self.other.layers
        mismatch = f"the network has {ours} layers, and the reference {theirs}"
        return self._result(
            tuple(each for each in arrays if each is not None),
            mismatch if ours != theirs else None,
        )

    def _result(self, arrays: tuple[Compared, ...], mismatch: str | None) -> Comparison:
        X = self.other.input
        rows = len(X) if X.ndim == 2 else None
        return Comparison(
            self.network.name, self.name, self.rtol, self.atol, rows, arrays, self.first, mismatch
        )

    def _run(self, X: NDArray[Any]) -> Trace:
        try:
            return self.network.trace(X)
        except NetrunnerError as error:
            problem = error.problems[0]
            if problem.place != Place("input"):
                raise
            raise Fault(problem.code, f"its input: {problem.message}") from None

    def _array(self, letter: str, layer: LayerTrace, ours: NDArray[Any]) -> Compared | None:
        symbol = "Y" if letter == "Y" else f"{letter}{layer.index}"
        stored = self.other.arrays.get(symbol)
        if stored is None:  # the reference has fewer layers
            return None
        if stored.shape != ours.shape:
            mismatch = f"{ours.shape} here, and {stored.shape} in the reference"
            return Compared(symbol, layer.index, mismatch=mismatch)
        a, b = ours.astype(np.float64), stored.read().astype(np.float64)
        with np.errstate(all="ignore"):
            same = (a == b) | (np.isnan(a) & np.isnan(b))
            apart = np.where(same, 0.0, np.abs(a - b))
            apart[np.isnan(apart)] = np.inf  # a NaN on one side only
            wrong = ~(same | (apart <= self.atol + self.rtol * np.abs(b))) | np.isinf(apart)
            relative = np.where(apart > self.atol, apart / np.abs(b), 0.0)
            relative[np.isnan(relative)] = np.inf
        if self.first is None and wrong.any():
            at = tuple(np.argwhere(wrong)[0].tolist())
            self.first = self._difference(symbol, layer, at, float(a[at]), float(b[at]))
        return Compared(
            symbol, layer.index, a.size, int(wrong.sum()), float(apart.max()), float(relative.max())
        )

    def _difference(
        self, symbol: str, layer: LayerTrace, at: tuple[int, ...], ours: float, theirs: float
    ) -> Difference:
        names = self.network.output_names if layer.index == len(self.network.layers) else None
        return Difference(
            symbol,
            layer.index,
            layer_title(layer.index, layer.name),
            at[0] + 1 if len(at) > 1 else None,
            at[-1] + 1,
            names[at[-1]] if names else None,
            ours,
            theirs,
            abs(ours - theirs),
        )
