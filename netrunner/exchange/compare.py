"""Compares two runs: of networks, of saved traces, or of models from other tools.

Every A and Z is compared. This shows the first neuron that differs, and how the difference grows
from there. An activation or a parameter that differs is reported before the numbers.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from netrunner.exchange.sides import Paths, Side, Source, on_one_input, side_of
from netrunner.network.layer import Layer
from netrunner.network.trace import SavedLayer
from netrunner.problems.problem import Fault, NetrunnerError, about
from netrunner.problems.source import Place

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

# Relative and absolute. Batching alone changes the last bits: up to 3e-13 in float64, 784 inputs.
DEFAULT_TOLERANCE = {"float64": (1e-9, 1e-12), "float32": (1e-5, 1e-6)}
PARAMETER_TOLERANCE = 1e-6  # relative: other tools keep parameters as float32


@dataclass(frozen=True)
class Change:
    """A declaration that differs between the sides: an activation, or one of its parameters."""

    layer: int
    title: str
    what: str
    value: str
    reference: str


@dataclass(frozen=True)
class Difference:
    """The first value that differs: its `symbol` ('A2'), `row` (None for one input) and neuron.

    Layers, rows and neurons count from 1; `by` is the distance between the two values.
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

    `differing` of its `size` values are farther apart than allowed. `largest` is the largest
    distance; `largest_relative` is the largest one relative to the reference's value, not counting
    values within the absolute tolerance. If `mismatch` says that the shapes do not fit, nothing was
    compared, and all three are 0.
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
    """A network or a trace against a reference, array by array in the order of the run.

    It is true if they differ; `str()` gives the text. `on` says which input both have run on;
    `mismatch` says what does not fit as a whole, such as the number of layers; `notes` are for a
    reader.
    """

    network: str
    reference: str
    rtol: float
    atol: float
    on: str | None
    rows: int | None
    changes: tuple[Change, ...]
    arrays: tuple[Compared, ...]
    first: Difference | None
    mismatch: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def same(self) -> bool:
        """Whether everything fits, and no value is farther apart than allowed."""
        return (
            self.first is None
            and self.mismatch is None
            and not self.changes
            and all(each.mismatch is None for each in self.arrays)
        )

    def __bool__(self) -> bool:
        return not self.same

    def __str__(self) -> str:
        from netrunner.views.render.comparison import text_of

        return text_of(self).removesuffix("\n")


def compare(
    network: Source,
    reference: Source,
    *,
    x: ArrayLike | None = None,
    rtol: float | None = None,
    atol: float | None = None,
    outputs_only: bool = False,
    plugins: Paths = (),
) -> Comparison:
    """Compare every A and Z of two networks or traces; with `outputs_only`, Y alone.

    Each side is a `Network`, a `Trace`, or the path of a network file (.yaml), of a saved trace
    (.json, .npz) or of a model that `import_network` reads. A trace brings its input with it.
    Two networks are run on `x`, (inputs,) or (rows, inputs); without it, on the first example of
    one of them. Two values agree where |a - b| ≤ atol + rtol·|b|, b being the reference's; a NaN
    agrees with a NaN. The default is rtol 1e-9 and atol 1e-12, or 1e-5 and 1e-6 where one of the
    two is float32. `plugins` are files and folders with activations.

    Raises NetrunnerError if the comparison cannot be made.
    """
    for option, tolerance in (("rtol", rtol), ("atol", atol)):
        if tolerance is not None and not 0 <= tolerance < math.inf:
            message = f"{tolerance} is not a tolerance: give a finite number of at least 0"
            raise NetrunnerError(Fault("out-of-range", message).at(Place(option)))
    plugins = list(plugins)
    with ExitStack() as files:
        a = files.enter_context(side_of(network, plugins, reference, outputs_only))
        b = files.enter_context(side_of(reference, plugins, network, outputs_only))
        a, b, on = on_one_input(a, b, x)
        defaults = DEFAULT_TOLERANCE["float32" if a.is_single or b.is_single else "float64"]
        rtol, atol = (
            default if given is None else given
            for given, default in zip((rtol, atol), defaults, strict=True)
        )
        comparing = _Comparing(a, b, on, rtol, atol)
        with about(b.name):
            return comparing.compare(outputs_only)


class _Comparing:
    def __init__(self, a: Side, b: Side, on: str | None, rtol: float, atol: float) -> None:
        self.a, self.b, self.on, self.rtol, self.atol = a, b, on, rtol, atol
        self.first: Difference | None = None

    def compare(self, outputs_only: bool) -> Comparison:
        a, b = self.a, self.b
        if a.arrays is None or b.arrays is None:
            return self._result(mismatch=self._inputs_do_not_fit())
        if a.network is None and b.network is None and not self._same_input():
            return self._result(mismatch="the two traces have different inputs")
        arrays: list[Compared] = []
        changes: list[Change] = []
        notes: list[str] = []
        mismatch = None
        if not outputs_only:
            ours, theirs = self._kept(a, b, notes), self._kept(b, a, notes)
            for x, y in zip(ours, theirs, strict=False):
                changes += _changes(x, y)
                arrays += [self._array(letter, x, y) for letter in "AZ"]
            if len(ours) != len(theirs):
                counts = f"the network has {len(a.layers)} layers, and the reference "
                mismatch = f"{counts}{len(b.layers)}"
        arrays.append(self._array("Y", a.layers[-1], b.layers[-1]))
        return self._result(tuple(changes), tuple(arrays), mismatch, tuple(notes))

    def _result(
        self,
        changes: tuple[Change, ...] = (),
        arrays: tuple[Compared, ...] = (),
        mismatch: str | None = None,
        notes: tuple[str, ...] = (),
    ) -> Comparison:
        X = next((each.input for each in (self.a, self.b) if each.input is not None), None)
        rows = len(X) if X is not None and X.ndim == 2 else None
        tolerances = (self.rtol, self.atol)
        return Comparison(
            self.a.name,
            self.b.name,
            *tolerances,
            self.on,
            rows,
            changes,
            arrays,
            self.first,
            mismatch,
            notes,
        )

    def _inputs_do_not_fit(self) -> str:
        """The message that a network does not take the other side's input."""

        def takes(side: Side, who: str) -> str:
            if side.input is not None:
                return f"{who}'s input has shape {side.input.shape}"
            return f"{who} takes {side.input_size} numbers a row"

        return f"{takes(self.a, 'the network')}, and {takes(self.b, 'the reference')}"

    def _same_input(self) -> bool:
        X, other = (np.asarray(each.input) for each in (self.a, self.b))
        return X.shape == other.shape and np.allclose(X, other, self.rtol, self.atol, True)

    def _kept(self, side: Side, other: Side, notes: list[str]) -> list[Layer | SavedLayer]:
        """The layers to compare; if one side has more, without those that only scale and shift."""
        more = len(side.layers) - len(other.layers)
        left_out = [each for each in side.layers if self._only_scales(side, each)]
        if more < 1 or len(left_out) != more:
            return list(side.layers)
        for each in left_out:
            notes.append(f"{each.title} of {side.name} only scales and shifts: it is left out")
        return [each for each in side.layers if each not in left_out]

    def _only_scales(self, side: Side, layer: Layer | SavedLayer) -> bool:
        """Whether a layer only multiplies each number by one weight and adds a bias."""
        if not isinstance(layer, Layer) or side.arrays is None:
            return False
        W, A, Z = layer.weights, *(side.arrays[f"{letter}{layer.index}"] for letter in "AZ")
        is_diagonal = W.shape[0] == W.shape[1] and np.count_nonzero(W) == np.count_nonzero(
            W.diagonal()
        )
        return is_diagonal and np.array_equal(A.read(), Z.read(), equal_nan=True)

    def _array(self, letter: str, layer: Layer | SavedLayer, other: Layer | SavedLayer) -> Compared:
        assert self.a.arrays is not None
        assert self.b.arrays is not None
        symbol, theirs = (
            "Y" if letter == "Y" else f"{letter}{each.index}" for each in (layer, other)
        )
        ours, stored = self.a.arrays[symbol], self.b.arrays[theirs]
        if stored.shape != ours.shape:
            mismatch = f"{ours.shape} here, and {stored.shape} in the reference"
            return Compared(symbol, layer.index, mismatch=mismatch)
        a, b = ours.read().astype(np.float64), stored.read().astype(np.float64)
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
        self,
        symbol: str,
        layer: Layer | SavedLayer,
        at: tuple[int, ...],
        ours: float,
        theirs: float,
    ) -> Difference:
        names = next(filter(None, (each.output_names for each in (self.a, self.b))), None)
        if layer is not self.a.layers[-1]:
            names = None
        return Difference(
            symbol,
            layer.index,
            layer.title,
            at[0] + 1 if len(at) > 1 else None,
            at[-1] + 1,
            names[at[-1]] if names else None,
            ours,
            theirs,
            abs(ours - theirs),
        )


def _changes(a: Layer | SavedLayer, b: Layer | SavedLayer) -> Iterator[Change]:
    """The declarations in which two layers differ; a saved trace may lack them."""
    names = a.activation_name, b.activation_name
    if not all(names):
        return
    if names[0] != names[1]:
        texts = a.activation_text, b.activation_text
        yield Change(a.index, a.title, "activation", *texts)
        return
    defaults = next((each.activation.parameters for each in (a, b) if isinstance(each, Layer)), {})
    ours, theirs = {**defaults, **a.parameters}, {**defaults, **b.parameters}
    for key in [*ours, *(key for key in theirs if key not in ours)]:
        x, y = ours.get(key), theirs.get(key)
        if isinstance(x, int | float) and isinstance(y, int | float):
            agree = math.isclose(x, y, rel_tol=PARAMETER_TOLERANCE)
        else:
            agree = x == y
        if not agree:
            yield Change(a.index, a.title, f"{names[0]}'s {key}", str(x), str(y))
