"""Fixes of problems, as edits of the text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from netrunner.problems.source import Place, Source


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """A change of a text: everything from one position up to another becomes `text`.

    Lines and columns count from 1, columns in characters; the end is after the last character.
    """

    line: int
    column: int
    end_line: int
    end_column: int
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """Edits that belong together, and a short description of them, such as 'write 0.1'."""

    title: str
    edits: tuple[Edit, ...]


def edited(text: str, edits: Iterable[Edit]) -> str:
    """`text` after edits that do not overlap."""
    starts = _line_starts(text)
    parts: list[str] = []
    at = 0
    for edit in sorted(edits):
        begin = starts[edit.line - 1] + edit.column - 1
        assert begin >= at  # the edits do not overlap
        parts += (text[at:begin], edit.text)
        at = starts[edit.end_line - 1] + edit.end_column - 1
    return "".join([*parts, text[at:]])


def overlap(one: Edit, other: Edit) -> bool:
    """Whether two edits overlap or touch, so that they must not be applied together."""
    first, second = sorted((one, other))
    return (second.line, second.column) <= (first.end_line, first.end_column)


def _line_starts(text: str) -> list[int]:
    return [0, *(end.end() for end in re.finditer(r"\r\n|\r|\n", text))]


def unedited(place: Place, edit: Edit, source: Source) -> Place:
    """The place in the unedited `source` that corresponds to a place in the edited text."""
    if place.line is None or place.column is None or place.file != source.file:
        return place
    starts = _line_starts(source.text)
    start = starts[edit.line - 1] + edit.column - 1
    end = starts[edit.end_line - 1] + edit.end_column - 1
    kept = edit.text.find(source.text[start:end])  # maps the edited text back to the original
    after = _line_starts(source.text[:start] + edit.text + source.text[end:])

    def back(line: int | None, column: int | None) -> int:
        offset = after[(line or 1) - 1] + (column or 1) - 1
        if offset <= start:
            return offset
        if kept >= 0 and offset < start + len(edit.text):
            return max(start, min(end, offset - kept))
        return max(start, end + offset - (start + len(edit.text)))

    return source.place(back(place.line, place.column), back(place.end_line, place.end_column))
