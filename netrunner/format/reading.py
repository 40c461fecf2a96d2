"""Reading values from a document, collecting the problems; and what a kind of value is.

`Kind.read` takes a node of the document and returns its value, or None after reporting what is
wrong, so that one run finds all the problems of a file.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from netrunner.activations.registry import Registry
from netrunner.format.document import note, parse
from netrunner.format.nodes import Node, Scalar, Sequence, end_of, is_blank
from netrunner.problems.look_alikes import look_alike
from netrunner.problems.problem import Fault, NetrunnerError, Problem
from netrunner.problems.source import Place, Source
from netrunner.problems.words import quote

if TYPE_CHECKING:
    from netrunner.format.syntax import Check
    from netrunner.problems.codes import Code
    from netrunner.problems.fixes import Edit, Fix


Help = tuple[str | None, str | None]  # a hint, and what to write instead


class _Within:
    """A context; a class of its own, as a file has hundreds of thousands."""

    __slots__ = ("around", "inside", "reader")

    def __init__(self, reader: Reader, inside: list[str]) -> None:
        self.reader, self.around, self.inside = reader, reader.parts, inside

    def __enter__(self) -> None:
        self.reader.parts = self.inside

    def __exit__(self, *error: object) -> None:
        self.reader.parts = self.around


class Reader:
    """The context for reading a file, and the problems found."""

    def __init__(self, source: Source, registry: Registry, check: Check | None = None) -> None:
        self.source = source
        self.registry = registry
        self.check = check
        # How to name a file of arrays with that many dimensions: a hint, and the text to write.
        # Set by whoever knows the file's folder.
        self.naming: Callable[[str, int], Help] = lambda name, dims: (None, None)
        self.problems: list[Problem] = []
        self._reported: set[Problem] = set()
        self.parts: list[str] = []  # that are being read, the outermost first
        self.blanks_allowed = False  # in answers

    def within(self, part: str, anew: bool = False) -> _Within:
        """Until the context ends, messages begin with the name of this part of the file.

        `anew` leaves out the names of the enclosing parts, if the name is clear without them.
        """
        return _Within(self, [part] if anew else [*self.parts, part])

    def place(self, node: Node) -> Place:
        return self.source.place(node.offset, end_of(node, self.source.text))

    @cached_property
    def _tags(self) -> set[tuple[int | None, int | None]]:
        """The places of tags, which were already reported by the parser."""
        places = (each.place for each in self.problems if each.code == "tag")
        return {(place.line, place.column) for place in places}

    def report(
        self,
        code: Code,
        node: Node,
        message: str,
        hint: str | None = None,
        instead: str | None = None,
        fixes: tuple[Fix, ...] = (),
        **more: Any,
    ) -> None:
        """Report what is wrong with a node; `instead` is the correct text, if known."""
        place = self.place(node)
        if (place.line, place.column) in self._tags:
            return
        if instead is not None:
            hint = hint or f"write {instead}"
            fixes = self.fix_by_writing(instead, node)
        text = "".join(f"{part}: " for part in self.parts) + message
        problem = Problem(code, place, text, hint=hint, fixes=fixes, **more)
        reported = len(self._reported)
        self._reported.add(problem)
        if len(self._reported) > reported:  # an alias makes a value be read more than once
            note(self.problems, problem)

    def report_fault(self, fault: Fault, node: Node) -> None:
        self.report(fault.code, node, fault.message, fault.hint, fault.instead)

    def without_comment(self, node: Node) -> Node:
        """The part of a value before a '＃', which is reported: it was to begin a comment."""
        if not isinstance(node, Scalar) or not node.plain or "＃" not in node.text:
            return node
        text = self.source.text
        at = text.index("＃", node.offset)
        value = text[node.offset : at].rstrip()
        if not value or not node.text.startswith(value):
            return node
        sign = Scalar("＃", at, end=at + 1)
        message, hint = look_alike("＃")
        blank = text[at - 1]
        begin = at - (blank == "\u3000")
        edit = self.edit_between(begin, at + 1, "#" if blank in " \t" else " #")
        self.report("yaml-syntax", sign, message, hint, fixes=(self.fix(hint, edit),))
        return Scalar(value, node.offset, end=node.offset + len(value))

    def fix_by_writing(self, text: str, node: Node) -> tuple[Fix, ...]:
        """The fix that writes `text` in place of a node, if nothing else is lost by it."""
        from netrunner.format.replacement import replacement  # needed only for an error

        found = replacement(node, text, self.source.text)
        return (self.fix(f"write {text}", self.edit_between(*found)),) if found else ()

    def edit_between(self, start: int, end: int, text: str) -> Edit:
        from netrunner.problems.fixes import Edit  # needed only for an error

        return Edit(*self.source.position(start), *self.source.position(end), text)

    def fix(self, title: str, *edits: Edit) -> Fix:
        from netrunner.problems.fixes import Fix

        return Fix(title, edits)

    def better_indent(self, node: Node) -> Fix | None:
        """'indent it by ...', if the key at the node then fits the format."""
        if self.check is None:
            return None
        from netrunner.format.syntax import better_indent  # needed only for an error

        # Only once: if two lines are wrong, no new indentation of one line helps.
        check, self.check = self.check, None
        found = better_indent(self.source.text, node.offset, check)
        if found is None:
            return None
        title, (start, end, text) = found
        return self.fix(title, self.edit_between(start, end, text))


class Value:
    """A value that was read, and its node."""

    __slots__ = ("node", "value")

    def __init__(self, value: Any, node: Node) -> None:
        self.value, self.node = value, node


Values = dict[str, Value]


class Kind:
    """A kind of value: how to read it, its schema and its documentation.

    `read` returns the value, or None after reporting what is wrong.
    """

    words = ""

    def read(self, node: Node, reader: Reader) -> Any | None:
        raise NotImplementedError

    def schema(self) -> dict[str, Any]:
        raise NotImplementedError

    def refuse(
        self, node: Node, reader: Reader, hint: str | None = None, instead: str | None = None
    ) -> None:
        if isinstance(node, Scalar) and is_blank(node):
            reader.report("blank", node, f"'?' is a blank: write {self.words}")
            return
        message = f"expected {self.words}, found {what_is(node)}"
        reader.report("wrong-type", node, message, hint, instead)

    def value_of(self, text: str, reader: Reader) -> Any | None:
        """The value of a text, or None if anything is wrong with it."""
        scratch = Reader(Source("", text), reader.registry)
        try:
            node = parse(scratch.source, scratch.problems)
        except NetrunnerError:
            return None
        value = None if node is None else self.read(node, scratch)
        return value if text.isprintable() and not scratch.problems else None


def what_is(node: Node) -> str:
    if isinstance(node, Scalar):
        if node.plain:
            return quote(node.text) if node.text else "nothing"
        return f"the text {quote(node.text)}"
    if isinstance(node, Sequence):
        return "a list" if node.items else "an empty list"
    return "a mapping" if node.entries else "an empty mapping"
