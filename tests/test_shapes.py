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


LEAD = "numbers have a decimal point, no comma: write "
LONGEST = "[" + "0,10000, " * 6 + "0,1]"  # 59 characters, and so shown whole
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
        (7, TOO_LONG, "0.10000"),
    ],
)
def test_decimal_commas(size: int, row: str, hint: str | None, tmp_path: Path) -> None:
    found = problem(tmp_path, 1, size, f"[{row}]", "0")
    assert found.hint == (hint and LEAD + hint)
    weights = f"[[{', '.join(['1'] * size)}]]"
    assert problem(tmp_path, 1, size, weights, row).hint == (hint and LEAD + hint)
