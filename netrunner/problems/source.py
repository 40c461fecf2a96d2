"""A text with positions: the line and column of an offset, and the snippet with its caret."""

from __future__ import annotations

import re

from netrunner.problems.words import display_width, printable
from netrunner.process.dataclass import dataclass

SNIPPET_COLUMNS = 72
LONGEST_WORD = 1000  # that is a place as a whole

_BLOCK = 2**12  # characters in a block whose lines are counted together


@dataclass(frozen=True)
class Place:
    """The part of a text that a problem points at.

    `line` and `column` count from 1, the column in characters. Both are None if there are no lines
    (an option of the command line, a binary file). `end_line` and `end_column` are after the last
    character; by default, the part is the word or character that begins there. `source_line` is the
    text of the line.
    """

    file: str
    line: int | None = None
    column: int | None = None
    source_line: str | None = None
    end_line: int | None = None
    end_column: int | None = None

    def __post_init__(self) -> None:
        if self.end_line is None and self.line is not None and self.column is not None:
            rest = (self.source_line or "")[self.column - 1 : self.column - 1 + LONGEST_WORD]
            word = re.match(r"\w+|.?", rest)
            length = len(word.group()) if word else 0
            object.__setattr__(self, "end_line", self.line)
            object.__setattr__(self, "end_column", self.column + length)

    def __str__(self) -> str:
        numbers = [str(number) for number in (self.line, self.column) if number is not None]
        return ":".join([printable(self.file), *numbers])


class Source:
    """The text of a file, or of the part of it from `first_line` on, and the places in it."""

    def __init__(self, file: str, text: str, first_line: int = 1) -> None:
        self.file = file
        self.text = text
        self.first_line = first_line
        self._lines_before: list[int] = [0]  # before each block of the text
        self._line_texts: dict[int, str] = {}  # shared, because many places may be in one long line

    def place(self, offset: int, end: int | None = None) -> Place:
        """The place from the character at `offset`, counted from 0, up to the one at `end`."""
        line, column = self.position(offset)
        if line not in self._line_texts:
            ends = (self.text.find(end, offset) for end in "\r\n")
            stop = min((end for end in ends if end >= 0), default=len(self.text))
            self._line_texts[line] = self.text[offset - column + 1 : stop]
        text = self._line_texts[line]
        if end is None:
            return Place(self.file, line, column, text)
        end_line, end_column = line, column + end - offset
        if end_column > len(text) + 1:
            end_line, end_column = self.position(end)
        return Place(self.file, line, column, text, end_line, end_column)

    def position(self, offset: int) -> tuple[int, int]:
        """The line and the column of an offset."""
        block = offset // _BLOCK
        for each in range(len(self._lines_before), block + 1):
            lines = self._line_ends((each - 1) * _BLOCK, each * _BLOCK)
            self._lines_before.append(self._lines_before[-1] + lines)
        line = self._lines_before[block] + self._line_ends(block * _BLOCK, offset)
        start = self.text.rfind("\n", 0, offset) + 1
        start = max(start, self.text.rfind("\r", start, offset) + 1)
        return self.first_line + line, offset - start + 1

    def line_after(self) -> int:
        """The number of the line after the end of the text."""
        return self.first_line + self._line_ends(0, len(self.text))

    def _line_ends(self, start: int, end: int) -> int:
        """How many line ends are from `start` to `end`: a line feed, a carriage return, or both."""
        count = self.text.count
        return count("\n", start, end) + count("\r", start, end) - count("\r\n", start, end + 1)


def snippet(place: Place) -> list[str]:
    """The source line of `place`, with a caret under its column; a long line is shortened."""
    if place.source_line is None or place.line is None or place.column is None:
        return []
    line, column = place.source_line, place.column - 1
    if len(line) > SNIPPET_COLUMNS:
        start = max(0, min(column - SNIPPET_COLUMNS // 2, len(line) - SNIPPET_COLUMNS))
        end = start + SNIPPET_COLUMNS
        column -= start
        line = line[start:end] + ("…" if end < len(line) else "")
        if start:
            line, column = "…" + line, column + 1
    line = printable(line)
    number = str(place.line)
    gutter = " " * len(number)
    caret = " " * display_width(line[:column]) + "^"
    return [f"  {number} | {line}".rstrip(), f"  {gutter} | {caret}"]
