"""Hostile files of all kinds: each is refused in a line, at a place, and leaves all as it was.

`python -m tests.hostile` runs each in a process of its own, and measures it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Result
from hostile import BEFORE, CASES, Answer, answer, what_is_wrong
from taken import within_limits

# Takes long, and a smaller case shows the same, or one that breaks the same limit.
SLOW = {
    "100,000 keys",
    "1,000 keys of 60 kB",
    "an activation of 60 MB",
    "a row behind each row that is none",
    "a comment of 60 MB",
    "a comment of 33 MB in Japanese",
    "a comment of 60 MB in French",
    "a comment of 60 MB and an emoji",
    "a comment of 60 MB in Japanese",
    "a million blanks, then a tab",
    "a slip below 1,900,001 numbers",
    "an ONNX file with a text of 90,000,000 bytes",
    "a line of 10 MB",
    "a pickle of 31 MiB of wide text",
    "a million anchors",
    "base 60 of 100,000 parts",
    "a million zeros",
    "an exponent of a million digits",
    "20 MB of numbers",
    "1,000,000 numbers in a wrong shape",
    "1,000,000 words for numbers",
    "600,000 rows",
    "an .npz of 65,000 members",
    "a .csv of 30 MB in a line",
    "a .csv of one long field",
    "a .safetensors of 40,000 empty tensors",
    "a .csv with an error in its last row that 25 layers name",
    "100 missing files among 3,000",
    "280,000 rows of 6, then one of 1",
    "12,000 failing examples of 20,000 layers",
    "inputs: a million numbers in a row",
    "inputs: 3,000,000 rows",
    "inputs: 999,999 wrong rows",
    "inputs: 200 MB of line ends",
    "inputs: 30 MB of blanks",
    "inputs: 4 rows of 950,001",
    "inputs: 200 MB of blanks in JSON",
    "inputs: 499,997 numbers and word in JSON",
    "inputs: 499,997 numbers and 1e400 in JSON",
    "inputs: 499,997 numbers and {} in JSON",
    "inputs: a text of 16 MB in JSON",
}
# What would take gigabytes, if it were believed.
GREEDY = [
    "alias bomb",
    "a million anchors",
    "600,000 rows",
    "20 MB of numbers",
    "an .npy that claims 10¹² values",
    "an .npy of 16 GiB of zeros",
    "an .npz that unfolds to 768 MiB",
    "inputs: an .npz that unfolds to 768 MiB",
    "inputs: 4 rows of 950,001",
    "inputs: a text of 16 MB in JSON",
    "a pickle with a memo of 4 GB",
    "a pickle of 31 MiB of wide text",
    "an ONNX file of 30 MB of nothing",
    "an .h5 with texts of 3 GB where no text is",
]


def test_the_slow_cases_are_cases() -> None:
    assert set(CASES) > SLOW


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[pytest.mark.slow] if name in SLOW else []) for name in CASES],
)
def test_a_hostile_file_is_refused_in_a_line(
    name: str,
    netrunner: Callable[..., Result],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    case = CASES[name]
    case.make(tmp_path)
    (tmp_path / "out").write_bytes(BEFORE)
    names = {path.name for path in tmp_path.iterdir()}
    monkeypatch.chdir(tmp_path)
    done = within_limits(lambda: netrunner(*case.command))
    left = sorted({path.name for path in tmp_path.iterdir()} - names)
    output = (tmp_path / "out").read_bytes()
    told = Answer(done.code, done.out.encode(), done.err.encode(), 0, 0, left, output)
    assert what_is_wrong(case, told) is None


@pytest.mark.slow  # a process for each
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Linux tells the peak of memory")
@pytest.mark.parametrize("name", GREEDY)
def test_a_greedy_file_takes_little_memory(name: str, tmp_path: Path) -> None:
    told = answer(CASES[name], tmp_path)
    assert told.mebibytes > 0
    assert what_is_wrong(CASES[name], told) is None
