"""Inputs for a run: from the command line, from files, from standard input."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from netrunner.files.arrays import StoredArray, stored_arrays, stored_npy
from netrunner.files.csv_tables import MAX_CSV_BYTES, CsvHeader, csv_blocks, csv_table
from netrunner.files.json_tables import MAX_JSON_BYTES, json_table, offset_at
from netrunner.files.numerals import check_decimal_commas, parse_row
from netrunner.files.opening import decode, open_regular, read_text, size_of
from netrunner.problems.problem import Fault, NetrunnerError, Problem
from netrunner.problems.source import Place, Source
from netrunner.problems.words import quote

MAX_SURPLUS = 8  # columns in a message
INPUT_SUFFIXES = (".npy", ".npz", ".csv", ".json")


class Given(NamedTuple):
    """The rows that a user gave, under the name that messages call them; as text, its source."""

    name: str
    rows: NDArray[Any]
    source: Source | None = None
    header: CsvHeader | None = None

    def place(self, index: tuple[int, ...] | None) -> Place:
        """Where the number at an index of `rows` stands, or, without one, the first row."""
        if self.source is None:
            return Place(self.name)
        if self.name.lower().endswith(".json"):
            if index is None:
                index = (0,) if self.rows.ndim > 1 else ()
            return self.source.place(offset_at(self.source.text, index))
        row, column = (0, 0, *(index or ()))[-2:]
        before = self.header is not None and self.header.source is self.source
        every_line = re.finditer(r"[^\r\n]+", self.source.text)
        lines = (line for line in every_line if not line.group().isspace())
        line = next(islice(lines, row + before, None))
        fields = line.group().split(",")[:column]
        return self.source.place(line.start() + sum(len(field) + 1 for field in fields))

    def check_columns(self, names: tuple[str, ...] | None) -> None:
        """Raise NetrunnerError where a header has an input's name in the place of another."""
        if names is None or self.rows.shape[-1:] != (len(names),):
            return  # another number of columns is an error of its own
        columns, key = self._columns(), _key_among(names)
        given, inputs = [key(name) for _, name in columns], [key(name) for name in names]
        known = set(inputs)
        for number, ((offset, column), name) in enumerate(zip(columns, names, strict=False), 1):
            if key(column) != key(name) and key(column) in known:
                assert self.header is not None  # or it had no columns
                message = (
                    f"column {number} is {quote(column)}, "
                    f"where the network's input {number} is {quote(name)}"
                )
                place, hint = self.header.source.place(offset), None
                if sorted(given) == sorted(inputs):
                    hint = "bring the columns into the order of the network's inputs"
                raise NetrunnerError(Problem("column-order", place, message, hint=hint))

    def problem(self, fault: Fault, names: tuple[str, ...] | None) -> Problem:
        """The problem with the rows, in its place; a header may know which columns are too many."""
        problem = fault.at(self.place(fault.index))
        columns = [name for _, name in self._columns()]
        if names is None or self.rows.shape[-1:] != (len(columns),):
            return problem
        key = _key_among(names)
        inputs = [key(name) for name in names]
        known = set(inputs)
        others = [key(name) for name in columns if key(name) in known]
        surplus = [
            f"column {number} {quote(name)}" if name else f"column {number}"
            for number, name in enumerate(columns, 1)
            if key(name) not in known
        ]
        if sorted(others) != sorted(inputs) or not 0 < len(surplus) <= MAX_SURPLUS:
            return problem
        listed = ", ".join(surplus)
        hint = f"remove {listed}" if others == inputs else None
        return replace(problem, message=f"{problem.message}; surplus is {listed}", hint=hint)

    def _columns(self) -> list[tuple[int, str]]:
        """The names in the header, where there is one, and where each stands."""
        return self.header.names() if self.header else []


def _key_among(names: tuple[str, ...]) -> Callable[[str], str]:
    """By what names are compared: without blanks and case, where these do not tell them apart."""

    def key(name: str) -> str:
        return "".join(name.split()).casefold()

    return key if len(set(map(key, names))) == len(set(names)) else str


def rows_from_options(texts: Iterable[str], option: str = "--input") -> Given:
    """The values of an option: one gives a single input, several give a batch.

    Raises NetrunnerError.
    """
    try:
        rows = [_row(text) for text in texts]
        if any(len(row) != len(rows[0]) for row in rows):
            widths = ", ".join(str(len(row)) for row in rows)
            raise Fault("input-shape", f"the rows are not equally long: {widths} numbers")
    except Fault as fault:
        if fault.hint is not None:  # a shell takes 1, 2 for two arguments
            fault.hint = re.sub(r"(?<=[0-9.]), (?=[-+0-9.])", ",", fault.hint)
        raise NetrunnerError(fault.at(Place(option))) from None
    return Given(option, np.array(rows[0] if len(rows) == 1 else rows))


def _row(text: str) -> list[float]:
    check_decimal_commas(text)
    return parse_row([part.strip() for part in text.split(",")])


def rows_from_file(name: str, width: int | None = None) -> Given:
    """The input in a file; a .csv of one row is a single input. Raises NetrunnerError.

    Where rows are to have `width` numbers, an array of others is not read: it has its shape.
    """
    path = Path(name)
    suffix = path.suffix.lower()
    try:
        if suffix == ".csv":
            source = read_text(path, name, MAX_CSV_BYTES, ": save it as .npy instead")
            return _given(name, source)
        if suffix == ".json":
            source = read_text(path, name, MAX_JSON_BYTES, ": save it as .npy instead")
            return Given(name, json_table(source), source)
        if suffix in INPUT_SUFFIXES:
            with stored_arrays(path) as arrays:
                return Given(name, _fitting(arrays[_input_member(list(arrays))], width))
        open_regular(path).close()
        raise Fault("unknown-file-type", f"its name ends in none of {', '.join(INPUT_SUFFIXES)}")
    except Fault as fault:
        raise NetrunnerError(fault.at(Place(name))) from None


def _fitting(stored: StoredArray, width: int | None) -> NDArray[Any]:
    """An array that is read, if it can be an input, or else zeros, which take no memory."""
    shape = stored.shape
    if len(shape) in (1, 2) and width in (None, shape[-1]):
        return stored.read()
    return np.broadcast_to(np.zeros(()), shape)


def _given(name: str, source: Source) -> Given:
    rows, header = csv_table(source)
    return Given(name, _single_or_batch(rows), source, header)


STANDARD_INPUT = "standard input"


@dataclass(frozen=True, slots=True)
class Blocks:
    """An input that is read block by block, and may be larger than memory.

    `each(rows)` reads it, once, with at most about so many rows in a block. `width` and `count`,
    of rows, are None where nobody knows them beforehand. `read(rows)` is the part of the input
    that has been read, from 0 to 1, once so many rows have been, where that is known.
    """

    name: str
    each: Callable[[int], Iterator[Given]]
    width: int | None = None
    count: int | None = None
    read: Callable[[int], float | None] = lambda rows: None


@contextmanager
def blocks_from_file(name: str, width: int | None = None) -> Iterator[Blocks]:
    """The input in a file, for as long as the context lasts: .npy and .csv are read in blocks.

    `width` is as in `rows_from_file`. Raises NetrunnerError, also while the blocks are read.
    """
    path = Path(name)
    suffix = path.suffix.lower()
    if suffix not in (".npy", ".csv"):
        given = rows_from_file(name, width)
        yield Blocks(name, lambda rows: iter([given]))
        return
    with _told_of(name):
        file = open_regular(path)
    with file:
        with _told_of(name):
            blocks = _npy(file, name, width) if suffix == ".npy" else _csv(file, name)
        yield blocks


def blocks_from_stream(stream: BinaryIO) -> Blocks:
    """CSV from standard input, in blocks. Raises NetrunnerError when it is read."""
    return Blocks(STANDARD_INPUT, _csv_each(stream, STANDARD_INPUT))


@contextmanager
def _told_of(name: str) -> Iterator[None]:
    """What is wrong with a file is a problem at its name, or at its own place."""
    try:
        yield
    except Fault as fault:
        raise NetrunnerError(fault.at(Place(name))) from None
    except OSError as error:
        message = f"cannot be read: {error.strerror or error}"
        raise NetrunnerError(Problem("unreadable-file", Place(name), message)) from None


def _npy(file: BinaryIO, name: str, width: int | None) -> Blocks:
    stored = stored_npy(file)
    blocks = stored.blocks

    def whole(rows: int) -> Iterator[Given]:
        with _told_of(name):
            yield Given(name, _fitting(stored, width))

    if blocks is None or not stored.shape[0]:
        return Blocks(name, whole)

    def each(rows: int) -> Iterator[Given]:
        with _told_of(name):
            for block in blocks(rows):
                yield Given(name, block)

    count, columns = stored.shape
    return Blocks(name, each, columns, count, lambda rows: rows / count)


def _csv(file: BinaryIO, name: str) -> Blocks:
    size = max(size_of(file), 1)
    return Blocks(name, _csv_each(file, name), read=lambda rows: file.tell() / size)


def _csv_each(file: BinaryIO, name: str) -> Callable[[int], Iterator[Given]]:
    def each(rows: int) -> Iterator[Given]:
        with _told_of(name):
            blocks = (Given(name, *block) for block in csv_blocks(file, name))
            first = next(blocks)
            second = next(blocks, None)
            if second is None:
                yield first._replace(rows=_single_or_batch(first.rows))
            else:
                yield from chain([first, second], blocks)

    return each


def rows_from_stream(stream: BinaryIO) -> Given:
    """CSV from standard input. Raises NetrunnerError."""
    name = STANDARD_INPUT
    with _told_of(name):
        data = stream.read(MAX_CSV_BYTES + 1)
        if len(data) > MAX_CSV_BYTES:
            raise Fault("too-large", f"larger than {MAX_CSV_BYTES // 2**20} MiB")
        return _given(name, decode(data, name))


def _single_or_batch(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    return rows[0] if len(rows) == 1 else rows


def _input_member(names: list[str]) -> str:
    if "X" in names:
        return "X"
    if len(names) == 1:
        return names[0]
    held = ", ".join(map(quote, names[:20])) or "nothing"
    raise Fault("unknown-member", f"it must hold one array, or one named X; it holds {held}")
