"""Networks from the files of other tools: which reader takes a file, and what it becomes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from netrunner.activations.plugins import Registry, load_registry
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
from netrunner.files.opening import open_regular
from netrunner.network.building import from_arrays
from netrunner.network.network import Example, Network
from netrunner.problems.problem import Fault, NetrunnerError
from netrunner.problems.source import Place
from netrunner.problems.words import nearest, quote


def import_network(
    source: str | os.PathLike[str],
    *,
    activations: str | Sequence[ActivationName] | None = None,
    plugins: Iterable[str | os.PathLike[str]] = (),
    separate_normalisation: bool = False,
    transpose: bool | None = None,
) -> Network:
    """The network in another tool's file: .onnx, .safetensors, .npz, .pkl or .nnet.

    `activations` is one for each layer, as a list or with commas between, and is needed where the
    file has weights alone. `plugins` are files and folders with activations. A normalisation in
    front (ONNX) or at both ends (.nnet) is folded into the layer next to it, unless
    `separate_normalisation`. `transpose` says whether weights without a network are stored as
    (size, inputs); None has it told by the shapes.

    Nothing in the file is executed. Raises NetrunnerError.
    """
    path, name = Path(source), os.fspath(source)
    registry = load_registry(plugins)
    if isinstance(activations, str):
        activations = [each.strip() for each in activations.split(",")]
    options = Options(name, activations, separate_normalisation, transpose)
    try:
        with np.errstate(all="ignore"):  # what overflows is refused as weights that are not finite
            imported = _read(path, options)
        layers = [_checked(layer, registry, imported.dtype) for layer in imported.layers]
    except Fault as fault:
        raise NetrunnerError(fault.at(Place(name))) from None
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
    """What the reader of the file's format makes of it. Raises Fault."""
    kind = format_of(path)
    if kind is None or not kind.read:
        with open_regular(path) as file:
            beginning = file.read(4)
        raise unknown(path, READ, kind.not_read if kind else "", _rename(beginning))
    if kind.has_activations and options.activations is not None:
        message = f"activations are for weights alone; a {path.suffix.lower()} file has its own"
        raise Fault("unneeded-activations", message)
    imported: Imported = function(kind.read)(path, options)
    return imported


def _rename(beginning: bytes) -> str | None:
    for each in FORMATS:
        if each.begins and beginning.startswith(each.begins):
            return f"it begins like a {each.suffixes[0]} file: if it is one, rename it"
    return None


def _checked(
    layer: DenseLayer, registry: Registry, dtype: np.dtype[Any]
) -> tuple[DenseLayer, tuple[str, dict[str, Any]]]:
    """The layer, and its activation without parameters that have their default. Raises Fault."""
    registered = registry.get(layer.activation)
    if registered is None:
        of = f"{layer.said_by}: " if layer.said_by else ""
        message = f"{of}no activation {quote(layer.activation)} is known"
        near = nearest(layer.activation.lower(), registry)
        if layer.said_by or not near:
            hint = "name the plugin that adds it: --plugins PATH"
        else:
            hint = f"did you mean {quote(near)}?"
        raise Fault("unknown-activation", f"{message}; known are {', '.join(registry)}", hint)
    parameters = {
        key: _as_meant(value, dtype)
        for key, value in layer.parameters.items()
        if value != registered.defaults.get(key)
        and _as_meant(value, dtype) != registered.defaults.get(key)
    }
    return layer, (layer.activation, parameters)


def _as_meant(value: Any, dtype: np.dtype[Any]) -> Any:
    """A parameter as a person would write it: for a float32 network, in float32's digits.

    ONNX keeps 0.01 as a float32, 0.009999999776482582, which a float64 network has to live with.
    """
    if dtype == np.float32 and isinstance(value, float) and float(np.float32(value)) == value:
        return float(str(np.float32(value)))
    return value
