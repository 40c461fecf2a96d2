"""A network as the chapter's own script: plain numpy, readable, with the same A and Z."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import numpy as np

from netrunner.activations.activation import Array
from netrunner.exchange.counterparts import Counterpart
from netrunner.exchange.verify import counterpart_of
from netrunner.format.save import (
    WIDTH,
    Weights,
    made_up_input,
    matrix,
    weights_file,
    write_with_arrays,
)
from netrunner.network.layer import Layer, layer_title
from netrunner.network.network import Network
from netrunner.problems.words import printable

SHOW = '''\
def show(name, array):
    """Print an array in full."""
    text = np.array2string(array, max_line_width=79, threshold=array.size + 1, prefix=" " * 5)
    print(f"{name:<2} = {text}")
'''


def write(network: Network, path: Path, weights: Weights = "auto") -> list[Path]:
    """Write the script, and the .npz that holds its weights if they are many. Raises Fault."""
    stored = weights_file(network, path, weights)
    return write_with_arrays(path, lambda name: script_text(network, name), stored, network)


def script_text(network: Network, stored: str | None = None) -> str:
    """The network as a Python script; `stored` names the .npz beside it that holds the weights.

    Raises Fault if an activation is not known in plain numpy.
    """
    functions = {layer.activation.name: _counterpart(layer) for layer in network.layers}
    sources = [function.source for function in functions.values()]
    imports = ["import math"] if any("math." in source for source in sources) else []
    imports += ["from pathlib import Path"] if stored else []
    parts = [_heading(network), "\n".join([*imports, *[""] * bool(imports), "import numpy as np"])]
    parts += ["\n" + source + "\n" for source in [*sources, SHOW]]
    if stored:
        load = f"with np.load(Path(__file__).with_name({stored!r})) as stored:"
        parts.append(f"{load}\n    parameters = dict(stored)")
    parts.append("\n".join(_input(network)))
    before = "X"
    for layer in network.layers:
        parts.append("\n".join(_layer(layer, before, stored)))
        before = f"Z{layer.index}"
    parts.append("\n".join([*_names("outputs", network.output_names), f"Y = {before}"]))
    values = ["X"] + [f"{each}{layer.index}" for layer in network.layers for each in "AZ"] + ["Y"]
    parts.append("\n".join(f'show("{value}", {value})' for value in values))
    return "\n\n".join(parts).replace("\n\n\n\n", "\n\n\n") + "\n"


def _counterpart(layer: Layer) -> Counterpart:
    def evaluate(known: Counterpart, a: Array) -> Array:
        z: Array = known.function(a, **layer.parameters)
        return z

    return counterpart_of(layer, "plain numpy", evaluate)


def _heading(network: Network) -> str:
    written = "Written by netrunner; needs only numpy. Try other numbers in X."
    lines = [network.name, *network.description.split("\n"), "", written]
    comments = [_comment(line) for line in lines if line or network.description]
    # In the first line, so that no name or description can declare another encoding (PEP 263).
    return "\n".join(["# coding: utf-8", *comments])


def _comment(text: str) -> str:
    wrapped = textwrap.wrap(printable(text), WIDTH - 2, break_on_hyphens=False) or [""]
    return "\n".join(f"# {line}".rstrip() for line in wrapped)


def _names(what: str, names: tuple[str, ...] | None) -> list[str]:
    return [] if names is None else [_comment(f"{what}: {', '.join(names)}")]


def _array(symbol: str, array: Any) -> list[str]:
    lines = matrix(f"{symbol} = np.array(", array)
    lines[-1] += ", dtype=np.float32)" if array.dtype == np.float32 else ")"
    return lines


def _input(network: Network) -> list[str]:
    x = network.examples[0].input if network.examples else made_up_input(network)
    return [*_names("inputs", network.input_names), *_array("X", x)]


def _layer(layer: Layer, before: str, stored: str | None) -> list[str]:
    i, name = layer.index, layer.activation.name
    inputs, size = layer.weights.shape
    lines = [f"# {layer_title(i, layer.name)}: {inputs} → {size}"]
    for symbol, array in ((f"W{i}", layer.weights), (f"B{i}", layer.biases)):
        if stored is None:
            lines += _array(symbol, array)
        else:
            lines.append(f'{symbol} = parameters["{symbol}"]  # {array.shape}')
    parameters = "".join(f", {key}={value!r}" for key, value in layer.parameters.items())
    return [*lines, f"A{i} = {before} @ W{i} + B{i}", f"Z{i} = {name}(A{i}{parameters})"]
