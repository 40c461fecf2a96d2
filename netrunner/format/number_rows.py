"""Rows of plain numbers in YAML, which are most of a network file, found before parsing.

libyaml takes ten times as long for a number as Python takes to split a row. So libyaml gets a text
in which the numbers are spaces; an empty list at the place of a row is that row. A row that libyaml
does not meet is inside a text or a comment, and must not be blanked.
"""

from __future__ import annotations

import re

from netrunner.files.decimals import numbers_with_commas

# libyaml is as fast with fewer numbers than this.
_AT_LEAST = 4
_ROW = rf"\[[ \n]*+{numbers_with_commas(_AT_LEAST)}[ \n]*+,?[ \n]*+\]"
_COMMENT = r"(?<![^ \t\r\n])#[^\r\n]*+"


class NumberRows:
    """Rows of numbers in a text: where each begins and ends, and which ones the parser met."""

    def __init__(self, text: str, ends: dict[int, int]) -> None:
        self.text = text
        self._ends = ends
        self._met: list[int] = []

    @classmethod
    def in_text(cls, text: str) -> NumberRows:
        """Everything in a text that looks like a row, except in what looks like a comment."""
        found = re.finditer(f"{_ROW}|{_COMMENT}" if "#" in text else _ROW, text)
        spans = map(re.Match.span, found)
        return cls(text, {start: end for start, end in spans if text[start] == "["})

    def __len__(self) -> int:
        return len(self._ends)

    def blanked(self) -> str:
        """The text with spaces for the numbers; each line keeps its length."""
        parts: list[str] = []
        at = 0
        for start, end in self._ends.items():
            blanks = " " * (end - start - 2)
            if "\n" in (row := self.text[start + 1 : end - 1]):
                blanks = "\n".join(" " * len(line) for line in row.split("\n"))
            parts += (self.text[at : start + 1], blanks)
            at = end - 1
        return "".join([*parts, self.text[at:]])

    def meet(self, start: int) -> str | None:
        """The numbers between the brackets of the row that begins here, if one does."""
        end = self._ends.get(start)
        if end is None:
            return None
        self._met.append(start)
        numbers = self.text[start + 1 : end - 1]
        return numbers.rstrip().removesuffix(",") if numbers[-1] in " \n," else numbers

    def all_met(self, before: int | None = None) -> bool:
        """Whether the parser met all the rows, or all that begin before an offset."""
        if before is None:
            return len(self._met) == len(self._ends)
        return len(self._met) == sum(start < before for start in self._ends)

    def only_met(self) -> NumberRows:
        return NumberRows(self.text, {start: self._ends[start] for start in self._met})
