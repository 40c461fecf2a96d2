"""A trace as JSON: always valid, and each float has the digits that restore it exactly.

JSON has no numbers that are not finite, so they are written as the strings "NaN", "Infinity" and
"-Infinity". Each layer is on its own line, so that two traces can be compared line by line.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from typing import Any, TextIO

import numpy as np

from netrunner.activations.activation import Array
from netrunner.network.trace import FORMAT, LayerTrace, Trace

OUTPUT_FORMAT = "netrunner-output/1"


def write_blocks(traces: Iterable[Trace], stream: TextIO) -> None:
    """Write the whole trace, which comes in one block: the rows of a layer belong together."""
    (trace,) = traces
    head = {"format": FORMAT, "network": trace.network, "input": values(trace.input)}
    layers = ",\n  ".join(_text(_layer(layer), stream) for layer in trace.layers)
    stream.write(_text(head, stream)[:-1] + ',\n "layers": [\n  ' + layers + '],\n "output": ')
    stream.write(_text(values(trace.output), stream) + "}\n")


def write_output(
    network: str, names: Sequence[str] | None, outputs: Iterable[Array], stream: TextIO
) -> None:
    """Write Y alone, which comes in blocks of rows."""
    head = {"format": OUTPUT_FORMAT, "network": network}
    stream.write(_text(head, stream)[:-1] + ', "output": [')
    gap = ""
    for output in outputs:
        if len(output):
            stream.write(gap + _text(values(output), stream)[1:-1])
            gap = ", "
    stream.write("]}\n")


def dump(content: Any, stream: TextIO, indent: int | None = None) -> None:
    """Any other data as JSON, with a line end."""
    stream.write(_text(content, stream, indent) + "\n")


def _layer(layer: LayerTrace) -> dict[str, Any]:
    return about_layer(layer) | {"A": values(layer.A), "Z": values(layer.Z)}


def about_layer(layer: LayerTrace) -> dict[str, Any]:
    """The data of a layer that are the same in every run."""
    return {
        "index": layer.index,
        "name": layer.name,
        "activation": layer.activation,
        "parameters": dict(layer.parameters),
    }


def values(array: Array) -> Any:
    """An array as nested lists of floats, and of strings for what is not finite."""
    lists = array.tolist()
    return lists if np.isfinite(array).all() else _spelt(lists)


def _spelt(value: Any) -> Any:
    return [_spelt(item) for item in value] if isinstance(value, list) else number(value)


def number(value: float) -> float | str:
    """A float, or the string for it if it is not finite."""
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _text(content: Any, stream: TextIO, indent: int | None = None) -> str:
    return encoder(stream, indent).encode(content)


def encoder(stream: TextIO, indent: int | None = None) -> json.JSONEncoder:
    """An encoder whose JSON the stream can encode."""
    utf8 = stream.encoding is None or stream.encoding.lower() in ("utf-8", "utf8")
    return json.JSONEncoder(ensure_ascii=not utf8, allow_nan=False, indent=indent)
