"""The inputs of a run, block by block, from the command line, files or standard input."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from netrunner.files import json_tables
from netrunner.files.arrays import StoredArray, arrays_in
from netrunner.files.csv_tables import csv_blocks
from netrunner.files.input_rows import InputRows
from netrunner.files.numerals import parse_row
from netrunner.files.opening import contents, decode, open_regular, size_of, unreadable
from netrunner.files.slips import refuse_decimal_commas, with_whole_row
from netrunner.problems.problem import Fault, NetrunnerError
from netrunner.problems.source import Place
from netrunner.problems.words import listed, quote

STANDARD_INPUT = "standard input"


@dataclass(frozen=True, slots=True)
class Inputs:
    """An input that is read block by block, and may be larger than memory.

    `blocks(rows)` reads it once, in blocks of at most about `rows` rows; an input of one row has
    one dimension. `width`, and `count`, the number of rows, are None if they are not known
    beforehand. `read(rows)` is the fraction of the input, from 0 to 1, that `rows` rows are, if
    known.
    """

    name: str
    blocks: Callable[[int], Iterator[InputRows]]
    width: int | None = None
    count: int | None = None
    read: Callable[[int], float | None] = lambda rows: None


def rows_from_options(texts: Iterable[str], option: str = "--input") -> InputRows:
    """The input from an option's values: one value gives a single input, several give a batch.

    Raises NetrunnerError.
    """
    try:
        rows = [_row(text) for text in texts]
        if any(len(row) != len(rows[0]) for row in rows):
            widths = ", ".join(str(len(row)) for row in rows)
            raise Fault("input-shape", f"the rows are not equally long: {widths} numbers")
    except Fault as fault:
        if fault.hint is not None:  # a shell reads 1, 2 as two arguments
            fault.hint = re.sub(r"(?<=[0-9.]), (?=[-+0-9.])", ",", fault.hint)
        raise NetrunnerError(fault.at(Place(option))) from None
    return InputRows(option, np.array(rows[0] if len(rows) == 1 else rows))


def _row(text: str) -> list[float]:
    refuse_decimal_commas(text)
    fields = [part.strip() for part in text.split(",")]
    try:
        return parse_row(fields)
    except Fault as fault:
        raise with_whole_row(text, fields, fault) from None


@contextmanager
def inputs_from_file(name: str, width: int | None = None, whole: bool = False) -> Iterator[Inputs]:
    """The input in a file, until the context ends.

    If `width` is given, an array of another width is not read; only its shape is right. If all rows
    will be kept, as a `whole`, text that is too large is an error. Raises NetrunnerError, also
    while the blocks are read.
    """
    path = Path(name)
    reader = _READERS.get(path.suffix.lower())
    with _reading(name):
        file = open_regular(path)
    with file:
        with _reading(name):
            if reader is None:
                known = ", ".join(_READERS)
                raise Fault("unknown-file-type", f"its name does not end in one of {known}")
            inputs = reader(file, name, width, whole)
        yield inputs


def inputs_from_stream(stream: BinaryIO, whole: bool = False) -> Inputs:
    """CSV from standard input. Raises NetrunnerError while it is read."""
    return Inputs(STANDARD_INPUT, _csv_rows(stream, STANDARD_INPUT, whole))


@contextmanager
def _reading(name: str) -> Iterator[None]:
    """Report a Fault as a problem at its own place, or else at the file's name."""
    try:
        yield
    except Fault as fault:
        raise NetrunnerError(fault.at(Place(name))) from None
    except OSError as error:
        raise NetrunnerError(unreadable(error).at(Place(name))) from None


def _npy(file: BinaryIO, name: str, width: int | None, whole: bool) -> Inputs:
    (stored,) = arrays_in(file, ".npy").values()
    in_blocks = stored.blocks
    if in_blocks is None or not stored.shape[0]:
        return _array(stored, name, width)

    def blocks(rows: int) -> Iterator[InputRows]:
        with _reading(name):
            for block in in_blocks(rows):
                yield InputRows(name, block)

    count, columns = stored.shape
    return Inputs(name, blocks, columns, count, lambda rows: rows / count)


def _npz(file: BinaryIO, name: str, width: int | None, whole: bool) -> Inputs:
    arrays = arrays_in(file, ".npz")
    if "X" not in arrays and len(arrays) != 1:
        held = listed(map(quote, arrays), 20) or "nothing"
        raise Fault("unknown-member", f"it must hold one array, or one named X; it holds {held}")
    return _array(arrays["X"] if "X" in arrays else next(iter(arrays.values())), name, width)


def _array(stored: StoredArray, name: str, width: int | None) -> Inputs:
    """An array in one block; if it cannot be an input, zeros that take no memory."""

    def blocks(rows: int) -> Iterator[InputRows]:
        with _reading(name):
            shape = stored.shape
            fits = len(shape) in (1, 2) and width in (None, shape[-1])
            yield InputRows(name, stored.read() if fits else np.broadcast_to(np.zeros(()), shape))

    return Inputs(name, blocks)


def _csv(file: BinaryIO, name: str, width: int | None, whole: bool) -> Inputs:
    size = max(size_of(file), 1)
    return Inputs(name, _csv_rows(file, name, whole), read=lambda rows: file.tell() / size)


def _csv_rows(file: BinaryIO, name: str, whole: bool) -> Callable[[int], Iterator[InputRows]]:
    def blocks(rows: int) -> Iterator[InputRows]:
        with _reading(name):
            found = (InputRows(name, *block) for block in csv_blocks(file, name, whole))
            first = next(found)
            second = next(found, None)
            if second is None:
                yield first._replace(rows=first.rows[0] if len(first.rows) == 1 else first.rows)
            else:
                yield first
                yield second
                yield from found

    return blocks


def _json(file: BinaryIO, name: str, width: int | None, whole: bool) -> Inputs:
    data = contents(file, json_tables.MAX_BYTES, ": save it as .npy instead")
    source = decode(data, name)
    rows = InputRows(name, json_tables.json_table(source), source)
    return Inputs(name, lambda _: iter([rows]))


_READERS = {".npy": _npy, ".npz": _npz, ".csv": _csv, ".json": _json}
