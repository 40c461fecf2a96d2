"""Arrays as numpy prints them, even when they come in blocks of rows.

numpy prints all the numbers of an array with one width and one number of digits, so the last row
can change how the first is printed. Blocks are therefore kept until all have arrived. Then each is
printed together with the few values that decide the format of the whole array.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from contextlib import closing
from itertools import chain
from typing import Any, TextIO

import numpy as np

from netrunner.activations.activation import Array
from netrunner.views.render.lines import width
from netrunner.views.render.spool import Spool

WIDE = 1000  # numbers in a row
PIECE = 100
AT_ONCE = 100_000  # numbers
Printed = Callable[[int, int], None]


def array_text(array: Array, precision: int = 8, indent: int = 0) -> str:
    """An array in full, as numpy prints it by default, whatever the user's settings are."""
    if array.shape[-1] > WIDE:
        return _wide_text(array, precision, indent)
    return _by_numpy(array, precision, indent, width())


def _by_numpy(array: Array, precision: int, indent: int, columns: int) -> str:
    with np.printoptions(
        edgeitems=3, nanstr="nan", infstr="inf", formatter=None, suppress=False, legacy=False
    ):
        return np.array2string(
            array,
            max_line_width=columns,
            precision=precision,
            threshold=array.size + 1,
            floatmode="maxprec",
            sign="-",
            prefix=" " * indent,
        )


def _wide_text(array: Array, precision: int, indent: int) -> str:
    """As `_by_numpy`, for long rows: numpy's own time grows with the square of the length.

    So numpy prints short pieces, which are joined here. It prints all numbers with the same width,
    so the last piece is filled up with numbers that occur anyway.
    """
    pieces = np.resize(array, (-(-array.size // PIECE), PIECE))
    lines = _by_numpy(pieces, precision, 0, sys.maxsize)[1:-1].split("\n")
    numbers = " ".join(line.strip()[1:-1] for line in lines)
    step = (len(numbers) + 1) // pieces.size  # a number and a space
    begin = "\n" + " " * (indent + array.ndim)
    fits = (width() - array.ndim - len(begin) + 2) // step
    in_line, in_row = step * max(1, fits), step * array.shape[-1]
    rows = []
    for first in range(0, step * array.size, in_row):
        end = first + in_row - 1
        starts = range(first, end, in_line)
        short = [numbers[start : start + in_line].rstrip() for start in starts[:-1]]
        rows.append(begin.join([*short, numbers[starts[-1] : end]]))
    if array.ndim == 1:
        return f"[{rows[0]}]"
    return f"[[{f']{begin[:-1]}['.join(rows)}]]"


def write_blocks(
    blocks: Iterable[Array], stream: TextIO, precision: int, printed: Printed | None = None
) -> None:
    """Write what `array_text` gives for the whole array, which comes in blocks of rows.

    `printed(rows, total)` is called after each piece with the number of rows printed so far.
    """
    blocks = iter(blocks)
    first = next(blocks)
    second = next(blocks, None)
    if second is None:
        stream.write(array_text(first, precision))
        return
    with closing(Spool(stream)) as spool:
        look = _Look(first.dtype)
        for block in chain([first, second], blocks):
            spool.add(block)
            look.see(block)
        rows_at_once = max(1, AT_ONCE // spool.shape[1])
        for block in spool.blocks(rows_at_once):
            look.see_digits(block, precision)
        models = look.models(spool.shape[1])
        begin, rows = "[", 0
        for block in spool.blocks(rows_at_once):
            text = array_text(np.concatenate([block, models]), precision)[1:-1]
            stream.write(begin + text.rsplit("\n [", len(models))[0])
            begin = "\n "
            rows += len(block)
            if printed is not None:
                printed(rows, spool.shape[0])
        stream.write("]")


class _Look:
    """The few values of an array that decide how numpy prints all of it."""

    def __init__(self, dtype: np.dtype[Any]) -> None:
        self._extremes = np.empty(0, dtype)
        self._longest = np.empty(0, dtype)
        self._digits = -1

    def see(self, block: Array) -> None:
        """Note the values that decide the exponents and the digits before the point."""
        seen = np.concatenate([self._extremes, block.ravel()])
        finite = seen[np.isfinite(seen)]
        sizes = np.abs(finite[finite != 0])
        special = [np.isnan(seen), seen == np.inf, seen == -np.inf, (seen == 0) & np.signbit(seen)]
        kept = [seen[each][:1] for each in special]
        for values in (finite, sizes):
            if len(values):
                kept += [values.min(keepdims=True), values.max(keepdims=True)]
        self._extremes = np.concatenate(kept)

    def see_digits(self, block: Array, precision: int) -> None:
        """Note the value that decides the digits after the point; call it after all `see` calls."""
        if self._digits >= precision:
            return
        exponents = "e" in array_text(self._extremes, precision)
        show = np.format_float_scientific if exponents else np.format_float_positional
        for value in np.unique(block[np.isfinite(block)]):
            text = show(value, precision=precision, unique=True, trim=".")
            digits = len(text.partition("e")[0].partition(".")[2])
            if digits > self._digits:
                self._digits, self._longest = digits, np.array([value])
                if digits >= precision:
                    return

    def models(self, columns: int) -> Array:
        """Rows to put below others, so that numpy prints those as it prints the whole array."""
        values = np.concatenate([self._extremes, self._longest])
        rows = -(-len(values) // columns)
        return np.resize(values, (rows, columns))
