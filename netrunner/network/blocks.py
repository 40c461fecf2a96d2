"""The fast path: engine.py's two lines for many rows at once, or for a few with little ado.

Around the two lines stand blocks of rows that fit a cache, arrays that are used again, and
activations that write where they read. The blocks are shared out over the cores. A block with a
value that is not finite goes through `forward` itself, which can say where it arose.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from netrunner.activations import built_in as activations
from netrunner.activations.activation import Array
from netrunner.network.engine import PIECE, NotFinite, all_finite, first_not_finite, forward
from netrunner.network.layer import Layer
from netrunner.problems.rows import RowName
from netrunner.process.cores import core_count, share_out

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Found by trial; half of each, or double, makes little difference.
BLOCK = 2**18  # elements of the widest array of a block, unless that makes it
FEWEST, MOST = 1024, 2**15  # fewer rows than the BLAS likes, or more than anything needs
CHUNK = 2**16  # elements that an activation works on at a time
NARROW = 64  # neurons, for fewer of which the biases are added to several rows at once
SHARED = 2**29  # multiplications, times the bytes of a float, below which threads do not pay
EXPONENTIAL = 16  # multiplications that take as long as one activation
LITTLE = 2**16  # elements of the widest array, up to which blocks do not pay
LARGEST = 2**22  # elements of the widest array of a block, where its layer is very wide
SPARE = 2**23  # elements of all the arrays that a network keeps for its next runs

Into = Callable[[Array, Array], Array]


def _step_into(a: Array, out: Array) -> Array:
    return np.heaviside(a, 0, out=out)


def _relu_into(a: Array, out: Array) -> Array:
    return np.maximum(a, 0, out=out)


# Built-ins that can write over what they read, with the bits that they give elsewhere.
_INTO: dict[Callable[..., Any], Into] = {
    activations.step: _step_into,
    activations.sigmoid: activations.tame_sigmoid,
    activations.relu: _relu_into,
    activations.softmax: activations.quiet_softmax,
}
_LARGE = {4: 1e15, 8: 1e150}  # by the bytes of a float: numbers whose squares are finite
_AT_MOST_1 = {activations.step, activations.sigmoid, activations.softmax}


class Step(NamedTuple):
    """A layer, and what is known of it before it is run.

    `several` is B, as often as makes a long row. `into(A, Z)` writes h(A) to Z, which may be A; it
    is right where no a is below `lowest`.
    `tame` says that all A are finite and none is below `lowest`, whatever the input.
    """

    layer: Layer
    W: Array
    B: Array
    several: Array
    built_in: bool
    into: Into | None
    lowest: float
    tame: bool


class Kept(NamedTuple):
    """The whole arrays of a run that is kept: X, and A and Z of each layer."""

    X: Array
    A: tuple[Array, ...]
    Z: tuple[Array, ...]


class Plan:
    """How to run a network's layers fast; worked out once."""

    def __init__(self, layers: Sequence[Layer]) -> None:
        self.layers = layers
        self.dtype = layers[0].weights.dtype
        self.steps, self.largest_square = _look_ahead(layers)
        self.few_steps = [(step.W, step.B, step.into or _elsewhere(step)) for step in self.steps]
        self.widest = max(max(step.W.shape) for step in self.steps)
        fewest = min(FEWEST, max(LARGEST // self.widest, 1))
        self.block = min(max(BLOCK // self.widest, fewest), MOST)
        self.scratch: list[list[Array]] = []
        in_scratch = self.block * sum(step.B.size for step in self.steps[:-1])
        self.spare = SPARE // max(in_scratch, 1)
        self.work = sum(step.W.nbytes + EXPONENTIAL * step.B.nbytes for step in self.steps)
        # A plugin's function need not be made for two threads at once.
        self.may_share = all(step.built_in for step in self.steps)

    def is_tame(self, x: Array) -> bool:
        """Whether x, a row or a few, is finite, and all A will be finite and well within reach."""
        return bool(np.vdot(x, x) <= self.largest_square)

    def is_little(self, x: Array) -> bool:
        """Whether x is so little that blocks would cost more than they save."""
        return x.size <= PIECE and (x.ndim == 1 or len(x) * self.widest <= LITTLE)

    def few(self, x: Array) -> Array:
        """Y for one row or a few, where `is_tame` says that nothing can go wrong."""
        with np.errstate(all="ignore"):
            for W, B, h in self.few_steps:
                A = x.dot(W)  # less ado than x @ W
                A += B
                x = h(A, A)
        return x

    def few_kept(self, x: Array) -> list[tuple[Array, Array]]:
        """As `few`, but A and Z of each layer, in memory of their own."""
        kept = []
        with np.errstate(all="ignore"):
            for W, B, h in self.few_steps:
                A = x.dot(W)
                A += B
                x = h(A, np.empty_like(A))
                kept.append((A, x))
        return kept

    def room_for(self, rows: int) -> Kept:
        """Arrays to keep a run of so many rows in; those of an identity's A and Z are the same."""
        X = np.empty((rows, self.steps[0].W.shape[0]), self.dtype)
        A = tuple(np.empty((rows, step.B.size), self.dtype) for step in self.steps)
        Z = tuple(
            a if step.built_in and step.layer.activation.function is activations.identity
            else np.empty_like(a)
            for step, a in zip(self.steps, A, strict=True)
        )  # fmt: skip
        return Kept(X, A, Z)

    @contextmanager
    def lent_scratch(self, rows: int) -> Iterator[list[Array]]:
        """Arrays for A and Z of a block in all layers but the last, for one thread.

        They have so many rows, or more, and are kept: fresh memory costs as much as the
        activations do.
        """
        rows = min(rows, self.block)
        try:
            lent = self.scratch.pop()
        except IndexError:
            lent = []
        if not lent or len(lent[0]) < rows:
            lent = [np.empty((rows, step.B.size), self.dtype) for step in self.steps[:-1]]
        try:
            yield lent
        finally:
            if len(self.scratch) < self.spare:
                self.scratch.append(lent)

    def rows(
        self,
        X: NDArray[Any],
        check: Callable[[NDArray[Any]], Array],
        name: RowName,
        kept: Kept | None = None,
    ) -> tuple[Array, NotFinite | None]:
        """Y for the rows of X, and where the first NaN or infinity arose.

        `check` makes a block of X an array of finite numbers in the network's dtype; what it
        raises is raised, and its rows count from the block's first. `name` is what a row of X is
        called. The arrays of `kept` are filled on the way.
        """
        large = len(X) >= 2 * FEWEST and len(X) * self.work > SHARED
        shared = self.may_share and large
        run = _Run(self, X, check, name, kept, shared)
        if shared:
            share_out(run.work)
        else:
            run.work(lambda: False)
        return run.Y, min(run.not_finite)[-1] if run.not_finite else None


class _Run:
    """One run over the rows of X; `work` may be called in several threads at once."""

    def __init__(
        self,
        plan: Plan,
        X: NDArray[Any],
        check: Callable[[NDArray[Any]], Array],
        name: RowName,
        kept: Kept | None,
        shared: bool,
    ) -> None:
        self.plan, self.X, self.check, self.name, self.kept = plan, X, check, name, kept
        size = plan.layers[-1].size
        self.Y = kept.Z[-1] if kept is not None else np.empty((len(X), size), plan.dtype)
        self.not_finite: list[tuple[int, int, NotFinite]] = []  # layer, first row of the block
        threads = min(core_count(), len(X) // FEWEST) if shared else 1
        self.blocks = _blocks(len(X), plan.block, threads)

    def work(self, stopped: Callable[[], bool]) -> None:
        """Run block after block until none is left."""
        none = nullcontext(list[Array]())
        lent = self.plan.lent_scratch(len(self.X)) if self.kept is None else none
        with lent as scratch, np.errstate(all="ignore"):
            for rows in self.blocks:
                if stopped():
                    return
                self._run_block(rows, scratch)

    def _places(self, rows: slice, scratch: list[Array]) -> Iterator[tuple[Step, Array, Array]]:
        """Each layer with the places of the block's A and Z, which may be one."""
        for i, step in enumerate(self.plan.steps):
            if self.kept is not None:
                yield step, self.kept.A[i][rows], self.kept.Z[i][rows]
            elif i + 1 < len(self.plan.steps):
                A = scratch[i][: rows.stop - rows.start]
                yield step, A, A
            else:
                yield step, self.Y[rows], self.Y[rows]

    def _run_block(self, rows: slice, scratch: list[Array]) -> None:
        block = self.X[rows]
        if block.dtype != self.plan.dtype:
            block = self.check(block)
        # Otherwise the first layer tells: a NaN or an infinity in X, times any weight, 0 included,
        # makes all A of its row NaN or infinite.
        if self.kept is not None:
            np.copyto(self.kept.X[rows], block)
            block = self.kept.X[rows]
        elif block.dtype.itemsize not in block.strides:  # the BLAS takes no other
            block = np.ascontiguousarray(block)
        X = block
        for step, A, Z in self._places(rows, scratch):
            np.matmul(X, step.W, out=A)
            _add_biases(A, step)  # A = X·W + B
            if not _activate(step, A, Z):  # Z = h(A)
                self._run_closely(block, rows, scratch)
                return
            X = Z

    def _run_closely(self, X: Array, rows: slice, scratch: list[Array]) -> None:
        """Run a block in which something is not finite, and note where that begins.

        What `check` finds wrong with the block itself is raised.
        """
        X = self.check(X)
        found = None
        for (layer, A, Z), (_, to_A, to_Z) in zip(
            forward(self.plan.layers, X), self._places(rows, scratch), strict=True
        ):
            if found is None:
                found = first_not_finite(layer, A, Z, lambda row: self.name(rows.start + row))
                if found is not None:
                    self.not_finite.append((layer.index, rows.start, found))
            np.copyto(to_A, A)
            np.copyto(to_Z, Z)


def _blocks(rows: int, block: int, threads: int) -> Iterator[slice]:
    """The rows in blocks, which so many threads take in turn and end at the same time.

    Half of the threads begin with half a block, and so go on at other moments than the rest: they
    are at their activations, whose many short calls need Python's lock, while the others are at
    their products, which do not.
    """
    rounds = math.ceil(rows / (threads * block))
    halves = [1] * (threads // 2)
    sizes = halves + [2] * (rounds * threads - len(halves)) + halves
    ends = [rows * end // (2 * rounds * threads) for end in accumulate(sizes)]
    return iter([slice(start, stop) for start, stop in pairwise([0, *ends]) if start < stop])


def _add_biases(A: Array, step: Step) -> None:
    """A += B. numpy takes a row at a time, and narrow rows go slowly."""
    rows, times = len(A), step.several.size // step.B.size
    rows -= rows % times
    several = A[:rows].reshape(-1, step.several.size)
    several += step.several
    rest = A[rows:]
    rest += step.B


def _activate(step: Step, A: Array, Z: Array) -> bool:
    """Z = h(A), a chunk at a time. False where A or Z turns out not to be finite."""
    into = step.into
    if not step.tame:
        lowest, highest = A.min(), A.max()
        if not (-math.inf < lowest and highest < math.inf):
            return False
        if lowest < step.lowest:
            into = None
    if not step.built_in:
        np.copyto(Z, step.layer.h(A))
        return all_finite(Z)
    if into is None and step.layer.activation.function is activations.identity:
        if Z is not A:
            np.copyto(Z, A)
        return True
    rows = max(1, CHUNK // A.shape[1])
    for start in range(0, len(A), rows):
        a, z = A[start : start + rows], Z[start : start + rows]
        if into is not None:
            into(a, z)
        else:
            np.copyto(z, step.layer.h(a))
    return True


def _look_ahead(layers: Sequence[Layer]) -> tuple[list[Step], float]:
    """The steps, and the largest x·x for which no A of a row is infinite, or below `lowest`.

    By Cauchy and Schwarz, |x·w + b| ≤ |x||w| + |b|, which also holds for the partial sums. So the
    length of a layer's Z is at most `times` |x| + `plus` for the network's input x; where it is
    `bounded`, at most `plus` for any x.
    """
    steps = []
    large = _LARGE[layers[0].weights.dtype.itemsize]
    longest, times, plus, bounded = large, 1.0, 0.0, False
    for layer in layers:
        function, built_in = layer.activation.function, layer.origin.kind == "built-in"
        W, B = layer.weights.astype(np.float64), layer.biases.astype(np.float64)
        column, W_length = _length(W, axis=0), _length(W)
        lowest = -large
        if function is activations.sigmoid:
            lowest = activations.TAMEST[layer.weights.dtype.itemsize]
        rounding = 2 * len(W) * float(np.finfo(layer.weights.dtype).eps)
        spare = (1 - min(rounding, 1)) * -lowest - float(np.abs(B).max()) - plus * column
        tame = built_in and bounded and spare >= 0
        if not (built_in and spare >= 0):
            longest = -1.0
        elif not bounded and times * column > 0:
            longest = min(longest, spare / (times * column))
        into = _INTO.get(function) if built_in else None
        several = np.tile(layer.biases, -(-8 * NARROW // layer.size) if layer.size < NARROW else 1)
        steps.append(
            Step(layer, layer.weights, layer.biases, several, built_in, into, lowest, tame)
        )
        if built_in and function in _AT_MOST_1:
            plus, bounded = math.sqrt(layer.size), True
        elif built_in:  # relu and identity make nothing larger
            times, plus = times * W_length, plus * W_length + _length(B)
        else:
            plus, bounded = math.inf, False
    # A smaller x·x may have lost what is below the smallest float.
    seen = 1e10 * float(np.finfo(layers[0].weights.dtype).tiny)
    return steps, longest**2 if longest >= 0 and longest**2 > seen else -1.0


def _length(values: NDArray[np.float64], axis: int | None = None) -> float:
    """The length of all values as one vector, or of the longest along an axis."""
    largest = float(np.abs(values).max())
    if largest == 0:
        return 0.0
    with np.errstate(all="ignore"):  # a large number's square overflows, so it comes to 1 first
        return largest * math.sqrt(np.square(values / largest).sum(axis=axis).max())


def _elsewhere(step: Step) -> Into:
    return lambda a, out: step.layer.h(a)
