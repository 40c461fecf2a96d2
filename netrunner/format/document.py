"""Turns YAML text into values that know their positions.

It uses the parser's events, which do not recurse, and limits the depth and the number of values. It
resolves and converts nothing: a scalar is text until a reader expects a number or a name. Tags,
merge keys and a second value for a key are refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import yaml
from yaml import CSafeLoader
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from netrunner.files.decimals import BLANK
from netrunner.format.nodes import NUMBER, Mapping, Node, NumberRow, Scalar, Sequence, end_of
from netrunner.format.number_rows import NumberRows
from netrunner.problems.look_alikes import look_alike
from netrunner.problems.problem import NetrunnerError, Problem, Related, in_file_order
from netrunner.problems.source import Place, Source
from netrunner.problems.words import quote, shortened

if TYPE_CHECKING:
    from netrunner.problems.codes import Code

MAX_PROBLEMS = 1000  # of one file: more help nobody, and could fill the memory
MAX_DEPTH = 64
MAX_VALUES = 2_000_000
# Without rows of numbers. Rows that the parser did not meet are in the text the second time.
MAX_TRIES = 2
MAX_TRIED_AGAIN = 50_000  # nodes
MAX_DASHES_TRIED = 5_000_000  # characters that are parsed again, to see whether a dash would help
MAX_NODES = 300_000  # all of these except numbers in a row: each takes 0.5 kB

_TOO_DEEP = f"nested more than {MAX_DEPTH} deep"
_NOT_YAML = r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
_NO_KEY = Scalar("", 0)  # a placeholder for a refused key


class _Anchored:
    """The node that an alias refers to, and its cost; `node` is None while it is still open."""

    __slots__ = ("height", "node", "nodes", "values")

    def __init__(self, node: Node | None, values: int = 1, nodes: int = 1, height: int = 0) -> None:
        self.node, self.values, self.nodes, self.height = node, values, nodes, height


class _Open:
    """A collection whose end event has not come yet."""

    __slots__ = ("anchor", "before", "height", "key", "node")

    def __init__(
        self, node: Sequence | Mapping, anchor: str | None, before: tuple[int, int]
    ) -> None:
        self.node, self.anchor = node, anchor
        self.before = before  # values and nodes
        self.height = 1
        self.key: Scalar | None = None


# Explains a syntax error, given the offset of the innermost open collection.
Explain = Callable[[yaml.MarkedYAMLError, int | None], list[Problem]]


def parse(source: Source, problems: list[Problem], explain: Explain | None = None) -> Node | None:
    """The one document in `source`, or None if it is empty.

    Problems that do not hide the rest are added to `problems`. Raises NetrunnerError, which
    includes these problems, if the text cannot be read further.
    """
    rows, root = _number_rows(source.text), None
    builder: _Builder | None = None
    for _ in range(MAX_TRIES):
        if not rows:
            break
        noted = [*problems]
        builder = _Builder(source, noted, explain, rows)
        try:
            root = builder.build()
        except yaml.YAMLError:  # if not all rows were met
            pass
        except NetrunnerError:
            if rows.all_met(builder.read_to):
                problems[:] = noted
                raise
        else:
            if rows.all_met():
                problems[:] = noted
                return root
        if builder.nodes > MAX_TRIED_AGAIN:
            break
        rows = rows.only_met()
    rows = root = builder = None  # to free its memory
    return _Builder(source, problems, explain).build()


def _number_rows(text: str) -> NumberRows | None:
    """The rows in a text, unless the text is far too large for a network."""
    absurd = text.count("[") > MAX_NODES or text.count(",") > 2 * MAX_VALUES
    return None if absurd else NumberRows.in_text(text)


def how_far(text: str) -> int:
    """The offset at which the parser stops; if it does not stop, one beyond the end.

    With a quote that is never closed, that is the end of its line: the parser looks on in vain.
    """
    try:
        CSafeLoader(_without_question_marks(text)).raw_parse()  # makes no objects of the events
    except yaml.MarkedYAMLError as error:
        if in_quotes(error) and error.context_mark:
            return f"{text}\n".index("\n", error.context_mark.index)
        return error.problem_mark.index if error.problem_mark else 0
    except yaml.YAMLError:  # a control character has no mark
        return 0
    return len(text) + 1


def in_quotes(error: yaml.MarkedYAMLError) -> bool:
    """Whether the text or the document ends inside a quote."""
    return error.context == "while scanning a quoted scalar"


def error_at(offset: int, problem: str) -> yaml.MarkedYAMLError:
    """An error of what the parser takes for a text."""
    mark = yaml.Mark("", offset, 0, 0, None, 0)
    return yaml.MarkedYAMLError(problem=problem, problem_mark=mark)


def where_it_stops(text: str) -> tuple[yaml.MarkedYAMLError, int | None] | None:
    """The parser's error, if the text is not YAML, and the begin of what was open then."""
    opened: list[int] = []
    parser = CSafeLoader(_without_question_marks(text))
    next_event: Callable[[], Any] = parser.get_event  # yaml has no types for events
    try:
        while (event := next_event()) is not None:
            kind = type(event)
            if kind is SequenceStartEvent or kind is MappingStartEvent:
                opened.append(event.start_mark.index)
            elif kind is SequenceEndEvent or kind is MappingEndEvent:
                opened.pop()
    except yaml.MarkedYAMLError as error:
        return (error, opened[-1] if opened else None) if error.problem_mark else None
    finally:
        parser.dispose()
    return None


# A question mark in the place of a number: after a bracket, a comma, a colon or a dash.
_QUESTION = r"([\[,]|[\[,:-][ \t]+|\n[ \t]*)\?(?=[ \t]*(?:[,\]}#\r\n]|\Z))"


def _without_question_marks(text: str) -> str:
    """The text with BLANK for each single ?: in YAML, a ? begins a key."""
    return re.sub(_QUESTION, rf"\1{BLANK}", text) if "?" in text else text


def note(problems: list[Problem], problem: Problem) -> None:
    """Add a problem. Raises NetrunnerError with all of them if there are too many."""
    problems.append(problem)
    if len(problems) >= MAX_PROBLEMS:
        raise NetrunnerError(in_file_order(problems))


class _Builder:
    """Makes values from the parser's events; of `rows`, the parser sees only the places.

    The result, a value or an error, is right only if the parser met all the rows.
    """

    def __init__(
        self,
        source: Source,
        problems: list[Problem],
        explain: Explain | None,
        rows: NumberRows | None = None,
    ) -> None:
        self.source = source
        self.explain = explain
        self.rows = rows
        self.problems = problems
        self.values = self.nodes = self.dashes_tried = 0
        self.read_to: int | None = None  # the offset at which there were too many values
        self.stack: list[_Open] = []
        self.anchors: dict[str, _Anchored] = {}
        self.root: Node | None = None

    def build(self) -> Node | None:
        text = self.rows.blanked() if self.rows else self.source.text
        try:
            parser = CSafeLoader(_without_question_marks(text))
        except UnicodeEncodeError:
            raise self._stop(self._not_text()) from None
        try:
            return self._build(parser)
        except yaml.YAMLError as error:
            if self.rows and not self.rows.all_met():
                raise
            raise self._stop(*self._syntax_problems(error)) from None
        finally:
            parser.dispose()

    def _build(self, parser: CSafeLoader) -> Node | None:
        next_event: Callable[[], Any] = parser.get_event  # yaml has no types for events
        rows = self.rows
        top: _Open | None = None  # the innermost open collection
        row: Sequence | None = None  # the same, if it is a sequence
        while (event := next_event()) is not None:
            kind = type(event)
            if kind is ScalarEvent:
                self.values += 1
                if self.values > MAX_VALUES:
                    raise self._too_many(event)
                text, offset, implicit = event.value, event.start_mark.index, event.implicit
                if BLANK in text:
                    text = self._as_written(event)
                if row is not None and implicit[0] and event.anchor is None:
                    row.add(text, offset)
                    continue
                self.nodes += 1
                if self.nodes > MAX_NODES:
                    raise self._too_many_nodes(event)
                if event.tag is not None:
                    self._report_tag(event)
                scalar = Scalar(text, offset, not implicit[1], event.end_mark.index)
                if event.anchor is not None:
                    self.anchors[event.anchor] = _Anchored(scalar)
                self._put(scalar, top)
                continue
            if kind is SequenceStartEvent:
                if (
                    rows is not None
                    and (numbers := rows.meet(event.end_mark.index - 1)) is not None
                ):
                    self._add_row(numbers, event, next_event())
                    continue
                self._open(Sequence(event.start_mark.index), event)
            elif kind is MappingStartEvent:
                self._open(Mapping(event.start_mark.index), event)
            elif kind is SequenceEndEvent or kind is MappingEndEvent:
                self._close(event)
            elif kind is AliasEvent:
                self._add_alias(event)
            elif kind is DocumentStartEvent and self.root is not None:
                self._report("several-documents", event, "a second document begins here")
                break
            top = self.stack[-1] if self.stack else None
            row = top.node if top is not None and isinstance(top.node, Sequence) else None
        return self.root

    def _open(self, node: Sequence | Mapping, event: Any) -> None:
        self.values += 1
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise self._too_many_nodes(event)
        if event.tag is not None:
            self._report_tag(event)
        if event.anchor is not None:
            self.anchors[event.anchor] = _Anchored(None)
        self.stack.append(_Open(node, event.anchor, (self.values - 1, self.nodes - 1)))
        if len(self.stack) > MAX_DEPTH:
            raise self._too_deep(event)

    def _as_written(self, event: Any) -> str:
        """A scalar's text with the question marks of the file: the parser was given BLANK."""
        written = self.source.text[event.start_mark.index : event.end_mark.index]
        marks = iter(re.findall(f"[?{BLANK}]", written))
        return re.sub(f"[?{BLANK}]", lambda match: next(marks, match[0]), event.value)

    def _add_row(self, numbers: str, start: Any, end: Any) -> None:
        """Add a row of numbers, of which the parser saw only the brackets."""
        row = NumberRow(start.start_mark.index, numbers, start.end_mark.index, end.end_mark.index)
        room = MAX_VALUES - self.values - 1
        values = numbers.count(",") + 2  # with the row itself
        self.values += values
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise self._too_many_nodes(start)
        if start.tag is not None:
            self._report_tag(start)
        if len(self.stack) == MAX_DEPTH:
            raise self._too_deep(start)
        if self.values > MAX_VALUES:
            comma = -1
            for _ in range(room):
                comma = numbers.index(",", comma + 1)
            beyond = re.compile(NUMBER).search(numbers, comma + 1)
            assert beyond
            raise self._too_many(row.begin + beyond.start())
        if start.anchor is not None:
            self.anchors[start.anchor] = _Anchored(row, values, nodes=1, height=1)
        self._add(row, start, height=1)

    def _close(self, event: Any) -> None:
        closed = self.stack.pop()
        if event.end_mark.index > event.start_mark.index:  # a bracket or a brace
            closed.node.end = event.end_mark.index
        if closed.anchor is not None:
            values, nodes = closed.before
            self.anchors[closed.anchor] = _Anchored(
                closed.node, self.values - values, self.nodes - nodes, closed.height
            )
        self._add(closed.node, event, closed.height)

    def _add_alias(self, event: Any) -> None:
        anchored = self.anchors.get(event.anchor)
        if anchored is None:
            raise self._stop(
                self._problem(
                    "unknown-alias", event, f"there is no anchor &{_short(event)} before this"
                )
            )
        if anchored.node is None:
            raise self._stop(
                self._problem("unknown-alias", event, f"*{_short(event)} refers to itself")
            )
        self.values += anchored.values
        self.nodes += anchored.nodes
        if self.nodes > MAX_NODES:
            raise self._too_many_nodes(event, ", aliases counted as what they stand for")
        if len(self.stack) + anchored.height > MAX_DEPTH:
            raise self._too_deep(event)
        self._add(anchored.node, event, anchored.height)

    def _add(self, node: Node, event: Any, height: int = 0) -> None:
        if self.values > MAX_VALUES:
            raise self._too_many(event)
        top = self.stack[-1] if self.stack else None
        if top is not None and top.height <= height:
            top.height = height + 1
        self._put(node, top)

    def _put(self, node: Node, top: _Open | None) -> None:
        if top is None:
            self.root = node
        elif isinstance(top.node, Sequence):
            top.node.add(node, node.offset)
        elif top.key is None:
            top.key = self._key(node)
        else:
            self._set(top.node, top.key, node)
            top.key = None

    def _key(self, node: Node) -> Scalar:
        if isinstance(node, Scalar):
            indented = "\u3000" in node.text and node.text.lstrip("- ").startswith("\u3000")
            if node.plain and indented:
                raise error_at(node.offset, look_alike("\u3000")[0])
            return node
        self._report("not-a-key", node, "a key must be a single word, not a list or a mapping")
        return _NO_KEY

    def _set(self, mapping: Mapping, key: Scalar, value: Node) -> None:
        if key is _NO_KEY:
            mapping.complete = False
        elif key.text == "<<" and key.plain:
            mapping.complete = False
            self._report("merge-key", key, "merge keys (<<) are not supported: write the keys out")
        elif key.text in mapping.entries:
            if mapping.begins_again:  # reported once, at its first key
                return
            first, again = self._place(mapping.entries[key.text][0]), self._place(key)
            lines = f"line {first.line}"
            if again.line != first.line:
                lines = f"lines {first.line} and {again.line}"
            message = f"key {quote(key.text)} is given twice, on {lines}"
            related = (Related(first, f"{quote(key.text)} was first given here"),)
            mapping.begins_again = self._lacks_a_dash(mapping, key)
            dash = f"put '- ' before {quote(key.text)} if another item of the list begins here"
            hint = dash if mapping.begins_again else None
            problem = Problem("duplicate-key", again, message, hint=hint, related=related)
            note(self.problems, problem)
        else:
            mapping.entries[key.text] = (key, value)

    def _lacks_a_dash(self, mapping: Mapping, key: Scalar) -> bool:
        """Whether an item of a list repeats its first key, and a '- ' there would make it two
        items.
        """
        text, offset = self.source.text, key.offset
        in_list = len(self.stack) > 1 and isinstance(self.stack[-2].node, Sequence)
        if (
            not in_list
            or next(iter(mapping.entries)) != key.text
            or text[offset - 2 : offset] != "  "
            or self.dashes_tried > MAX_DASHES_TRIED
        ):
            return False
        self.dashes_tried += len(text)
        return how_far(f"{text[: offset - 2]}- {text[offset:]}") > len(text)

    def _report_tag(self, event: Any) -> None:
        tag = event.tag.replace("tag:yaml.org,2002:", "!!")
        self._report("tag", event, f"tags are not supported: remove {quote(tag)}")

    def _too_deep(self, event: Any) -> NetrunnerError:
        return self._stop(self._problem("too-deep", event, _TOO_DEEP))

    def _too_many(self, at: Any, what: str | None = None) -> NetrunnerError:
        self.read_to = at if isinstance(at, int) else at.start_mark.index
        what = what or f"{MAX_VALUES:,} values, aliases counted as what they stand for"
        hint = "large weights belong in a file: weights: {file: weights.npz, key: W1}"
        return self._stop(self._problem("too-many-values", at, f"more than {what}", hint))

    def _too_many_nodes(self, event: Any, more: str = "") -> NetrunnerError:
        return self._too_many(event, f"{MAX_NODES:,} lists, keys and values of keys{more}")

    def _problem(self, code: Code, at: Any, message: str, hint: str | None = None) -> Problem:
        return Problem(code, self._place(at), message, hint=hint)

    def _place(self, at: Any) -> Place:
        """The place of a node, of an event, or of an offset."""
        if isinstance(at, Node):
            return self.source.place(at.offset, end_of(at, self.source.text))
        return self.source.place(at if isinstance(at, int) else at.start_mark.index)

    def _report(self, code: Code, at: Any, message: str) -> None:
        note(self.problems, self._problem(code, at, message))

    def _stop(self, *problems: Problem) -> NetrunnerError:
        return NetrunnerError(in_file_order([*self.problems, *problems]))

    def _syntax_problems(self, error: yaml.YAMLError) -> list[Problem]:
        if isinstance(error, yaml.reader.ReaderError):
            return [self._not_text()]
        if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
            return [Problem("yaml-syntax", self.source.place(0), f"not YAML: {error}")]
        place = self.source.place(min(error.problem_mark.index, len(self.source.text)))
        if "maximum nesting depth" in str(error.problem):
            return [Problem("too-deep", place, _TOO_DEEP)]
        if self.explain is None:
            return [Problem("yaml-syntax", place, f"not YAML: {error.problem}")]
        return self.explain(error, self.stack[-1].node.offset if self.stack else None)

    def _not_text(self) -> Problem:
        found = re.search(_NOT_YAML, self.source.text)
        assert found  # exactly the characters that libyaml refuses
        number = ord(found.group())
        what = "half a" if 0xD800 <= number < 0xE000 else "control"
        message = f"{what} character U+{number:04X} is not allowed"
        return Problem("not-text", self.source.place(found.start()), message)


def _short(event: Any) -> str:
    """The name of an anchor, which has only letters, digits, - and _; shortened."""
    return shortened(str(event.anchor), 80)
