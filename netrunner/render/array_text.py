"""Arrays as numpy prints them, also those that come in blocks of rows.

numpy prints all the numbers of an array alike: so wide, with so many digits. What is printed of
the first row may depend on the last one. So blocks are kept until all have been seen; then each
is printed together with the few values that the look of the whole depends on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import closing
from itertools import chain
from typing import Any, TextIO

import numpy as np

from netrunner.layer import Array
from netrunner.render.spool import Spool

WIDTH = 79
ROWS_AT_ONCE = 1000
Printed = Callable[[int, int], None]


def unheard(rows: int, of: int) -> None:
    """Does nothing."""


def array_text(array: Array, precision: int = 8, indent: int = 0) -> str:
    """An array as numpy prints it by default, whatever the user's settings are, and in full."""
    with np.printoptions(
        edgeitems=3, nanstr="nan", infstr="inf", formatter=None, suppress=False, legacy=False
    ):
        return np.array2string(
            array,
            max_line_width=WIDTH,
            precision=precision,
            threshold=array.size + 1,
            floatmode="maxprec",
            sign="-",
            prefix=" " * indent,
        )


def write_blocks(
    blocks: Iterable[Array], stream: TextIO, precision: int, printed: Printed = unheard
) -> None:
    """What `array_text` makes of the whole array, which comes in blocks of rows.

    `printed` is told, now and then, how many rows are printed, of how many.
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
        for block in spool.blocks(ROWS_AT_ONCE):
            look.see_digits(block, precision)
        models = look.models(spool.shape[1])
        begin, rows = "[", 0
        for block in spool.blocks(ROWS_AT_ONCE):
            text = array_text(np.concatenate([block, models]), precision)[1:-1]
            stream.write(begin + text.rsplit("\n [", len(models))[0])
            begin = "\n "
            rows += len(block)
            printed(rows, spool.shape[0])
        stream.write("]")


class _Look:
    """Which few values of an array decide how numpy prints all of it."""

    def __init__(self, dtype: np.dtype[Any]) -> None:
        self._extremes = np.empty(0, dtype)
        self._longest = np.empty(0, dtype)
        self._digits = -1

    def see(self, block: Array) -> None:
        """What decides whether exponents are shown, and the places before the point."""
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
        """What decides the places behind the point; to be called when all blocks were seen."""
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
        """Rows that make numpy print what stands above them as it prints the whole array."""
        values = np.concatenate([self._extremes, self._longest])
        rows = -(-len(values) // columns)
        return np.resize(values, (rows, columns))
