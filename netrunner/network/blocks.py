"""The fast path: engine.py's two lines for many rows at once, or for a few with little overhead.

Rows run in blocks that fit a cache, arrays are reused, and activations write to the array that they
read. The blocks are shared out over the cores. If a value in a block is not finite, the block runs
again through `forward`, which can say where the value arose.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any, NamedTuple, TypeGuard

import numpy as np

from netrunner.activations.activation import Array
from netrunner.activations.blame import MISTAKES
from netrunner.activations.guard import Guarded, quiet_context
from netrunner.network.engine import (
    NotFinite,
    all_finite,
    first_not_finite,
    forward,
)
from netrunner.network.layer import Layer
from netrunner.problems.rows import RowName
from netrunner.process.cores import core_count, share_out

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Found by trial; half or double of each makes little difference.
BLOCK = 2**21  # bytes in the widest array of a block, unless the block then has
FEWEST, MOST = 1024, 2**15  # fewer rows than suit the BLAS, or more than are useful
LARGEST = 2**22  # elements in the widest array of a block, if its layer is very wide
CHUNK = 2**19  # bytes per call of an activation that writes in place
NARROW = 64  # neurons; narrower layers add the biases to several rows at once
SHARED = 2**28  # multiplications times bytes per float; below this, threads do not pay
EXPONENTIAL = 64  # multiplications that take as long as one activation
SMALL = 2**17  # elements in the widest array; up to this, blocks do not pay
REUSED = 2**23  # elements in all the arrays that a network keeps for its next runs


class Step(NamedTuple):
    """A layer, prepared to run fast. `repeated` is B, repeated to make a long row.

    `A_is_finite` means that A is finite for every finite input of the network. Otherwise A is
    checked; so is the last layer's Z, unless `Z_is_finite`. The other Z need no check: if one is
    not finite, neither is the next A. In the same way, the first A shows a NaN or an infinity in X.
    """

    W: Array
    B: Array
    repeated: Array
    h: Guarded
    A_is_finite: bool
    Z_is_finite: bool


class Arrays(NamedTuple):
    """The complete arrays of a run, as in a trace: X, and A and Z of each layer."""

    X: Array
    A: tuple[Array, ...]
    Z: tuple[Array, ...]


class Plan:
    """How to run a network's layers fast, worked out once.

    Raises NetrunnerError if an activation fails its trial.
    """

    def __init__(self, layers: Sequence[Layer]) -> None:
        self.layers = layers
        self.dtype = layers[0].weights.dtype
        self.steps = _steps(layers)
        self.small_steps = [
            (step.W, step.B, step.h.unguarded, step.A_is_finite) for step in self.steps
        ]
        self.row_shape = self.steps[0].W.shape[:1]
        self._quiet = quiet_context()
        self.widest = max(max(step.W.shape) for step in self.steps)
        fewest = min(FEWEST, max(LARGEST // self.widest, 1))
        self.block = min(max(BLOCK // (self.widest * self.dtype.itemsize), fewest), MOST)
        self.scratch: list[list[Array]] = []
        in_scratch = self.block * sum(step.B.size for step in self.steps[:-1])
        self.most_scratch = REUSED // max(in_scratch, 1)
        self.work = sum(step.W.nbytes + EXPONENTIAL * step.B.nbytes for step in self.steps)

    def small(self, x: object) -> Array | None:
        """Y for an array of one row or a few.

        None for any other x, and if a value is not finite or very large, or a plugin fails.
        """
        return self._quietly(x) if self._is_small(x) else None

    def small_arrays(self, x: object) -> tuple[Array, list[tuple[Array, Array]]] | None:
        """As `small`, but gives a copy of x, and A and Z of each layer, all in new memory."""
        if not self._is_small(x):
            return None
        X = x.copy()
        arrays: list[tuple[Array, Array]] = []
        return None if self._quietly(X, arrays) is None else (X, arrays)

    def _quietly(self, x: Array, arrays: list[tuple[Array, Array]] | None = None) -> Array | None:
        try:
            return self._quiet.copy().run(self._small, x, arrays)
        except MISTAKES:  # of a plugin: `_run_by_the_book` reports them
            return None

    def _is_small(self, x: object) -> TypeGuard[Array]:
        """Whether x is an array with so few rows that blocks would cost more than they save."""
        if type(x) is not np.ndarray or x.dtype != self.dtype:
            return False
        if x.shape == self.row_shape:
            return True
        several = x.ndim == 2 and x.shape[1:] == self.row_shape
        return several and len(x) * self.widest <= SMALL

    def _small(self, x: Array, arrays: list[tuple[Array, Array]] | None = None) -> Array | None:
        finite = _row_is_finite if x.ndim == 1 else all_finite
        for W, B, h, A_is_finite in self.small_steps:
            A = x.dot(W)  # less overhead than x @ W
            A += B
            if not (A_is_finite or finite(A)):
                return None
            x = A if arrays is None else A.copy()
            h(A, out=x)
            if arrays is not None:
                arrays.append((A, x))
        return x if self.steps[-1].Z_is_finite or finite(x) else None

    def arrays_for(self, rows: int) -> Arrays:
        """Arrays for a run of `rows` rows."""
        X = np.empty((rows, self.steps[0].W.shape[0]), self.dtype)
        A, Z = (
            tuple(np.empty((rows, step.B.size), self.dtype) for step in self.steps) for _ in "AZ"
        )
        return Arrays(X, A, Z)

    @contextmanager
    def lent_scratch(self, rows: int) -> Iterator[list[Array]]:
        """Arrays for A and Z of a block in all layers but the last, lent to one thread.

        They have at least `rows` rows. They are reused, because new memory takes as much time as
        the activations do.
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
            if len(self.scratch) < self.most_scratch:
                self.scratch.append(lent)

    def rows(
        self,
        X: NDArray[Any],
        check: Callable[[NDArray[Any]], Array],
        name: RowName,
        arrays: Arrays | None = None,
    ) -> tuple[Array, NotFinite | None]:
        """Y for the rows of X, and where the first NaN or infinity arose.

        `check` turns a block of X into an array of finite numbers in the network's dtype; its
        exceptions pass through, and count rows from the block's first. `name` gives the name of a
        row of X. `arrays` are filled during the run.
        """
        shared = len(X) >= 2 * FEWEST and len(X) * self.work > SHARED
        run = _Run(self, X, check, name, arrays, shared)
        if shared:
            share_out(run.work)
        else:
            run.work(lambda: False)
        return run.Y, min(run.not_finite)[-1] if run.not_finite else None


class _Run:
    """One run over the rows of X; several threads may call `work` at once."""

    def __init__(
        self,
        plan: Plan,
        X: NDArray[Any],
        check: Callable[[NDArray[Any]], Array],
        name: RowName,
        arrays: Arrays | None,
        shared: bool,
    ) -> None:
        self.plan, self.X, self.check, self.name, self.arrays = plan, X, check, name, arrays
        size = plan.layers[-1].size
        self.Y = arrays.Z[-1] if arrays is not None else np.empty((len(X), size), plan.dtype)
        self.not_finite: list[tuple[int, int, NotFinite]] = []  # layer, first row of the block
        threads = min(core_count(), len(X) // FEWEST) if shared else 1
        self.blocks = _blocks(len(X), plan.block, threads)

    def work(self, stopped: Callable[[], bool]) -> None:
        """Run block after block until none is left."""
        none = nullcontext(list[Array]())
        lent = self.plan.lent_scratch(len(self.X)) if self.arrays is None else none
        with lent as scratch, np.errstate(all="ignore"):
            for rows in self.blocks:
                if stopped():
                    return
                self._run_block(rows, scratch)

    def _places(self, rows: slice, scratch: list[Array]) -> Iterator[tuple[Step, Array, Array]]:
        """Each layer with the arrays for the block's A and Z, which may be the same array."""
        for i, step in enumerate(self.plan.steps):
            if self.arrays is not None:
                yield step, self.arrays.A[i][rows], self.arrays.Z[i][rows]
            elif i + 1 < len(self.plan.steps):
                A = scratch[i][: rows.stop - rows.start]
                yield step, A, A
            else:
                yield step, self.Y[rows], self.Y[rows]

    def _run_block(self, rows: slice, scratch: list[Array]) -> None:
        block = self.X[rows]
        if block.dtype != self.plan.dtype:
            block = self.check(block)
        if self.arrays is not None:
            np.copyto(self.arrays.X[rows], block)
            block = self.arrays.X[rows]
        elif block.dtype.itemsize not in block.strides:  # the BLAS takes only these
            block = np.ascontiguousarray(block)
        X = block
        for step, A, Z in self._places(rows, scratch):
            np.matmul(X, step.W, out=A)
            _add_biases(A, step)  # A = X·W + B
            if not (step.A_is_finite or all_finite(A)):
                self._run_by_the_book(block, rows, scratch)
                return
            _activate(step.h, A, Z)  # Z = h(A)
            X = Z
        if not (step.Z_is_finite or all_finite(Z)):
            self._run_by_the_book(block, rows, scratch)

    def _run_by_the_book(self, X: Array, rows: slice, scratch: list[Array]) -> None:
        """Run a block in which a value is not finite, and note the first such value.

        Raises what `check` finds wrong with the block itself.
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


def _row_is_finite(a: Array) -> bool:
    """As `all_finite`, with less overhead; also False if a square overflows."""
    return math.isfinite(a.dot(a))


def _blocks(rows: int, block: int, threads: int) -> Iterator[slice]:
    """The rows in blocks, which the threads take in turn, so that all finish together.

    Half of the threads begin with half a block, so that they are out of step with the others: while
    they compute activations, whose many short calls need Python's lock, the others compute
    products, which do not.
    """
    rounds = math.ceil(rows / (threads * block))
    halves = [1] * (threads // 2)
    sizes = halves + [2] * (rounds * threads - len(halves)) + halves
    ends = [rows * end // (2 * rounds * threads) for end in accumulate(sizes)]
    return iter([slice(start, stop) for start, stop in pairwise([0, *ends]) if start < stop])


def _add_biases(A: Array, step: Step) -> None:
    """A += B. numpy adds row by row, which is slow for narrow rows."""
    rows = len(A) - len(A) % (step.repeated.size // step.B.size)
    several = A[:rows].reshape(-1, step.repeated.size)
    several += step.repeated
    rest = A[rows:]
    rest += step.B


def _activate(h: Guarded, A: Array, Z: Array) -> None:
    """Z = h(A), in chunks that stay in a cache, if h can write in place."""
    rows = max(1, CHUNK // A[:1].nbytes) if h.activation.in_place else max(1, len(A))
    for start in range(0, len(A), rows):
        a = A[start : start + rows]
        h(a, a if Z is A else Z[start : start + rows])


def _steps(layers: Sequence[Layer]) -> list[Step]:
    """The steps, each with whether A is finite for every finite input of the network.

    It is, if the layer before gives finite numbers of a known size: |a_k| ≤ Σ|w_ik|·|x_i| + |b_k|.
    """
    steps = []
    largest: float | None = None  # of the layer's input, if known
    for layer in layers:
        W, B, activation = layer.weights, layer.biases, layer.activation
        times = -(-8 * NARROW // layer.size) if layer.size < NARROW else 1
        is_finite = False
        if largest is not None:
            with np.errstate(all="ignore"):
                a = largest * np.abs(W).sum(axis=0, dtype=np.float64) + np.abs(B)
            is_finite = bool(a.max() < np.finfo(W.dtype).max / 2)
        repeated = np.empty((times, B.size), B.dtype)
        repeated[:] = B  # quicker than np.tile, where there are thousands of layers
        steps.append(Step(W, B, repeated.reshape(-1), layer.h, is_finite, activation.finite))
        known = activation.finite and not layer.parameters
        largest = activation.largest if known else None
    return steps
