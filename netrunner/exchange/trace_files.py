"""Saved traces: .json and .npz as `run` writes them, or an .npz of a script's variables."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from netrunner.files.arrays import StoredArray, stored_arrays
from netrunner.files.opening import open_regular, read_text
from netrunner.network.trace import FORMAT, SavedLayer, Subject, Trace
from netrunner.problems.problem import Fault, about
from netrunner.problems.words import listed, quote

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_JSON_BYTES = 16 * 2**20
MAX_JSON_LISTS = 1_000_000
MAX_JSON_VALUES = 4_000_000
MAX_VALUES = 2**24  # in an .npz


@dataclass(frozen=True, eq=False)
class SavedTrace:
    """The input of a run, and its arrays by their names: A1, Z1, …, Y.

    Their shapes are known before any value is read.
    """

    network: str
    input: NDArray[Any]
    layers: tuple[SavedLayer, ...]
    arrays: Mapping[str, StoredArray]


def load_trace(path: str | os.PathLike[str]) -> Trace:
    """The trace in a .json or .npz file, as `run` and `Trace.save` write it.

    It has no weights, so it can be looked at and compared, but not explained. Raises
    NetrunnerError.
    """
    name = os.fspath(path)
    with about(name), saved_trace(Path(path), name) as saved:
        arrays = [
            (saved.arrays[f"A{layer.index}"].read(), saved.arrays[f"Z{layer.index}"].read())
            for layer in saved.layers
        ]
        return Trace(Subject(saved.network, None, None, saved.layers), saved.input, arrays)


@contextmanager
def saved_trace(path: Path, name: str, outputs_only: bool = False) -> Iterator[SavedTrace]:
    """The trace in a file, which stays open while the context lasts; X and Y may be enough.

    Raises Fault.
    """
    suffix = path.suffix.lower()
    if suffix == ".json":
        yield _with_shapes_that_fit(_from_json(path, name))
    elif suffix == ".npz":
        with stored_arrays(path) as arrays:
            if outputs_only and {"X", "Y"} <= arrays.keys():  # whatever stands between
                arrays = {"X": arrays["X"], "Y": arrays["Y"], "A1": arrays["Y"]}
            yield _with_shapes_that_fit(_from_npz(path, arrays))
    else:
        raise Fault("unknown-file-type", "a saved trace is a .json or .npz file")


def has_inputs(path: Path) -> bool:
    """Whether a .json file, by its beginning, is a network file and not a trace."""
    try:
        with open_regular(path) as file:
            beginning = file.read(4096)
    except (Fault, OSError):
        return False  # the reader reports why not
    return b"inputs" in beginning and b'"format"' not in beginning


def holds_weights(path: Path) -> bool:
    """Whether an .npz file holds weights: arrays, and none of a trace's."""
    try:
        with stored_arrays(path) as arrays:
            return bool(arrays) and not arrays.keys() & {"X", "A1", "Y"}
    except (Fault, OSError):
        return False  # the reader reports why not


def _with_shapes_that_fit(trace: SavedTrace) -> SavedTrace:
    """The trace, of one row or of many, each A and Z with at least one neuron. Raises Fault."""
    X = trace.input
    if X.ndim not in (1, 2) or X.shape[-1] == 0:
        message = f"X has shape {X.shape}: a trace's input is (inputs,) or (rows, inputs)"
        raise Fault("wrong-format", message)
    pairs = [(f"A{each.index}", f"Z{each.index}") for each in trace.layers]
    for pair in [*pairs, (pairs[-1][1], "Y")]:
        one, other = (trace.arrays[name].shape for name in pair)
        fits = len(one) == X.ndim and one[:-1] == X.shape[:-1] and one[-1] > 0
        if not fits or one != other:
            Y = trace.arrays["Y"]  # which may stand for an A and a Z that are missing
            names = dict.fromkeys("Y" if trace.arrays[name] is Y else name for name in pair)
            shapes = " and ".join(f"{name} {trace.arrays[name].shape}" for name in names)
            raise Fault("wrong-format", f"the shapes do not fit: {shapes} for an input {X.shape}")
    return trace


def _from_npz(path: Path, arrays: Mapping[str, StoredArray]) -> SavedTrace:
    arrays = dict(arrays)
    layers = 0
    while {f"A{layers + 1}", f"Z{layers + 1}"} <= arrays.keys():
        layers += 1
    # A script that ends with Y = identity(A3) has no Z3.
    if f"A{layers + 1}" in arrays and "Y" in arrays:
        layers += 1
        arrays[f"Z{layers}"] = arrays["Y"]
    beyond = {f"{letter}{layers + i}" for letter in "AZ" for i in (1, 2)}
    if layers == 0 or not {"X", "Y"} <= arrays.keys() or beyond & arrays.keys():
        held = listed(map(quote, arrays)) or "nothing"
        message = f"not a trace: a trace holds X, A1, Z1, …, Y, and this file holds {held}"
        hint = "to compare Y alone: netrunner compare --outputs-only"
        raise Fault("wrong-format", message, hint if {"X", "Y"} <= arrays.keys() else None)
    names = ["X", "Y", *(f"{letter}{i}" for i in range(1, layers + 1) for letter in "AZ")]
    values = sum(math.prod(arrays[each].shape) for each in names)
    if values > MAX_VALUES:
        raise Fault("too-large", f"a trace of {values:,} values; the limit is {MAX_VALUES:,}")
    labels = tuple(SavedLayer(i, None, "", {}) for i in range(1, layers + 1))
    return SavedTrace(path.stem, arrays["X"].read(), labels, arrays)


def _from_json(path: Path, name: str) -> SavedTrace:
    source = read_text(path, name, MAX_JSON_BYTES)
    lists = source.text.count("[") + source.text.count("{")
    if lists > MAX_JSON_LISTS or source.text.count(",") > MAX_JSON_VALUES:
        message = f"more than {MAX_JSON_VALUES:,} values: save a trace of this size as .npz"
        raise Fault("too-large", message)
    try:
        content = json.loads(source.text, parse_int=float)
    except json.JSONDecodeError as error:
        place = source.place(error.pos)
        raise Fault("damaged-file", f"not JSON: {error.msg}", place=place) from None
    except RecursionError:
        raise Fault("too-deep", "nested too deeply") from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        message = f"not a trace: run --format json writes an object with the format {FORMAT}"
        raise Fault("wrong-format", message)
    layers = content.get("layers")
    if not isinstance(layers, list) or not layers:
        raise Fault("wrong-format", "'layers' is not a list of layers")
    X = _array(content.get("input"), "'input'")
    arrays = {"Y": StoredArray.of(_array(content.get("output"), "'output'"))}
    labels = []
    for i, layer in enumerate(layers, 1):
        if not isinstance(layer, dict):
            raise Fault("wrong-format", f"layer {i} is not an object")
        for letter in "AZ":
            values = _array(layer.get(letter), f"{letter} of layer {i}")
            arrays[f"{letter}{i}"] = StoredArray.of(values)
        labels.append(_labels(i, layer))
    network = content.get("network")
    return SavedTrace(network if isinstance(network, str) else path.stem, X, tuple(labels), arrays)


def _labels(index: int, layer: Mapping[str, Any]) -> SavedLayer:
    """A layer's name and activation, as far as the file has them."""
    name, activation, parameters = (layer.get(key) for key in ("name", "activation", "parameters"))
    return SavedLayer(
        index,
        name if isinstance(name, str) else None,
        activation if isinstance(activation, str) else "",
        parameters if isinstance(parameters, dict) else {},
    )


_SPECIAL = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def _array(value: Any, what: str) -> NDArray[np.float64]:
    """A list of numbers, or a list of such lists, as an array. Raises Fault."""
    if value == []:
        raise Fault("no-values", f"{what} is empty: the trace has no rows")
    if not isinstance(value, list):
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
