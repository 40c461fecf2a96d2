"""Networks on Dask arrays: `netrunner.dask.predict`. Needs the extra `[dask]`."""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from netrunner.dask.portable import Portable
from netrunner.dask.sources import sample
from netrunner.network.network import Network, as_input
from netrunner.problems.problem import (
    NetrunnerError,
    NetrunnerWarning,
    Problem,
    about,
    missing_package,
)
from netrunner.problems.rows import RowName, names_from, row_name
from netrunner.problems.source import Place

if TYPE_CHECKING:
    from dask.array import Array as DaskArray


def predict(network: Network, X: DaskArray) -> DaskArray:
    """The outputs Y of a network for a dask array X of shape (rows, inputs), lazily.

    Y has shape (rows, outputs), the network's dtype, and the row chunks of X, whose sizes may be
    unknown. If the columns of X are in several chunks, they are joined. The graph contains the
    network once, and each worker receives it once.

    Raises TypeError if X is not a dask array. Raises NetrunnerError at once if X has the wrong
    width, does not hold numbers, or dask is missing; and when Y is computed, if a value of X is not
    finite or a plugin misbehaves. Warns with NetrunnerWarning when Y is computed, if a value inside
    the network is not finite.
    """
    try:
        import dask.array
        from dask.delayed import delayed
    except ImportError:
        fault = missing_package("Dask arrays need", "dask", "dask")
        raise NetrunnerError(fault.at(Place("netrunner.dask"))) from None
    if not isinstance(X, dask.array.Array):
        raise TypeError(f"predict takes a dask array, not {type(X).__name__}: see da.from_array")
    if X.ndim != 2:
        message = f"an array of shape {X.shape}, but predict takes (rows, {network.input_size})"
        raise NetrunnerError(Problem("input-shape", Place("input"), message))
    width = network.input_size if math.isnan(X.shape[1]) else X.shape[1]
    network.as_input(sample(width, X.dtype, network))
    if len(X.chunks[1]) > 1:
        X = X.rechunk({1: -1})
    portable = Portable.of(network)
    # The result of a task, not an argument: dask would copy an argument into every task.
    opened = delayed(Portable, pure=True, traverse=False)(portable.packed)
    return dask.array.map_blocks(
        _predict,
        X,
        portable=opened,
        dtype=network.dtype,
        chunks=(X.chunks[0], (network.output_size,)),
        meta=np.empty((0, 0), network.dtype),
    )


def _predict(X: NDArray[Any], portable: Portable, block_info: Any = None) -> NDArray[Any]:
    network = portable.network
    location = block_info[0]["array-location"][0] if block_info else (0, 0)
    name: RowName
    if not any(map(math.isnan, location)):
        name = names_from(int(location[0]))
    else:  # the number of rows before this block is unknown
        block = block_info[0]["chunk-location"][0] + 1

        def name(row: int) -> str:
            return f"{row_name(row)} of block {block}"

    with about("input"):
        X = as_input(X, network, name)
    Y, not_finite = network.silent_output(X, name)
    if not_finite is not None:
        _warn(str(not_finite))
    return Y


def _warn(words: str) -> None:
    """Warn here and, on a worker of a cluster, in its client too."""
    try:
        from distributed.worker import warn
    except ImportError:  # no cluster: dask runs in this process
        warnings.warn(words, NetrunnerWarning, stacklevel=3)
    else:
        warn(words, NetrunnerWarning)
