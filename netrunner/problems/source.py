"""A text with positions: which line and column an offset is, and the snippet with its caret."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

SNIPPET_COLUMNS = 72
LONGEST_NAME = 200  # for which another one is looked for that is like it

_BLOCK = 2**16  # characters whose lines are counted at once


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
    """The text of a file, or of the part of it from `first_line` on, and the places in it."""

    def __init__(self, file: str, text: str, first_line: int = 1) -> None:
        self.file = file
        self.text = text
        self.first_line = first_line
        self._lines_before: list[int] = [0]  # before each block of the text
        self._line_texts: dict[int, str] = {}  # shared, as many places may be in one long line

    def place(self, offset: int) -> Place:
        """The place of the character at `offset`, counted from 0."""
        block = offset // _BLOCK
        for each in range(len(self._lines_before), block + 1):
            lines = self._line_ends((each - 1) * _BLOCK, each * _BLOCK)
            self._lines_before.append(self._lines_before[-1] + lines)
        line = self._lines_before[block] + self._line_ends(block * _BLOCK, offset)
        line += self.first_line
        start = self.text.rfind("\n", 0, offset) + 1
        start = max(start, self.text.rfind("\r", start, offset) + 1)
        if line not in self._line_texts:
            rest = re.compile(r"[^\r\n]*").match(self.text, start)
            self._line_texts[line] = rest.group() if rest else ""
        return Place(self.file, line, offset - start + 1, self._line_texts[line])

    def line_after(self) -> int:
        """The number of the line that begins where the text ends."""
        return self.first_line + self._line_ends(0, len(self.text))

    def _line_ends(self, start: int, end: int) -> int:
        """How many lines end from `start` to `end`: by a line feed, a carriage return, or both."""
        count = self.text.count
        return count("\n", start, end) + count("\r", start, end) - count("\r\n", start, end + 1)


def visible(text: str) -> str:
    """`text` with each character that a terminal would obey or hide replaced by one it shows.

    The length stays the same, so columns keep their meaning.
    """
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() or char in _JOINERS else _stand_in(char) for char in text
    )


_JOINERS = "\u200c\u200d"  # without which Persian and many emoji fall apart


def _stand_in(char: str) -> str:
    if char in "\t\u3000\xa0":
        return " "
    return chr(0x2400 + ord(char)) if ord(char) < 0x20 else "\ufffd"


def has_unseen(text: str) -> bool:
    """Whether `text` has characters that nobody sees, or blanks around it, or nothing to see."""
    if text.isascii() and text.isprintable():
        return text != text.strip()
    from unicodedata import category  # hardly a name needs it

    seen = [char for char in text if char not in _JOINERS]
    unseen = any(category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") for char in seen)
    return unseen or not seen or text != text.strip()


def quote(text: str, limit: int = 40) -> str:
    """`text` in quotes, as messages show what a file says: made visible, and cut where long."""
    return f"'{visible(text if len(text) <= limit else text[: limit - 1] + '…')}'"


# What input methods for Chinese and Japanese write, and word processors, for what YAML has.
LOOK_ALIKES = {
    "：": ":", "，": ",", "、": ",", "；": ";", "．": ".", "。": ".", "＃": "#", "－": "-",
    "［": "[", "］": "]", "【": "[", "】": "]", "｛": "{", "｝": "}", "（": "(", "）": ")",
    "−": "-", "“": '"', "”": '"', "‘": "'", "’": "'", "＂": '"', "＇": "'", "＝": "=",
    "＋": "+", "\u3000": " ", "\xa0": " ",
}  # fmt: skip


def look_alike(char: str) -> tuple[str, str]:
    """What is wrong with a character of LOOK_ALIKES, and what to write."""
    plain = LOOK_ALIKES[char]
    shown = "an ordinary space" if plain == " " else quote(plain)
    return f"{quote(char)} (U+{ord(char):04X}) is not {shown}", f"write {shown}"


def without_look_alikes(text: str) -> str:
    """`text` as it would be, had it been typed in ASCII."""
    return "".join(LOOK_ALIKES.get(char, char) for char in text)


def count(number: int, noun: str) -> str:
    """'1 number', '2 numbers'."""
    return f"{number} {noun}{'s' * (number != 1)}"


def nearest(name: str, known: Iterable[str], likeness: float = 0.6) -> str | None:
    """The known name that is most like `name`, if one is like it at all."""
    if len(name) > LONGEST_NAME:
        return None
    from difflib import get_close_matches  # only an error needs it

    near = get_close_matches(name, list(known), 1, likeness)
    return near[0] if near else None


def display_width(text: str) -> int:
    """How many terminal columns `text` takes: Chinese and Japanese characters take two."""
    if text.isascii():
        return len(text)
    from unicodedata import category, east_asian_width

    wide = sum(east_asian_width(char) in "WF" for char in text)
    return len(text) + wide - sum(category(char) in ("Mn", "Me") for char in text)


def snippet(place: Place) -> list[str]:
    """The source line of `place`, and a caret under its column; a long line is cut around it."""
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
    line = visible(line)
    number = str(place.line)
    gutter = " " * len(number)
    caret = " " * display_width(line[:column]) + "^"
    return [f"  {number} | {line}".rstrip(), f"  {gutter} | {caret}"]
