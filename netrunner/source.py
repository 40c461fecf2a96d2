"""A text with positions: which line and column an offset is, and the snippet with its caret."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

SNIPPET_COLUMNS = 72


@dataclass(frozen=True, slots=True)
class Place:
    """A place that a problem points at.

    `line` and `column` count from 1, the column in characters; both are None where the thing has
    no lines (an option of the command line, a binary file). `source_line` is the text of the line.
    """

    file: str
    line: int | None = None
    column: int | None = None
    source_line: str | None = None

    def __str__(self) -> str:
        numbers = [str(number) for number in (self.line, self.column) if number is not None]
        return ":".join([visible(self.file), *numbers])


class Source:
    """The text of a file, and the places in it."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text
        self._line_starts: list[int] | None = None

    def place(self, offset: int) -> Place:
        """The place of the character at `offset`, counted from 0."""
        if self._line_starts is None:
            ends = re.finditer(r"\r\n|\r|\n", self.text)
            self._line_starts = [0, *(end.end() for end in ends)]
        line = bisect_right(self._line_starts, offset)
        start = self._line_starts[line - 1]
        text = re.compile(r"[^\r\n]*").match(self.text, start)
        assert text is not None
        return Place(self.file, line, offset - start + 1, text.group())


def visible(text: str) -> str:
    """`text` with each character that a terminal would obey or hide replaced by one it shows.

    The length stays the same, so columns keep their meaning.
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _stand_in(char) for char in text)


def _stand_in(char: str) -> str:
    if char in "\t\u3000\xa0":
        return " "
    return chr(0x2400 + ord(char)) if ord(char) < 0x20 else "\ufffd"


def quote(text: str, limit: int = 40) -> str:
    """`text` in quotes, as messages show what a file says: made visible, and cut where long."""
    return f"'{visible(text if len(text) <= limit else text[: limit - 1] + '…')}'"


def nearest(name: str, known: Iterable[str], likeness: float = 0.6) -> str | None:
    """The known name that is most like `name`, if one is like it at all."""
    from difflib import get_close_matches  # only an error needs it

    near = get_close_matches(name, list(known), 1, likeness)
    return near[0] if near else None


def display_width(text: str) -> int:
    """How many terminal columns `text` takes: Chinese and Japanese characters take two."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    wide = sum(east_asian_width(char) in "WF" for char in text)
    return len(text) + wide - sum(combining(char) > 0 for char in text)


def snippet(place: Place) -> list[str]:
    """The source line of `place`, and a caret under its column; a long line is cut around it."""
    if place.source_line is None or place.line is None or place.column is None:
        return []
    line, column = visible(place.source_line), place.column - 1
    if len(line) > SNIPPET_COLUMNS:
        start = max(0, min(column - SNIPPET_COLUMNS // 2, len(line) - SNIPPET_COLUMNS))
        end = start + SNIPPET_COLUMNS
        column -= start
        line = line[start:end] + ("…" if end < len(line) else "")
        if start:
            line, column = "…" + line, column + 1
    number = str(place.line)
    gutter = " " * len(number)
    caret = " " * display_width(line[:column]) + "^"
    return [f"  {number} | {line}".rstrip(), f"  {gutter} | {caret}"]
