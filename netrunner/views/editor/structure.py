"""Where a position is in a network file: from its nodes, or from the text while it is broken."""

from __future__ import annotations

import re
from collections.abc import Mapping as MappingType
from collections.abc import Sequence as SequenceType
from dataclasses import dataclass, field

from netrunner.format.network_file import BIASES_FILE, EXAMPLE, LAYER, NETWORK, WEIGHTS_FILE
from netrunner.format.nodes import Mapping, Node, Scalar, Sequence, end_of
from netrunner.format.records import Field, Record

Step = str | int
Path = tuple[Step, ...]  # keys and indices from the top, such as ("layers", 0, "weights")


@dataclass(frozen=True)
class Spot:
    """A node and its path; `is_key` says that the position is on a key itself."""

    path: Path
    node: Node
    is_key: bool = False


def spot_at(root: Node, text: str, offset: int) -> Spot | None:
    """The innermost key or value at an offset."""
    node: Node = root
    path: Path = ()
    while True:
        found = _inside(node, text, offset)
        if found is None:
            return None
        step, inner, is_key = found
        path = (*path, step)
        if is_key or isinstance(inner, Scalar):
            end = end_of(inner, text)
            return Spot(path, inner, is_key) if inner.offset <= offset <= end else None
        node = inner


def _inside(node: Node, text: str, offset: int) -> tuple[Step, Node, bool] | None:
    """The last part of a mapping or a list that begins at or before an offset."""
    if isinstance(node, Mapping):
        before = [(key, *entry) for key, entry in node.entries.items() if entry[0].offset <= offset]
        if not before:
            return None
        key, key_node, value = max(before, key=lambda each: each[1].offset)
        if offset <= end_of(key_node, text):
            return key, key_node, True
        return (key, value, False) if value.offset <= offset else None
    if isinstance(node, Sequence) and node.items:
        indices = [i for i, at in enumerate(node.offsets) if at <= offset]
        return (indices[-1], node.node(indices[-1]), False) if indices else None
    return None


def record_at(path: SequenceType[Step | None]) -> Record | None:
    """The record whose keys the mapping at a path has; indices may be None."""
    shape = tuple(step for step in path if isinstance(step, str))
    records = {
        (): NETWORK,
        ("layers",): LAYER,
        ("examples",): EXAMPLE,
        ("layers", "weights"): WEIGHTS_FILE,
        ("layers", "biases"): BIASES_FILE,
    }
    return records.get(shape)


def field_at(path: Path) -> Field | None:
    """The declaration of the key that a path ends with."""
    record = record_at(path[:-1])
    return next((each for each in record.fields if each.name == path[-1]), None) if record else None


@dataclass(frozen=True)
class Context:
    """Where the cursor is in a text that need not be readable.

    `path` has the keys around it; `key` is the key whose value is being written, or None where a
    key belongs; `siblings` are the keys of the same mapping, with their values as text; `word` is
    what has been written so far.
    """

    path: tuple[str, ...]
    key: str | None
    word: str
    siblings: MappingType[str, str]


@dataclass
class _Open:
    """A mapping or a list that is still open: a block with its column, or one in brackets."""

    column: int = 0
    bracket: str = ""
    key: str | None = None
    word: str = ""
    siblings: dict[str, str] = field(default_factory=dict)


_ENTRY = re.compile(r"([A-Za-z_]\w*)[ ]*:(?=\s|$)")
_TOKEN = re.compile(r""""(?:[^"\\]|\\.)*"?|'[^']*'?|(?<!\S)\#.*|[{}\[\],:]|[^\s{}\[\],:"']+""")


def context_at(lines: SequenceType[str], line: int, column: int) -> Context | None:
    """What may be written at a line and a column, both from 1; None in a comment or a row."""
    blocks: list[_Open] = []
    flow: list[_Open] = []
    here = lines[line - 1][: column - 1]
    content, position, entry = "", 0, None
    for text in [*lines[: line - 1], here]:
        if flow:
            in_comment = _scan(text, flow)
            continue
        position = len(text) - len(text.lstrip(" "))
        while re.match(r"-(?: |$)", text[position:]):  # another item of a list
            blocks = [each for each in blocks if each.column <= position]
            position += 1 + len(text[position + 1 :]) - len(text[position + 1 :].lstrip(" "))
        content = text[position:]
        entry = _ENTRY.match(content)
        if content.strip() and not content.startswith("#"):
            blocks = [each for each in blocks if each.column <= position]
        if entry:
            if not blocks or blocks[-1].column < position:
                blocks.append(_Open(position))
            blocks[-1].key = entry[1]
            blocks[-1].siblings[entry[1]] = content[entry.end() :].strip()
        in_comment = _scan(content[entry.end() :] if entry else content, flow)
    if in_comment:
        return None
    if flow:
        inner = flow[-1]
        if inner.bracket == "[":
            return None
        rest = [_Open(bracket="{")]
        _scan("," + lines[line - 1][column - 1 :].partition("}")[0], rest)
        path = [each.key for each in [*blocks, *flow[:-1]] if each.key]
        return Context(tuple(path), inner.key, inner.word, {**rest[0].siblings, **inner.siblings})
    blocks = [each for each in blocks if each.column <= position]
    if entry:
        block = blocks[-1]
        path, word = [each.key for each in blocks[:-1] if each.key], block.siblings[entry[1]]
        return Context(
            tuple(path), entry[1], word, {**_below(lines, line, position), **block.siblings}
        )
    siblings = _below(lines, line, position)
    if blocks and blocks[-1].column == position:
        siblings |= blocks.pop().siblings
    path = [each.key for each in blocks if each.key]
    return Context(tuple(path), None, content.strip(), siblings)


def _scan(text: str, flow: list[_Open]) -> bool:
    """Open and close brackets as a text does; returns whether it ends in a comment."""
    for token in map(re.Match.group, _TOKEN.finditer(text)):
        inner = flow[-1] if flow else None
        if token.startswith("#"):
            return True
        if token in ("{", "["):
            flow.append(_Open(bracket=token))
        elif inner is None or (token == "]" and inner.bracket == "{"):  # one too many
            continue
        elif token in ("}", "]"):
            flow.pop()
        elif token == ",":
            inner.key, inner.word = None, ""
        elif token == ":":
            inner.key, inner.word = inner.word, ""
            inner.siblings[inner.key] = ""
        else:
            inner.word = f"{inner.word} {token}".strip()
            if inner.key is not None:
                inner.siblings[inner.key] = inner.word
    return False


def _below(lines: SequenceType[str], line: int, column: int) -> dict[str, str]:
    """The entries below a line that belong to the same mapping, which begins at a column from 0."""
    siblings = {}
    for text in lines[line:]:
        indent = len(text) - len(text.lstrip(" "))
        if not text.strip() or indent > column:
            continue
        entry = _ENTRY.match(text[indent:])
        if indent < column or entry is None:
            break
        siblings[entry[1]] = text[indent + entry.end() :].strip()
    return siblings
