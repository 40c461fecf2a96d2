"""A run over an input that may be larger than memory: block by block, with the same results.

Each block of rows is read, checked, run, and handed to a renderer before the next one is read.
Messages number rows from the first row of the whole input.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

import numpy as np

from netrunner.activations.activation import Array
from netrunner.files.input_rows import InputRows
from netrunner.files.inputs import Inputs
from netrunner.network.engine import NotFinite
from netrunner.network.network import Network, as_input
from netrunner.network.trace import Trace
from netrunner.problems.problem import Fault, NetrunnerError
from netrunner.problems.rows import RowName, names_from

BLOCK_BYTES = 32 * 2**20  # of the values of a block in flight: enough rows for all cores
MAX_BLOCK_ROWS = 2**14

_Result = TypeVar("_Result")


class Run:
    """A network's run over an input. Call `outputs` or `traces`, once.

    `done(rows)` is called after each block, with the number of rows done so far. After the run,
    `not_finite` says where the first NaN or infinity arose, if one did.
    """

    def __init__(
        self, network: Network, inputs: Inputs, done: Callable[[int], None] = lambda rows: None
    ) -> None:
        self.network, self.inputs, self.done = network, inputs, done
        self.not_finite: NotFinite | None = None

    def outputs(self) -> Iterator[Array]:
        """Y, block by block. Raises NetrunnerError if a call of the network would."""
        sizes = [self.network.input_size, *(layer.size for layer in self.network.layers)]
        return self._run(self.network.silent_output, 2 * max(sizes))

    def traces(self) -> Iterator[Trace]:
        """Traces of the blocks. Raises NetrunnerError if `Network.trace` would."""
        sizes = [layer.size for layer in self.network.layers]

        def trace(X: Array, name: RowName) -> tuple[Trace, NotFinite | None]:
            result = self.network.silent_trace(X, name)
            return result, result.not_finite

        return self._run(trace, 2 * (self.network.input_size + sum(sizes)))

    def _run(
        self, step: Callable[[Array, RowName], tuple[_Result, NotFinite | None]], values: int
    ) -> Iterator[_Result]:
        """The result of a step for each block; a row takes `values` numbers in flight."""
        at_once = max(1, min(MAX_BLOCK_ROWS, BLOCK_BYTES // (8 * values)))
        rows = 0
        for X in checked_blocks(self.network, self.inputs, at_once):
            pieces = range(0, max(len(X), 1), at_once) if X.ndim == 2 else [None]
            for first in pieces:
                piece = X if first is None else X[first : first + at_once]
                result, not_finite = step(piece, names_from(rows))
                if not_finite is not None:
                    self._note(not_finite)
                yield result
                rows += len(np.atleast_2d(piece))
                self.done(rows)

    def _note(self, found: NotFinite) -> None:
        """Remember where the first value that is not finite arose: by layer, then by row."""
        if self.not_finite is None or found.layer < self.not_finite.layer:
            self.not_finite = found


def whole_input(network: Network, inputs: Inputs) -> Array:
    """All rows of an input at once, checked. Raises NetrunnerError."""
    blocks = [*checked_blocks(network, inputs, inputs.count or MAX_BLOCK_ROWS)]
    return blocks[0] if len(blocks) == 1 else np.concatenate(blocks)


def checked_blocks(network: Network, inputs: Inputs, at_once: int) -> Iterator[Array]:
    """The blocks of an input as the network takes them. Raises NetrunnerError."""
    if inputs.width is not None:  # so that rows of the wrong width are never read
        checked(network, InputRows(inputs.name, np.empty((0, inputs.width))))
    rows = 0
    for block in inputs.blocks(at_once):
        X = checked(network, block, rows)
        yield X
        rows += len(np.atleast_2d(X))


def checked(network: Network, given: InputRows, before: int = 0) -> Array:
    """Rows as the network takes them, after `before` others. Raises NetrunnerError."""
    if not before:
        given.check_columns(network.input_names)
    try:
        return as_input(given.rows, network, names_from(before))
    except Fault as fault:
        raise NetrunnerError(given.problem(fault, network.input_names)) from None
