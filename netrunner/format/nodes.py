"""Values that know their positions in the text: a scalar, a list, a mapping."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Iterator

from netrunner.files.decimals import BLANK


class Scalar:
    """A single value as text. `plain` is whether it is written without quotes.

    `end` is the offset after it, or 0 for a plain scalar in a row.
    """

    __slots__ = ("end", "offset", "plain", "text")

    def __init__(self, text: str, offset: int, plain: bool = True, end: int = 0) -> None:
        self.text, self.offset, self.plain, self.end = text, offset, plain, end


def is_blank(scalar: Scalar) -> bool:
    """Whether it is a question mark, in place of what is missing."""
    return scalar.text in (BLANK, "?")


class Sequence:
    """A list of values.

    Most of a network file is matrices, so `items` keeps a plain scalar as bare text, and an array
    keeps its offsets; `node(i)` combines the two. `end` is the offset after the closing bracket, or
    0 if there is none.
    """

    __slots__ = ("_items", "end", "offset", "offsets")

    def __init__(self, offset: int) -> None:
        self.offset = offset
        self.end = 0
        self._items: list[str | Node] = []
        self.offsets = array("Q")

    @property
    def items(self) -> list[str | Node]:
        return self._items

    def add(self, item: str | Node, offset: int) -> None:
        self._items.append(item)
        self.offsets.append(offset)

    def __len__(self) -> int:
        return len(self._items)

    def node(self, index: int) -> Node:
        item = self.items[index]
        return Scalar(item, self.offsets[index]) if isinstance(item, str) else item

    def nodes(self) -> Iterator[Node]:
        return map(self.node, range(len(self)))


NUMBER = r"[^ \n,]+"  # compiled where it is needed: few networks do


class NumberRow(Sequence):
    """A list of plain numbers, kept as `text` with commas.

    `begin` is the offset of the text. The place of a number is worked out only if it is wrong.
    """

    __slots__ = ("begin", "text")

    def __init__(self, offset: int, text: str, begin: int, end: int) -> None:
        self.offset, self.text, self.begin, self.end = offset, text, begin, end

    def __len__(self) -> int:
        return self.text.count(",") + 1

    @property
    def items(self) -> list[str | Node]:
        if not hasattr(self, "_items"):
            self._items, self.offsets = [], array("Q")
            for number in re.finditer(NUMBER, self.text):
                self.add(number.group(), self.begin + number.start())
        return self._items


class Mapping:
    """Keys and values, in the order of the file.

    `complete` is False if an entry was refused, which may be a key that seems missing.
    `begins_again` means that the first key came a second time: two items of a list in one. `end` is
    the offset after the closing brace, or 0 if there is none.
    """

    __slots__ = ("begins_again", "complete", "end", "entries", "offset")

    def __init__(self, offset: int) -> None:
        self.offset = offset
        self.end = 0
        self.complete = True
        self.begins_again = False
        self.entries: dict[str, tuple[Scalar, Node]] = {}

    def get(self, key: str) -> Node | None:
        return self.entries[key][1] if key in self.entries else None


BLANKS = (" ", "\t", "\r", "\n")  # of YAML: a full-width space is part of a text

Node = Scalar | Sequence | Mapping


def end_of(node: Node, text: str) -> int:
    """The offset after a node of `text`; without bracket or quote, the end in its first line.

    A plain scalar of several lines is found by its words.
    """
    if end := node.end:
        while end > node.offset and text[end - 1].isspace():  # a block scalar
            end -= 1
        return end
    if isinstance(node, Scalar):
        at = node.offset
        for word in re.findall(r"[^ \t\r\n]+", node.text):
            while text[at : at + 1] in BLANKS:
                at += 1
            at += len(word)
        return at
    line = re.compile(r"[^\r\n]*").match(text, node.offset)
    assert line
    return node.offset + len(line.group().rstrip())


def last_of(node: Node, text: str) -> int | None:
    """The offset after all the lines of a node; None if it ends with an alias or a mapping."""
    if node.end or isinstance(node, Scalar):
        return end_of(node, text)
    last = node.node(len(node) - 1) if isinstance(node, Sequence) else node
    return last_of(last, text) if last.offset > node.offset else None


def element_at(node: Node, index: Iterable[int]) -> Node:
    """The node of the number at an index into an array."""
    for i in index:
        assert isinstance(node, Sequence)  # else there would be no array of it
        node = node.node(i)
    return node
