"""Tables in JSON: a list of numbers, or a list of such rows, and where each of them stands."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netrunner.errors import Fault
from netrunner.numerals import parse_number
from netrunner.source import Source, count

MAX_JSON_BYTES = 16 * 2**20
MAX_JSON_VALUES = 500_000

_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"|[^\s",:\[\]{}]++|[,\[\]{}]')
_NO_NUMBERS = ('"', "[", "{", "true", "false", "null")  # as a token of them begins


def json_table(source: Source) -> NDArray[np.float64]:
    """The numbers as (columns,) or (rows, columns). Raises Fault with the place of what is wrong.

    A number alone, which is no row, has the shape ().
    """
    text = source.text
    if sum(map(text.count, ",[{")) > MAX_JSON_VALUES:
        message = f"more than {MAX_JSON_VALUES:,} numbers and rows: save it as .npy instead"
        raise Fault("too-large", message)
    try:
        table = json.loads(  # its constants are NaN and the infinities
            text, parse_float=parse_number, parse_int=parse_number, parse_constant=parse_number
        )
    except json.JSONDecodeError as error:
        place = source.place(error.pos)
        raise Fault("damaged-file", f"not JSON: {error.msg}", place=place) from None
    except RecursionError:
        raise Fault("too-deep", "nested too deep", place=source.place(0)) from None
    except Fault as fault:
        fault.place = source.place(_first_refused(text))
        raise
    _check(table, source)
    return np.array(table)


def offset_at(text: str, index: tuple[int, ...]) -> int:
    """Where the value at an index stands in the text of a table; at () is the whole."""
    return next(offset for at, offset, _ in _values(text) if at == index)


def _check(table: Any, source: Source) -> None:
    """Raises Fault where the values are no table."""
    nested = isinstance(table, list) and any(isinstance(row, list) for row in table)
    wrong = _first_wrong(table, 1 + nested if isinstance(table, list) else 0)
    if wrong is not None:
        message = "expected a list of numbers, or a list of such lists"
        place = source.place(offset_at(source.text, wrong))
        raise Fault("not-real-numbers", message, place=place)
    for index, row in enumerate(table if nested else ()):
        if len(row) != len(table[0]):
            message = f"a row of {count(len(row), 'number')} after one of {len(table[0])}"
            place = source.place(offset_at(source.text, (index,)))
            raise Fault("ragged-rows", message, place=place)


def _first_wrong(value: Any, depth: int) -> tuple[int, ...] | None:
    """The index of the first value that is no number, or no list where lists are `depth` deep."""
    if depth == 0:
        return None if type(value) is float else ()
    if not isinstance(value, list):
        return ()
    for index, part in enumerate(value):
        wrong = _first_wrong(part, depth - 1)
        if wrong is not None:
            return (index, *wrong)
    return None


def _first_refused(text: str) -> int:
    """The offset of the first number, or name of what is not finite, that is not read."""
    for _, offset, token in _values(text):
        try:
            if not token.startswith(_NO_NUMBERS):
                parse_number(token)
        except Fault:
            return offset
    raise AssertionError("a number was refused that is not there")


def _values(text: str) -> Iterator[tuple[tuple[int, ...] | None, int, str]]:
    """The values in a JSON text: the index of each, None where it is deep, its offset and begin."""
    depth, index = 0, [0, 0]
    for match in _TOKEN.finditer(text):
        token = match.group()
        if token == ",":
            if depth <= len(index):
                index[depth - 1] += 1
        elif token in ("]", "}"):
            depth -= 1
        else:
            yield tuple(index[:depth]) if depth <= len(index) else None, match.start(), token
            if token in ("[", "{"):
                index[depth:] = [0] * len(index[depth:])
                depth += 1
