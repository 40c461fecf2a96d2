"""A trace as CSV: one row per (row, layer, neuron), all three counted from 1."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from csv import writer
from typing import TextIO

import numpy as np

from netrunner.activations.activation import Array
from netrunner.network.trace import Trace
from netrunner.views.render.json import values

HEADER = "row,layer,neuron,a,z\n"


def write_blocks(traces: Iterable[Trace], stream: TextIO) -> None:
    """Write the whole trace, which comes in blocks of rows."""
    stream.write(HEADER)
    rows = 0
    for trace in traces:
        layers = [
            (layer.index, values(np.atleast_2d(layer.A)), values(np.atleast_2d(layer.Z)))
            for layer in trace.layers
        ]
        for row in range(len(np.atleast_2d(trace.input))):
            rows += 1
            for index, A, Z in layers:
                for neuron, (a, z) in enumerate(zip(A[row], Z[row], strict=True), 1):
                    stream.write(f"{rows},{index},{neuron},{a},{z}\n")


def write_output(
    network: str, names: Sequence[str] | None, outputs: Iterable[Array], stream: TextIO
) -> None:
    """Write the rows of Y alone, below the names of the outputs, or y1, y2, …"""
    rows = writer(stream, lineterminator="\n")
    for i, output in enumerate(outputs):
        Y = np.atleast_2d(output)
        if i == 0:
            rows.writerow(names or [f"y{k}" for k in range(1, Y.shape[1] + 1)])
        rows.writerows(values(Y))
