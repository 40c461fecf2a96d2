"""Kinds of values with many numbers: rows, matrices, biases."""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from netrunner.files.decimals import are_numbers, finite_numbers, numbers_in, quick_numbers
from netrunner.files.numerals import parse_number, parse_number_or_special
from netrunner.files.opening import ARRAY_SUFFIXES
from netrunner.format.kinds import in_brackets, unquoted
from netrunner.format.nodes import Node, NumberRow, Scalar, Sequence
from netrunner.format.reading import Kind, Reader, what_is
from netrunner.problems.look_alikes import without_look_alikes
from netrunner.problems.problem import Fault, Related
from netrunner.problems.words import count, quote

if TYPE_CHECKING:
    from numpy.typing import NDArray


def _file_named(node: Scalar) -> str | None:
    """The file that a text names where numbers are expected, if it names one."""
    name = re.sub(r"^file:\s*", "", node.text)
    return name if name.lower().endswith(ARRAY_SUFFIXES) else None


def _several(node: Scalar) -> bool:
    """Whether a text contains several numbers."""
    from netrunner.files.slips import several_numbers  # needed only for an error

    return bool(several_numbers(node.text))


def _as_rows(text: str) -> str | None:
    """A text of numbers, with Matlab's semicolons between rows, rewritten with brackets."""
    from netrunner.files.slips import several_numbers

    rows = [several_numbers(part.strip()) for part in without_look_alikes(text).split(";")]
    written = ", ".join(f"[{', '.join(row)}]" for row in rows)
    return written if all(rows) and len(written) < 60 else None


def _with_thousands(row: Sequence, index: int, fault: Fault) -> bool:
    """Whether an item and those before it may be one number; if so, the fault says so."""
    from netrunner.files.slips import with_thousands  # needed only for an error

    before = fault.hint
    with_thousands([str(getattr(each, "text", "")) for each in row.nodes()], index, fault)
    return fault.hint != before


def _follows_a_dash(node: Node, reader: Reader) -> bool:
    return reader.source.text.endswith("- ", 0, node.offset)


def _quick(row: Sequence) -> list[float] | None:
    """The numbers of a row, or None if it needs a closer look."""
    if isinstance(row, NumberRow):
        return finite_numbers(row.text)
    texts: Any = row.items
    try:
        return quick_numbers(texts)
    except TypeError:  # one of them is a node
        return None


ROWS_TOGETHER = 1000  # whose numbers are read at once


def _quick_rows(rows: list[Any]) -> NDArray[np.float64] | None:
    """The numbers of rows that are equally long, or None if they need a closer look."""
    try:
        checked = all(type(row) is NumberRow for row in rows)
        texts = [row.text if type(row) is NumberRow else ",".join(row.items) for row in rows]
        columns = len(rows[0])
        if any(text.count(",") != columns - 1 for text in texts):
            return None
        if not checked and any(len(row) != columns for row in rows):  # none, or a quoted comma
            return None
    except (TypeError, AttributeError):  # one of them is not a list, or holds a node
        return None
    text = ",".join(texts)
    numbers = finite_numbers(text) if checked else numbers_in(text)
    return None if numbers is None else np.array(numbers).reshape(len(rows), columns)


class Row(Kind):
    """Numbers in a list, as a float64 array of shape (n,); `special` allows .nan and .inf."""

    words = "a list of numbers"

    def __init__(self, special: bool = False) -> None:
        self.special = special

    def read(self, node: Node, reader: Reader) -> NDArray[np.float64] | None:
        if not isinstance(node, Sequence):
            self.refuse(node, reader, instead=in_brackets(self, node, reader))
            return None
        numbers = self.numbers(node, reader)
        return None if numbers is None else np.array(numbers)

    def numbers(self, row: Sequence, reader: Reader) -> list[float] | None:
        """The numbers of a row; reports everything that is not a number.

        A wrong number is NaN, so that the shape of its array is checked all the same; None where
        that is unknown, since one may be several.
        """
        if not len(row):
            self.refuse_empty(row, reader)
            return None
        if (quick := _quick(row)) is not None:
            return quick
        parse = parse_number_or_special if self.special else parse_number
        numbers: list[float] = []
        several = False
        for index, item in enumerate(row.nodes()):
            if isinstance(item, Scalar) and _follows_a_dash(item, reader):
                item = reader.without_comment(item)
            if not isinstance(item, Scalar):
                reader.report("wrong-type", item, f"expected a number, found {what_is(item)}")
                return None
            try:
                numbers.append(parse(unquoted(item)))
            except Fault as fault:
                if _several(item) and _follows_a_dash(item, reader):
                    fault.help_with("give each number a dash and a line of its own")
                elif index and reader.source.text[item.offset - 1] == ",":  # as in 1,000
                    several = several or _with_thousands(row, index, fault)
                reader.report_fault(fault, item)
                numbers.append(math.nan)
                several = several or bool(re.search(r"[\s,;，、［【（(]", item.text))
        return None if several else numbers

    def refuse_empty(self, node: Node, reader: Reader) -> None:
        reader.report("wrong-type", node, f"expected {self.words}, found an empty list")

    def schema(self) -> dict[str, Any]:
        return {"type": "array", "minItems": 1, "items": {"type": "number"}}


class Rows(Row):
    """Rows of numbers, all equally long, as a float64 array of shape (rows, columns)."""

    words = "a list of rows of numbers"

    def read(self, node: Node, reader: Reader) -> NDArray[np.float64] | None:
        if not isinstance(node, Sequence):
            self._refuse(node, reader)
            return None
        if not len(node):
            self.refuse_empty(node, reader)
            return None
        if not any(isinstance(item, Sequence) for item in node.items):
            return self._single_list(node, reader)
        rows: list[Any] = []
        for start in range(0, len(node), ROWS_TOGETHER):
            together = node.items[start : start + ROWS_TOGETHER]
            quick = _quick_rows(together)
            if quick is not None and len(together) == len(node):
                return quick
            if quick is None:
                ends = range(start, start + len(together))
                rows += [self._row(node.node(index), reader) for index in ends]
            else:
                rows.extend(quick)
        complete = [row for row in rows if row is not None]
        if not self._equally_long(rows, node, reader) or len(complete) < len(rows):
            return None
        return np.array(complete)

    def _refuse(self, node: Node, reader: Reader) -> None:
        if isinstance(node, Scalar) and (name := _file_named(node)):
            self.refuse(node, reader, *reader.naming(name, 2))
            return
        rows = in_brackets(self, node, reader)
        self.refuse(node, reader, instead=rows if rows and "[[" in rows else None)

    def _single_list(self, node: Sequence, reader: Reader) -> NDArray[np.float64] | None:
        """A list that is not nested, of shape (n,): whether it fits depends on the layer."""
        bare = False
        for index, item in enumerate(node.nodes(), 1):
            if isinstance(item, Scalar) and _several(item):
                written = _as_rows(item.text)
                message = f"row {index} is not in brackets: {quote(item.text)}"
                reader.report("wrong-type", item, message, instead=written)
                bare = True
        return None if bare else super().read(node, reader)

    def _equally_long(self, rows: list[Any], node: Sequence, reader: Reader) -> bool:
        """Whether the rows are equally long; reports those that differ from most."""
        widths = [len(row) for row in rows if row is not None]
        if len(set(widths)) < 2:
            return True
        usual = Counter(widths).most_common()[0][0]
        example = next(i for i, row in enumerate(rows) if row is not None and len(row) == usual)
        there = reader.place(node.node(example))
        related = (Related(there, f"row {example + 1} has {count(usual, 'number')}"),)
        for index, row in enumerate(rows):
            if row is not None and len(row) != usual:
                message = f"row {index + 1} has {count(len(row), 'number')}, "
                message += f"row {example + 1} has {usual}"
                reader.report("ragged-rows", node.node(index), message, related=related)
        return False

    def _row(self, node: Node, reader: Reader) -> list[float] | None:
        if isinstance(node, Sequence):
            return self.numbers(node, reader)
        reader.report("wrong-type", node, f"expected a row, found {what_is(node)}")
        return None

    def schema(self) -> dict[str, Any]:
        return {"type": "array", "minItems": 1, "items": Row().schema()}


class RowOrRows(Row):
    words = "a list of numbers, or a list of such rows"

    def read(self, node: Node, reader: Reader) -> Any | None:
        if isinstance(node, Scalar) and are_numbers([node.text]) and node.plain:
            try:
                return np.array(parse_number(node.text))  # the assembly checks whether it fits
            except Fault as fault:
                reader.report_fault(fault, node)
                return None
        nested = isinstance(node, Sequence) and any(
            isinstance(item, Sequence) for item in node.items
        )
        return (Rows if nested else Row)(self.special).read(node, reader)

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [Row().schema(), Rows().schema()]}


class NumberOrRow(Row):
    words = "a list of numbers, or one number that fills the layer"

    def read(self, node: Node, reader: Reader) -> Any | None:
        if isinstance(node, Sequence):
            nested = node.items and all(isinstance(item, Sequence) for item in node.items)
            return Rows().read(node, reader) if nested else super().read(node, reader)
        if not isinstance(node, Scalar):  # a text tried as a hint; else it names a file
            self.refuse(node, reader)
            return None
        try:
            return np.float64(parse_number(unquoted(node)))
        except Fault as fault:
            meant = fault.instead
            if fault.hint is None or (
                meant and fault.code == "not-a-number" and not are_numbers([meant])
            ):
                fault.help_with(instead=in_brackets(self, node, reader) or meant)
            if name := _file_named(node):
                fault.help_with(*reader.naming(name, 1))
            reader.report_fault(fault, node)
            return None

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [{"type": "number"}, super().schema()]}
