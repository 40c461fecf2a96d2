"""Kinds of values with parts: records, lists of records, and choices between two kinds."""

from __future__ import annotations

import re
from typing import Any

from netrunner.format.kinds import Text
from netrunner.format.nodes import Mapping, Node, Scalar, Sequence
from netrunner.format.reading import Kind, Reader, Value, Values
from netrunner.problems.look_alikes import LOOK_ALIKES, look_alike
from netrunner.problems.problem import Fault, Related
from netrunner.problems.suggestions import did_you_mean, nearest
from netrunner.problems.words import quote


class Field:
    """A key of a record: its kind, and its meaning in words.

    `elsewhere` has its names in other tools, for hints; `example` is an example value.
    """

    def __init__(
        self,
        name: str,
        kind: Kind,
        meaning: str,
        required: bool = False,
        default: str | None = None,
        elsewhere: str = "",
        example: str = "",
    ) -> None:
        self.name, self.kind, self.meaning = name, kind, meaning
        self.required, self.default = required, default
        self.elsewhere = elsewhere.split()
        self.example = example


class Record(Kind):
    """A mapping with known keys, as a dict of Values."""

    def __init__(self, *fields: Field) -> None:
        self.fields = fields
        self.by_name = {each.name: each for each in fields}
        self.required = [each.name for each in fields if each.required]
        self.words = f"a mapping with {', '.join(self.required)}"

    def read(self, node: Node, reader: Reader) -> Values | None:
        if not isinstance(node, Mapping):
            self.refuse(node, reader)
            return None
        meant: dict[str, str] = {}
        if not node.entries.keys() <= self.by_name.keys():
            meant = self._report_unknown_keys(node, reader)
        values: Values = {}
        enclosing = reader.parts
        for written, (_, value_node) in node.entries.items():
            name = written if written in self.by_name else meant.get(written)
            if name is not None:
                kind = self.by_name[name].kind
                reader.parts = [*enclosing, name]  # a context for each would be a tenth of the time
                if not isinstance(kind, Text):  # in which any sign may stand
                    value_node = reader.without_comment(value_node)
                value = kind.read(value_node, reader)
                if value is not None:
                    values[name] = Value(value, value_node)
        reader.parts = enclosing
        for name in self.required if node.complete else ():
            if name not in node.entries and name not in meant.values():
                message, example = f"{quote(name)} is missing", self.by_name[name].example
                context = f"for example {name}: {example}" if example else None
                reader.report("missing-key", node, message, context=context)
        return values

    def _report_unknown_keys(self, node: Mapping, reader: Reader) -> dict[str, str]:
        """Report each key that is not in the format; returns the keys that were probably meant.

        Of `size:3`, in which key and value are one text, only that `size` is not missing.
        """
        meant: dict[str, str] = {}
        before: Node | None = None
        for name, (key, value) in node.entries.items():
            if name not in self.by_name:
                taken = [node.entries, meant.values()]
                free = [f for f in self.fields if not any(f.name in names for names in taken)]
                near = self._near(name, free)
                if fault := _decimal_comma(before, key, value, reader.source.text):
                    reader.report(fault.code, key, fault.message, fault.hint)
                elif entry := re.fullmatch(r"(\w+)\s*([:=：])\s*(.*)", name):
                    near = self._near(entry[1], free)
                    name = near or name
                    self._report_entry(key, value, near, entry, reader)
                elif found := next((char for char in name if char in LOOK_ALIKES), None):
                    message = f"unknown key {quote(name)}: {look_alike(found)[0]}"
                    reader.report("unknown-key", key, message)
                else:
                    self._report_unknown_key(name, key, near, reader)
                if near:
                    meant[name] = near
            before = value
        return meant

    def _report_unknown_key(self, name: str, key: Node, near: str | None, reader: Reader) -> None:
        message = f"unknown key {quote(name)}; the keys are "
        message += ", ".join(each.name for each in self.fields)
        if near:
            reader.report("unknown-key", key, message, did_you_mean(near), near)
        elif fix := reader.better_indent(key):
            reader.report("unknown-key", key, message, fix.title, fixes=(fix,))
        else:
            reader.report("unknown-key", key, message)

    def _report_entry(
        self, key: Scalar, value: Node, near: str | None, entry: re.Match[str], reader: Reader
    ) -> None:
        """Report a key and its value that are one text: `size:3`, in braces."""
        what = {
            ":": "a space is missing after ':'",
            "=": "'=' does not set a value: write ':'",
            "：": look_alike("：")[0],
        }
        alone = near and entry[3] and isinstance(value, Scalar) and not value.text
        instead = f"{near}: {entry[3]}" if alone and key.plain else None
        message = f"unknown key {quote(key.text)}: {what[entry[2]]}"
        reader.report("unknown-key", key, message, instead=instead)

    @staticmethod
    def _near(name: str, free: list[Field]) -> str | None:
        from unicodedata import normalize  # needed only for an error

        lower = normalize("NFKC", name).lower().strip()
        same = next((each.name for each in free if lower in each.elsewhere), None)
        return same or nearest(lower, [each.name for each in free])

    def schema(self) -> dict[str, Any]:
        return {
            "type": "object",
            "additionalProperties": False,
            "required": [each.name for each in self.fields if each.required],
            "properties": {
                each.name: {"description": each.meaning, **each.kind.schema()}
                for each in self.fields
            },
        }


def _decimal_comma(before: Node | None, key: Scalar, value: Node, text: str) -> Fault | None:
    """The fault of `{biases: 0,1}`: the comma makes two entries, and the second is a key.

    `before` is the value of the entry before it.
    """
    if not isinstance(before, Scalar) or not isinstance(value, Scalar) or value.text:
        return None
    if before.offset + len(before.text) + 1 != key.offset:
        return None
    from netrunner.files.slips import DECIMAL_COMMA, what_is_wrong  # needed only for an error

    number = text[before.offset : key.offset] + key.text
    return what_is_wrong(number) if re.fullmatch(DECIMAL_COMMA, number) else None


class ListOf(Kind):
    """A list of records; messages name each by its number and name."""

    def __init__(self, record: Record, singular: str, at_least: int = 0) -> None:
        self.record, self.singular, self.at_least = record, singular, at_least
        self.words = f"a list of {singular}s"

    def read(self, node: Node, reader: Reader) -> list[Values | None] | None:
        if not isinstance(node, Sequence):
            known = {each.name for each in self.record.fields}
            fits = isinstance(node, Mapping) and node.entries and node.entries.keys() <= known
            self.refuse(node, reader, f"put '- ' before each {self.singular}" if fits else None)
            return None
        if len(node) < self.at_least:
            reader.report("wrong-type", node, f"expected at least one {self.singular}")
            return None
        if self._a_dash_for_each_key(node):
            message = f"a new {self.singular} begins here: only its first key has a '-'"
            related = (Related(reader.place(node.node(0)), f"{self.singular} 1 begins here"),)
            reader.report("wrong-type", node.node(1), message, related=related)
            return None
        values = []
        for index, item in enumerate(node.nodes(), 1):
            with reader.within(self._title(index, item), anew=True):
                values.append(self.record.read(item, reader))
        return values

    def _a_dash_for_each_key(self, node: Sequence) -> bool:
        """Whether the first record is split into several, with one key each."""
        keys: list[str] = []
        for item in node.nodes():
            if not isinstance(item, Mapping) or len(item.entries) != 1 or not item.complete:
                break
            keys += item.entries
        required = {each.name for each in self.record.fields if each.required}
        return len(set(keys) & required) > 1

    def _title(self, index: int, node: Node) -> str:
        name = node.get("name") if isinstance(node, Mapping) else None
        title = f"{self.singular} {index}"
        return f"{title} {quote(name.text)}" if isinstance(name, Scalar) and name.text else title

    def schema(self) -> dict[str, Any]:
        return {"type": "array", "minItems": self.at_least, "items": self.record.schema()}


class Either(Kind):
    """Numbers in the network file, or a record that names the file with the numbers."""

    def __init__(self, inline: Kind, stored: Record) -> None:
        self.inline, self.stored = inline, stored
        self.words = f"{inline.words}, or the file that has them"

    def read(self, node: Node, reader: Reader) -> Any | None:
        if isinstance(node, Mapping):
            return self.stored.read(node, reader)
        return self.inline.read(node, reader)

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [self.inline.schema(), self.stored.schema()]}
