"""Arrays that do not fit: what is said, and which help is offered, for files as they are typed."""

from __future__ import annotations

from pathlib import Path

import pytest

import netrunner as nr


def problem(tmp_path: Path, inputs: int, size: int | str, weights: str, biases: str) -> nr.Problem:
    """The first problem of a network of one layer."""
    path = tmp_path / "net.yaml"
    path.write_text(
        f"inputs: {inputs}\nlayers:\n"
        f"  - {{size: {size}, weights: {weights}, biases: {biases}, activation: relu}}\n"
    )
    with pytest.raises(nr.NetrunnerError) as raised:
        nr.load(path)
    return raised.value.problems[0]


LEAD = "numbers have a decimal point, not a comma: write "
LONGEST = "[0,12000, " + "0,10000, " * 5 + "0,1]"  # 59 characters, and so shown whole
TOO_LONG = LONGEST.replace("0,1]", "0,12]")


@pytest.mark.parametrize(
    ("size", "row", "hint"),
    [
        (2, "[0,1, 0,3]", "[0.1, 0.3]"),
        (2, "[ -1,25,  10,5 ]", "[-1.25, 10.5]"),
        (3, "[1,5, 2,5, 3,5]", "[1.5, 2.5, 3.5]"),
        (1, "[0,5]", "[0.5]"),
        (1, "[-0,5]", "[-0.5]"),
        (1, "[1,5]", None),  # two numbers, as likely
        (1, "[0, 5]", None),
        (2, "[0,1,0,3]", None),  # no blank tells the two kinds of comma apart
        (2, "[0, 1, 0, 3]", None),
        (2, "[0,1, 0, 3]", None),
        (2, "[0, 1, 0,3]", None),
        (3, "[0,1, 0,3,0,5]", None),
        (3, "[0,1, 0,3, 0, 5]", None),
        (2, "[0,-1, 0,3]", None),
        (2, "[1.5,1, 0,3]", None),
        (2, "[&a 0,1, 0,3]", None),  # who writes anchors does not slip
        (7, LONGEST, LONGEST.replace("0,1", "0.1")),
        (7, TOO_LONG, "0.12000"),
    ],
)
def test_decimal_commas(size: int, row: str, hint: str | None, tmp_path: Path) -> None:
    found = problem(tmp_path, 1, size, f"[{row}]", "0")
    assert found.hint == (hint and LEAD + hint)
    weights = f"[[{', '.join(['1'] * size)}]]"
    assert problem(tmp_path, 1, size, weights, row).hint == (hint and LEAD + hint)


@pytest.mark.parametrize(
    ("inputs", "size", "weights", "hint"),
    [
        (1, 3, "[1, 2, 3]", "write [[1, 2, 3]]"),
        (3, 1, "[1, 2.5, 3]", "write [[1], [2.5], [3]]"),
        (2, 2, "[1, 2, 3, 4]", None),
        (1, 3, "[1, 2]", None),
        (2, 3, "[[1, 2], [3, 4], [5, 6]]", "transposed they fit, one row per input: write "
         "[[1, 3, 5], [2, 4, 6]]"),
        (2, 3, "[[1, 2], [3, 4]]", None),
        (2, 3, "[[1, 2, 3], [4, 5, 6], [7, 8, 9]]", None),
    ],
)  # fmt: skip
def test_weights(inputs: int, size: int, weights: str, hint: str | None, tmp_path: Path) -> None:
    assert problem(tmp_path, inputs, size, weights, "0").hint == hint


def test_a_hint_shows_a_long_array_in_part(tmp_path: Path) -> None:
    """All of it up to 120 characters, and 60 of what is longer."""
    column = [1111] * 15  # [[1111], ... [1111]] has 15 * 6 + 14 * 2 + 2 characters
    for last, whole in ((1111, True), (11111, False)):
        column[-1] = last
        text = "[" + ", ".join(f"[{number}]" for number in column) + "]"
        assert (len(text) <= 120) == whole
        weights = f"[[{', '.join(map(str, column))}]]"
        lead = "transposed they fit, one row per input: write "
        shown = text if whole else f"{text[:60]} ..."
        assert problem(tmp_path, 15, 1, weights, "0").hint == lead + shown


@pytest.mark.parametrize(
    ("biases", "hint"),
    [
        ("[[1, 2]]", "write [1, 2]"),
        ("[[1], [2.5]]", "write [1, 2.5]"),
        ("[[1], [2], [3]]", None),
        ("[[1, 2], [3, 4]]", None),
        ("[1, 2, 3]", None),
        ("[1]", None),
        ("[0,1, 0,2, 0,3]", None),  # three numbers
    ],
)
def test_biases(biases: str, hint: str | None, tmp_path: Path) -> None:
    found = problem(tmp_path, 1, 2, "[[1, 2]]", biases)
    assert (found.code, found.hint) == ("shape-mismatch", hint)


def test_a_size_that_is_not_known_is_a_question_mark(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(
        "inputs: 2\nlayers:\n"
        "  - {size: x, weights: [[1, 2], [3, 4], [5, 6]], biases: [1], activation: relu}\n"
    )
    with pytest.raises(nr.NetrunnerError) as raised:
        nr.load(path)
    first, second, *_ = raised.value.problems
    assert "'x' is not a number" in first.message
    assert "weights are (3, 2), expected (2, ?)" in second.message
    assert second.hint is None
