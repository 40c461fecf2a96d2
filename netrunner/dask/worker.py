"""What a worker does with a block of rows: read, run and write it, and report problems."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from typing import NamedTuple

import numpy as np

from netrunner import __version__
from netrunner.activations.activation import Array
from netrunner.dask import sources
from netrunner.dask.portable import Portable
from netrunner.dask.sinks import Sink
from netrunner.dask.sources import Block, Part
from netrunner.network.engine import NotFinite
from netrunner.network.network import Network, as_input
from netrunner.problems.problem import Fault, NetrunnerError, Problem, about
from netrunner.problems.rows import names_from
from netrunner.problems.source import Place

_at_work: Counter[str] = Counter()  # folders that this process is writing into
_counting = threading.Lock()


class Outcome(NamedTuple):
    """The outcome of a block: its problems, and where a value was not finite."""

    problems: tuple[Problem, ...] = ()
    not_finite: NotFinite | None = None


def run_block(block: Block, portable: Portable, sink: Sink, output: str, version: str) -> Outcome:
    """Run the network on a block, and write its output; messages call that `output`.

    `version` is the client's: this worker may have joined after the versions were checked.
    """
    if version != __version__:
        did = f"has netrunner {__version__}, but here it is {version}"
        message = f"a worker that joined during the run {did}"
        return Outcome((Problem("worker-version", Place("--scheduler"), message),))
    with _counting:
        _at_work[sink.folder] += 1
    try:
        network = portable.network
        X = _rows(block, network)
        Y, not_finite = network.silent_output(X, names_from(block.first))
        try:
            sink.write(block.index, block.first, Y)
        except Fault as fault:
            return Outcome((fault.at(Place(output)),))
        return Outcome(not_finite=not_finite)
    except NetrunnerError as error:
        return Outcome(error.problems)
    finally:
        with _counting:
            _at_work[sink.folder] -= 1
            if not _at_work[sink.folder]:
                del _at_work[sink.folder]


def _rows(block: Block, network: Network) -> Array:
    """The rows of a block as the network takes them. Raises NetrunnerError."""
    pieces = [_piece(part, first, end, network) for part, first, end in block.pieces]
    if not pieces:
        return np.empty((0, network.input_size), network.dtype)
    return pieces[0] if len(pieces) == 1 else np.concatenate(pieces)


def _piece(part: Part, first: int, end: int, network: Network) -> Array:
    with about(part.name):
        return as_input(sources.read(part, first, end), network, names_from(first))


async def settled(folder: str, patience: float) -> None:
    """Wait until this process no longer writes into a folder, which has been renamed."""
    end = time.monotonic() + patience
    while _at_work[folder] and time.monotonic() < end:
        await asyncio.sleep(0.02)
