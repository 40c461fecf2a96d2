"""Kinds of values in a file: how each is read, and what the JSON Schema says of it.

`read` takes a node of the document and gives the value it stands for, or None after reporting
what is wrong with it, so that one run finds all the problems of a file.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from collections.abc import Mapping as MappingType
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from netrunner.document import Mapping, Node, Scalar, Sequence, note, parse
from netrunner.errors import Fault, NetrunnerError, Problem, Related
from netrunner.numerals import (
    LARGEST,
    TRUTH_VALUES,
    are_numbers,
    parse_number,
    parse_number_or_special,
    parse_whole_number,
    quick_numbers,
    several_numbers,
)
from netrunner.plugins import Registered, Registry
from netrunner.source import (
    LOOK_ALIKES,
    Place,
    Source,
    count,
    look_alike,
    nearest,
    quote,
    without_look_alikes,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Reader:
    """What reading a file needs to know, and the problems it finds."""

    def __init__(self, source: Source, registry: Registry) -> None:
        self.source = source
        self.registry = registry
        self.problems: list[Problem] = []
        self._reported: set[Problem] = set()
        self._within: list[str] = []

    @contextmanager
    def within(self, part: str, anew: bool = False) -> Iterator[None]:
        """While reading a part of the file: messages begin with its name.

        Where the name is clear without the names around it, begin `anew`.
        """
        around = self._within
        self._within = [part] if anew else [*around, part]
        try:
            yield
        finally:
            self._within = around

    def place(self, node: Node) -> Place:
        return self.source.place(node.offset)

    def report(self, code: str, node: Node, message: str, **more: Any) -> None:
        text = "".join(f"{part}: " for part in self._within) + message
        problem = Problem(code, self.place(node), text, **more)
        if problem not in self._reported:  # through an alias, a value is read more than once
            self._reported.add(problem)
            note(self.problems, problem)

    def report_fault(self, fault: Fault, node: Node) -> None:
        self.report(fault.code, node, fault.message, hint=fault.hint)


SUFFIXES = (".npy", ".npz", ".csv", ".safetensors")


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

    def refuse(self, node: Node, reader: Reader, hint: str | None = None) -> None:
        message = f"expected {self.words}, found {_what_is(node)}"
        reader.report("wrong-type", node, message, hint=hint)

    def hint(self, reader: Reader, text: str) -> str | None:
        """'write ...' where this text would read well."""
        scratch = Reader(Source("", text), reader.registry)
        try:
            node = parse(scratch.source, scratch.problems)
        except NetrunnerError:
            return None
        fits = node is not None and self.read(node, scratch) is not None
        return f"write {text}" if fits and not scratch.problems else None


def _what_is(node: Node) -> str:
    if isinstance(node, Scalar):
        if node.plain:
            return quote(node.text) if node.text else "nothing"
        return f"the text {quote(node.text)}"
    if isinstance(node, Sequence):
        return "a list" if node.items else "an empty list"
    return "a mapping" if node.entries else "an empty mapping"


_NULLS = ("", "~", "null", "Null", "NULL")


class Text(Kind):
    words = "text"

    def read(self, node: Node, reader: Reader) -> str | None:
        if isinstance(node, Scalar) and not (node.plain and node.text in _NULLS):
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
        value = TRUTH_VALUES.get(node.text.lower()) if isinstance(node, Scalar) else None
        hint = f"write {'true' if value == '1' else 'false'}" if value else None
        self.refuse(node, reader, hint)
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
        return {"type": "integer", "minimum": 1, "maximum": LARGEST}


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
            self.refuse(node, reader, _in_brackets(self, node, reader))
            return None
        if node.are_plain() and not any(null in node.items for null in _NULLS):
            return tuple(map(str, node.items))
        names = [Text().read(item, reader) for item in node.nodes()]
        known = tuple(name for name in names if name is not None)
        return known if len(known) == len(names) else None

    def schema(self) -> dict[str, Any]:
        return {"type": "array", "minItems": 1, "items": Text().schema()}


def _is_a_word(text: str) -> bool:
    return text[0].isalpha() and text.lower() not in TRUTH_VALUES


def _in_brackets(kind: Kind, node: Node, reader: Reader) -> str | None:
    """The hint to put a text in brackets that stands, or nearly stands, for a list."""
    if not isinstance(node, Scalar) or not node.text or len(node.text) > 200:
        return None
    text = without_look_alikes(node.text).strip()
    square = text.translate(str.maketrans("()", "[]"))
    for candidate in (square, f"[{text}]"):
        if candidate.startswith("[") and (hint := kind.hint(reader, candidate)):
            return hint
    return None


class NamesOrCount(Kind):
    words = "a list of names, or how many there are"

    def read(self, node: Node, reader: Reader) -> tuple[str, ...] | int | None:
        if isinstance(node, Sequence):
            return Names().read(node, reader)
        if isinstance(node, Scalar) and node.text and not _is_a_word(node.text):
            count: Any = Size().read(node, reader)
            return None if count is None else int(count)
        self.refuse(node, reader, _in_brackets(Names(), node, reader))
        return None

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [Size().schema(), Names().schema()]}


class Row(Kind):
    """Numbers in a list, as a float64 array of shape (n,); `special` admits .nan and .inf."""

    words = "a list of numbers"

    def __init__(self, special: bool = False) -> None:
        self.special = special

    def read(self, node: Node, reader: Reader) -> NDArray[np.float64] | None:
        if not isinstance(node, Sequence):
            self.refuse(node, reader, _in_brackets(self, node, reader))
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
            if (numbers := quick_numbers(texts)) is not None:
                return numbers
        except TypeError:
            pass  # a node stands among the plain texts
        parse = parse_number_or_special if self.special else parse_number
        numbers, wrong = [], False
        for item in row.nodes():
            if not isinstance(item, Scalar):
                reader.report("wrong-type", item, f"expected a number, found {_what_is(item)}")
                return None
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
            self.refuse(node, reader, self._hint(node, reader))
            return None
        if not len(node):
            self.refuse_empty(node, reader)
            return None
        if not any(isinstance(item, Sequence) for item in node.items):
            return self._single_list(node, reader)
        rows = [self._row(item, reader) for item in node.nodes()]
        complete = [row for row in rows if row is not None]
        if not self._equally_long(rows, node, reader) or len(complete) < len(rows):
            return None
        return np.array(complete, dtype=np.float64)

    def _hint(self, node: Node, reader: Reader) -> str | None:
        if isinstance(node, Scalar) and node.text.lower().endswith(SUFFIXES):
            return f"write {{file: {node.text}}}"
        hint = _in_brackets(self, node, reader)
        return hint if hint and "[[" in hint else None

    def _single_list(self, node: Sequence, reader: Reader) -> NDArray[np.float64] | None:
        """A list that is not nested, of shape (n,): only who knows the layer can say what fits."""
        bare = False
        for index, item in enumerate(node.nodes(), 1):
            if isinstance(item, Scalar) and (numbers := several_numbers(item.text)):
                row = f"[{', '.join(numbers)}]"
                hint = f"write {row}" if len(row) < 60 else None
                message = f"row {index} is not in brackets: {quote(item.text)}"
                reader.report("wrong-type", item, message, hint=hint)
                bare = True
        return None if bare else super().read(node, reader)

    def _equally_long(self, rows: list[list[float] | None], node: Sequence, reader: Reader) -> bool:
        """Whether the rows are equally long; those that differ from most are reported."""
        widths = [len(row) for row in rows if row is not None]
        if len(set(widths)) < 2:
            return True
        usual = Counter(widths).most_common(1)[0][0]
        example = next(i for i, row in enumerate(rows) if row is not None and len(row) == usual)
        there = reader.place(node.node(example))
        related = (Related(there, f"row {example + 1} has {count(usual, 'number')}"),)
        for index, row in enumerate(rows):
            if row is not None and len(row) != usual:
                message = f"row {index + 1} has {count(len(row), 'number')}, "
                message += f"row {example + 1} has {usual}"
                reader.report("ragged-rows", node.node(index), message, related=related)
        return False

    def _row(self, node: Node, reader: Reader) -> list[float] | None:
        if isinstance(node, Sequence):
            return self.numbers(node, reader)
        reader.report("wrong-type", node, f"expected a row, found {_what_is(node)}")
        return None

    def schema(self) -> dict[str, Any]:
        return {"type": "array", "minItems": 1, "items": Row().schema()}


class RowOrRows(Row):
    words = "a list of numbers, or a list of such rows"

    def read(self, node: Node, reader: Reader) -> Any | None:
        if isinstance(node, Scalar) and are_numbers([node.text]) and node.plain:
            return np.array(parse_number(node.text))  # who knows the layers says what fits
        nested = isinstance(node, Sequence) and any(
            isinstance(item, Sequence) for item in node.items
        )
        return (Rows if nested else Row)(self.special).read(node, reader)

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [Row().schema(), Rows().schema()]}


class Field:
    """A key of a record: its kind, and what it means, for people.

    `elsewhere` is what other tools call it, for a hint.
    """

    def __init__(
        self,
        name: str,
        kind: Kind,
        meaning: str,
        required: bool = False,
        default: str | None = None,
        elsewhere: str = "",
    ) -> None:
        self.name, self.kind, self.meaning = name, kind, meaning
        self.required, self.default = required, default
        self.elsewhere = elsewhere.split()


class Record(Kind):
    """A mapping with known keys, as a dict of Values."""

    def __init__(self, *fields: Field) -> None:
        self.fields = fields
        required = ", ".join(each.name for each in fields if each.required)
        self.words = f"a mapping with {required}"

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
        for each in self.fields if node.complete else ():
            if each.required and each.name not in node.entries and each.name not in meant:
                message = f"{quote(each.name)} is missing"
                reader.report("missing-key", node, message)
        return values

    def _report_unknown_keys(
        self, node: Mapping, by_name: dict[str, Field], reader: Reader
    ) -> set[str]:
        """Report each key that is not in the format; gives the keys that were probably meant."""
        meant = set()
        for name, (key, value) in node.entries.items():
            if name not in by_name:
                near = self._near(
                    name, [each for each in self.fields if each.name not in node.entries]
                )
                hint = f"did you mean {quote(near)}?" if near else None
                message = f"unknown key {quote(name)}; the keys are {', '.join(by_name)}"
                if comma := _decimal_comma(key, value, reader.source.text):
                    message, hint = (
                        f"{quote(comma)} has a comma in it",
                        f"write {comma.replace(',', '.')}",
                    )
                elif ":" in name and (near := name.split(":")[0]) in by_name:
                    message, hint = f"{quote(name)}: a space is missing after ':'", None
                elif found := next((char for char in name if char in LOOK_ALIKES), None):
                    message, hint = f"unknown key {quote(name)}: {look_alike(found)[0]}", None
                code = "ambiguous-number" if comma else "unknown-key"
                reader.report(code, key, message, hint=hint)
                if near:
                    meant.add(near)
        return meant

    @staticmethod
    def _near(name: str, free: list[Field]) -> str | None:
        lower = name.lower()
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


def _decimal_comma(key: Scalar, value: Node, text: str) -> str | None:
    """The number whose comma makes `{biases: 0,1}` two entries, the second of them a key."""
    if not key.text.isdigit() or not isinstance(value, Scalar) or value.text:
        return None
    line = text[max(0, key.offset - 30) : key.offset]
    match = re.search(r"[-+]?[0-9]+,$", line)
    return match.group() + key.text if match else None


class ListOf(Kind):
    """A list of records, each called by its number and name in messages."""

    def __init__(self, record: Record, singular: str, at_least: int = 0) -> None:
        self.record, self.singular, self.at_least = record, singular, at_least
        self.words = f"a list of {singular}s"

    def read(self, node: Node, reader: Reader) -> list[Value] | None:
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
                values.append(Value(self.record.read(item, reader), item))
        return values

    def _a_dash_for_each_key(self, node: Sequence) -> bool:
        """Whether the first record is cut into several, with one key each."""
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
        if isinstance(node, Sequence):
            nested = node.items and all(isinstance(item, Sequence) for item in node.items)
            return Rows().read(node, reader) if nested else super().read(node, reader)
        if not isinstance(node, Scalar):
            self.refuse(node, reader)
            return None
        try:
            return np.float64(parse_number(_unquoted(node)))
        except Fault as fault:
            if fault.code == "not-a-number" and not are_numbers([fault.hint or ""]):
                fault.hint = _in_brackets(self, node, reader) or fault.hint
            if node.text.lower().endswith(SUFFIXES):
                fault.hint = f"write {{file: {node.text}}}"
            reader.report_fault(fault, node)
            return None

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
    elsewhere = MappingProxyType(
        {"linear": "identity", "none": "identity", "logistic": "sigmoid", "heaviside": "step"}
    )

    def read(self, node: Node, reader: Reader) -> ActivationChoice | None:
        name = node.get("name") if isinstance(node, Mapping) else node
        if name is None:
            self._report_no_name(node, reader)
            return None
        if not isinstance(name, Scalar) or (name.plain and name.text in _NULLS):
            self.refuse(name, reader)
            return None
        registered = reader.registry.get(name.text)
        if registered is None:
            known = ", ".join(reader.registry)
            message = f"unknown activation {quote(name.text)}; known are {known}"
            hint = self._hint_for_unknown(name.text, reader)
            reader.report("unknown-activation", name, message, hint=hint)
            return None
        if not isinstance(node, Mapping):
            return ActivationChoice(registered, {}, {})
        return self._with_parameters(registered, node, reader)

    def _report_no_name(self, node: Node, reader: Reader) -> None:
        keys = node.entries if isinstance(node, Mapping) else {}
        for key, (key_node, _) in keys.items():
            if nearest(key.lower(), ["name"]):
                message = f"unknown key {quote(key)}; the activation's name is missing"
                reader.report("unknown-key", key_node, message, hint="did you mean 'name'?")
                return
        reader.report("missing-key", node, "'name' is missing: the name of the activation")

    def _hint_for_unknown(self, name: str, reader: Reader) -> str | None:
        lower = name.lower()
        near = self.elsewhere.get(lower) or nearest(lower, reader.registry)
        if near is not None and near in reader.registry:
            return f"did you mean {quote(near)}?"
        # Only looked for, not read: a plugin is code, and the user's to name.
        if re.fullmatch("[a-z_]+", lower) and Path("plugins", f"{lower}.py").is_file():
            return f"plugins/{lower}.py is called so: add --plugins plugins"
        return None

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
            with reader.within(f"{registered.activation.name}: {key}"):
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
