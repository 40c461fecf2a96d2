"""Reading values from a document: the problems found on the way, and what a kind of value is.

`Kind.read` takes a node of the document and gives the value it stands for, or None after
reporting what is wrong with it, so that one run finds all the problems of a file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from netrunner.activations.plugins import Registry
from netrunner.format.document import Judge, Node, Scalar, Sequence, end_of, note, parse
from netrunner.problems.problem import Fault, NetrunnerError, Problem
from netrunner.problems.source import Place, Source
from netrunner.problems.words import quote

if TYPE_CHECKING:
    from netrunner.problems.codes import Code


class Reader:
    """What reading a file needs to know, and the problems it finds."""

    def __init__(self, source: Source, registry: Registry, judge: Judge | None = None) -> None:
        self.source = source
        self.registry = registry
        self.judge = judge
        # The hint to name a file of arrays with so many dimensions; who knows its folder sets it.
        self.naming: Callable[[str, int], str | None] = lambda name, dims: None
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
        return self.source.place(node.offset, end_of(node, self.source.text))

    @cached_property
    def _tags(self) -> set[tuple[int | None, int | None]]:
        """Where tags are, which were reported when the document was parsed."""
        places = (each.place for each in self.problems if each.code == "tag")
        return {(place.line, place.column) for place in places}

    def report(self, code: Code, node: Node, message: str, **more: Any) -> None:
        text = "".join(f"{part}: " for part in self._within) + message
        problem = Problem(code, self.place(node), text, **more)
        if (problem.place.line, problem.place.column) in self._tags:
            return
        if problem not in self._reported:  # through an alias, a value is read more than once
            self._reported.add(problem)
            note(self.problems, problem)

    def better_indent(self, node: Node) -> str | None:
        """'indent it by ...' where the key at the node has its place in the format then."""
        if self.judge is None:
            return None
        from netrunner.format.syntax import better_indent  # only an error needs it

        # Once: with two of them in a file, no other indentation of one line makes it fine.
        judge, self.judge = self.judge, None
        return better_indent(self.source.text, node.offset, judge)

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

    def refuse(self, node: Node, reader: Reader, hint: str | None = None) -> None:
        message = f"expected {self.words}, found {what_is(node)}"
        reader.report("wrong-type", node, message, hint=hint)

    def hint(self, reader: Reader, text: str) -> str | None:
        """'write ...' where this text would read well."""
        scratch = Reader(Source("", text), reader.registry)
        try:
            node = parse(scratch.source, scratch.problems)
        except NetrunnerError:
            return None
        fits = node is not None and self.read(node, scratch) is not None
        legible = text.isprintable() and fits and not scratch.problems
        return f"write {text}" if legible else None


def what_is(node: Node) -> str:
    if isinstance(node, Scalar):
        if node.plain:
            return quote(node.text) if node.text else "nothing"
        return f"the text {quote(node.text)}"
    if isinstance(node, Sequence):
        return "a list" if node.items else "an empty list"
    return "a mapping" if node.entries else "an empty mapping"
