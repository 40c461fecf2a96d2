"""What a network is compared with: a trace that `run` wrote, or another network."""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from netrunner.files.arrays import StoredArray, stored_arrays
from netrunner.files.opening import read_text
from netrunner.network.network import Network
from netrunner.network.trace import FORMAT
from netrunner.problems.problem import Fault, NetrunnerWarning
from netrunner.problems.words import quote

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_JSON_BYTES = 16 * 2**20
MAX_JSON_LISTS = 1_000_000
MAX_JSON_VALUES = 4_000_000
MAX_VALUES = 2**24  # in an .npz


@dataclass(frozen=True, eq=False)
class Reference:
    """The input of a run, and its arrays by their names in a trace: A1, Z1, …, Y.

    Their shapes are known before any value is read. `dtype` is float32 where the run may have
    been one in float32.
    """

    input: NDArray[Any]
    layers: int
    arrays: Mapping[str, StoredArray]
    dtype: np.dtype[Any]


@contextmanager
def trace_in(path: Path, name: str) -> Iterator[Reference]:
    """The trace in a .json or .npz file, which stays open while the context lasts.

    Raises Fault.
    """
    suffix = path.suffix.lower()
    if suffix == ".json":
        yield _from_json(path, name)
    elif suffix == ".npz":
        with stored_arrays(path) as arrays:
            yield _from_npz(arrays)
    else:
        message = "a reference is a trace, .json or .npz, or a network file, .yaml"
        raise Fault("unknown-file-type", message)


def is_trace(path: str) -> bool:
    """Whether a file is a trace that can be read."""
    try:
        with trace_in(Path(path), path):
            return True
    except Fault:
        return False


def run_of(network: Network, X: NDArray[Any]) -> Reference:
    """A network's own run on X, as a reference."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NetrunnerWarning)  # a NaN shows where it is compared
        trace = network.trace(X)
    arrays = {"Y": _stored(trace.output)}
    for layer in trace.layers:
        arrays |= {f"A{layer.index}": _stored(layer.A), f"Z{layer.index}": _stored(layer.Z)}
    return Reference(X, len(trace.layers), arrays, network.dtype)


def _stored(array: NDArray[Any]) -> StoredArray:
    return StoredArray(array.shape, lambda: array)


def _from_npz(arrays: Mapping[str, StoredArray]) -> Reference:
    layers = 0
    while {f"A{layers + 1}", f"Z{layers + 1}"} <= arrays.keys():
        layers += 1
    if layers == 0 or not {"X", "Y"} <= arrays.keys():
        held = ", ".join(map(quote, list(arrays)[:8])) or "nothing"
        message = f"it is no trace, which holds X, A1, Z1, …, Y: it holds {held}"
        raise Fault("wrong-format", message)
    names = ["X", "Y", *(f"{letter}{i}" for i in range(1, layers + 1) for letter in "AZ")]
    values = sum(math.prod(arrays[each].shape) for each in names)
    if values > MAX_VALUES:
        raise Fault("too-large", f"a trace of {values:,} values, where {MAX_VALUES:,} are allowed")
    X = arrays["X"].read()
    return Reference(X, layers, arrays, X.dtype)


def _from_json(path: Path, name: str) -> Reference:
    source = read_text(path, name, MAX_JSON_BYTES)
    lists = source.text.count("[") + source.text.count("{")
    if lists > MAX_JSON_LISTS or source.text.count(",") > MAX_JSON_VALUES:
        message = f"more than {MAX_JSON_VALUES:,} values: keep a trace as large as this as .npz"
        raise Fault("too-large", message)
    try:
        content = json.loads(source.text, parse_int=float)
    except json.JSONDecodeError as error:
        place = source.place(error.pos)
        raise Fault("damaged-file", f"not JSON: {error.msg}", place=place) from None
    except RecursionError:
        raise Fault("too-deep", "nested too deep") from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        message = f"it is no trace that run --format json wrote ({FORMAT})"
        raise Fault("wrong-format", message)
    layers = content.get("layers")
    if not isinstance(layers, list) or not layers:
        raise Fault("wrong-format", "'layers' is not a list of layers")
    X = _array(content.get("input"), "'input'")
    arrays = {"Y": _stored(_array(content.get("output"), "'output'"))}
    for i, layer in enumerate(layers, 1):
        if not isinstance(layer, dict):
            raise Fault("wrong-format", f"layer {i} is not an object")
        for letter in "AZ":
            values = _array(layer.get(letter), f"{letter} of layer {i}")
            arrays[f"{letter}{i}"] = _stored(values)
    return Reference(X, len(layers), arrays, X.dtype)


_SPECIAL = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def _array(value: Any, what: str) -> NDArray[np.float64]:
    """A list of numbers, or a list of such lists, as an array. Raises Fault."""
    if not isinstance(value, list) or not value:
        raise Fault("wrong-format", f"{what} is not a list of numbers")
    if not isinstance(value[0], list):
        return np.array(_floats(value, what))
    rows = [_floats(row, what) for row in value]
    if any(len(row) != len(rows[0]) for row in rows):
        raise Fault("ragged-rows", f"the rows of {what} are not equally long")
    return np.array(rows)


def _floats(row: Any, what: str) -> list[float]:
    if isinstance(row, list):
        if set(map(type, row)) <= {float}:
            return row
        if all(type(v) is float or (type(v) is str and v in _SPECIAL) for v in row):
            return [_SPECIAL[v] if isinstance(v, str) else v for v in row]
    raise Fault("wrong-format", f"{what} is not a list of numbers")
