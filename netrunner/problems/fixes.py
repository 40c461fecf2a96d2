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


class Unedited:
    """Finds the places in the unedited `source` that correspond to those in the edited text."""

    def __init__(self, edits: Iterable[Edit], source: Source) -> None:
        edits = sorted(edits)
        self.source = source
        self._line_starts = _line_starts(edited(source.text, edits))
        starts = _line_starts(source.text)
        # Of each edit: its begin in the edited text, its new text, its begin and end in the source.
        self._edits: list[tuple[int, str, int, int]] = []
        longer = 0
        for edit in edits:
            start = starts[edit.line - 1] + edit.column - 1
            end = starts[edit.end_line - 1] + edit.end_column - 1
            self._edits.append((start + longer, edit.text, start, end))
            longer += len(edit.text) - (end - start)

    def __call__(self, place: Place) -> Place:
        if place.line is None or place.column is None or place.file != self.source.file:
            return place
        begin = self._offset(place.line, place.column)
        return self.source.place(begin, self._offset(place.end_line, place.end_column))

    def fix(self, fix: Fix) -> Fix | None:
        """The fix for the unedited source; None if it touches what the edits wrote."""
        edits = []
        for edit in fix.edits:
            start, end = (edit.line, edit.column), (edit.end_line, edit.end_column)
            if any(
                self._edited_offset(*start) <= begin + len(text)
                and begin <= self._edited_offset(*end)
                for begin, text, _, _ in self._edits
            ):
                return None
            begin, after = (self.source.position(self._offset(*each)) for each in (start, end))
            edits.append(Edit(*begin, *after, edit.text))
        return Fix(fix.title, tuple(edits))

    def _edited_offset(self, line: int | None, column: int | None) -> int:
        return self._line_starts[(line or 1) - 1] + (column or 1) - 1

    def _offset(self, line: int | None, column: int | None) -> int:
        offset = self._edited_offset(line, column)
        longer = 0
        for begin, text, start, end in self._edits:
            if offset <= begin:
                break
            if offset < begin + len(text):
                kept = text.find(self.source.text[start:end])
                into = offset - begin - kept if kept >= 0 else offset - begin - len(text)
                return max(start, min(end, (start if kept >= 0 else end) + into))
            longer = begin + len(text) - end
        return offset - longer
