"""Shapes as messages show them, and what would make an array fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from netrunner.files.decimals import are_numbers
from netrunner.format.document import Node, Sequence
from netrunner.problems.words import count

if TYPE_CHECKING:
    from numpy.typing import NDArray

Shape = tuple[int | None, ...]  # None where a number is not known, because something was wrong


def fits(shape: Shape, expected: Shape) -> bool:
    return len(shape) == len(expected) and all(
        a == b or a is None or b is None for a, b in zip(shape, expected, strict=True)
    )


def shown(shape: Shape) -> str:
    dims = ["?" if dim is None else str(dim) for dim in shape]
    return f"({dims[0]},)" if len(dims) == 1 else f"({', '.join(dims)})"


def row_count(array: NDArray[Any]) -> str:
    return "a single row" if array.ndim == 1 else count(len(array), "row")


def hint_for_weights(weights: NDArray[Any], node: Node, expected: Shape) -> str | None:
    """What would make weights in the file fit, if that is known."""
    rows, columns = expected
    if rows is None or columns is None:
        return None
    if weights.ndim == 1:
        if weights.size == rows * columns and 1 in expected:
            return written("write", weights.reshape(rows, columns))
        return None
    if weights.shape == (columns, rows):
        return written("transposed they fit, one row per input: write", weights.T)
    if weights.shape == (rows, 2 * columns):
        return decimal_commas(node)
    return None


def hint_for_biases(biases: NDArray[Any], node: Node, size: int | None) -> str | None:
    if size is None:
        return None
    if biases.size == size and 1 in biases.shape:
        return written("write", biases.ravel())
    return decimal_commas(node) if biases.shape == (2 * size,) else None


def decimal_commas(node: Node) -> str | None:
    """The hint for a row such as [0,1, 0,3], where blanks tell the two kinds of comma apart."""
    while isinstance(node, Sequence) and not isinstance(node.items[0], str):
        node = node.node(0)
    if not isinstance(node, Sequence):
        return None
    texts, offsets = [str(item) for item in node.items], [each.offset for each in node.nodes()]
    ends = [offset + len(text) for offset, text in zip(offsets, texts, strict=True)]
    gaps = [after - end for after, end in zip(offsets[1:], ends, strict=False)]
    numbers = [f"{whole}.{part}" for whole, part in zip(texts[::2], texts[1::2], strict=False)]
    blanks_tell = len(numbers) > 1 or texts[0] in ("0", "-0")
    if not blanks_tell or set(gaps[::2]) != {1} or 1 in gaps[1::2] or not are_numbers(numbers):
        return None
    row = f"[{', '.join(numbers)}]"
    return "numbers have a decimal point, no comma: write " + (row if len(row) < 60 else numbers[0])


def written(lead: str, array: NDArray[Any]) -> str:
    """A hint with an array as YAML where it is short enough, and without where it is not."""
    rows = [f"[{', '.join(map(short, row))}]" for row in np.atleast_2d(array)]
    text = rows[0] if array.ndim == 1 else f"[{', '.join(rows)}]"
    return f"{lead} {text if len(text) <= 120 else f'{text[:60]} ...'}"


def short(number: float) -> str:
    return repr(float(number)).removesuffix(".0")
