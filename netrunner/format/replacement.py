"""What a fix replaces of a value, and the new text in the lines of the old one."""

from __future__ import annotations

import re

from netrunner.format.nodes import Node, Scalar, last_of
from netrunner.problems.look_alikes import without_look_alikes

_ROW = r"\[[^][\r\n]*\]"
_BREAK = r"[^\S\r\n]*[\r\n]\s*"
_ROWS_IN_LINES = re.compile(rf"\[(\s*){_ROW},({_BREAK}){_ROW}(?:,{_BREAK}{_ROW})*(,?\s*)\]")


def replacement(node: Node, new: str, text: str) -> tuple[int, int, str] | None:
    """The start, the end, and what to write there, so that the value of a node becomes `new`.

    The node's anchor stays. None if the fix would lose a comment, an alias, or the layout.
    """
    anchor = re.compile(r"&[^\s,\[\]{}]+\s*").match(text, node.offset)
    start, end = anchor.end() if anchor else node.offset, last_of(node, text)
    if end is None:
        return None
    old = text[start:end]
    if not isinstance(node, Scalar) and re.search(r"[&*]", old):
        return None
    if "\n" not in old and "\r" not in old:
        written: str | None = new
    elif "#" in old:
        written = None
    elif isinstance(node, Scalar):
        written = _part(old, new)
    elif node.end:
        written = _rows(old, new)
    else:
        written = _items(old, new, text[:start])
    return None if written is None else (start, end, written)


def _part(old: str, new: str) -> str | None:
    """The part of `old`, typed in ASCII, that differs from `new` only in blanks."""
    old = without_look_alikes(old)
    places = [at for at, char in enumerate(old) if not char.isspace()]
    wanted = "".join(new.split())
    found = "".join(old.split()).find(wanted)
    return None if found < 0 else old[places[found] : places[found + len(wanted) - 1] + 1]


def _rows(old: str, new: str) -> str | None:
    """Rows in brackets, one in each line."""
    layout = _ROWS_IN_LINES.fullmatch(old)
    if layout is None or not new.startswith("[["):
        return None
    before, between, after = layout.groups()
    return f"[{before}{new[1:-1].replace('], [', f'],{between}[')}{after}]"


def _items(old: str, new: str, before: str) -> str | None:
    """Items with dashes, one in each line."""
    if new[0] != "[" or not all(re.match(r"\s*- [^-\s]", line) for line in old.splitlines()):
        return None
    newline = re.search(r"\r\n|\r|\n", old)
    assert newline  # there are several lines
    indent = " " * (len(before) - 1 - max(before.rfind("\n"), before.rfind("\r")))
    items = re.split(r"(?<=\]), " if new.startswith("[[") else ", ", new[1:-1])
    return f"{newline.group()}{indent}".join(f"- {item}" for item in items)
