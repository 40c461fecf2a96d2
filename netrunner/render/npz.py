"""A trace as numpy's .npz: X, A1, Z1, …, Y."""

from __future__ import annotations

from typing import Any, BinaryIO

import numpy as np

from netrunner.layer import Array
from netrunner.trace import Trace


def write(trace: Trace, stream: BinaryIO) -> None:
    """The whole trace."""
    arrays: dict[str, Any] = {"X": trace.input}
    for layer in trace.layers:
        arrays |= {f"A{layer.index}": layer.A, f"Z{layer.index}": layer.Z}
    np.savez(stream, **arrays, Y=trace.output)


def write_output(network: str, output: Array, stream: BinaryIO) -> None:
    """Y alone."""
    np.savez(stream, Y=output)
