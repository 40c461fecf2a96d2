"""Hostile files of all kinds: each is refused in a line, at a place, and leaves all as it was.

`python -m tests.hostile` runs each in a process of its own, and measures it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Result
from hostile import BEFORE, CASES, Answer, answer, what_is_wrong

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
]


@pytest.mark.parametrize("name", CASES)
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
    done = netrunner(*case.command)
    left = sorted({path.name for path in tmp_path.iterdir()} - names)
    output = (tmp_path / "out").read_bytes()
    told = Answer(done.code, done.out.encode(), done.err.encode(), 0, 0, left, output)
    assert what_is_wrong(case, told) is None


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Linux tells the peak of memory")
@pytest.mark.parametrize("name", GREEDY)
def test_a_greedy_file_takes_little_memory(name: str, tmp_path: Path) -> None:
    told = answer(CASES[name], tmp_path)
    assert told.mebibytes > 0
    assert what_is_wrong(CASES[name], told) is None
