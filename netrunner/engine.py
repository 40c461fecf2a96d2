"""The forward pass, for one row or a million.

The idea is the book's two lines, in `forward`. Around them stands what makes it trustworthy: a
plugin's function is called with memory that it cannot change, and what it returns is checked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from netrunner.errors import NetrunnerError, Problem
from netrunner.layer import Array, Layer
from netrunner.source import Place, quote


def forward(layers: Sequence[Layer], X: Array) -> Iterator[tuple[Layer, Array, Array]]:
    """Each layer with its A and Z, in order, for X of shape (inputs,) or (rows, inputs).

    Overflow is silent here: who runs the pass looks with `first_not_finite`.
    Raises NetrunnerError where a plugin's function misbehaves.
    """
    for layer in layers:
        with np.errstate(all="ignore"):
            A = X @ layer.weights + layer.biases
            Z = layer.h(A) if layer.origin.kind == "built-in" else _call_plugin(layer, A)
        yield layer, A, Z
        X = Z


def _call_plugin(layer: Layer, A: Array) -> Array:
    # Memory of a bytes object is the only kind that a function cannot make writable again.
    frozen = np.frombuffer(A.tobytes(), A.dtype).reshape(A.shape) if A.size else A.copy()
    try:
        Z = layer.h(frozen)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a plugin may even call sys.exit
        raise NetrunnerError(_plugin_problem(layer, *_what_it_did(error))) from error
    wrong = what_is_wrong_with_result(Z, A.shape)
    if wrong:
        raise NetrunnerError(_plugin_problem(layer, "plugin-result", wrong))
    # A copy, so that what the plugin keeps of its result cannot change the run's later.
    return np.array(Z, dtype=A.dtype)


def _what_it_did(error: BaseException) -> tuple[str, str]:
    if isinstance(error, ValueError) and "read-only" in str(error):
        return "plugin-changes-input", f"changes its input, which it must not ({error})"
    return "plugin-raised", describe_exception(error)


def describe_exception(error: BaseException) -> str:
    """What a plugin's exception did, in a line."""
    if isinstance(error, SystemExit):
        return f"tried to exit the program (SystemExit: {error.code})"
    words = " ".join(str(error).split())
    return f"raised {type(error).__name__}" + (f": {words}" if words else "")


def what_is_wrong_with_result(Z: Any, shape: tuple[int, ...]) -> str | None:
    """Why Z is not what an activation may return for an input of this shape, or None."""
    if type(Z) is not np.ndarray:
        return f"returned {type(Z).__name__}, not a numpy array"
    if Z.dtype.kind not in "fiub":
        return f"returned an array of {Z.dtype}, not of real numbers"
    if Z.shape != shape:
        return f"returned shape {Z.shape} for an input of shape {shape}"
    return None


def _plugin_problem(layer: Layer, code: str, did: str) -> Problem:
    origin = layer.origin
    name = quote(layer.activation.name)
    message = f"{layer.title}: activation {name} of plugin {quote(origin.plugin)} {did}"
    return Problem(code, Place(origin.file, origin.line), message)


@dataclass(frozen=True, slots=True)
class NotFinite:
    """Where the first NaN or infinity of a run arose; rows and neurons count from 1.

    `row` is None for a single input; `symbol` is A or Z.
    """

    layer: Layer
    symbol: str
    row: int | None
    neuron: int
    value: float
    a: float

    def __str__(self) -> str:
        row = f", row {self.row}" if self.row is not None else ""
        where = f"{self.layer.title}, neuron {self.neuron}{row}"
        name = quote(self.layer.activation.name)
        if self.symbol == "A":
            return f"{where}: A is {self.value}, so {name} gets no finite number"
        return f"{where}: {name} gives {self.value} for A = {self.a!r}"


def first_not_finite(layer: Layer, A: Array, Z: Array) -> NotFinite | None:
    """The first value of this layer that is not finite, if there is one."""
    for symbol, values in (("A", A), ("Z", Z)):
        finite = np.isfinite(values)
        if not finite.all():
            where = tuple(int(i) for i in np.argwhere(~finite)[0])
            row = where[0] + 1 if len(where) > 1 else None
            value, a = float(values[where]), float(A[where])
            return NotFinite(layer, symbol, row, where[-1] + 1, value, a)
    return None
