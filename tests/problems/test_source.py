"""Places in a text, and the snippet with its caret."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netrunner.problems import source
from netrunner.problems.fixes import Edit, Fix, Unedited, edited
from netrunner.problems.look_alikes import LOOK_ALIKES, without_look_alikes
from netrunner.problems.problem import Problem, problems_text
from netrunner.problems.source import Place, Source, snippet
from netrunner.problems.suggestions import nearest
from netrunner.problems.words import display_width, printable, quote


@given(st.text("a三\r\n", max_size=60), st.data())
@settings(deadline=None)
def test_line_and_column(text: str, data: st.DataObject) -> None:
    offset = data.draw(st.integers(0, len(text)))
    if text[offset - 1 : offset + 1] == "\r\n":
        return  # nothing begins between the two
    before = re.split(r"\r\n|\r|\n", text[:offset])
    lines = re.split(r"\r\n|\r|\n", text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(source, "_BLOCK", 4)
        place = Source("f", text).place(offset)
    assert (place.line, place.column) == (len(before), len(before[-1]) + 1)
    assert place.source_line == lines[len(before) - 1]


def test_places_in_any_order() -> None:
    text = "".join(f"line {number}\n" for number in range(50_000))
    found = Source("f", text)
    for number in (49_999, 3, 20_000, 0, 49_998):
        assert found.place(text.index(f"line {number}\n")).line == number + 1


def caret_column(line: str, column: int) -> int:
    """The terminal column of the caret, counted from the line's first."""
    shown, caret = snippet(Place("f", 7, column, line))
    assert shown.startswith("  7 |")
    return len(caret) - len("    | ^")


@pytest.mark.parametrize(
    ("line", "column", "expected"),
    [
        ("abc: d", 6, 5),
        ("名前: d", 5, 6),
        ("  隠れ層: x", 8, 10),
        ("ｶﾀｶﾅ: d", 7, 6),  # half-width katakana take one column
        ("e\u0301: d", 5, 3),  # a combining accent takes none
        ("😀: d", 4, 4),
        ("a\tb", 3, 2),
        ("", 1, 0),
        ("short", 6, 5),  # after the end
    ],
)
def test_the_caret_stands_under_its_character(line: str, column: int, expected: int) -> None:
    assert caret_column(line, column) == expected


@given(st.text("a三é", max_size=300), st.data())
@settings(deadline=None)
def test_the_caret_of_a_long_line(line: str, data: st.DataObject) -> None:
    column = data.draw(st.integers(1, len(line) + 1))
    shown, caret = snippet(Place("f", 7, column, line))
    shown, caret = shown.removeprefix("  7 |")[1:], caret.removeprefix("    | ")
    assert len(shown) <= 74
    under = 0
    for char in shown:
        if under >= len(caret) - 1:
            assert char == (line[column - 1] if column <= len(line) else char)
            break
        under += display_width(char)
    assert under == len(caret) - 1 or column > len(line)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a\x1b[31m", "a␛[31m"), ("\t|", " |"), ("\u200b", "�"), ("\u202e", "�"), ("名", "名")],
)
def test_nothing_that_a_terminal_obeys_is_shown(text: str, expected: str) -> None:
    assert printable(text) == expected


def test_quote_cuts() -> None:
    assert quote("a" * 40) == f"'{'a' * 40}'"
    assert quote("a" * 41) == f"'{'a' * 39}…'"


def test_nearest() -> None:
    assert nearest("w1", ["b1", "W1"]) == "W1"
    assert nearest("sigmod", ["relu", "sigmoid"]) == "sigmoid"
    assert nearest("os.system", ["relu", "sigmoid"]) is None


def test_look_alikes_become_what_they_look_like() -> None:
    assert without_look_alikes("｛名前：［１，　２］｝") == "{名前:[１, ２]}"
    assert all(plain.isascii() and not char.isascii() for char, plain in LOOK_ALIKES.items())


def test_of_very_many_problems_the_first_are_shown() -> None:
    problems = [Problem("code", Place(f"file {n}"), "wrong") for n in range(102)]
    assert problems_text(problems[:100]).count("\n") == 99
    lines = problems_text(problems).split("\n")
    assert lines[99:] == ["file 99: error: wrong [code]", "... and 2 more problems"]


@pytest.mark.parametrize(
    ("column", "end"), [(1, 3), (4, 5), (6, 6), (9, 9)], ids=["word", "sign", "end", "beyond"]
)
def test_a_place_ends_after_its_word(column: int, end: int) -> None:
    place = Place("f", 7, column, "ab ;.")
    assert (place.end_line, place.end_column) == (7, end)


def test_the_end_of_a_place_may_be_in_another_line() -> None:
    place = Source("f", "a: [1,\r\n 2]\r\n").place(3, 11)
    assert (place.line, place.column, place.end_line, place.end_column) == (1, 4, 2, 4)


def test_what_has_no_lines_has_no_end() -> None:
    assert Place("--input").end_line is None
    assert Place("--input").end_column is None


def test_edits_leave_all_else_as_it_was() -> None:
    text = "a\r\nb = c  # d\rlast\n"
    edits = [Edit(3, 1, 3, 5, "end"), Edit(2, 2, 2, 5, ": "), Edit(1, 2, 1, 2, "!")]
    assert edited(text, edits) == "a!\r\nb: c  # d\rend\n"


def test_fixes_are_in_the_json() -> None:
    fixes = (Fix("write 1", (Edit(1, 1, 1, 2, "1"),)), Fix("write 2", ()))
    problem = Problem("not-a-number", Place("f", 1, 1, "I"), "no", fixes=fixes)
    assert problem.as_dict()["fixes"][0] == {
        "title": "write 1",
        "edits": [{"line": 1, "column": 1, "end_line": 1, "end_column": 2, "text": "1"}],
    }


def test_a_name_with_fillers_is_refused(tmp_path: Path, netrunner: Any) -> None:
    """U+3164 is a letter of which nothing is to be seen."""
    (tmp_path / "plug.py").write_text(
        "import netrunner\n@netrunner.hookimpl\ndef netrunner_activations():\n"
        "    return [netrunner.Activation('h\\u3164', abs)]\n",
        encoding="utf-8",
    )
    result = netrunner("plugins", "list", "--plugins", tmp_path / "plug.py")
    assert result.code == 1
    assert "has invisible characters" in result.out


def test_a_place_in_another_file_stays_where_it_is() -> None:
    place, edit = Place("plugin.py", 3, 1), Edit(1, 1, 1, 1, "\n")
    assert Unedited([edit], Source("network.yaml", "inputs: 1"))(place) is place
