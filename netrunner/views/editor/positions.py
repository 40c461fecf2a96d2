"""Positions of the protocol, which count from 0 in the units that the client chose."""

from __future__ import annotations

import re
from collections.abc import Callable

UNITS: dict[str, Callable[[str], int]] = {
    "utf-8": lambda text: len(text.encode("utf-8", "surrogatepass")),
    "utf-16": lambda text: len(text.encode("utf-16-le", "surrogatepass")) // 2,
    "utf-32": len,
}


class Lines:
    """The lines of a text, and its positions in one of the encodings."""

    def __init__(self, text: str, encoding: str = "utf-16") -> None:
        self.lines = re.split(r"\r\n|\r|\n", text)
        self._units = UNITS[encoding]

    def to_client(self, line: int, column: int) -> tuple[int, int]:
        """The protocol's position of a line and a column, both from 1."""
        line = min(max(line, 1), len(self.lines))
        return line - 1, self._units(self.lines[line - 1][: max(column - 1, 0)])

    def from_client(self, line: int, character: int) -> tuple[int, int]:
        """The line and the column, both from 1, of a position; one after a line is its end."""
        line = min(max(line, 0), len(self.lines) - 1)
        text = self.lines[line]
        units, column = 0, 0
        while column < len(text) and units < character:
            units += self._units(text[column])
            column += 1
        return line + 1, column + 1


def line_in(old: list[str], new: list[str], line: int) -> int | None:
    """Where a line of the new text, from 1, was in the old one; None if it has changed since."""
    shorter = min(len(old), len(new))
    same = next((i for i in range(shorter) if old[i] != new[i]), shorter)
    if line <= same:
        return line
    rest = shorter - same
    tail = next((i for i in range(rest) if old[-1 - i] != new[-1 - i]), rest)
    return line - len(new) + len(old) if line > len(new) - tail else None
