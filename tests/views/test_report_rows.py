"""Which rows of a batch a report lists: those around the row that it shows."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from conftest import Result

NETWORK = """\
inputs: 1
layers:
  - {size: 1, weights: [[1]], biases: 0, activation: identity}
"""


@pytest.mark.parametrize(
    ("count", "row", "listed"),
    [
        (50, 30, range(20, 40)),
        (50, 1, range(1, 21)),
        (50, 11, range(1, 21)),
        (50, 12, range(2, 22)),
        (50, 40, range(30, 50)),
        (50, 41, range(31, 51)),
        (50, 50, range(31, 51)),
        (20, 20, range(1, 21)),
        (21, 21, range(2, 22)),
        (3, 2, range(1, 4)),
    ],
)
def test_the_rows_around_the_one_that_is_shown(
    count: int, row: int, listed: range, netrunner: Callable[..., Result], tmp_path: Path
) -> None:
    (tmp_path / "n.yaml").write_text(NETWORK)
    np.save(tmp_path / "x.npy", np.arange(1.0, count + 1)[:, None] * 100)
    options = ["--input-file", tmp_path / "x.npy", "--row", row, "--output", "-"]
    done = netrunner("report", tmp_path / "n.yaml", *options)
    assert (done.code, done.err) == (0, "")
    table = re.search(r'<table id="rows">.*?</table>', done.out, re.S)
    assert table
    rows = re.findall(r"<tr data-row.*?</tr>", table[0], re.S)
    texts = [re.sub(r"<.*?>|\s+", " ", each).split() for each in rows]
    assert texts == [[str(number), str(number * 100)] for number in listed]
    (shown,) = [each for each in rows if 'class="shown"' in each]
    assert f'data-row="{row}"' in shown
    more = count - len(listed)
    assert (f"{more} of the {count} rows are not on this page." in done.out) == (more > 0)
