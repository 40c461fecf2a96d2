"""What the page's scripts get: the network, the input, and the inputs to choose from, as JSON.

docs/page.md describes it.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from netrunner.activations.activation import Array
from netrunner.lesson.worked import filled
from netrunner.network.network import Network
from netrunner.network.trace import Trace
from netrunner.problems.words import printable
from netrunner.views.html import Markup, element
from netrunner.views.pictures.sampling import Applied, Values
from netrunner.views.render.json import values

FORMAT = "netrunner-page/1"
MOST_STATES = 100
COMPUTED = {"identity", "relu", "sigmoid", "softmax", "step"}  # by model.js

Run: TypeAlias = list[tuple[Array, Array]]  # the A and Z of each layer, for one row


@dataclass(frozen=True)
class State:
    """An input that can be chosen; with its run, if the page cannot compute it."""

    label: str
    x: Array
    run: Run | None = None


def is_live(network: Network) -> bool:
    """Whether the page can compute the network by itself."""
    return not not_computed(network)


def not_computed(network: Network) -> list[str]:
    """The activations that the page cannot compute: a plugin's, and any that model.js lacks."""
    names = (
        layer.activation.name
        for layer in network.layers
        if layer.origin.kind != "built-in" or layer.activation.name not in COMPUTED
    )
    return list(dict.fromkeys(names))


def states(
    network: Network, batch: Trace, row: int, points: Sequence[Values]
) -> tuple[list[State], list[Values]]:
    """The inputs to choose from, and h at the `points` of each layer.

    The inputs are the rows of the run, row `row` among them, and the file's examples. Each
    function is called once, whatever is asked for.
    """
    labels: list[str]
    rows: list[Array]
    if batch.rows is None:
        labels, rows = ["the input of this run"], [batch.input]
    else:
        rows = list(batch.input[:MOST_STATES])
        labels = [f"row {row}" for row in range(1, len(rows) + 1)]
        if row > MOST_STATES:
            labels[-1], rows[-1] = f"row {row}", batch.input[row - 1]
    here = len(rows)
    for number, example in enumerate(network.examples, 1):
        inputs = np.atleast_2d(example.input)
        for n, x in enumerate(inputs, 1):
            labels.append(f"example {number}" + (f", row {n}" if len(inputs) > 1 else ""))
            rows.append(x)
    most = max(MOST_STATES, here)
    labels, rows = labels[:most], rows[:most]
    if is_live(network):
        layers = zip(network.layers, points, strict=True)
        heights = [Applied(layer)(a) if len(a) else a for layer, a in layers]
        return [State(label, x) for label, x in zip(labels, rows, strict=True)], heights
    run = [_row(batch.row(each)) for each in range(1, here + 1)]
    if row > MOST_STATES:
        run[-1] = _row(batch.row(row))
    others, heights = _run(network, np.array(rows[here:]).reshape(-1, network.input_size), points)
    run += others
    return [State(*each) for each in zip(labels, rows, run, strict=True)], heights


def _row(trace: Trace) -> Run:
    return [(step.A, step.Z) for step in trace.layers]


def _run(network: Network, X: Array, points: Sequence[Values]) -> tuple[list[Run], list[Values]]:
    """The runs of some rows, and h at the points of each layer, with one call of each function.

    h is element-wise, so its points may be further rows of A.
    """
    runs: list[Run] = [[] for _ in X]
    heights = []
    with np.errstate(all="ignore"):
        for layer, a in zip(network.layers, points, strict=True):
            A = X @ layer.weights + layer.biases
            more = np.resize(a, (-(-len(a) // layer.size), layer.size)).astype(network.dtype)
            Z = layer.h(np.vstack([A, more] if len(a) else [A]))
            heights.append(Z[len(A) :].ravel()[: len(a)].astype(np.float64))
            X = Z[: len(A)]
            for run, row in zip(runs, zip(A, X, strict=True), strict=True):
                run.append(row)
    return runs, heights


def data_script(
    network: Network, shown: Trace, choices: list[State], row: int, door: str
) -> Markup:
    """The data, as an element that browsers do not run."""
    text = json.dumps(
        _data(network, shown, choices, row, door), ensure_ascii=False, allow_nan=False
    )
    safe = text.replace("<", "\\u003c").replace("\u2028", " ").replace("\u2029", " ")
    return element("script", {"type": "application/json", "id": "data"}, Markup(safe))


def _data(
    network: Network, shown: Trace, choices: list[State], row: int, door: str
) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "dtype": str(network.dtype),
        "live": is_live(network),
        "door": door,
        "inputs": {"size": network.input_size, "names": _names(network.input_names)},
        "outputs": _names(network.output_names),
        "layers": [
            {
                "activation": layer.activation.name,
                "worked": filled(layer.activation, layer.parameters, "{a}"),
                "elementwise": layer.activation.elementwise,
                "softmax": layer.activation.is_softmax,
                "log": layer.activation.is_log_softmax,
                "shares": layer.activation.shares,
                "size": layer.size,
                "W": _bytes(layer.weights),
                "B": _bytes(layer.biases),
            }
            for layer in network.layers
        ],
        "x": values(shown.input),
        "at": min(row, MOST_STATES) - 1,
        "states": [_state(each) for each in choices],
    }


def _state(state: State) -> dict[str, Any]:
    found: dict[str, Any] = {"label": state.label, "x": values(state.x)}
    if state.run is not None:
        found["A"] = [values(A) for A, _ in state.run]
        found["Z"] = [values(Z) for _, Z in state.run]
    return found


def _names(names: tuple[str, ...] | None) -> list[str] | None:
    return None if names is None else [printable(name) for name in names]


def _bytes(values: Array) -> str:
    return b64encode(np.ascontiguousarray(values, dtype="<f8").tobytes()).decode()
