"""Tables in CSV, block by block: rows of numbers, perhaps below a header."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator
from itertools import accumulate, islice
from typing import BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from netrunner.files.decimals import NUMBER, numbers_in
from netrunner.files.numerals import parse_row
from netrunner.files.opening import decode
from netrunner.files.slips import (
    LONGEST,
    TRUTH_VALUES,
    refuse_decimal_commas,
    several_numbers,
    what_is_wrong,
)
from netrunner.problems.problem import Fault
from netrunner.problems.source import Place, Source
from netrunner.problems.words import count

BLOCK_BYTES = 2**20
MAX_LINE_BYTES = 32 * 2**20
MAX_COLUMNS = 1_000_000
# Limits of a table that is kept as a whole:
MAX_BYTES = 32 * 2**20
MAX_ROWS = 1_000_000
MAX_VALUES = 4_000_000

_LINE_END = re.compile(r"[\r\n]+")
_QUICK_VALUES = 10_000  # parsed together
_VALUES = {"true", "false", "yes", "na", "n/a", "null", "none"}  # not column names
_NOT_FINITE = {"nan", "inf", "infinity"}


class Header(NamedTuple):
    """The first line of a CSV text, if it is not numbers."""

    source: Source
    offset: int
    text: str

    def names(self) -> list[tuple[int, str]]:
        """The names of the columns, and the place of each."""
        fields = _fields(self.text)
        offsets = accumulate((len(field) + 1 for field in fields), initial=self.offset)
        fields[0] = re.sub(r"^\s*#\s*", "", fields[0])  # how np.savetxt begins a header
        return [(offset, _bare(field)) for offset, field in zip(offsets, fields, strict=False)]


class Block(NamedTuple):
    """Rows of a table, (rows, columns), the text that they are in, and the header of the whole."""

    rows: NDArray[np.float64]
    source: Source
    header: Header | None


def csv_blocks(file: BinaryIO, name: str, whole: bool = False) -> Iterator[Block]:
    """The rows of a CSV file or stream, block by block; a first row without numbers is its header.

    Raises Fault with the place of what is wrong. If all rows will be kept, as a `whole`, too many
    rows are a Fault as well.
    """
    table = _Table()
    rows = 0
    for source in _texts(file, name, MAX_BYTES if whole else None):
        block = table.block(source)
        rows += len(block)
        if whole and (rows > MAX_ROWS or rows * table.columns > MAX_VALUES):
            limit = f"{MAX_ROWS:,} rows" if rows > MAX_ROWS else f"{MAX_VALUES:,} values"
            raise Fault("too-large", f"more than {limit}: save it as .npy instead")
        if len(block):
            yield Block(block, source, table.header)
    if not table.columns:
        raise Fault("no-values", "there are no numbers in it")


def read_csv(file: BinaryIO) -> NDArray[np.float64]:
    """The rows of a CSV file, (rows, columns). Raises Fault, also for a file that is too large."""
    return np.concatenate([block.rows for block in csv_blocks(file, "", whole=True)])


def _texts(file: BinaryIO, name: str, most: int | None) -> Iterator[Source]:
    """A text of at most `most` bytes, in pieces that end at line ends."""
    rest, first_line, read = b"", 1, 0
    while data := file.read(BLOCK_BYTES):
        read += len(data)
        if most is not None and read > most:
            raise Fault("too-large", f"larger than {most // 2**20} MiB: save it as .npy instead")
        # Do not cut after the last byte: it may be the first half of a two-byte line end.
        end = rest.rfind(b"\n") + 1 or rest.rfind(b"\r", 0, len(rest) - 1) + 1
        if end:
            source = decode(rest[:end], name, first_line)
            yield source
            first_line = source.line_after()
        elif len(rest) > MAX_LINE_BYTES:
            message = f"a line of more than {MAX_LINE_BYTES // 2**20} MiB"
            raise Fault("too-large", message, place=Place(name, first_line, 1))
        rest = rest[end:] + data
    yield decode(rest, name, first_line)


class _Table:
    """Reads a table part by part; only the first part has a header."""

    def __init__(self) -> None:
        self.columns = 0
        self.header: Header | None = None

    def block(self, source: Source) -> NDArray[np.float64]:
        """The next rows, (rows, columns). Raises Fault with the place of what is wrong."""
        values = array("d")
        ends = source.text.replace("\r", "\n") if "\r" in source.text else source.text
        texts = [each for each in ends.split("\n") if each and not each.isspace()]
        # The same lines with their offsets, which only a closer look needs.
        lines, passed = lines_of(source.text), 0
        done = 0
        while chunk := texts[done : done + self._at_once()]:
            begin, done = done, done + len(chunk)
            even = self.columns and all(text.count(",") == self.columns - 1 for text in chunk)
            if even and (numbers := _quick_values(",".join(chunk))):
                values.extend(numbers)
                continue
            for line in islice(lines, begin - passed, done - passed):
                first = not self.columns and self.header is None
                row = _row(line.group(), line.start(), source, first)
                if row is None:
                    self.header = Header(source, line.start(), line.group())
                else:
                    if self.columns and len(row) != self.columns:
                        raise ragged(len(row), self.columns, source.place(line.start()))
                    self.columns = len(row)
                    values.extend(row)
            passed = done
        return np.frombuffer(values).reshape(-1, self.columns or 1)

    def _at_once(self) -> int:
        """How many lines are parsed together: one, until the columns are known."""
        return _QUICK_VALUES // self.columns + 1 if self.columns else 1


def lines_of(text: str) -> Iterator[re.Match[str]]:
    """The lines of a text that are not blank."""
    return (line for line in re.finditer(r"[^\r\n]+", text) if not line.group().isspace())


def ragged(width: int, before: int, place: Place | None = None) -> Fault:
    """The fault of a row whose length differs from those before it."""
    message = f"a row of {count(width, 'number')} after one of {before}"
    return Fault("ragged-rows", message, place=place)


def _quick_values(text: str) -> list[float] | None:
    """The numbers of fields separated by commas, or None if one needs a closer look."""
    if "\t" in text:  # whitespace may separate the values
        return None
    if '"' in text:
        text = ",".join(map(_bare, text.split(",")))
    return numbers_in(text.strip())


def _row(text: str, offset: int, source: Source, may_be_header: bool) -> list[float] | None:
    """The numbers of a row, or None if it is a header."""
    if text.count(",") >= MAX_COLUMNS:
        message = f"a row of more than {MAX_COLUMNS:,} values"
        raise Fault("too-large", message, place=source.place(offset))
    if len(text) > LONGEST * (text.count(",") + 1):
        message = f"a value of more than {LONGEST:,} characters"
        raise Fault("not-a-number", message, place=source.place(offset))
    if (numbers := _quick_values(text)) is not None:
        return numbers
    fields = _fields(text)
    try:
        refuse_decimal_commas(text)
        return parse_row([_bare(field) for field in fields])
    except Fault as fault:
        if fault.index is None:
            fault.place = source.place(offset)
            raise
        named = any(map(str.strip, fields))
        if may_be_header and named and not any(_looks_like_a_number(field) for field in fields):
            return None
        raise _placed(fault, source, offset, fields, fault.index[0]) from None


def _fields(row: str) -> list[str]:
    """The fields of a CSV row; fields in quotes may contain commas."""
    if '"' not in row:
        return row.split(",")
    return re.findall(r'(?:^|,)(\s*+"[^"]*+"[^,]*+|[^,]*+)', row)


def _bare(field: str) -> str:
    """A CSV field without surrounding whitespace and quotes."""
    field = field.strip()
    return field[1:-1] if len(field) > 1 and field[0] == field[-1] == '"' else field


def _looks_like_a_number(field: str) -> bool:
    bare = _bare(field)
    word = bare.lower()
    if word in _VALUES:
        return True
    if word in TRUTH_VALUES or (bare.isidentifier() and word not in _NOT_FINITE):  # such as x,y
        return False
    if NUMBER.fullmatch(bare.strip("'()[]%$€£¥ ")):
        return True
    fault = what_is_wrong(bare)
    meant = fault.code != "not-a-number" or fault.hint is not None
    return meant or bool(several_numbers(field))  # such as full-width digits


def _placed(fault: Fault, source: Source, offset: int, fields: list[str], wrong: int) -> Fault:
    """The fault of a field, with its place; other separators than commas get their own help."""
    begin = offset + sum(len(field) + 1 for field in fields[:wrong])
    fault.place = source.place(begin, begin + len(fields[wrong]))
    for separator, name in ((";", "semicolons"), ("\t", "tabs")):
        if separator in fields[wrong]:
            hint = f"the values are separated by {name}: separate them by commas"
            fault.help_with(hint if len(fields) == 1 else None)  # else it already has commas
    return fault
