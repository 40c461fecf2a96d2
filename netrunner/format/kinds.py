"""Kinds of single values, and lists of names: how to read each, and its schema."""

from __future__ import annotations

import re
from typing import Any

from netrunner.files.decimals import LARGEST, are_numbers
from netrunner.files.numerals import parse_number, parse_whole_number
from netrunner.format.nodes import Node, Scalar, Sequence, is_blank
from netrunner.format.reading import Kind, Reader, what_is
from netrunner.problems.look_alikes import look_alike
from netrunner.problems.problem import Fault
from netrunner.problems.suggestions import nearest
from netrunner.problems.words import MAX_NAME, no_name, quote

NULLS = ("", "~", "null", "Null", "NULL")


class Text(Kind):
    words = "text"

    def read(self, node: Node, reader: Reader) -> str | None:
        if isinstance(node, Scalar) and not (node.plain and node.text in NULLS):
            return node.text
        self.refuse(node, reader)
        return None

    def schema(self) -> dict[str, Any]:
        return {"type": ["string", "number", "boolean"]}


class Name(Text):
    def read(self, node: Node, reader: Reader) -> str | None:
        name = super().read(node, reader)
        if name and (message := no_name(name)):
            reader.report("wrong-type", node, message)
            return None
        if name and name.strip("\u3000") != name and isinstance(node, Scalar) and node.plain:
            name = name.strip("\u3000")
            reader.report("yaml-syntax", node, look_alike("\u3000")[0], instead=name)
        return name

    def schema(self) -> dict[str, Any]:
        return {**super().schema(), "maxLength": MAX_NAME}


class Choice(Kind):
    def __init__(self, *choices: str) -> None:
        self.choices = choices
        self.words = " or ".join(choices)

    def read(self, node: Node, reader: Reader) -> str | None:
        if isinstance(node, Scalar) and not is_blank(node):
            if node.text in self.choices:
                return node.text
            near = nearest(node.text.lower(), self.choices)
            hint = f"did you mean {near}?" if near else None
            message = f"expected {self.words}, found {what_is(node)}"
            reader.report("unknown-value", node, message, hint, near)
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
        from netrunner.files.slips import TRUTH_VALUES  # needed only for an error

        value = TRUTH_VALUES.get(node.text.lower()) if isinstance(node, Scalar) else None
        meant = {"1": "true", "0": "false"}.get(value or "")
        self.refuse(node, reader, instead=meant)
        return None

    def schema(self) -> dict[str, Any]:
        return {"type": "boolean"}


class Number(Kind):
    """A single number; subclasses define which ones are allowed."""

    def parse(self, text: str) -> float:
        raise NotImplementedError

    def read(self, node: Node, reader: Reader) -> float | None:
        if not isinstance(node, Scalar):
            self.refuse(node, reader)
        else:
            try:
                return self.parse(unquoted(node))
            except Fault as fault:
                reader.report_fault(fault, node)
        return None


def unquoted(node: Scalar) -> str:
    """The text of a scalar where a number is expected. Raises Fault if it is quoted."""
    if node.plain:
        return node.text
    message, number = f"{quote(node.text)} in quotes is text, not a number", None
    if are_numbers([node.text]):
        number = node.text
    hint = f"write {number} without the quotes" if number else None
    raise Fault("ambiguous-number", message, hint, instead=number)


class Size(Number):
    words = "a whole number of at least 1"

    def parse(self, text: str) -> float:
        return parse_whole_number(text, at_least=1)

    def schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": 1, "maximum": LARGEST}


class WholeNumber(Number):
    words = "a whole number"

    def parse(self, text: str) -> float:
        return parse_whole_number(text, at_least=-LARGEST)


class Tolerance(Number):
    words = "a number of at least 0"

    def parse(self, text: str) -> float:
        try:
            value = parse_number(text)
        except Fault as fault:
            if (fault.hint or "").startswith("write -"):
                fault.help_with()
            raise
        if value < 0:
            raise Fault("out-of-range", f"{quote(text)} is negative: expected {self.words}")
        return value

    def schema(self) -> dict[str, Any]:
        return {"type": "number", "minimum": 0}


class AnyNumber(Number):
    words = "a number"

    def parse(self, text: str) -> float:
        return parse_number(text)


class Names(Kind):
    words = "a list of names"

    def read(self, node: Node, reader: Reader) -> tuple[str, ...] | None:
        if not isinstance(node, Sequence) or not len(node):
            return _names_meant(self, node, reader)
        names = [
            item
            if isinstance(item, str)
            and item.isascii()
            and item not in NULLS
            and len(item) <= MAX_NAME
            else Name().read(node.node(index), reader)
            for index, item in enumerate(node.items)
        ]
        known = tuple(name for name in names if name is not None)
        return known if len(known) == len(names) else None

    def schema(self) -> dict[str, Any]:
        return {"type": "array", "minItems": 1, "items": Name().schema()}


def _names_meant(kind: Kind, node: Node, reader: Reader) -> tuple[str, ...] | None:
    """The names in something that is no list, which is reported, so that they can be checked."""
    meant = in_brackets(Names(), node, reader)
    kind.refuse(node, reader, instead=meant)
    return None if meant is None else Names().value_of(meant, reader)


def in_brackets(kind: Kind, node: Node, reader: Reader) -> str | None:
    """A text with brackets added, if it is a list, or nearly one, without them."""
    if not isinstance(node, Scalar) or not node.text or len(node.text) > 2000:
        return None
    if are_numbers([node.text]):  # for example a count where names are expected
        return None
    from netrunner.files.slips import in_ascii, several_numbers  # needed only for an error

    text = in_ascii(node.text).strip()
    script = r"(?:\w+\.)*(?:array|asarray|tensor)\((.*?),?\s*(?:dtype *= *[\w.]+)?\s*\)"
    if call := re.fullmatch(script, text, re.DOTALL):
        text = call[1].strip()
    square = text.translate(str.maketrans("()", "[]"))
    numbers = ", ".join(several_numbers(text))
    for candidate in (square, f"[{text}", f"[{text}]", f"[{numbers}]"):
        if candidate.startswith("[") and kind.value_of(candidate, reader) is not None:
            return candidate
    return None


class NamesOrCount(Kind):
    words = "a list of names, or how many there are"

    def read(self, node: Node, reader: Reader) -> tuple[str, ...] | int | None:
        if isinstance(node, Sequence):
            return Names().read(node, reader)
        if isinstance(node, Scalar) and node.text and not re.match(r"[^\W\d]|[［【（(]", node.text):
            count: Any = Size().read(node, reader)
            return None if count is None else int(count)
        return _names_meant(self, node, reader)

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [Size().schema(), Names().schema()]}
