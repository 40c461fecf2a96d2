"""The forward pass, for one row or a million.

The idea is the book's two lines, in `forward`. Around them stands what makes it trustworthy: a
plugin's function is called with memory that it cannot change, and what it returns is checked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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


def first_not_finite(layer: Layer, A: Array, Z: Array) -> str | None:
    """Where in this layer the first NaN or infinity stands, in words, if there is one.

    Rows and neurons count from 1.
    """
    for values in (A, Z):
        finite = np.isfinite(values)
        if not finite.all():
            first = tuple(np.argwhere(~finite)[0].tolist())
            row = f", row {first[0] + 1}" if len(first) > 1 else ""
            where = f"{layer.title}, neuron {first[-1] + 1}{row}"
            name = quote(layer.activation.name)
            if values is A:
                return f"{where}: A is {A[first]}, so {name} gets no finite number"
            return f"{where}: {name} gives {Z[first]} for A = {A[first]}"
    return None
