"""Rows of inputs, and their places in the text that they came from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from typing import Any, NamedTuple

from numpy.typing import NDArray

from netrunner.files.csv_tables import Header, lines_of
from netrunner.files.json_tables import offset_at
from netrunner.problems.problem import Fault, NetrunnerError, Problem
from netrunner.problems.source import Place, Source
from netrunner.problems.words import quote

MAX_SURPLUS = 8  # columns listed in a message


class InputRows(NamedTuple):
    """Rows that a user gave, with their name in messages and, if they are text, its source."""

    name: str
    rows: NDArray[Any]
    source: Source | None = None
    header: Header | None = None

    def place(self, index: tuple[int, ...] | None) -> Place:
        """The place of the number at an index of `rows`; without an index, of the first row."""
        if self.source is None:
            return Place(self.name)
        if self.name.lower().endswith(".json"):
            if index is None:
                index = (0,) if self.rows.ndim > 1 else ()
            return self.source.place(offset_at(self.source.text, index))
        row, column = (0, 0, *(index or ()))[-2:]
        before = self.header is not None and self.header.source is self.source
        line = next(islice(lines_of(self.source.text), row + before, None))
        fields = line.group().split(",")[:column]
        return self.source.place(line.start() + sum(len(field) + 1 for field in fields))

    def check_columns(self, names: tuple[str, ...] | None) -> None:
        """Raise NetrunnerError if the names in a header are in another order than the inputs."""
        if names is None or self.rows.shape[-1:] != (len(names),):
            return  # a wrong number of columns is reported elsewhere
        columns, key = self._columns(), _key_among(names)
        given, inputs = [key(name) for _, name in columns], [key(name) for name in names]
        known = set(inputs)
        for number, ((offset, column), name) in enumerate(zip(columns, names, strict=False), 1):
            if key(column) != key(name) and key(column) in known:
                assert self.header is not None  # else it had no columns
                message = (
                    f"column {number} is {quote(column)}, "
                    f"but the network's input {number} is {quote(name)}"
                )
                place, hint = self.header.source.place(offset), None
                if sorted(given) == sorted(inputs):
                    hint = "put the columns in the order of the network's inputs"
                raise NetrunnerError(Problem("column-order", place, message, hint=hint))

    def problem(self, fault: Fault, names: tuple[str, ...] | None) -> Problem:
        """The problem with the rows, at its place; a header can show which columns are surplus."""
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
        """The names in the header, if there is one, and the place of each."""
        return self.header.names() if self.header else []


def _key_among(names: tuple[str, ...]) -> Callable[[str], str]:
    """How to compare names: ignoring spaces and case, unless only these distinguish some."""

    def key(name: str) -> str:
        return "".join(name.split()).casefold()

    return key if len(set(map(key, names))) == len(set(names)) else str
