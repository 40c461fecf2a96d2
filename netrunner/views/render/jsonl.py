"""A trace as JSON Lines: one object for each row; the values are written as in JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import count
from typing import Any, TextIO

import numpy as np

from netrunner.activations.activation import Array
from netrunner.network.trace import Trace
from netrunner.views.render.json import about_layer, encoder, values


def write_blocks(traces: Iterable[Trace], stream: TextIO) -> None:
    """Write the whole trace, which comes in blocks of rows; rows count from 1."""
    numbers, encode = count(1), encoder(stream).encode
    for trace in traces:
        layers = [(about_layer(each), _rows(each.A), _rows(each.Z)) for each in trace.layers]
        for row, (X, Y) in enumerate(zip(_rows(trace.input), _rows(trace.output), strict=True)):
            steps = [about | {"A": A[row], "Z": Z[row]} for about, A, Z in layers]
            line = {"row": next(numbers), "input": X, "layers": steps, "output": Y}
            stream.write(encode(line) + "\n")


def write_output(
    network: str, names: Sequence[str] | None, outputs: Iterable[Array], stream: TextIO
) -> None:
    """Write the rows of Y alone."""
    numbers, encode = count(1), encoder(stream).encode
    for output in outputs:
        for Y in _rows(output):
            stream.write(encode({"row": next(numbers), "output": Y}) + "\n")


def _rows(array: Array) -> list[Any]:
    rows: list[Any] = values(np.atleast_2d(array))
    return rows
