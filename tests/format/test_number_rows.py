"""Rows of numbers that the YAML parser does not see: all must be as if it had seen them."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from conftest import sampled
from hypothesis import given
from hypothesis import strategies as st

from netrunner import loads
from netrunner.format import document
from netrunner.format.document import parse
from netrunner.format.nodes import Mapping, Node, NumberRow, Scalar
from netrunner.format.number_rows import NumberRows
from netrunner.format.syntax import explain
from netrunner.problems.problem import NetrunnerError, Problem
from netrunner.problems.source import Source

DATA = Path(__file__).parents[1] / "data"
ROW = "[0.5, -1, +2e-3, .25]"


def dumped(node: Node | None) -> Any:
    """All that a node is, with its places."""
    if node is None:
        return None
    if isinstance(node, Scalar):
        return node.text, node.offset, node.plain
    if isinstance(node, Mapping):
        entries = [(dumped(key), dumped(value)) for key, value in node.entries.values()]
        return node.offset, node.complete, node.begins_again, entries
    return (
        node.offset,
        [isinstance(item, str) for item in node.items],
        list(map(dumped, node.nodes())),
    )


def read(text: str) -> tuple[Any, list[Problem]]:
    problems: list[Problem] = []
    try:
        return dumped(parse(Source("f", text), problems)), problems
    except NetrunnerError as error:
        return problems, error.problems


def is_the_same(text: str) -> None:
    with patch.object(document, "_number_rows", return_value=None):
        expected = read(text)
    assert read(text) == expected


def rows_met(text: str) -> list[str]:
    """The rows that the parser was spared."""
    root = parse(Source("f", text), [])
    found: list[str] = []

    def look(node: Node | None) -> None:
        if isinstance(node, NumberRow):
            found.append(node.text)
        elif isinstance(node, Mapping):
            for _, value in node.entries.values():
                look(value)
        elif isinstance(node, document.Sequence):
            for each in node.nodes():
                look(each)

    look(root)
    return found


TEXTS = {
    "alone": ROW,
    "in a matrix": f"a: [{ROW}, {ROW}]\nb: {ROW}",
    "in lines": f"a:\n  - {ROW}\n  - {ROW}  # {ROW}\n",
    "over lines": "a: [1,\n  2, 3,\n\n  4\n ]\nb: 1",
    "over lines, at their begin": "a: [\n1,\n2,\n3,\n4\n]\nb: 1",
    "in CRLF": "a: [1, 2,\r\n  3, 4]\r\nb: [1, 2, 3, 4]\r\n",
    "with a comma more": "a: [1, 2, 3, 4,]\nb: [1, 2, 3, 4,\n]\nc: [1, 2, 3, 4 , ]",
    "with two commas more": "a: [1, 2, 3, 4,,]",
    "with tabs": "a: [1,\t2, 3, 4]",
    "with a comment": "a: [1, 2, # two\n 3, 4]",
    "of odd numbers": "a: [1-2, +.5e, 1.2.3, 0e]\nb: [--1, 2, 3, 4]\nc: [+-1, 2, 3, 4]",
    "of dots": "a: [., .., ..., 4]",
    "of dashes": "a: [-, 1, 2, 3]",
    "of blanks": "a: [1, 2, 3, 4 5]",
    "in a comment": f"# {ROW}\na: {ROW} # {ROW}\nb: {ROW}",
    "in quotes": f"a: '{ROW}'\nb: \"{ROW}\"\nc: {ROW}",
    "in a text": f"a: see {ROW} there\nb: {ROW}",
    "in a text of two lines": f"a: see\n  {ROW}\n  there\nb: {ROW}",
    "in a block": f"a: |\n  {ROW}\nb: >\n  {ROW}\nc: {ROW}",
    "in a tag": "a: !x[1,2,3,4]\nb: [1, 2, 3, 4]",
    "behind a tag": f"a: !!seq {ROW}\nb: {ROW}",
    "behind an anchor": f"a: &x {ROW}\nb: *x\nc: [*x, {ROW}]",
    "close to an anchor": "a: &x[1,2,3,4]\n",
    "close to an alias": "a: &x 1\nb: *x[1,2,3,4]\n",
    "as a key": f"{ROW}: 1\na: {ROW}",
    "as a key in a flow": f"a: {{{ROW}: 1}}",
    "as a key with ?": f"? {ROW}\n: {ROW}\n",
    "in a key that is given twice": f"a {ROW}: 1\na {ROW}: 2\nb: {ROW}\nb: {ROW}",
    "behind a surrogate": f"a: \U0001f600\nb: {ROW}\nc: [x, {ROW}]",
    "before a slip": f"a: {ROW}\nb {ROW}\nc: {ROW}",
    "behind a slip": f"a: [{ROW}, {ROW}\nc: {ROW}",
    "before a control character": f"a: {ROW}\nb: \x01",
    "in a second document": f"a: {ROW}\n---\nb: {ROW}",
    "behind a directive": f"%FOO {ROW}\n---\na: {ROW}",
    "before an unknown alias": f"a: {ROW}\nb: *c\nd: {ROW}",
    "with a merge key": f"a: {ROW}\n<<: {ROW}\n",
    # In blanks, the second line of a row would go on with the block.
    "in quotes in a block, again and again": "".join(
        f'k{i}:\n - |\n    ",? [1,\n2,3,4]: v,"\n - {{a","\n' for i in range(5)
    )
    + ' "}\n',
    "behind a slip, in a comment of the same line": "- [1,2,3,4,5,,] # [1,\n2,3,4]\n",
    "behind a slip, in a comment of the line after": "- [1,2,3,4,,] #\n# [1,\n2,3,4]\n",
    "behind a key of a row": f"a: {{{ROW}: 1}}\nb: [\n",
    "too deep": "[" * 70 + ROW + "]" * 70,
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_text_is_read_as_if_the_parser_had_seen_all(text: str) -> None:
    is_the_same(text)


def test_a_text_that_takes_long_is_not_read_again_and_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(document, "MAX_TRIED_AGAIN", 1)
    is_the_same(TEXTS["in quotes in a block, again and again"])


@pytest.mark.parametrize(
    "path", sampled(sorted(DATA.glob("*valid/*.yaml")), 4), ids=lambda path: path.stem
)
def test_the_corpus_is_read_as_if_the_parser_had_seen_all(path: Path) -> None:
    is_the_same(path.read_text(encoding="utf-8", errors="replace").lstrip("\ufeff"))


PARTS = [
    *" ,[]{}#'\"x\t\n",
    "\n  ",
    "a: ",
    "b: ",
    "- ",
    " #",
    "&x ",
    "*x",
    "!t ",
    "|\n",
    ">\n",
    "? ",
    ": ",
]
PARTS += ["---", ROW, "[1,2,3,4]", "[1,\n 2, 3, 4]"]


@given(st.lists(st.sampled_from(PARTS), max_size=20))
def test_any_text_is_read_as_if_the_parser_had_seen_all(parts: list[str]) -> None:
    is_the_same("".join(parts))


@pytest.mark.parametrize(
    ("text", "met"),
    [
        (f"a: [{ROW}, {ROW}]", 2),
        (f"a: [[1, 2, 3], {ROW}]", 1),
        ("a: [1, 2,\n    3, 4]", 1),
        ("a: [1, 2, 3, 4,]", 1),
        (f"# {ROW}\na: {ROW}  # {ROW}", 1),
        (f"a: {ROW} \nb: '{ROW}'", 1),
        (f"a: {ROW}\nb: x{ROW}\nc: {ROW}", 2),
        (f"a: {ROW}\nb: !x {ROW}", 2),
    ],
)
def test_the_parser_is_spared_the_rows(text: str, met: int) -> None:
    assert len(rows_met(text)) == met


@pytest.mark.parametrize("most", range(4, 16))
@pytest.mark.parametrize(
    "text",
    [
        f"a: {ROW}\nb: [[1, 2,3 ,\n 4], 5]",
        f"# {ROW}\na: [{ROW}, {ROW}]",
        f"a: '{ROW}'\nb: 1\nc: {ROW}\nd: {ROW}",
        f"a: &x {ROW}\nb: *x\nc: {ROW}\n'{ROW}': {ROW}",
    ],
)
def test_the_limits_hold_at_the_same_place(
    text: str, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(document, "MAX_VALUES", most)
    is_the_same(text)
    monkeypatch.undo()
    monkeypatch.setattr(document, "MAX_NODES", most)
    is_the_same(text)


@pytest.mark.parametrize("most", [1, 2, 3])
def test_the_number_of_problems_is_limited(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "MAX_PROBLEMS", most)
    is_the_same(f"a {ROW}: {ROW}\na {ROW}: 1\na: !x 1\nb: !x {ROW}")


def test_too_many_values_are_told_without_the_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "MAX_VALUES", 6)
    built: list[object] = []
    build = document._Builder.build
    monkeypatch.setattr(document._Builder, "build", lambda self: built.append(self) or build(self))
    _, (problem,) = read(f"a: 1\nb: {ROW}")
    assert (problem.place.line, problem.place.column, len(built)) == (2, 10, 1)


@pytest.mark.parametrize(("name", "char"), [("MAX_NODES", "["), ("MAX_VALUES", ",")])
def test_an_absurd_text_is_left_to_the_parser(
    name: str, char: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(document, name, 5)
    assert document._number_rows(f"{ROW} #{char * 20}") is None
    assert document._number_rows(ROW) is not None


def test_a_slip_behind_all_rows_is_explained_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[object] = []
    build = document._Builder.build
    monkeypatch.setattr(document._Builder, "build", lambda self: built.append(self) or build(self))
    tried: list[str] = []
    source = Source("f", f"a: {ROW}\nb: c: d")
    with pytest.raises(NetrunnerError):
        parse(source, [], lambda *at: explain(source, *at, lambda text: tried.append(text) or []))
    assert (len(built), tried) == (1, [f"a: {ROW}\nb: 'c: d'"])


def test_the_parser_is_not_asked_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[object] = []
    build = document._Builder.build
    monkeypatch.setattr(document._Builder, "build", lambda self: built.append(self) or build(self))
    read(TEXTS["in quotes in a block, again and again"])
    assert len(built) == 3


COMMENTED = f"# {ROW}\na: {ROW}  # {ROW}\n"


def test_a_row_in_a_comment_costs_no_second_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "MAX_TRIES", 0)
    slow = dumped(parse(Source("f", COMMENTED), []))
    monkeypatch.undo()
    built: list[object] = []
    build = document._Builder.build
    monkeypatch.setattr(document._Builder, "build", lambda self: built.append(self) or build(self))
    assert dumped(parse(Source("f", COMMENTED), [])) == slow
    assert len(built) == 1


def test_the_blanks() -> None:
    rows = NumberRows.in_text("a: [1, 2,\n  3, 4]\nb: [1,2,3,4]\nc: [1, 2, 3]")
    assert len(rows) == 2
    assert rows.blanked() == "a: [     \n      ]\nb: [       ]\nc: [1, 2, 3]"


def test_a_large_text_is_parsed_twice_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where not all rows are met at first, since one is in a text."""
    source = Source("n.yaml", f"a: {ROW}\nc: '{ROW}'\nb: x\n")
    wanted = dumped(parse(source, []))
    built = []
    build = document._Builder.build

    def counted(self: Any) -> Any:
        built.append(self.rows is not None)
        return build(self)

    monkeypatch.setattr(document._Builder, "build", counted)
    for most, tried in ((50_000, [True, True]), (3, [True, False])):
        monkeypatch.setattr(document, "MAX_TRIED_AGAIN", most)
        built.clear()
        assert dumped(parse(source, [])) == wanted
        assert built == tried


def test_too_many_values_below_rows_are_counted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "MAX_VALUES", 12)
    built: list[object] = []
    build = document._Builder.build
    monkeypatch.setattr(document._Builder, "build", lambda self: built.append(self) or build(self))
    read(f"a: {ROW}\nb: {ROW}\nc: {ROW}\n")
    assert len(built) == 1


def test_a_row_that_is_not_as_long_as_a_thousand_before_it() -> None:
    text = f"inputs: 1001\nlayers: [{{size: 2, weights: [{'[1, 2], ' * 1000}[3]], biases: 0, "
    text += "activation: relu}]\n"
    with pytest.raises(NetrunnerError, match="row 1001 has 1 number, row 1 has 2"):
        loads(text)
