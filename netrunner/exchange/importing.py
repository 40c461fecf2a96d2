"""Networks from files of other tools: finds the reader, and builds the network."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from netrunner.activations.other_names import as_call
from netrunner.activations.plugins import load_registry
from netrunner.activations.registry import Registry
from netrunner.exchange.dense import DenseLayer, Imported
from netrunner.exchange.formats import (
    FORMATS,
    READ,
    ActivationName,
    Options,
    format_of,
    function,
    unknown,
)
from netrunner.files.numerals import parse_number
from netrunner.files.opening import open_regular
from netrunner.network.building import from_arrays
from netrunner.network.network import Example, Network
from netrunner.problems.problem import Fault, NetrunnerError, about
from netrunner.problems.source import Place
from netrunner.problems.words import quote


def import_network(
    source: str | os.PathLike[str],
    *,
    activations: str | Sequence[ActivationName] | None = None,
    plugins: Iterable[str | os.PathLike[str]] = (),
    separate_normalisation: bool = False,
    transpose: bool | None = None,
    order: str | Sequence[str] | None = None,
    output_name: str | None = None,
) -> Network:
    """The network in another tool's file; `exchange.formats` lists the formats.

    `activations` has one for each layer, and is needed if the file has only weights: a list
    such as ["relu", ("leaky_relu", {"alpha": 0.1})], or text, "relu, leaky_relu(alpha=0.1)".
    `plugins` are files and folders with activations. A normalisation at the front (ONNX) or at
    both ends (.nnet) is folded into the layer next to it, unless `separate_normalisation`.
    `transpose` says whether weights without a network are stored as (size, inputs); with None, the
    shapes decide. `order` names their layers from the input on, if neither names nor shapes
    settle it, as a list or as text with commas. `output_name` chooses an output of a model that
    has several.

    Nothing in the file is executed. Raises NetrunnerError.
    """
    path, name = Path(source), os.fspath(source)
    registry = load_registry(plugins)
    with about(name):
        if isinstance(activations, str):
            activations = in_text(activations)
        if isinstance(order, str):
            order = [each.strip() for each in order.split(",")]
        options = Options(name, activations, separate_normalisation, transpose, order, output_name)
        with np.errstate(all="ignore"):  # an overflow is refused later, as not finite
            imported = _read(path, options)
        layers = [_checked(layer, registry, imported.dtype) for layer in imported.layers]
    try:
        network = from_arrays(
            [(each.weights, each.biases, activation, each.name) for each, activation in layers],
            name=imported.name or path.stem,
            description=imported.description.strip()
            or f"Imported from {path.name} ({imported.origin}).",
            inputs=imported.inputs,
            outputs=imported.outputs,
            dtype=imported.dtype,
            registry=registry,
        )
    except NetrunnerError as error:
        raise NetrunnerError(
            replace(each, place=Place(name), message=f"{each.place.file}: {each.message}")
            for each in error.problems
        ) from None
    if imported.example_input is None:
        return network
    x = imported.example_input.astype(network.dtype)
    return replace(network, examples=(Example(x, network.silent_output(x)[0]),))


def _read(path: Path, options: Options) -> Imported:
    """What the reader for the file's format returns. Raises Fault."""
    kind = format_of(path)
    if kind is None or not kind.read:
        with open_regular(path) as file:
            beginning = file.read(4)
        raise unknown(path, READ, kind.not_read if kind else "", _rename(beginning))
    left_out = Options("")
    for option in ("activations", "separate_normalisation", "order", "transpose", "output_name"):
        if getattr(options, option) != getattr(left_out, option) and option not in kind.takes:
            raise _unneeded(option, path.suffix.lower())
    imported: Imported = function(kind.read)(path, options)
    return imported


def _unneeded(option: str, suffix: str) -> Fault:
    if option == "activations":
        message = f"activations are only for files of weights; a {suffix} file has its own"
        return Fault("unneeded-activations", message)
    message = f"--{option.replace('_', '-')} does not apply to a {suffix} file"
    return Fault("unneeded-option", message)


def in_text(activations: str) -> list[ActivationName]:
    """The activations in "relu, leaky_relu(alpha=0.1)". Raises Fault."""
    return [_activation(each.strip()) for each in re.split(r",(?![^(]*\))", activations)]


def _activation(text: str) -> ActivationName:
    if (call := as_call(text)) is None:
        return text
    name, arguments = call
    keys = {key for key, _ in arguments}
    if "" in keys or len(keys) < len(arguments):
        message = f"{quote(text)} is not an activation with parameters"
        raise Fault("wrong-parameter", message, "write leaky_relu(alpha=0.1)")
    # A parameter may be text, such as gelu's approximate=tanh.
    return name, {
        key: value if value[:1].isalpha() else parse_number(value) for key, value in arguments
    }


def _rename(beginning: bytes) -> str | None:
    for each in FORMATS:
        if each.begins and beginning.startswith(each.begins):
            return f"it begins like a {each.suffixes[0]} file: if it is one, rename it"
    return None


def _checked(
    layer: DenseLayer, registry: Registry, dtype: np.dtype[Any]
) -> tuple[DenseLayer, tuple[str, dict[str, Any]]]:
    """The layer, and its activation without the parameters at their defaults. Raises Fault."""
    registered = registry.get(layer.activation)
    if registered is None:
        fault = registry.unknown(layer.activation)
        if layer.said_by:
            fault.message = f"{layer.said_by}: {fault.message}"
        if layer.activation:
            fault.hint = fault.hint or "name the plugin that adds it: --plugins PATH"
        raise fault
    parameters = {
        key: _as_meant(value, dtype)
        for key, value in layer.parameters.items()
        if value != registered.defaults.get(key)
        and _as_meant(value, dtype) != registered.defaults.get(key)
    }
    return layer, (layer.activation, parameters)


def _as_meant(value: Any, dtype: np.dtype[Any]) -> Any:
    """A parameter as a person would write it: for a float32 network, in float32's digits.

    ONNX keeps 0.01 as a float32, 0.009999999776482582, and a float64 network has to keep that.
    """
    if dtype == np.float32 and isinstance(value, float) and float(np.float32(value)) == value:
        return float(str(np.float32(value)))
    return value
