"""The keys that answers are graded with, and which of them a student's file belongs to."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from netrunner.activations.plugins import load_registry
from netrunner.activations.registry import Registry
from netrunner.files.slips import in_ascii
from netrunner.format.answers import Answered, true_answers
from netrunner.format.assembly import NetworkFile
from netrunner.format.checks import check_answers, check_examples
from netrunner.format.network_text import network_of, read_network
from netrunner.lesson.exercise import Blank, blanks_named, in_order
from netrunner.network.network import Network
from netrunner.network.trace import Trace
from netrunner.problems.problem import NetrunnerError, Problem, in_file_order
from netrunner.problems.source import Place, Source
from netrunner.problems.words import quote

OTHERS = 20  # examples that a student may have taken instead, at most
Paths = Iterable[str | os.PathLike[str]]


@dataclass(frozen=True)
class Key:
    """The network, its run on the input of the exercise, and the blanks."""

    network: Network
    trace: Trace
    blanks: tuple[Blank, ...]
    tolerance: float | None

    @cached_property
    def true(self) -> dict[str, list[float]]:
        return true_answers(self.trace)

    @cached_property
    def others(self) -> dict[str, dict[str, list[float]]]:
        """What a student has who takes another example, by the words for it."""
        found = {}
        for number, example in enumerate(self.network.examples[:OTHERS], 1):
            rows = np.atleast_2d(example.input)[:OTHERS]
            for row, x in enumerate(rows, 1):
                words = f"example {number}" + f", row {row}" * (len(rows) > 1)
                found[words] = true_answers(self.network.silent_trace(x).row(1))
        return found


def load_keys(given: Iterable[str | os.PathLike[str] | Source], plugins: Paths = ()) -> list[Key]:
    """The keys in network files, or their texts, each with an example and answers.

    Several are of variants, which their names tell apart. Raises NetrunnerError.
    """
    registry = load_registry(plugins)
    files: dict[str, str] = {}
    keys = []
    for each in given:
        name = each.file if isinstance(each, Source) else os.fspath(each)
        keys.append(_key(name, read_checked(each, registry)))
        first = files.setdefault(_folded(keys[-1].network.name), name)
        if first != name:
            message = f"has the same name as the key in {first}: a student's file cannot choose"
            raise NetrunnerError(Problem("answer-mismatch", Place(name), message))
    return keys


def read_given(
    given: str | os.PathLike[str] | Source, registry: Registry, blanks_allowed: bool = False
) -> NetworkFile:
    """A network file, or its text. Raises NetrunnerError."""
    if isinstance(given, Source):
        return network_of(given, Path(), registry, blanks_allowed=blanks_allowed)
    return read_network(given, registry, blanks_allowed)


def read_checked(given: str | os.PathLike[str] | Source, registry: Registry) -> NetworkFile:
    """A key: a network file, or its text, whose examples are right. Raises NetrunnerError."""
    file = read_given(given, registry)
    wrong = [each for each in check_examples(file) if each.severity == "error"]
    if wrong:
        raise NetrunnerError(wrong)
    return file


def _key(name: str, file: NetworkFile) -> Key:
    if "answers" not in file.values:
        message = "'answers' is missing: netrunner exercise --key writes a key"
        raise NetrunnerError(Problem("missing-key", Place(name), message))
    if wrong := list(check_answers(file)):
        raise NetrunnerError(in_file_order(wrong))
    example = file.network.examples[0]
    trace = file.network.silent_trace(example.input).row(1)
    true, names = true_answers(trace), file.values["answers"].value
    blanks = in_order((blank for name in names for blank in blanks_named(name, trace, true)), true)
    return Key(file.network, trace, blanks, example.tolerance)


def chosen(keys: Sequence[Key], student: Answered) -> Key:
    """The key to a student's answers. Raises NetrunnerError."""
    reader, node, first = student.reader, student.name, keys[0].network.name
    name = None if node is None else _folded(node.text)
    for key in keys:
        if _folded(key.network.name) == name:
            return key
    if len(keys) == 1:
        if node is None or _without_seed(node.text) != _without_seed(first):
            return keys[0]  # it needs no name, and may have any
        message = f"these are the answers to {quote(node.text)}, but the key is {quote(first)}"
        raise NetrunnerError(Problem("answer-mismatch", reader.place(node), message))
    wrong = "'name' is missing" if node is None else f"there is no key named {quote(node.text)}"
    message = f"{wrong}: copy the name from the sheet, such as name: {first}"
    place = reader.source.place(0) if node is None else reader.place(node)
    raise NetrunnerError(Problem("answer-mismatch", place, message))


def _folded(name: str) -> str:
    """A name as it is compared: without spaces, which are easily lost."""
    return "".join(in_ascii(name).casefold().split())


def _without_seed(name: str) -> str:
    return re.sub(r"\([0-9]+\)$", "", _folded(name))
