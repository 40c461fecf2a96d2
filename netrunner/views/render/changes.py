"""What differs between two runs: the arrays that changed, with their old and new numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TextIO

import numpy as np

from netrunner.activations.activation import Array
from netrunner.network.trace import Trace, arrays_by_symbol
from netrunner.problems.words import count
from netrunner.views.render.array_text import array_text
from netrunner.views.render.lines import width as line_width

ROWS_SHOWN = 10  # if many rows of an array changed

Mark = Callable[[str], str]


def write_changes(
    before: Trace, after: Trace, stream: TextIO, precision: int, mark: Mark, output_only: bool
) -> bool:
    """Write each array that changed, with the changed numbers marked; False if none did."""
    old, new = (
        {"Y": trace.output} if output_only else arrays_by_symbol(trace) for trace in (before, after)
    )
    changed = False
    for name in [*new, *(name for name in old if name not in new)]:
        lines = list(_changes(name, old.get(name), new.get(name), precision, mark))
        stream.writelines(line + "\n" for line in lines)
        changed = changed or bool(lines)
    return changed


def _changes(
    name: str, old: Array | None, new: Array | None, precision: int, mark: Mark
) -> Iterator[str]:
    """Each row that changed, with its name; a row may be new, gone, or of another length."""
    before, after = _rows(old), _rows(new)
    rows, columns = map(min, zip(before.shape, after.shape, strict=True))
    was, now = before[:rows, :columns], after[:rows, :columns]
    differs = ~((was == now) | (np.isnan(was) & np.isnan(now)))
    changed = differs.any(axis=1) | (before.shape[1] != after.shape[1])
    numbers = [*np.flatnonzero(changed).tolist(), *range(rows, max(len(before), len(after)))]
    is_batch = any(array is not None and array.ndim > 1 for array in (old, new))
    for k in numbers[:ROWS_SHOWN]:
        title = f"{name}, row {k + 1}" if is_batch else name
        if k < rows:
            yield title
            longer = [True] * (after.shape[1] - columns)
            marks = [*differs[k].tolist(), *longer]
            yield from _was_and_now(before[k], after[k], marks, precision, mark)
        else:
            yield f"{title}, {'new' if k < len(after) else 'gone'}"
            label, row = ("now", after[k]) if k < len(after) else ("was", before[k])
            texts = _numbers(row, precision)
            yield from _lines(f"   {label}", texts, max(map(len, texts)))
    if len(numbers) > ROWS_SHOWN:
        yield f"{name}, and {count(len(numbers) - ROWS_SHOWN, 'more row')}"


def _rows(array: Array | None) -> Array:
    return np.empty((0, 0)) if array is None else np.atleast_2d(array)


def _was_and_now(
    old: Array, new: Array, changed: list[bool], precision: int, mark: Mark
) -> Iterator[str]:
    was, now = _numbers(old, precision), _numbers(new, precision)
    for k, is_changed in enumerate(changed[: len(was)]):
        if is_changed and was[k] == now[k]:  # they differ only in later digits
            was[k], now[k] = str(old[k]), str(new[k])
    width = max(map(len, [*was, *now]))
    yield from _lines("   was", was, width)
    yield from _lines("   now", now, width, changed, mark)


def _numbers(row: Array, precision: int) -> list[str]:
    return array_text(row, precision)[1:-1].split()


def _lines(
    label: str, numbers: list[str], width: int, changed: Sequence[bool] = (), mark: Mark = str
) -> Iterator[str]:
    """The numbers of a row, with the changed ones marked, in as many lines as they need."""
    in_line = max(1, (line_width() - len(label) - 3) // (width + 2))
    for first in range(0, len(numbers), in_line):
        cells = []
        for k, number in enumerate(numbers[first : first + in_line], first):
            is_marked = bool(changed) and changed[k]
            cells.append(
                (mark(number) if is_marked else f"{number} ") + " " * (width - len(number))
            )
        begin = f"{label} [" if first == 0 else " " * (len(label) + 2)
        end = "]" if first + in_line >= len(numbers) else ""
        yield begin + " ".join(cells).rstrip() + end
