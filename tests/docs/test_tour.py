"""The notebook: it runs from the first cell to the last, and comes out as the chapter does."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "docs"))
import generate


def code_cells(text: str) -> list[Any]:
    return [cell for cell in nbformat.reads(text, as_version=4).cells if cell.cell_type == "code"]


def said(cell: Any) -> list[Any]:
    """What a cell has put out; of a picture, that it is one: its bytes depend on matplotlib."""
    return [
        (kind, text if kind != "image/png" else len(text) > 500)
        for output in cell.outputs
        for kind, text in (output.get("data") or {output.output_type: output.get("text")}).items()
    ]


KEPT = generate.TOUR.read_text(encoding="utf-8")
SAID = "".join(output.get("text", "") for cell in code_cells(KEPT) for output in cell.outputs)
# Without what `netrunner new` says of the files that it writes.
PRINTED = re.sub(r"^(wrote|Try:|Writing) .+\n", "", SAID, flags=re.MULTILINE)


def test_the_tour_is_executed_and_in_step():
    renewed = generate.renewed_tour()
    for cell, kept in zip(code_cells(renewed), code_cells(KEPT), strict=True):
        assert said(cell) == said(kept), f"run docs/generate.py and look at:\n{cell.source}"
    pictures = [kind for cell in code_cells(renewed) for kind, _ in said(cell)].count("image/png")
    assert pictures == sum(cell.source.endswith(";") for cell in code_cells(renewed))


@pytest.mark.parametrize(
    "numbers",
    [
        "0 0 0 1\n[[0.]\n [0.]\n [0.]\n [1.]]",  # AND, by hand and by netrunner
        "[[0.]\n [1.]\n [1.]\n [0.]]",  # XOR
        "[False  True  True]",
        "[0 1 1]",
        "[[10 20]\n [30 40]]\n[[10 40]\n [30 80]]",
        "[0.26894142 0.73105858 0.88079708]",
        "both linear, so together they do what one layer does",
        "[[8.]]\n[40.] [40.]",
        "1 (4,) 4\n",
        "2 (3, 2)\n(2,) (1, 2)",
        "[[19 22]\n [43 50]]\n[[19 22]\n [43 50]]",
        "ValueError: 3 columns do not meet 2 rows",
        "(2,) (2, 3)\n[ 5 11 17]",
        "[0.3 0.7 1.1]\nw12 of layer 1 is 0.2\n[0.57444252 0.66818777 0.75026011]",
        "[0.62624937 0.7710107 ]\n[1 1]\n[0.31682708 0.69627909]\n[1. 1.]\n[0.31682708",
        "A1 = [0.3 0.7 1.1]\nZ1 = [0.57444252 0.66818777 0.75026011]",
        "Z2 = [0.62624937 0.7710107 ]",
        "Y  = [0.31682708 0.69627909]",
        "a₁⁽¹⁾ = w₁₁⁽¹⁾·x₁ + w₁₂⁽¹⁾·x₂ + b₁⁽¹⁾ = 0.1·1 + 0.2·0.5 + 0.1 = 0.3",
        "[ 1.34985881 18.17414537 54.59815003]\n74.1221542101633\n[0.01821127 0.24519181",
        "1.0\n[nan nan nan]\nc = 1010.0\nlog C = -1010.0\n[  0. -10. -20.]\n",
        "[  0. -10. -20.]\n[9.99954600e-01 4.53978686e-05 2.06106005e-09]",
        "[2.62113180e-13 1.00000000e+00 3.79470324e-13]",
        "[1.88541977e-11 1.00000000e+00]",  # the sums of a softmax that mixes rows
        "The network reads: 3",
    ],
)
def test_the_chapters_numbers_appear(numbers):
    assert numbers in PRINTED


def test_the_notebook_is_small_and_says_nothing_of_the_machine():
    assert len(KEPT) < 600_000
    assert not any(cell.metadata for cell in code_cells(KEPT))
    for word in (str(generate.ROOT), "site-packages", "Warning", "\\u001b"):
        assert word not in KEPT
