"""Shapes as messages show them, and what would make an array fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from netrunner.files.decimals import are_numbers
from netrunner.format.nodes import Node, Sequence
from netrunner.format.reading import Help
from netrunner.problems.words import count

if TYPE_CHECKING:
    from numpy.typing import NDArray

Shape = tuple[int | None, ...]  # None if a number is unknown because something was wrong


def fits(shape: Shape, expected: Shape) -> bool:
    if None not in shape and None not in expected:
        return shape == expected
    return len(shape) == len(expected) and all(
        a == b or a is None or b is None for a, b in zip(shape, expected, strict=True)
    )


def shown(shape: Shape) -> str:
    dims = ["?" if dim is None else str(dim) for dim in shape]
    return f"({dims[0]},)" if len(dims) == 1 else f"({', '.join(dims)})"


def row_count(array: NDArray[Any]) -> str:
    return "a single row" if array.ndim == 1 else count(len(array), "row")


def help_for_weights(weights: NDArray[Any], node: Node, expected: Shape) -> Help:
    """What would make the weights in the file fit, if known."""
    rows, columns = expected
    if rows is None or columns is None:
        return None, None
    if weights.ndim == 1:
        if weights.size == rows * columns and 1 in expected:
            return written("write", weights.reshape(rows, columns))
        return None, None
    if weights.shape == (columns, rows):
        return written("transposed they fit, one row per input: write", weights.T)
    return decimal_commas(node) if weights.shape == (rows, 2 * columns) else (None, None)


def help_for_biases(biases: NDArray[Any], node: Node, size: int | None) -> Help:
    """What would make the biases in the file fit, if known."""
    if size is None:
        return None, None
    if biases.size == size and 1 in biases.shape:
        return written("write", biases.ravel())
    return decimal_commas(node) if biases.shape == (2 * size,) else (None, None)


def decimal_commas(node: Node) -> Help:
    """The help for rows such as [0,1, 0,3], where spaces distinguish the two kinds of comma."""
    assert isinstance(node, Sequence)  # of an array that is written in the file
    nested = not isinstance(node.items[0], str)
    rows = [_with_points(row) for row in (node.nodes() if nested else [node])]
    if rows[0] is None:
        return None, None
    first = f"[{', '.join(rows[0])}]"
    shown = first if len(first) < 60 else rows[0][0]
    all_rows = [f"[{', '.join(row)}]" for row in rows if row is not None]
    instead = f"[{', '.join(all_rows)}]" if nested else first
    hint = f"numbers have a decimal point, not a comma: write {shown}"
    return hint, instead if len(all_rows) == len(rows) else None


def _with_points(row: Node) -> list[str] | None:
    """The numbers of such a row, with points instead of decimal commas."""
    if not isinstance(row, Sequence) or not len(row):
        return None
    texts, offsets = [str(item) for item in row.items], [each.offset for each in row.nodes()]
    ends = [offset + len(text) for offset, text in zip(offsets, texts, strict=True)]
    gaps = [after - end for after, end in zip(offsets[1:], ends, strict=False)]
    numbers = [f"{whole}.{part}" for whole, part in zip(texts[::2], texts[1::2], strict=False)]
    blanks_tell = len(numbers) > 1 or texts[0] in ("0", "-0")
    told_apart = blanks_tell and set(gaps[::2]) == {1} and 1 not in gaps[1::2]
    return numbers if told_apart and are_numbers(numbers) else None


def written(lead: str, array: NDArray[Any]) -> Help:
    """An array as YAML: as a hint, which is cut if it is long, and as the text to write.

    Nothing for an array with a number that could not be read.
    """
    if np.isnan(array).any():
        return None, None
    rows = [f"[{', '.join(map(short, row))}]" for row in np.atleast_2d(array)]
    text = rows[0] if array.ndim == 1 else f"[{', '.join(rows)}]"
    return f"{lead} {text if len(text) <= 120 else f'{text[:60]} ...'}", text


def short(number: float) -> str:
    return repr(float(number)).removesuffix(".0")
