"""A trace as CSV: one row per (row, layer, neuron), all three counted from 1."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

import numpy as np

from netrunner.layer import Array
from netrunner.render.json import number
from netrunner.trace import Trace

HEADER = "row,layer,neuron,a,z\n"


def write(trace: Trace, stream: TextIO) -> None:
    """The whole trace."""
    stream.write(HEADER)
    layers = [
        (layer.index, np.atleast_2d(layer.A).tolist(), np.atleast_2d(layer.Z).tolist())
        for layer in trace.layers
    ]
    for row in range(len(np.atleast_2d(trace.input))):
        for index, A, Z in layers:
            for neuron, (a, z) in enumerate(zip(A[row], Z[row], strict=True), 1):
                stream.write(f"{row + 1},{index},{neuron},{number(a)},{number(z)}\n")


def write_output(network: str, output: Array, stream: TextIO) -> None:
    """The rows of Y alone."""
    for row in np.atleast_2d(output).tolist():
        stream.write(_line(map(number, row)))


def _line(fields: Iterable[float | str]) -> str:
    return ",".join(map(str, fields)) + "\n"
