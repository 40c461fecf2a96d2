"""What would mend a problem: edits of the text that it is in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """A change of a text: what is from a position up to another becomes `text`.

    Lines and columns count from 1, columns in characters; the end is after the last character.
    """

    line: int
    column: int
    end_line: int
    end_column: int
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """Edits that belong together, and what they do in a few words, such as 'write 0.1'."""

    title: str
    edits: tuple[Edit, ...]


def edited(text: str, edits: Iterable[Edit]) -> str:
    """`text` after edits that do not overlap."""
    starts = [0, *(end.end() for end in re.finditer(r"\r\n|\r|\n", text))]
    parts: list[str] = []
    at = 0
    for edit in sorted(edits):
        begin = starts[edit.line - 1] + edit.column - 1
        assert begin >= at  # they do not overlap
        parts += (text[at:begin], edit.text)
        at = starts[edit.end_line - 1] + edit.end_column - 1
    return "".join([*parts, text[at:]])
