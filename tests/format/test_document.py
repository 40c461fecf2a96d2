"""YAML to values with places: what is read, what is refused, and at what cost."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import Result
from hypothesis import given, settings
from hypothesis import strategies as st
from taken import within_limits

from netrunner.format.document import MAX_DEPTH, MAX_PROBLEMS, parse, where_it_stops
from netrunner.format.nodes import Mapping, Node, Scalar, Sequence
from netrunner.format.syntax import better_indent, explain
from netrunner.problems.problem import NetrunnerError, Problem
from netrunner.problems.source import Source


def plain(node: Node | None) -> Any:
    """The values without their places."""
    if node is None or isinstance(node, Scalar):
        return None if node is None else node.text
    if isinstance(node, Mapping):
        return {key: plain(value) for key, (_, value) in node.entries.items()}
    return [plain(item) for item in node.nodes()]


def read(text: str) -> tuple[Any, list[Problem]]:
    problems: list[Problem] = []
    source = Source("file.yaml", text)

    def why(error: yaml.MarkedYAMLError, innermost: int | None) -> list[Problem]:
        return explain(source, error, innermost, lambda mended: [])

    return plain(parse(source, problems, why)), problems


def refusal(text: str) -> Problem:
    with pytest.raises(NetrunnerError) as caught:
        read(text)
    return caught.value.problems[-1]


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)
VALUES = st.recursive(
    TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


@given(VALUES, st.booleans(), st.booleans())
@settings(deadline=None)
def test_it_reads_what_was_written(value: Any, flow: bool, unicode: bool) -> None:
    text = yaml.safe_dump(value, default_flow_style=flow, allow_unicode=unicode)
    if not any("<<" in line for line in text.splitlines()):
        assert read(text) == (value, [])


@pytest.mark.parametrize("text", ["1[?", "'is it [?]'", "什么？ [?", "a ?", "[?, ？, '?']"])
def test_a_question_mark_stays_as_it_is(text: str) -> None:
    assert read(text)[0] == yaml.load(text.replace("[?,", "['?',"), yaml.CBaseLoader)


@given(st.text("[]{}:,-&*!|>'\"%@`#? \t\nab1<", max_size=40))
@settings(deadline=None, max_examples=300)
def test_whatever_is_written_is_read_or_refused_in_words(text: str) -> None:
    try:
        _, problems = read(text)
    except NetrunnerError as error:
        problems = list(error.problems)
        assert problems
    lines = [*text.split("\n"), ""]
    for problem in problems:
        assert problem.message.isprintable()
        assert problem.place.line is not None
        assert problem.place.source_line == lines[problem.place.line - 1]


@given(st.text("[]{}:,-&*!|>'\"%@`#? \t\nab1<", max_size=40))
@settings(deadline=None, max_examples=200)
def test_what_it_reads_the_library_reads_alike(text: str) -> None:
    try:
        value, problems = read(text)
    except NetrunnerError:
        return
    if not problems and not re.search(r"\?(?=[\s,\]}#]|\Z)", text):  # which is a missing number
        assert value == yaml.load(text, yaml.CBaseLoader) or value is None


# What no file of the corpus shows: the usual slips, with more wrong behind them.
SLIPS: dict[str, tuple[str, tuple[int, int], str]] = {
    "a semicolon, and no colon later": (
        'inputs: ["a"; "b"]\nlayers: [1\nd: %\n',
        (1, 13), "';' does not separate values: write ','",
    ),
    "a second colon in brackets": (
        'inputs: ["a" : "b" : "c"]', (1, 20), "did not find expected ',' or ']'",
    ),
    "a quote without its end, more than fifty lines above": (
        "".join(f"x{number}: a\n" for number in range(60)) + "c: [1\nd: %\n",
        (61, 4), "this '[' is never closed",
    ),
    "two commas before a curly quote": (
        "layers:\n  - {size: 1,,“a”: 2}\n", (2, 14), "a value is missing before this ','",
    ),
    "curly quotes far above, which are no error": (
        "name: “a”\ninputs: 2\nlayers: - size: 1\n",
        (3, 9), "a list on lines of its own cannot begin beside its key",
    ),
    "a line that no other indentation suits": (
        " - a b\nc: 2\n", (2, 1), "there is something after the end of the document (...)",
    ),
    "a control character far behind": (
        'inputs: ["a" "b"]\n' + "#" * 70_000 + "\n\x07\n",
        (1, 14), "did not find expected ',' or ']'",
    ),
}  # fmt: skip


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_with_more_wrong_behind_it(slip: str) -> None:
    text, where, words = SLIPS[slip]
    problem = refusal(text)
    assert (problem.place.line, problem.place.column) == where
    assert problem.message == f"not YAML: {words}"
    assert problem.hint is None  # a help that could not be tried


@pytest.mark.parametrize(
    ("text", "column", "hint"),
    [
        ("inputs： 2\na: b", 7, "write ':'"),
        ("inputs：2\na: b", 7, "write ':' and a space"),
        ("inputs: [a， b］\nc: d", 14, "write ']'"),  # 'a， b' may be a name
        ("inputs： [a， b］\nc: d", 7, "write ':'"),
        ("inputs： [a, b］\nc: d", 7, "write ':'"),
    ],
)
def test_full_width_punctuation(text: str, column: int, hint: str) -> None:
    problem = refusal(text)
    assert (problem.place.line, problem.place.column, problem.hint) == (1, column, hint)


COMMA = "there is a ',' after this value"
NO_COMMA = "remove the trailing ','"
SEVERAL = "these are several values, with no brackets around them"
OPEN_LIST, OPEN_MAPPING = "this '[' is never closed", "this '{' is never closed"
QUOTES = "a text with ': ' in it needs quotes"
MISPLACED = "this line is indented by {}, which does not fit the lines above it"
LONG = ", ".join(["[0.123456789, 0.987654321]"] * 3)

# What no file of the corpus shows, with nothing else wrong.
MENDED: dict[str, tuple[str, tuple[int, int], str, str | None]] = {
    "a comma and blanks": ("w: [[1], [2]],  \nb: 0\n", (1, 14), COMMA, NO_COMMA),
    "a blank and a comma": ("w: [[1], [2]] ,\r\nb: 0\r\n", (1, 15), COMMA, NO_COMMA),
    "several values": ("w: [1], [2]  \nb: 0\n", (1, 4), SEVERAL, "write [[1], [2]]"),
    "too many to write them again": (f"w: {LONG}\n", (1, 4), SEVERAL, None),
    "values that cannot be shown": ("w: [a], [\u200b]\n", (1, 4), SEVERAL, None),
    "]] before the end of a line": (
        "w: [[1], [2\nb: c\n", (1, 10), OPEN_LIST, "put ']]' after '[2'",
    ),
    "]} before the end of a line": (
        "- {a: 1, w: [1\n- {b: 1}\n", (1, 13), OPEN_LIST, "put ']}' after '[1'",
    ),
    "}] before the end of a line": (
        "layers: [{a: 1\nb: 1\n", (1, 10), OPEN_MAPPING, "put '}]' after '{a: 1'",
    ),
    "]]} before the end of a line": (
        "- {a: 1, w: [[1\n- {b: 1}\n", (1, 14), OPEN_LIST, "put ']]}' after '[1'",
    ),
    "} before ]": ("layers: [{a: 1]\nb: 1\n", (1, 10), OPEN_MAPPING, "put '}' after '{a: 1'"),
    "] before }": ("layers:\n- {a: [1}\n- {b: 1}\n", (2, 7), OPEN_LIST, "put ']' after '[1'"),
    "an anchored list without its end": (
        "inputs: &a [x1, x2\n", (1, 12), OPEN_LIST, "put ']' after '[x1, x2'",
    ),
    "no comma before a long key": (
        "{a: 1 a_key_of_many_letters: 2}\n",
        (1, 7), "a ',' is missing before 'a_key_of_many_letters'", "insert ','",
    ),
    "no comma before a key with an X": (
        "{a: 1 maX: 2}\n", (1, 7), "a ',' is missing before 'maX'", "insert ','",
    ),
    "no blank behind the dash of a capital": (
        "layers:\n  -Size: 1\n    biases: 2\n", (2, 3),
        "a space is missing after '-'", "insert a space",
    ),
    "no blank behind the dash of a Chinese word": (
        "layers:\n  -名前: 1\n    biases: 2\n", (2, 3),
        "a space is missing after '-'", "insert a space",
    ),
    "no dash in the first line": (
        "    size: 1\n  - size: 1\n", (1, 5), "a '-' is missing before this", "insert '-'",
    ),
    "a comment of JSON behind an address": (
        '{"name": "http://a.b", // c\n"b": 1}\n',
        (1, 24), "'//' does not begin a comment: write '#'", "write '#'",
    ),
    "an item that is indented like a key": (
        "layers:\n  - a: 1\n    b: 1\n    - a: 1\n",
        (4, 5), MISPLACED.format(4), "indent it by 2",
    ),
    "a key without a value, and a line that is indented too little": (
        "layers:\n  - a: 1\n    b:\n   c: 1\n", (4, 4), MISPLACED.format(3), "indent it by 4",
    ),
    "a line that is indented too little, far before the end": (
        "layers:\n  - a: [1]\n   b: 1\n" + "".join(f"x{number}: 1\n" for number in range(40)),
        (3, 4), MISPLACED.format(3), "indent it by 4",
    ),
    "an assignment without blanks": (
        "a: 1\nb={c: d, e: f}\n", (2, 2), "'=' does not set a value: write ':'", "write ':'",
    ),
    "a last line that is indented too much": (
        "layers:\n  - a: [1]\n      b: 1\n", (3, 7), MISPLACED.format(6), "indent it by 4",
    ),
    "a line that is indented like one further up, and the one between is not": (
        "x:\n  a: 1\ny:\n   b: 1\n  c: 1\n", (4, 4), MISPLACED.format(3), "indent it by 2",
    ),
    "a line that is indented like the one above": (
        "layers:\n  - a: 1\n  b: 1\n", (3, 3), MISPLACED.format(2), "indent it by 0",
    ),
    "a line that is indented otherwise than those below": (
        "x:\n      a: 1\n    b: 1\n    c: 1\n", (2, 7), MISPLACED.format(6), "indent it by 4",
    ),
    "a line that is indented too much, under a blank one": (
        "\n  a: 2\nb: []\nc: 1\n", (2, 3), MISPLACED.format(2), "indent it by 0",
    ),
    "a line that is indented too much, under a comment, noticed two lines below": (
        "# c\n  a:\n    - b: 1\nc: 2\nd: 3\n", (2, 3), MISPLACED.format(2), "indent it by 0",
    ),
    "a first line that is indented too much, noticed two lines below": (
        "  a:\n    - b: 1\nc: 2\nd: 3\n", (1, 3), MISPLACED.format(2), "indent it by 0",
    ),
    "a quote without its end, in brackets": (
        '{a: 2,\n "b', (2, 2), "this '\"' is never closed", None,
    ),
    "a dash that would help within its line only": (
        "  - a:\n    b:c\n   d:", (3, 4), "could not find expected ':'", None,
    ),
    "nothing but a bracket": ("[", (1, 1), OPEN_LIST, "put ']' after '['"),
    "an anchored list of a list": ("w: &a [[1, 2\n", (1, 8), OPEN_LIST, "put ']]' after '[1, 2'"),
    "more open lists than are guessed at": ("w: [[[[1\n", (1, 7), OPEN_LIST, None),
    "40 characters before the bracket": (
        f"w: [1, {'x' * 36}", (1, 4), OPEN_LIST, f"put ']' after '[1, {'x' * 36}'",
    ),
    "41 characters before the bracket": (
        f"w: [1, {'x' * 37}", (1, 4), OPEN_LIST, f"put ']' after '{'x' * 37}'",
    ),
    "60 characters that want brackets": (
        f"w: [1], [{'2' * 53}]", (1, 4), SEVERAL, f"write [[1], [{'2' * 53}]]",
    ),
    "61 characters that want brackets": (f"w: [1], [{'2' * 54}]", (1, 4), SEVERAL, None),
    "60 characters that want quotes": (
        f"w: {'x' * 55}: y", (1, 59), QUOTES, f"write '{'x' * 55}: y'",
    ),
    "61 characters that want quotes": (f"w: {'x' * 56}: y", (1, 60), QUOTES, "put it in quotes"),
    "no comma behind many keys": (
        f"{{{', '.join(f'k{number}: 1' for number in range(45))} z: 2}}",
        (1, 351), "a ',' is missing before 'z'", "insert ','",
    ),
}  # fmt: skip


@pytest.mark.parametrize("slip", MENDED)
def test_a_slip_that_is_mended(slip: str) -> None:
    text, where, words, hint = MENDED[slip]
    problem = refusal(text)
    assert (problem.place.line, problem.place.column) == where
    assert (problem.message, problem.hint) == (f"not YAML: {words}", hint)


@pytest.mark.parametrize(("length", "shown"), [(80, "a" * 80), (81, "a" * 79 + "…")])
def test_the_name_of_an_anchor_may_be_long(length: int, shown: str) -> None:
    text = f"x: *{'a' * length}"
    assert refusal(text).message == f"there is no anchor &{shown} before this"


def test_where_a_file_ends_that_has_no_help() -> None:
    (related,) = refusal("w: [[[[1\n").related
    assert (related.message, related.place.line) == ("the file ends here", 2)


@pytest.mark.parametrize(
    ("text", "most", "hint"),
    [
        ("a:\n  - b: 1\nx: 1\n", 1000, "indent it by 4"),
        ("a:\n  - b: 1\nx: 1\n", 17, None),  # would take too long
        ("a:\n  b:\n    - {x: 1}\n", 1000, None),  # not the first in its line
        # By 6, the line below would be no YAML.
        ("a:\n  - b:\n    x: c\n      d\n", 1000, "indent it by 0: it is a key of the network"),
    ],
)
def test_a_better_indentation_of_a_key(
    text: str, most: int, hint: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("netrunner.format.syntax.MAX_PARSED", most)
    found = better_indent(text, text.index("x"), lambda _: [])
    assert (found and found[0]) == hint


def test_an_error_of_the_parser_without_a_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """No known version raises one, but the library may."""

    class Parser:
        def __init__(self, text: str) -> None:
            pass

        def get_event(self) -> None:
            raise yaml.YAMLError("out of sorts")

        def dispose(self) -> None:
            pass

    monkeypatch.setattr("netrunner.format.document.CSafeLoader", Parser)
    problem = refusal("a: 1")
    assert (problem.code, problem.message) == ("yaml-syntax", "not YAML: out of sorts")
    assert (problem.place.line, problem.place.column) == (1, 1)
    assert str(problem) == "file.yaml:1:1: error: not YAML: out of sorts [yaml-syntax]\n" + (
        "  1 | a: 1\n    | ^"
    )


def test_places() -> None:
    root = parse(Source("", "a: [1, 三, {b: 'c'}]\r\n名前: &x\r\n  - d"), [])
    assert isinstance(root, Mapping)
    assert {key: node.offset for key, (node, _) in root.entries.items()} == {"a": 0, "名前": 21}
    row, lines = root.get("a"), root.get("名前")
    assert isinstance(row, Sequence)
    assert [node.offset for node in row.nodes()] == [4, 7, 10]
    assert isinstance(lines, Sequence)
    assert [node.offset for node in lines.nodes()] == [33]


def test_quotes_are_remembered() -> None:
    row = parse(Source("", "[1, '1', \"1\", &a 1, *a]"), [])
    assert isinstance(row, Sequence)
    plain = [isinstance(node, Scalar) and node.plain for node in row.nodes()]
    assert plain == [True, False, False, True, True]


def test_an_alias_is_the_value_itself() -> None:
    assert read("[&a [1, 2], *a, *a]") == ([["1", "2"]] * 3, [])
    assert read("&a x: *a") == ({"x": "x"}, [])


@pytest.mark.parametrize("text", ["*a", "&a [*a]", "&a {b: [*a]}", "[*a, &a 1]"])
def test_an_alias_needs_an_anchor_before(text: str) -> None:
    assert refusal(text).code == "unknown-alias"


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("- a: 1\n  a: 2", "put '- ' before 'a' if another item of the list begins here"),
        ("b:\n- a: 1\n  a: 2", "put '- ' before 'a' if another item of the list begins here"),
        ("a: 1\na: 2", None),
        ("[{a: 1,  a: 2}]", None),  # no dash can stand here
    ],
)
def test_a_dash_that_is_missing_before_a_key(text: str, hint: str | None) -> None:
    (problem,) = read(text)[1]
    assert (problem.code, problem.hint) == ("duplicate-key", hint)


def test_a_dash_is_not_offered_where_the_file_is_wrong_behind_it() -> None:
    with pytest.raises(NetrunnerError) as caught:
        read("- a: 1\n  a: 2\n  b: [3")
    assert [each.code for each in caught.value.problems] == ["duplicate-key", "yaml-syntax"]
    assert caught.value.problems[0].hint is None


def test_the_limit_on_depth() -> None:
    deepest = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    assert read(deepest)[1] == []
    assert refusal(f"[{deepest}]").code == "too-deep"
    row = (
        f"{deepest[1:MAX_DEPTH]}[1, 2, 3, 4]{deepest[MAX_DEPTH:-1]}"  # which the parser sees empty
    )
    assert read(row)[1] == []
    assert refusal(f"[{row}]").code == "too-deep"
    assert refusal(f"[&a {deepest[1:-1]}, [*a]]").code == "too-deep"  # as deep as it stands for


@pytest.mark.parametrize(
    ("anchored", "height"),
    [
        ("&a 1", 0),
        ("&a []", 1),
        ("&a [1]", 1),
        ("&a ['1']", 1),
        ("&a {b: 1}", 1),
        ("&a [[]]", 2),
        ("&b [[]], &a [*b]", 3),
    ],
)
def test_an_alias_is_as_deep_as_what_it_stands_for(anchored: str, height: int) -> None:
    around = MAX_DEPTH - height - 1  # lists, beside the outermost
    assert read(f"[{anchored}, {'[' * around}*a{']' * around}]")[1] == []
    problem = refusal(f"[{anchored}, [{'[' * around}*a{']' * around}]]")
    assert problem.message == f"nested more than {MAX_DEPTH} deep"


def test_the_limit_on_values_counts_aliases_as_what_they_stand_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("netrunner.format.document.MAX_VALUES", 400)
    row = f"&a [{'1,' * 100}]"  # with itself, one value more than a quarter
    assert read(f"[{row}, *a, *a]")[1] == []
    assert refusal(f"[{row}, *a, *a, *a]").code == "too-many-values"


@pytest.mark.parametrize(
    "text",
    [
        "[1, 2, 3, 4]", "[1, '2', 3, 4]", "[[[[]]]]", "{a: 1, b: 2}", "[&a [1], *a, *a]",
    ],
)  # fmt: skip
def test_each_kind_of_value_counts(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netrunner.format.document.MAX_VALUES", 3)
    problem = refusal(text)
    assert problem.message == "more than 3 values, aliases counted as what they stand for"
    assert problem.hint == ("large weights belong in a file: weights: {file: weights.npz, key: W1}")


@pytest.mark.parametrize(
    "text", ["[1, 2]", "[1, '2']", "[[[]]]", "{a: 1}", "[&a 1, *a]", "[&a [], *a]"]
)
def test_as_many_values_as_are_allowed(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netrunner.format.document.MAX_VALUES", 3)
    monkeypatch.setattr("netrunner.format.document.MAX_NODES", 3)
    assert read(text)[1] == []


@pytest.mark.parametrize("text", ["[[], [], []]", "{a: 1, b: 2}"])
def test_what_is_no_number_in_a_row_counts_twice(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("netrunner.format.document.MAX_NODES", 3)
    assert refusal(text).message == "more than 3 lists, keys and values of keys"


def test_an_alias_counts_as_all_that_it_stands_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netrunner.format.document.MAX_NODES", 7)
    assert read("[&a {x: 1}, *a]")[1] == []
    problem = refusal("[&a {x: 1}, *a, *a]")
    assert "aliases counted as what they stand for" in problem.message
    assert (problem.code, problem.place.column) == ("too-many-values", 17)


def test_a_dash_is_tried_before_few_keys_of_a_large_file(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "- a: 1\n  a: 2\n" * 3
    monkeypatch.setattr("netrunner.format.document.MAX_DASHES_TRIED", len(text))
    hints = [problem.hint is not None for problem in read(text)[1]]
    assert hints == [True, True, False]


def test_what_the_parser_itself_finds_too_deep() -> None:
    problem = refusal("[" * 2000)
    assert (problem.code, problem.message) == ("too-deep", f"nested more than {MAX_DEPTH} deep")
    assert problem.place.line == 1
    problem = refusal("".join(" " * depth + "-\n" for depth in range(2000)))
    assert problem.message == f"nested more than {MAX_DEPTH} deep"


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("name: a: b", "write 'a: b'"),
        ("name: a: b \r\nc: 1", "write 'a: b'"),
        (f"{'#' * 2000}\nname: a: b", "write 'a: b'"),
        (f"name: {'a' * 1000}: b", "put it in quotes"),  # too long to be shown
        ("name: a: \u200bb", "put it in quotes"),  # a blank of no width, that nobody would see
        ("name: a: b\nc: [1\nd: %\n", None),  # whether it helps is not known, as more is wrong
    ],
)
def test_a_text_that_needs_quotes(text: str, hint: str | None) -> None:
    problem = refusal(text)
    assert problem.message == "not YAML: a text with ': ' in it needs quotes"
    assert problem.hint == hint


def test_a_large_text_is_not_parsed_again_and_again() -> None:
    """The more it is, the fewer slips are tried, and in the end none."""
    assert refusal(f"{'#' * 1_000_000}\nname： a\nb: 1").hint == "write ':'"
    problem = refusal(f"{'#' * 9_000_000}\nname： a\nb: 1")
    assert (problem.message, problem.hint) == ("not YAML: a ':' is not allowed here", None)


@pytest.mark.parametrize("char", "\0\x08\x0b\x1f\x7f\x84\x86\x9f\ufffe\uffff")
def test_a_control_character(char: str) -> None:
    problem = refusal(f"a: b{char}")
    assert problem.message == f"control character U+{ord(char):04X} is not allowed"
    assert problem.place.column == 5


@pytest.mark.parametrize("char", "\t\x20~\x85\xa0\ud7ff\ue000\ufeff\ufffd\U00010000\U0010ffff")
def test_no_control_character(char: str) -> None:
    assert read(f"a: 'b{char}'") == ({"a": f"b{char}".replace("\x85", " ")}, [])


def test_what_is_closed_is_not_called_open() -> None:
    """The parser stops at the end of the file, and what is behind a bracket is wrong."""
    assert refusal("{a: 1}\n'b").message == "not YAML: this ''' is never closed"
    assert "begins the name of an anchor" in refusal("[1]\n*").message


def test_no_more_problems_than_help_anybody() -> None:
    with pytest.raises(NetrunnerError) as caught:
        read("[" + "!a 1," * (2 * MAX_PROBLEMS) + "]")
    assert len(caught.value.problems) == MAX_PROBLEMS


LAYER = "inputs: 2\nlayers:\n  - {size: %s, weights: %s, biases: %s, activation: relu}\n"
MANY_ROWS = ",\n".join(["[" + ",".join(["0.123456789012345"] * 1000) + "]"] * 1000)
MILLION = LAYER.replace("inputs: 2", "inputs: 1000") % (1000, "[" + MANY_ROWS + "]", 0)
BOMB = "\n".join(
    f"{name}: &{name} [{','.join([f'*{before}'] * 10)}]"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
TOLERANCE = "examples: [{input: [1, 2], output: [5], tolerance: %s}]"
FINE = LAYER % (1, "[[1], [2]]", 0)

HOSTILE: dict[str, tuple[str, str]] = {
    "alias-bomb": ("a: &a [1,2,3,4,5,6,7,8,9,0]\n" + BOMB, "[too-many-values]"),
    "merge-bomb": (
        "a: &a {x: 1}\n" + BOMB.replace("[", "{<<: [").replace("]", "]}"),
        "[merge-key]",
    ),
    "aliased-layers": (
        "layers:\n  - &l {size: 1, weights: [[1]], biases: 0}\n" + "  - *l\n" * 500_000,
        "[too-many-values]",
    ),
    "nested-25000": ("[" * 25_000, "[too-deep]"),
    "nested-100000": ("a: " + "{a: " * 100_000, "[too-deep]"),
    "nested-and-closed": ("[" * 25_000 + "]" * 25_000, "[too-deep]"),
    "nested-lines": ("".join(" " * depth + "-\n" for depth in range(2000)), "[too-deep]"),
    "three-million-values": ("a: [" + "0," * 3_000_000 + "]", "[too-many-values]"),
    "digits-of-a-size": (LAYER % ("9" * 5000, "[[1], [2]]", 0), "layer 1: size: '999"),
    "digits-of-inputs": ("inputs: " + "9" * 5000, "inputs: '999"),
    "digits-of-a-weight": (LAYER % (1, f"[[{'9' * 5000}], [2]]", 0), "overflows"),
    "digits-of-a-bias": (LAYER % (1, "[[1], [2]]", "0" + "7" * 5000), "is not a number"),
    "digits-of-a-tolerance": (FINE + TOLERANCE % ("9" * 5000), "overflows"),
    "base-60": (LAYER % (1, "[[1], [2]]", "1" + ":59" * 100_000), "is not a number"),
    "a-million-nan": (MILLION.replace("0.123456789012345", ".nan"), "[not-finite]"),
    "a-bracket-not-closed": (MILLION.replace("]]", "]"), "[yaml-syntax]"),
    "rows-of-odd-lengths": (LAYER % (1, "[" + "[1],[1,2]," * 50_000 + "]", 0), "[ragged-rows]"),
    "blank-lines": ("\n" * 50_000_000 + "a: b: c", ":50000001:5: error"),
    "one-long-line": ("name: a" + " " * 1_000_000 + ": b: c\n", "[yaml-syntax]"),
    "a-long-comment": ("#" * (60 * 2**20), "[missing-key]"),
    "too-large": ("#" * (65 * 2**20), "[too-large]"),
}


@pytest.mark.slow  # some exceed their limits in a whole run: why is not known yet
@pytest.mark.no_cover
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_within_limits(
    name: str, netrunner: Callable[..., Result], tmp_path: Path
) -> None:
    text, words = HOSTILE[name]
    path = tmp_path / "network.yaml"
    path.write_text(text, encoding="utf-8")
    done = within_limits(lambda: netrunner("check", path))
    assert done.code == 1
    assert words in done.err
    assert len(done.err) < 100_000


@pytest.mark.slow  # some exceed their limits in a whole run: why is not known yet
@pytest.mark.no_cover
@pytest.mark.parametrize(
    ("text", "said"),
    [
        (MILLION, "ok: 1 layer, 0 examples verified\n"),
        (f"name: {'9' * 5000}\n{FINE}", "ok: 1 layer, 0 examples verified\n"),
    ],
    ids=["a million weights", "a long name"],
)
def test_large_files_are_read_within_limits(
    text: str, said: str, netrunner: Callable[..., Result], tmp_path: Path
) -> None:
    path = tmp_path / "network.yaml"
    path.write_text(text, encoding="utf-8")
    assert within_limits(lambda: netrunner("check", path)) == (0, "", f"{path}: {said}")


def test_half_a_character_is_not_text() -> None:
    assert refusal("name: \ud800").code == "not-text"


def test_the_parser_stops_nowhere_in_yaml() -> None:
    assert where_it_stops("a: [1, 2]") is None
