"""The forward pass, for one row or a million: the book's two lines, layer by layer."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from netrunner.activations.activation import Array
from netrunner.network.layer import Layer
from netrunner.problems.rows import RowName, row_name
from netrunner.problems.words import quote
from netrunner.process.dataclass import dataclass

PIECE = 8192  # elements; for more, a BLAS would wake its threads, which is slow on a busy machine


def forward(layers: Sequence[Layer], X: Array) -> Iterator[tuple[Layer, Array, Array]]:
    """Each layer with its A and Z, in order, for X of shape (inputs,) or (rows, inputs).

    Run it under `np.errstate(all="ignore")`, and look for values that are not finite with
    `first_not_finite`. Raises NetrunnerError if an activation misbehaves.
    """
    for layer in layers:
        A = X @ layer.weights + layer.biases
        Z = layer.h(A)
        yield layer, A, Z
        X = Z


@dataclass(frozen=True)
class NotFinite:
    """Where in a run the first NaN or infinity arose: the layer's number, and a description.

    `str()` gives the description.
    """

    layer: int
    words: str

    def __str__(self) -> str:
        return self.words


def first_not_finite(
    layer: Layer, A: Array, Z: Array, name: RowName = row_name
) -> NotFinite | None:
    """Where this layer's first NaN or infinity is, or None.

    Rows and neurons count from 1. Within a row, A comes before Z. `name` gives the name of a row.
    """
    if all_finite(A) and (layer.activation.finite or all_finite(Z)):
        return None
    *rows, _ = np.argwhere(~(np.isfinite(A) & np.isfinite(Z)))[0].tolist()
    row = f", {name(rows[0])}" if rows else ""
    A, Z = A[*rows], Z[*rows]
    values = Z if all_finite(A) else A
    neuron = int(np.argmin(np.isfinite(values)))
    where = f"{layer.title}, neuron {neuron + 1}{row}"
    h, a, z = quote(layer.activation.name), float(A[neuron]), float(Z[neuron])
    what = (
        f"A is {a}, so {h} gets no finite number" if values is A else f"{h} gives {z} for A = {a}"
    )
    return NotFinite(layer.index, f"{where}: {what}")


def all_finite(values: Array) -> bool:
    """Whether no value is NaN or infinite."""
    # Both are quicker than np.isfinite, and rarely not finite where all values are.
    if values.size <= PIECE:
        finite = math.isfinite(np.vdot(values, values))
    else:
        finite = math.isfinite(values.item(values.argmax()) - values.item(values.argmin()))
    return finite or bool(np.isfinite(values).all())
