"""Kinds of values in a file: how each is read, and what the JSON Schema says of it.

`read` takes a node of the document and gives the value it stands for, or None after reporting
what is wrong with it, so that one run finds all the problems of a file.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as MappingType
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from netrunner.document import Mapping, Node, Scalar, Sequence
from netrunner.errors import Fault, Problem, Related
from netrunner.numerals import (
    are_numbers,
    parse_number,
    parse_number_or_special,
    parse_whole_number,
)
from netrunner.plugins import Registered, Registry
from netrunner.source import Place, Source, nearest, quote

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Reader:
    """What reading a file needs to know, and the problems it finds."""

    def __init__(self, source: Source, registry: Registry) -> None:
        self.source = source
        self.registry = registry
        self.problems: list[Problem] = []
        self._within: list[str] = []

    @contextmanager
    def within(self, part: str) -> Iterator[None]:
        """While reading a part of the file: messages begin with its name."""
        self._within.append(part)
        try:
            yield
        finally:
            self._within.pop()

    def place(self, node: Node) -> Place:
        return self.source.place(node.offset)

    def report(self, code: str, node: Node, message: str, **more: Any) -> None:
        text = "".join(f"{part}: " for part in self._within) + message
        self.problems.append(Problem(code, self.place(node), text, **more))

    def report_fault(self, fault: Fault, node: Node) -> None:
        self.report(fault.code, node, fault.message, hint=fault.hint)


class Value:
    """A value that was read, and the node it stands at."""

    def __init__(self, value: Any, node: Node) -> None:
        self.value, self.node = value, node


Values = dict[str, Value]


class Kind:
    """A kind of value: how it reads, what the schema and the docs say of it.

    `read` gives the value, or None after reporting what is wrong.
    """

    words = ""

    def read(self, node: Node, reader: Reader) -> Any | None:
        raise NotImplementedError

    def schema(self) -> dict[str, Any]:
        raise NotImplementedError

    def refuse(self, node: Node, reader: Reader) -> None:
        reader.report("wrong-type", node, f"expected {self.words}, found {_what_is(node)}")


def _what_is(node: Node) -> str:
    if isinstance(node, Scalar):
        return quote(node.text) if node.text else "nothing"
    return "a list" if isinstance(node, Sequence) else "a mapping"


class Text(Kind):
    words = "text"

    def read(self, node: Node, reader: Reader) -> str | None:
        if isinstance(node, Scalar) and not (node.plain and node.text in ("", "~", "null")):
            return node.text
        self.refuse(node, reader)
        return None

    def schema(self) -> dict[str, Any]:
        return {"type": ["string", "number", "boolean"]}


class Choice(Kind):
    def __init__(self, *choices: str) -> None:
        self.choices = choices
        self.words = " or ".join(choices)

    def read(self, node: Node, reader: Reader) -> str | None:
        if isinstance(node, Scalar):
            if node.text in self.choices:
                return node.text
            near = nearest(node.text.lower(), self.choices)
            hint = f"did you mean {near}?" if near else None
            message = f"expected {self.words}, found {_what_is(node)}"
            reader.report("unknown-value", node, message, hint=hint)
        else:
            self.refuse(node, reader)
        return None

    def schema(self) -> dict[str, Any]:
        return {"enum": list(self.choices)}


class TrueOrFalse(Kind):
    words = "true or false"

    def read(self, node: Node, reader: Reader) -> bool | None:
        if isinstance(node, Scalar) and node.plain and node.text in ("true", "false"):
            return node.text == "true"
        self.refuse(node, reader)
        return None

    def schema(self) -> dict[str, Any]:
        return {"type": "boolean"}


class Number(Kind):
    """A single number; subclasses say which ones."""

    def parse(self, text: str) -> float:
        raise NotImplementedError

    def read(self, node: Node, reader: Reader) -> float | None:
        if not isinstance(node, Scalar):
            self.refuse(node, reader)
        else:
            try:
                return self.parse(_unquoted(node))
            except Fault as fault:
                reader.report_fault(fault, node)
        return None


def _unquoted(node: Scalar) -> str:
    """The text of a scalar where a number is expected. Raises Fault where it is quoted."""
    if node.plain:
        return node.text
    hint = f"write {node.text} without the quotes" if are_numbers([node.text]) else None
    raise Fault("ambiguous-number", f"{quote(node.text)} in quotes is text, not a number", hint)


class Size(Number):
    words = "a whole number of at least 1"

    def parse(self, text: str) -> float:
        return parse_whole_number(text, at_least=1)

    def schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": 1}


class Tolerance(Number):
    words = "a number of at least 0"

    def parse(self, text: str) -> float:
        value = parse_number(text)
        if value < 0:
            raise Fault("out-of-range", f"{quote(text)} is negative: expected {self.words}")
        return value

    def schema(self) -> dict[str, Any]:
        return {"type": "number", "minimum": 0}


class Names(Kind):
    words = "a list of names"

    def read(self, node: Node, reader: Reader) -> tuple[str, ...] | None:
        if not isinstance(node, Sequence) or not len(node):
            self.refuse(node, reader)
            return None
        names = [Text().read(item, reader) for item in node.nodes()]
        return (
            tuple(name for name in names if name is not None)
            if all(name is not None for name in names)
            else None
        )

    def schema(self) -> dict[str, Any]:
        return {"type": "array", "minItems": 1, "items": Text().schema()}


class NamesOrCount(Kind):
    words = "a list of names, or how many there are"

    def read(self, node: Node, reader: Reader) -> tuple[str, ...] | int | None:
        if isinstance(node, Mapping):
            self.refuse(node, reader)
            return None
        kind: Kind = Size() if isinstance(node, Scalar) else Names()
        value: tuple[str, ...] | int | None = kind.read(node, reader)
        return value

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [Size().schema(), Names().schema()]}


class Row(Kind):
    """Numbers in a list, as a float64 array of shape (n,); `special` admits .nan and .inf."""

    words = "a list of numbers"

    def __init__(self, special: bool = False) -> None:
        self.special = special

    def read(self, node: Node, reader: Reader) -> NDArray[np.float64] | None:
        if not isinstance(node, Sequence):
            self.refuse(node, reader)
            return None
        numbers = self.numbers(node, reader)
        return None if numbers is None else np.array(numbers, dtype=np.float64)

    def numbers(self, row: Sequence, reader: Reader) -> list[float] | None:
        """The numbers of a row; each that is none is reported."""
        if not len(row):
            self.refuse_empty(row, reader)
            return None
        texts: Any = row.items
        try:
            if are_numbers(texts):
                numbers = list(map(float, texts))
                if 0.0 not in numbers and max(map(abs, numbers)) < float("inf"):
                    return numbers
        except TypeError:
            pass  # a node stands among the plain texts
        parse = parse_number_or_special if self.special else parse_number
        numbers, wrong = [], False
        for item in row.nodes():
            if not isinstance(item, Scalar):
                reader.report("wrong-type", item, f"expected a number, found {_what_is(item)}")
                wrong = True
                continue
            try:
                numbers.append(parse(_unquoted(item)))
            except Fault as fault:
                reader.report_fault(fault, item)
                wrong = True
        return None if wrong else numbers

    def refuse_empty(self, node: Node, reader: Reader) -> None:
        reader.report("wrong-type", node, f"expected {self.words}, found an empty list")

    def schema(self) -> dict[str, Any]:
        return {"type": "array", "minItems": 1, "items": {"type": "number"}}


class Rows(Row):
    """Rows of numbers, all equally long, as a float64 array of shape (rows, columns)."""

    words = "a list of rows of numbers"

    def read(self, node: Node, reader: Reader) -> NDArray[np.float64] | None:
        if not isinstance(node, Sequence):
            self.refuse(node, reader)
            return None
        if not len(node):
            self.refuse_empty(node, reader)
            return None
        if not any(isinstance(item, Sequence) for item in node.items):
            reader.report("wrong-type", node, f"expected {self.words}, found a single list")
            return None
        rows = [self._row(item, reader) for item in node.nodes()]
        first = next((i for i, row in enumerate(rows) if row is not None), 0)
        ragged = False
        for index, row in enumerate(rows):
            if row is not None and len(row) != len(rows[first] or ()):
                ragged = True
                width = len(rows[first] or ())
                message = (
                    f"row {index + 1} has {count(len(row), 'number')}, row {first + 1} has {width}"
                )
                there = reader.place(node.node(first))
                related = (Related(there, f"row {first + 1} has {count(width, 'number')}"),)
                reader.report("ragged-rows", node.node(index), message, related=related)
        if ragged or any(row is None for row in rows):
            return None
        return np.array(rows, dtype=np.float64)

    def _row(self, node: Node, reader: Reader) -> list[float] | None:
        if isinstance(node, Sequence):
            return self.numbers(node, reader)
        reader.report("wrong-type", node, f"expected a row, found {_what_is(node)}")
        return None

    def schema(self) -> dict[str, Any]:
        return {"type": "array", "minItems": 1, "items": Row().schema()}


class RowOrRows(Row):
    words = "a list of numbers, or a list of such rows"

    def read(self, node: Node, reader: Reader) -> NDArray[np.float64] | None:
        nested = isinstance(node, Sequence) and any(
            isinstance(item, Sequence) for item in node.items
        )
        return (Rows if nested else Row)(self.special).read(node, reader)

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [Row().schema(), Rows().schema()]}


class Field:
    """A key of a record: its kind, and what it means, for people."""

    def __init__(
        self,
        name: str,
        kind: Kind,
        meaning: str,
        required: bool = False,
        default: str | None = None,
    ) -> None:
        self.name, self.kind, self.meaning = name, kind, meaning
        self.required, self.default = required, default


class Record(Kind):
    """A mapping with known keys, as a dict of Values."""

    words = "a mapping"

    def __init__(self, *fields: Field) -> None:
        self.fields = fields

    def read(self, node: Node, reader: Reader) -> Values | None:
        if not isinstance(node, Mapping):
            self.refuse(node, reader)
            return None
        by_name = {each.name: each for each in self.fields}
        meant = self._report_unknown_keys(node, by_name, reader)
        values: Values = {}
        for name, (_, value_node) in node.entries.items():
            if name in by_name:
                with reader.within(name):
                    value = by_name[name].kind.read(value_node, reader)
                if value is not None:
                    values[name] = Value(value, value_node)
        for each in self.fields:
            if each.required and each.name not in node.entries and each.name not in meant:
                message = f"{quote(each.name)} is missing"
                reader.report("missing-key", node, message)
        return values

    def _report_unknown_keys(
        self, node: Mapping, by_name: dict[str, Field], reader: Reader
    ) -> set[str]:
        """Report each key that is not in the format; gives the keys that were probably meant."""
        meant = set()
        for name, (key, _) in node.entries.items():
            if name not in by_name:
                free = [each for each in by_name if each not in node.entries]
                near = nearest(name.lower(), free)
                hint = f"did you mean {quote(near)}?" if near else None
                message = f"unknown key {quote(name)}; the keys are {', '.join(by_name)}"
                reader.report("unknown-key", key, message, hint=hint)
                if near:
                    meant.add(near)
        return meant

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


class ListOf(Kind):
    """A list of records, each called by its number and name in messages."""

    def __init__(self, record: Record, singular: str, at_least: int = 0) -> None:
        self.record, self.singular, self.at_least = record, singular, at_least
        self.words = f"a list of {singular}s"

    def read(self, node: Node, reader: Reader) -> list[Value] | None:
        if not isinstance(node, Sequence):
            self.refuse(node, reader)
            return None
        if len(node) < self.at_least:
            reader.report("wrong-type", node, f"expected at least one {self.singular}")
            return None
        values = []
        for index, item in enumerate(node.nodes(), 1):
            with reader.within(self._title(index, item)):
                values.append(Value(self.record.read(item, reader), item))
        return values

    def _title(self, index: int, node: Node) -> str:
        name = node.get("name") if isinstance(node, Mapping) else None
        title = f"{self.singular} {index}"
        return f"{title} {quote(name.text)}" if isinstance(name, Scalar) else title

    def schema(self) -> dict[str, Any]:
        return {"type": "array", "minItems": self.at_least, "items": self.record.schema()}


class Either(Kind):
    """Numbers that stand in the file, or a record that names the file where they are."""

    def __init__(self, inline: Kind, stored: Record) -> None:
        self.inline, self.stored = inline, stored
        self.words = f"{inline.words}, or the file where they stand"

    def read(self, node: Node, reader: Reader) -> Any | None:
        if isinstance(node, Mapping):
            return self.stored.read(node, reader)
        return self.inline.read(node, reader)

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [self.inline.schema(), self.stored.schema()]}


class NumberOrRow(Row):
    words = "a list of numbers, or one number that fills the layer"

    def read(self, node: Node, reader: Reader) -> Any | None:
        if isinstance(node, Scalar):
            try:
                return np.float64(parse_number(_unquoted(node)))
            except Fault as fault:
                reader.report_fault(fault, node)
                return None
        return super().read(node, reader)

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [{"type": "number"}, super().schema()]}


@dataclass(frozen=True)
class ActivationChoice:
    """An activation as a file chooses it: in the registry, with its parameters and their nodes."""

    registered: Registered
    parameters: MappingType[str, Any]
    nodes: MappingType[str, Node]


class ActivationName(Kind):
    words = "the name of an activation, or a mapping with its name and parameters"
    built_in = ("step", "sigmoid", "relu", "identity", "softmax")

    def read(self, node: Node, reader: Reader) -> ActivationChoice | None:
        name = node.get("name") if isinstance(node, Mapping) else node
        if name is None:
            reader.report("missing-key", node, "'name' is missing: the name of the activation")
            return None
        if not isinstance(name, Scalar) or not name.text:
            self.refuse(name, reader)
            return None
        registered = reader.registry.get(name.text)
        if registered is None:
            near = nearest(name.text.lower(), reader.registry)
            hint = f"did you mean {quote(near)}?" if near else None
            known = ", ".join(reader.registry)
            message = f"unknown activation {quote(name.text)}; known are {known}"
            reader.report("unknown-activation", name, message, hint=hint)
            return None
        if not isinstance(node, Mapping):
            return ActivationChoice(registered, {}, {})
        return self._with_parameters(registered, node, reader)

    def _with_parameters(
        self, registered: Registered, node: Mapping, reader: Reader
    ) -> ActivationChoice | None:
        entries = {key: entry for key, entry in node.entries.items() if key != "name"}
        parameters: dict[str, Any] = {}
        for key, (key_node, value_node) in entries.items():
            try:
                default = registered.default_of(key)
            except Fault as fault:
                reader.report_fault(fault, key_node)
                continue
            with reader.within(f"activation {quote(registered.activation.name)}: {key}"):
                value = _kind_of_parameter(default).read(value_node, reader)
            if value is not None:
                parameters[key] = value
        if len(parameters) < len(entries):
            return None
        nodes = {key: value_node for key, (_, value_node) in entries.items()}
        return ActivationChoice(registered, parameters, nodes)

    def schema(self) -> dict[str, Any]:
        names = [{"enum": list(self.built_in)}, {"type": "string"}]
        parameters = {
            "type": "object",
            "required": ["name"],
            "properties": {"name": {"anyOf": names}},
            "additionalProperties": {"type": ["number", "string", "boolean"]},
        }
        return {"anyOf": [*names, parameters]}


class AnyNumber(Number):
    words = "a number"

    def parse(self, text: str) -> float:
        return parse_number(text)

    def schema(self) -> dict[str, Any]:
        return {"type": "number"}


def _kind_of_parameter(default: Any) -> Kind:
    """The kind of value that an activation's parameter takes, told by its default."""
    if isinstance(default, bool):
        return TrueOrFalse()
    return Text() if isinstance(default, str) else AnyNumber()


def count(number: int, noun: str) -> str:
    """'1 number', '2 numbers'."""
    return f"{number} {noun}{'s' * (number != 1)}"
