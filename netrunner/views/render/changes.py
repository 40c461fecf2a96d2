"""What differs between two runs: the arrays that changed, with their old and new numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TextIO

import numpy as np

from netrunner.activations.activation import Array
from netrunner.network.trace import Trace
from netrunner.problems.words import count
from netrunner.views.render.array_text import WIDTH, array_text

ROWS_SHOWN = 10  # of an array of which many rows changed

Mark = Callable[[str], str]


def write_changes(
    before: Trace, after: Trace, stream: TextIO, precision: int, mark: Mark, output_only: bool
) -> bool:
    """Each array that changed, the changed numbers marked; False where none did."""
    old, new = (_arrays(trace, output_only) for trace in (before, after))
    changed = False
    for name in [*new, *(name for name in old if name not in new)]:
        lines = list(_changes(name, old.get(name), new.get(name), precision, mark))
        stream.writelines(line + "\n" for line in lines)
        changed = changed or bool(lines)
    return changed


def _arrays(trace: Trace, output_only: bool) -> dict[str, Array]:
    arrays = {"X": trace.input}
    for layer in trace.layers:
        arrays |= {f"A{layer.index}": layer.A, f"Z{layer.index}": layer.Z}
    arrays["Y"] = trace.output
    return {"Y": trace.output} if output_only else arrays


def _changes(
    name: str, old: Array | None, new: Array | None, precision: int, mark: Mark
) -> Iterator[str]:
    if new is None:
        yield f"{name} is gone"
    elif old is None or old.shape != new.shape:
        yield f"{name}, new" if old is None else f"{name}, {old.shape} before"
        yield f"   = {array_text(new, precision, 5)}"
    else:
        differs = ~((old == new) | (np.isnan(old) & np.isnan(new)))
        if old.ndim == 1:
            old, new, differs = old[None], new[None], differs[None]
            title = name
        else:
            title = f"{name}, row {{row}}"
        rows = np.flatnonzero(differs.any(axis=1)).tolist()
        for row in rows[:ROWS_SHOWN]:
            yield title.format(row=row + 1)
            was, now = _numbers(old[row], precision), _numbers(new[row], precision)
            width = max(map(len, [*was, *now]))
            yield from _lines("   was", was, width)
            yield from _lines("   now", now, width, differs[row].tolist(), mark)
        if len(rows) > ROWS_SHOWN:
            yield f"{name}, and {count(len(rows) - ROWS_SHOWN, 'more row')}"


def _numbers(row: Array, precision: int) -> list[str]:
    return array_text(row, precision)[1:-1].split()


def _lines(
    label: str, numbers: list[str], width: int, changed: Sequence[bool] = (), mark: Mark = str
) -> Iterator[str]:
    """The numbers of a row in as many lines as they take, the changed ones marked."""
    in_line = max(1, (WIDTH - len(label) - 3) // (width + 2))
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
