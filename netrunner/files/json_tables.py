"""Tables in JSON: a list of numbers, or a list of such rows, and the place of each number."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netrunner.files.csv_tables import ragged
from netrunner.files.numerals import parse_number, parse_row
from netrunner.problems.problem import Fault
from netrunner.problems.source import Source

MAX_BYTES = 16 * 2**20
MAX_VALUES = 500_000
_QUICK_VALUES = 1000  # converted together

_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"|[^\s",:\[\]{}]++|[,\[\]{}]')


class _Number(str):
    """The text of a number, finite or not."""

    __slots__ = ()


def json_table(source: Source) -> NDArray[np.float64]:
    """The numbers as (columns,) or (rows, columns). Raises Fault with the place of what is wrong.

    A single number that is not in a list has the shape ().
    """
    text = source.text
    if sum(map(text.count, ",[{")) > MAX_VALUES:
        message = f"more than {MAX_VALUES:,} numbers and rows: save it as .npy instead"
        raise Fault("too-large", message)
    try:
        table = json.loads(text, parse_float=_Number, parse_int=_Number, parse_constant=_Number)
    except json.JSONDecodeError as error:
        place = source.place(error.pos)
        raise Fault("damaged-file", f"not JSON: {error.msg}", place=place) from None
    except RecursionError:
        raise Fault("too-deep", "nested too deeply", place=source.place(0)) from None
    try:
        return np.array(_numbers(table))
    except Fault as fault:
        fault.place = source.place(offset_at(text, fault.index or ()))
        raise


def offset_at(text: str, index: tuple[int, ...]) -> int:
    """The offset of the value at an index in the text of a table; () is the whole table."""
    here: list[int] = []
    wanted = list(index)
    tokens = _TOKEN.finditer(text)
    while True:
        token = next(tokens)
        if token.group() == ",":
            here[-1] += 1
        elif token.group() in ("]", "}"):
            here.pop()
        elif here == wanted:
            return token.start()
        elif token.group() in ("[", "{"):
            here.append(0)


def _numbers(table: Any) -> Any:
    """A table of _Number as floats. Raises Fault with the index of what is wrong."""
    if isinstance(table, _Number):
        return parse_number(table)
    if not isinstance(table, list):
        raise _not_a_table(())
    if not any(isinstance(row, list) for row in table):
        return _row(table, ())
    rows: list[list[float]] = []
    for index, row in enumerate(table):
        if not isinstance(row, list):
            raise _not_a_table((index,))
        rows.append(_row(row, (index,)))
        if len(row) != len(rows[0]):
            fault = ragged(len(row), len(rows[0]))
            fault.index = (index,)
            raise fault
    return rows


def _row(row: list[Any], index: tuple[int, ...]) -> list[float]:
    for column, value in enumerate(row):
        if not isinstance(value, _Number):
            raise _not_a_table((*index, column))
    numbers: list[float] = []
    for begin in range(0, len(row), _QUICK_VALUES):
        try:
            numbers += parse_row(row[begin : begin + _QUICK_VALUES])
        except Fault as fault:
            (column,) = fault.index or (0,)
            fault.index = (*index, begin + column)
            raise
    return numbers


def _not_a_table(index: tuple[int, ...]) -> Fault:
    message = "expected a list of numbers, or a list of such lists"
    return Fault("not-real-numbers", message, index=index)
