"""Percentages add up where none are equal, are never rounded to 0 or 100, and mark the largest."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Result


def shares(netrunner: Callable[..., Result], folder: Path, logits: str, first: str = "1") -> str:
    """What `run` shows of these logits after softmax; the first weight may be another."""
    size = logits.count(",") + 1
    rows = [["1" if i == k else "0" for k in range(size)] for i in range(size)]
    rows[0][0] = first
    weights = ", ".join(f"[{', '.join(row)}]" for row in rows)
    (folder / "n.yaml").write_text(
        f"inputs: {size}\nlayers:\n"
        f"  - {{size: {size}, weights: [{weights}], biases: 0, activation: softmax}}\n"
        f"outputs: [{', '.join('abcdefg'[:size])}]\n"
    )
    shown = netrunner("run", folder / "n.yaml", "--input", logits).out.partition("Y  = ")[2]
    return " ".join(shown.partition("]")[2].split())


@pytest.mark.parametrize(
    ("logits", "shown"),
    [
        ("0,0", "a 50.0 % ← largest b 50.0 % ← largest"),
        ("1,2,2", "a 15.6 % b 42.2 % ← largest c 42.2 % ← largest"),
        ("0,0,0", "a 33.3 % ← largest b 33.3 % ← largest c 33.3 % ← largest"),
        ("2,0,0,0", "a 71.1 % ← largest b 9.6 % c 9.6 % d 9.6 %"),  # together 99.9
        ("0,-10", "a > 99.9 % ← largest b < 0.1 %"),
        ("-10,0", "a < 0.1 % b > 99.9 % ← largest"),
        ("0,-800", "a 100.0 % ← largest b 0.0 %"),  # exactly 1 and 0
    ],
)  # fmt: skip
def test_percentages(
    logits: str, shown: str, netrunner: Callable[..., Result], tmp_path: Path
) -> None:
    assert shares(netrunner, tmp_path, logits) == shown
    tenths = [round(10 * float(number)) for number in re.findall(r"(?<![<>] )\b\d+\.\d", shown)]
    assert sum(tenths) in (1000, 999, 0)


def test_where_a_share_is_nan_none_is_the_largest(
    netrunner: Callable[..., Result], tmp_path: Path
) -> None:
    assert shares(netrunner, tmp_path, "10,1", first="1e308") == "a nan b nan"
