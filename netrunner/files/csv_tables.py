"""Tables in CSV, whole or block by block: numbers by rows, and perhaps a header above them."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator
from itertools import accumulate, islice
from typing import BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from netrunner.files.numerals import (
    LONGEST,
    NUMBER,
    TRUTH_VALUES,
    check_decimal_commas,
    parse_row,
    quick_numbers,
    several_numbers,
    what_is_wrong,
)
from netrunner.files.opening import contents, decode, size_of
from netrunner.problems.problem import Fault
from netrunner.problems.source import Place, Source
from netrunner.problems.words import count

MAX_CSV_BYTES = 32 * 2**20  # of a text that is read as a whole
MAX_CSV_ROWS = MAX_CSV_COLUMNS = 1_000_000
MAX_CSV_VALUES = 4_000_000
MAX_LINE_BYTES = 32 * 2**20  # of a text that is read in blocks
CSV_BLOCK_BYTES = 2**20
_QUICK_VALUES = 10_000  # that are looked at together
_VALUES = {"true", "false", "yes", "na", "n/a", "null", "none"}  # no names of a column
_NOT_FINITE = {"nan", "inf", "infinity"}


class CsvHeader(NamedTuple):
    """The first line of a CSV text, where that is no numbers."""

    source: Source
    offset: int
    text: str

    def names(self) -> list[tuple[int, str]]:
        """The names of the columns, and where each stands."""
        fields = _fields(self.text)
        offsets = accumulate((len(field) + 1 for field in fields), initial=self.offset)
        fields[0] = re.sub(r"^\s*#\s*", "", fields[0])  # as np.savetxt begins a header
        return [(offset, _bare(field)) for offset, field in zip(offsets, fields, strict=False)]


def read_csv(file: BinaryIO) -> NDArray[np.float64]:
    """The rows of a CSV file, as `csv_rows` has them. Raises Fault, also for a file too large."""
    if size_of(file) > MAX_CSV_BYTES:
        limit = f"{MAX_CSV_BYTES // 2**20} MiB"
        raise Fault("too-large", f"larger than {limit}: save it as .npy instead")
    return csv_rows(decode(contents(file), ""))


def csv_rows(source: Source) -> NDArray[np.float64]:
    """The rows of a CSV text as (rows, columns); a first row that is no numbers is its header.

    Raises Fault with the place of what is wrong.
    """
    return csv_table(source)[0]


def csv_table(source: Source) -> tuple[NDArray[np.float64], CsvHeader | None]:
    """As `csv_rows`, and the header, if there is one."""
    lines = max(map(source.text.count, "\n\r"))
    for number, limit, of in (
        (lines, MAX_CSV_ROWS, "rows"),
        (lines + source.text.count(","), MAX_CSV_VALUES, "values"),
    ):
        if number > limit:
            raise Fault("too-large", f"more than {limit:,} {of}: save it as .npy instead")
    table = CsvTable()
    rows = table.rows(source)
    if not table.columns:
        raise _no_values()
    return rows, table.header


def csv_blocks(
    file: BinaryIO, name: str
) -> Iterator[tuple[NDArray[np.float64], Source, CsvHeader | None]]:
    """The rows of a CSV file or stream, block by block, each with the text that it stands in.

    With each comes the header of the whole. Raises Fault with the place of what is wrong.
    """
    table = CsvTable()
    for source in _text_blocks(file, name):
        rows = table.rows(source)
        if len(rows):
            yield rows, source, table.header
    if not table.columns:
        raise _no_values()


def _text_blocks(file: BinaryIO, name: str) -> Iterator[Source]:
    """A text in pieces that end where a line does."""
    rest, first_line = file.read(CSV_BLOCK_BYTES), 1
    while data := file.read(CSV_BLOCK_BYTES):
        # Not after the last byte, which may be the first half of a line end of two.
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


def _no_values() -> Fault:
    return Fault("no-values", "there are no numbers in it")


class CsvTable:
    """Reads a table in CSV, one part of its text after the other; only the first has a header."""

    def __init__(self) -> None:
        self.columns = 0
        self.header: CsvHeader | None = None

    def rows(self, source: Source) -> NDArray[np.float64]:
        """The next rows, (rows, columns). Raises Fault with the place of what is wrong."""
        values = array("d")
        every_line = re.finditer(r"[^\r\n]+", source.text)
        lines = (line for line in every_line if not line.group().isspace())
        while chunk := list(islice(lines, self._at_once())):
            texts = [line.group() for line in chunk]
            even = self.columns and all(text.count(",") == self.columns - 1 for text in texts)
            if even and (numbers := _quick_values(",".join(texts))):
                values.extend(numbers)
                continue
            for line in chunk:
                first = not self.columns and self.header is None
                row = _csv_row(line.group(), line.start(), source, first)
                if row is None:
                    self.header = CsvHeader(source, line.start(), line.group())
                else:
                    self._check_length(row, source, line.start())
                    values.extend(row)
        return np.frombuffer(values).reshape(-1, self.columns or 1)

    def _at_once(self) -> int:
        """How many lines are looked at together: one, until the columns are known."""
        return _QUICK_VALUES // self.columns + 1 if self.columns else 1

    def _check_length(self, row: list[float], source: Source, offset: int) -> None:
        if self.columns and len(row) != self.columns:
            message = f"{count(len(row), 'number')}, where the rows before have {self.columns}"
            raise Fault("ragged-rows", message, place=source.place(offset))
        self.columns = len(row)


def _quick_values(text: str) -> list[float] | None:
    """The numbers of fields with commas between, or None where one needs a closer look."""
    fields = text.split(",")
    if ('"' in text or " " in text) and "\t" not in text:  # it may be what separates the values
        fields = list(map(_bare, fields))
    return quick_numbers(fields)


def _csv_row(text: str, offset: int, source: Source, may_be_header: bool) -> list[float] | None:
    """The numbers of a row, or None where it is a header."""
    if text.count(",") >= MAX_CSV_COLUMNS:
        message = f"a row of more than {MAX_CSV_COLUMNS:,} values"
        raise Fault("too-large", message, place=source.place(offset))
    if len(text) > LONGEST * (text.count(",") + 1):
        message = f"a value of more than {LONGEST:,} characters"
        raise Fault("not-a-number", message, place=source.place(offset))
    fields = _fields(text)
    try:
        check_decimal_commas(text)
        return quick_numbers(fields) or parse_row([_bare(field) for field in fields])
    except Fault as fault:
        if fault.index is None:
            fault.place = source.place(offset)
            raise
        named = any(map(str.strip, fields))
        if may_be_header and named and not any(_looks_like_a_number(field) for field in fields):
            return None
        raise _csv_fault(fault, source, offset, fields, fault.index[0]) from None


def _fields(row: str) -> list[str]:
    """The fields of a CSV row, which may have commas within quotes."""
    if '"' not in row:
        return row.split(",")
    return re.findall(r'(?:^|,)(\s*+"[^"]*+"[^,]*+|[^,]*+)', row)


def _bare(field: str) -> str:
    """A CSV field without the blanks and the quotes around it."""
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
    return meant or bool(several_numbers(field))  # the hint: in full-width digits, perhaps


def _csv_fault(fault: Fault, source: Source, offset: int, fields: list[str], wrong: int) -> Fault:
    place = source.place(offset + sum(len(field) + 1 for field in fields[:wrong]))
    hint = fault.hint
    for separator, name in ((";", "semicolons"), ("\t", "tabs")):
        if separator in fields[wrong]:
            hint = f"the values are separated by {name}: separate them by commas"
            if len(fields) > 1:  # which has commas already, whatever these are for
                hint = None
    return Fault(fault.code, fault.message, hint, place)
