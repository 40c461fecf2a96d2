"""The answers of an exercise: numbers by the names of their arrays, with ? for a missing one.

`answers: {A1: [0.3, ?, 1.1], Z1: [?, ?, ?]}` is in a key, which is a network file, or alone in a
student's file. Numbers keep the digits in which they were written, because those decide how closely
they must agree.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping as Names
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from netrunner.activations.registry import Registry
from netrunner.files.decimals import is_whole_number
from netrunner.files.numerals import parse_number
from netrunner.files.opening import read_text
from netrunner.format.document import Explain, error_at, parse
from netrunner.format.kinds import NULLS, unquoted
from netrunner.format.nodes import Mapping, Node, Scalar, Sequence, is_blank
from netrunner.format.reading import Kind, Reader, what_is
from netrunner.network.trace import Trace
from netrunner.problems.problem import Fault, NetrunnerError, Problem, about, in_file_order
from netrunner.problems.source import Source
from netrunner.problems.suggestions import did_you_mean, nearest
from netrunner.problems.words import count, quote

if TYPE_CHECKING:
    import yaml

# A1 and Z1, or one of their neurons, Z1.2; Y, which is the last Z; and whatever else a sheet asks.
# Compiled where it is first used: most networks have no answers.
ARRAY = r"(?:[AZ][1-9][0-9]{0,3}|Y)(?:\.[1-9][0-9]{0,5})?|shape[1-9][0-9]{0,3}|class|share"

# What a student's file has in it, as far as a full-width sign after it should be understood.
_KEYS = ("name", "answers", "Y", "class", "share", *(f"{a}{n}" for n in range(1, 10) for a in "AZ"))

NONE = "0"  # of the numbers from 1 on, for a class or a shape that cannot be right

Answers: TypeAlias = Names[str, tuple[Scalar, ...]]
Given: TypeAlias = dict[tuple[str, int], tuple[Scalar, str]]  # by array and neuron, from 1


def true_answers(trace: Trace) -> dict[str, list[float]]:
    """The true values of everything that a sheet can ask about one row, by name."""
    answers: dict[str, list[float]] = {}
    for step in trace.layers:
        answers[f"shape{step.index}"] = [step.size]
        answers[f"A{step.index}"], answers[f"Z{step.index}"] = step.A.tolist(), step.Z.tolist()
    Y = answers["Y"] = trace.output.tolist()
    largest = max(range(len(Y)), key=Y.__getitem__)
    return {**answers, "class": [largest + 1], "share": [100 * Y[largest]]}


def values_of(name: str, true: Names[str, list[float]]) -> list[float] | None:
    """The true values for a name, of an array or of one neuron; None if the name is unknown."""
    array, _, neuron = name.partition(".")
    values = true.get(array)
    if values is None or not neuron:
        return values
    return [values[int(neuron) - 1]] if int(neuron) <= len(values) else None


def given_numbers(
    answers: Answers, true: Names[str, list[float]], network: str, classes: tuple[str, ...] = ()
) -> tuple[Given, list[tuple[Fault, Scalar]]]:
    """The numbers that were given, as nodes and as text, and what does not fit the network.

    A class becomes its number. `network` is how messages call the network.
    """
    given: Given = {}
    wrong: list[tuple[Fault, Scalar]] = []
    for name, numbers in answers.items():
        expected = values_of(name, true)
        if expected is None:
            message = f"answers: there is no {name} in {network}"
            wrong.append((Fault("no-such-array", message), numbers[0]))
            continue
        if len(numbers) == 1 and _is_missing(numbers[0]):  # a ? for the whole array
            continue
        if len(numbers) != len(expected):
            message = f"answers: {name} has {count(len(expected), 'number')}, not {len(numbers)}"
            hint = _with_points(numbers, len(expected))
            wrong.append((Fault("answer-mismatch", message, hint), numbers[0]))
            continue
        array, _, neuron = name.partition(".")
        for k, number in enumerate(numbers, 1):
            if _is_missing(number):
                continue
            try:
                text = class_number(number, classes) if array == "class" else number.text
            except Fault as fault:
                fault.message = f"answers: class: {fault.message}"
                wrong.append((fault, number))
            else:
                is_shape = array.startswith("shape") and "," in text
                given[array, int(neuron or k)] = number, NONE if is_shape else text
    return given, wrong


def _with_points(numbers: tuple[Scalar, ...], expected: int) -> str | None:
    """What to write in place of 0,3, 0,7, which are read as four numbers, where two belong."""
    texts = [number.text for number in numbers]
    wholes, tenths = texts[::2], texts[1::2]
    are_whole = all(is_whole_number(text.removeprefix("-"), 0) for text in wholes)
    if len(texts) != 2 * expected or not are_whole or not all(map(str.isdecimal, tenths)):
        return None
    pairs = zip(wholes, tenths, strict=True)
    return f"write {', '.join(f'{whole}.{tenth}' for whole, tenth in pairs)}: with decimal points"


def classes_of(names: tuple[str, ...] | None) -> tuple[str, ...]:
    """The names by which a class is asked for: those of the outputs, if all differ."""
    return names if names and len({*map(_folded, names)}) == len(names) else ()


def class_number(node: Scalar, classes: tuple[str, ...]) -> str:
    """The number of a class, counted from 1, of which the name or the number is written.

    If the names end in numbers, 2 is class 2, whatever its number is. Raises Fault.
    """
    written = _folded(node.text)
    names = [*map(_folded, classes)]
    for known in (names, [name.split()[-1] for name in names if name.split()]):
        if known.count(written) == 1:
            return str(known.index(written) + 1)
    are_numbered = names and all(re.search("[0-9]$", name) for name in names)
    if are_numbered and _without_number(written) in {"", *map(_without_number, names)}:
        return NONE
    try:
        parse_number(unquoted(node))
    except Fault:
        if not classes:
            raise
        near = nearest(written, names)
        hint = f"did you mean {quote(classes[names.index(near)])}?" if near else None
        message = f"{quote(node.text)} is not one of the network's outputs"
        raise Fault("unknown-value", message, hint) from None
    return node.text


def _folded(name: str) -> str:
    return name.strip().casefold()


def _without_number(name: str) -> str:
    return re.sub(r"[-+.0-9]*$", "", name).strip()


def _is_missing(node: Scalar) -> bool:
    """Whether a blank was left blank, or emptied."""
    return is_blank(node) or (node.plain and node.text in NULLS)


def default_tolerance(value: float) -> float:
    """How far an answer may be off if the key's example has no tolerance."""
    return 1e-6 + 1e-6 * abs(value)


def agrees(text: str, value: float, tolerance: float | None = None) -> bool:
    """Whether a written number agrees with `value`: within the tolerance, or to its last digit.

    To agree to the last digit, it must have at least two significant digits, and be as near as the
    value rounded to two: 1.0 agrees with 0.9957, but not with 0.953.
    """
    from decimal import Decimal  # a run of a network does not need it

    given = Decimal(text)
    if not (math.isfinite(value) and given.is_finite()):
        return False
    true = Decimal(repr(float(value)))
    off = abs(given - true)
    if off <= Decimal(default_tolerance(value) if tolerance is None else tolerance):
        return True
    _, digits, exponent = given.as_tuple()
    last = min(int(exponent), true.adjusted() - 1)
    # The float of -1.05 may miss the half between -1.0 and -1.1, and both are right.
    rounding = Decimal(5).scaleb(last - 1) + abs(true) * Decimal("1e-12")
    return len(digits) >= 2 and off <= rounding


class AnswersByName(Kind):
    """A mapping from names of arrays to their numbers, as nodes; `is_blank` finds missing ones."""

    words = "a mapping of arrays, such as A1: [0.3, ?, 1.1]"

    def read(self, node: Node, reader: Reader) -> dict[str, tuple[Scalar, ...]] | None:
        if not isinstance(node, Mapping):
            self.refuse(node, reader)
            return None
        answers = {}
        for name, (key, value) in node.entries.items():
            if not re.fullmatch(ARRAY, name):
                message = f"unknown array {quote(name)}: an answer is one of A1, Z1, A2, …, Y"
                meant = _name_meant(name)
                meant = None if meant in node.entries else meant
                reader.report("no-such-array", key, message, did_you_mean(meant), meant)
                continue
            array, _, neuron = name.partition(".")
            if neuron and array in node.entries:
                message = f"{name} is answered twice: {array} has it too"
                reader.report("duplicate-key", key, message)
                continue
            with reader.within(name):
                answers[name] = tuple(self._numbers(value, reader, array))
        return answers

    def _numbers(self, node: Node, reader: Reader, array: str) -> list[Scalar]:
        nodes: list[Node] = list(node.nodes()) if isinstance(node, Sequence) else [node]
        if isinstance(node, Scalar) and array != "class":
            nodes = _without_brackets(node)
        texts = ",".join(each.text for each in nodes if isinstance(each, Scalar)).split(";")
        if len(texts) > 1 and all(re.fullmatch(r"\s*-?[0-9]+,[0-9]+\s*", text) for text in texts):
            row = ", ".join(text.strip().replace(",", ".") for text in texts)
            message = "these numbers have commas in them, and semicolons between them"
            reader.report("ambiguous-number", node, message, instead=f"[{row}]")
            return []
        if array.startswith("shape"):
            nodes = _as_shape(nodes)
        if not nodes:
            reader.report("wrong-type", node, "expected numbers, found an empty list")
        numbers = []
        for item in nodes:
            if not isinstance(item, Scalar):
                found = f"expected a number, found {what_is(item)}"
                if isinstance(item, Mapping) and reader.source.text.startswith("?", item.offset):
                    found = "a ? stands alone, in place of a number that is missing"
                reader.report("wrong-type", item, found)
                continue
            if array == "share":
                text = re.sub(r"\s*[%％]$", "", item.text)
                item = Scalar(text, item.offset, item.plain, item.end)
            is_text = array == "class" or (array.startswith("shape") and "," in item.text)
            if not (reader.blanks_allowed if _is_missing(item) else is_text):
                try:
                    parse_number(unquoted(item))
                except Fault as fault:
                    if item is node and fault.instead and "," in fault.instead:
                        fault.help_with(instead=f"[{fault.instead}]")
                    reader.report_fault(fault, item)
            numbers.append(item)
        return numbers

    def schema(self) -> dict[str, Any]:
        numbers = {"type": ["number", "string"]}
        either = [numbers, {"type": "array", "minItems": 1, "items": numbers}]
        return {
            "type": "object",
            "additionalProperties": False,
            "patternProperties": {f"^({ARRAY})$": {"anyOf": either}},
        }


def _name_meant(name: str) -> str | None:
    """A1 for a₁, Ａ1 or A_1; A2.1 for a₁⁽²⁾, as sheets call neuron 1 of layer 2."""
    from unicodedata import normalize  # needed only for an error

    plain = re.sub(r"[\s_^]", "", normalize("NFKC", name))
    plain = re.sub(r"^(.)([0-9]+)\(([0-9]+)\)$", r"\1\3.\2", plain)
    both = (plain.upper(), plain.lower())
    return next((each for each in both if re.fullmatch(ARRAY, each)), None)


class Answered(NamedTuple):
    """The answers in a file, its name if it has one, and the reader that knows their places."""

    answers: Answers
    name: Scalar | None
    reader: Reader


def _without_brackets(node: Scalar) -> list[Node]:
    """The numbers of (0.57, 0.67), as a vector is written by hand, or the node as it is."""
    inside = re.fullmatch(r"[(（]([^()（）]*[,，][^()（）]*)[)）]", node.text)
    if inside is None or node.end != node.offset + len(node.text):  # quoted, or in several lines
        return [node]
    numbers = re.finditer(r"[^\s,，]+(?:\s+[^\s,，]+)*", inside[1])
    return [Scalar(each[0], node.offset + inside.start(1) + each.start()) for each in numbers]


def _as_shape(nodes: list[Node]) -> list[Node]:
    """(3,) as the number 3, and 2x3, or what is left of (2, 3) within a list, as one shape."""
    from netrunner.files.slips import in_ascii  # few files ask for shapes

    text = ",".join(node.text for node in nodes if isinstance(node, Scalar))
    sizes = re.split("[,x×]", "".join(in_ascii(text).split()).strip("()").rstrip(","))
    if not nodes or not all(is_whole_number(size, 0) for size in sizes):
        return nodes
    shape = sizes[0] if len(sizes) == 1 else f"({', '.join(sizes)})"
    return [Scalar(shape, nodes[0].offset)]


def read_answers(given: str | os.PathLike[str] | Source) -> Answered:
    """The answers in a student's file, or in its text.

    Other keys of a network file are allowed, and ignored. Raises NetrunnerError.
    """
    if not isinstance(given, Source):
        name = os.fspath(given)
        with about(name):
            given = read_text(Path(given), name)
    return _answers_of(given, partial(_explain, given))


def _explain(source: Source, error: yaml.MarkedYAMLError, innermost: int | None) -> list[Problem]:
    """The most likely explanation of a syntax error."""
    from netrunner.format.syntax import explain  # needed only for an error

    return explain(source, error, innermost, _problems_of, frozenset(_KEYS))


def _problems_of(text: str) -> list[Problem]:
    try:
        _answers_of(Source("", text))
    except NetrunnerError as error:
        return list(error.problems)
    return []


def _answers_of(source: Source, explain: Explain | None = None) -> Answered:
    reader = Reader(source, Registry([]))
    reader.blanks_allowed = True
    root = parse(source, reader.problems, explain)
    given = root.get("answers") if isinstance(root, Mapping) else None
    for node in (root, given):
        if isinstance(node, Scalar) and node.plain and (sign := re.search("[=：:]", node.text)):
            at = source.text.index(sign.group(), node.offset)
            error = error_at(at, "a ':' and a space are missing")
            problem = Problem("yaml-syntax", source.place(at), "not YAML")
            raise NetrunnerError(_explain(source, error, None) if explain else [problem])
    if given is None:
        message = "'answers' is missing: a file of answers begins with answers:"
        raise NetrunnerError(Problem("missing-key", source.place(0), message))
    with reader.within("answers"):
        answers = AnswersByName().read(given, reader)
    if reader.problems or answers is None:
        raise NetrunnerError(in_file_order(reader.problems))
    name = root.get("name") if isinstance(root, Mapping) else None
    return Answered(answers, name if isinstance(name, Scalar) else None, reader)
