"""Positions of the protocol, which count from 0 in the units that the client chose."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import accumulate

UNITS: dict[str, Callable[[str], int]] = {
    "utf-8": lambda text: len(text.encode("utf-8", "surrogatepass")),
    "utf-16": lambda text: len(text.encode("utf-16-le", "surrogatepass")) // 2,
    "utf-32": len,
}


class Lines:
    """The lines of a text, and its positions in one of the encodings.

    `mark` is what the client has before the text: a byte order mark, or nothing.
    """

    def __init__(self, text: str, encoding: str = "utf-16", mark: str = "") -> None:
        self.text = text
        self.lines = re.split(r"\r\n|\r|\n", text)
        self._units = UNITS[encoding]
        self._before = self._units(mark)

    @cached_property
    def _starts(self) -> list[int]:
        """The offset of each line."""
        ends = re.findall(r"\r\n|\r|\n", self.text)
        lengths = (len(line) + len(end) for line, end in zip(self.lines, ends, strict=False))
        return list(accumulate(lengths, initial=0))

    def offset(self, line: int, column: int) -> int:
        """The offset of a line and a column, both from 1."""
        return self._starts[line - 1] + column - 1

    def to_client(self, line: int, column: int) -> tuple[int, int]:
        """The protocol's position of a line and a column, both from 1."""
        line = min(max(line, 1), len(self.lines))
        units = self._units(self.lines[line - 1][: max(column - 1, 0)])
        return line - 1, units if line > 1 else units + self._before

    def from_client(self, line: int, character: int) -> tuple[int, int]:
        """The line and the column, both from 1, of a position; what is past an end is the end."""
        if line >= len(self.lines):
            return len(self.lines), len(self.lines[-1]) + 1
        text = self.lines[max(line, 0)]
        character -= self._before if line <= 0 else 0
        if text.isascii():
            return max(line, 0) + 1, min(max(character, 0), len(text)) + 1
        units, column = 0, 0
        while column < len(text) and units < character:
            units += self._units(text[column])
            column += 1
        return max(line, 0) + 1, column + 1


def place_in(old: list[str], new: list[str], line: int, column: int) -> tuple[int, int] | None:
    """Where a place in the new lines was in the old ones, from 1; None if it has changed since.

    Between the first and the last change, a line is looked for as far from the top as before,
    then as far from the end: the same one, or one that is the same before or after the place.
    """
    same, tail = _same_ends(old, new)
    moved = line - len(new) + len(old)
    if line <= same:
        return line, column
    if line > len(new) - tail:
        return moved, column
    now = new[line - 1]
    near = [at for at in (line, moved) if same < at <= len(old) - tail]
    for at in near:
        if old[at - 1] == now:
            return at, column
    for at in near:
        was = old[at - 1]
        same, tail = _same_ends(was, now)
        if 2 * (same + tail) < max(len(was), len(now)):  # another line
            continue
        if column > len(now) - tail:
            return at, column + len(was) - len(now)
        return (at, column) if column <= same + 1 else None
    return None


def _same_ends(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """How many lines or characters are the same at the beginning, and how many at the end."""
    shorter = min(len(old), len(new))
    same = next((i for i in range(shorter) if old[i] != new[i]), shorter)
    rest = shorter - same
    return same, next((i for i in range(rest) if old[-1 - i] != new[-1 - i]), rest)
