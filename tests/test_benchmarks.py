"""The benchmarks run, and write what the documentation is made from. Times are no matter here."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import ROOT

sys.path.insert(0, str(ROOT / "benchmarks"))
import contenders
import floor
import limits
import report
import run


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the smallest run writes."""
    path = tmp_path_factory.mktemp("benchmarks") / "results.json"
    what = ["--only", "forward", "load", "limits", "--shapes", "2-3-2-2", "--dtypes", "float32"]
    subprocess.run(
        [sys.executable, ROOT / "benchmarks" / "run.py", "--quick", "--peers", "numpy", *what,
         "--rows", "1", "10000", "--results", path],
        env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True, capture_output=True,
    )  # fmt: skip
    return path


@pytest.mark.slow  # so are all that ask for `results`: each contender starts a process
def test_the_results_have_all_cases_and_name_the_machine(results: Path) -> None:
    found = json.loads(results.read_text())
    assert set(found) == {"machine", "forward", "load", "limits"}
    assert {"cpu", "cores", "Python", "numpy", "torch", "blas"} <= set(found["machine"])
    assert all("kernel" in each for each in found["machine"]["blas"])
    assert set(found["forward"]) == {"2-3-2-2 float32 1", "2-3-2-2 float32 10000"}
    for case in found["forward"].values():
        assert set(case) == {"netrunner", "numpy", "products", "trace", "kept"}
        assert all(len(seconds) == 1 and seconds[0] > 0 for seconds in case.values())
    assert set(found["load"]) == {"netrunner", "yaml.load", "json.loads", "onnx.load"}


@pytest.mark.slow
def test_a_part_that_is_measured_again_leaves_the_others(results: Path) -> None:
    before = json.loads(results.read_text())
    subprocess.run(
        [sys.executable, ROOT / "benchmarks" / "run.py", "--quick", "--only", "limits",
         "--results", results],
        env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True, capture_output=True,
    )  # fmt: skip
    after = json.loads(results.read_text())
    assert after["forward"] == before["forward"]
    assert after["limits"] != before["limits"]


@pytest.mark.slow
def test_tables_and_plot_are_made_from_the_results(results: Path, tmp_path: Path) -> None:
    page = (ROOT / "docs" / report.PAGE).read_text(encoding="utf-8")
    assert set(re.findall("<!-- measured: (.+) -->", page)) == set(report.TABLES)
    (tmp_path / report.PAGE).write_text(report.MEASURED.sub(r"\1\3", page), encoding="utf-8")
    report.write_docs(json.loads(results.read_text()), tmp_path)
    text = (tmp_path / report.PAGE).read_text(encoding="utf-8")
    assert re.search(r"\| 2-3-2-2 \| float32 \| 10,000 \| [\d.]+ [mµn]?s \| [\d.]+ \|", text)
    assert "not installed" in text
    assert re.search(r"<!-- measured: memory -->\n<!-- measured end -->", text)  # it was not
    assert (tmp_path / report.PLOT).read_text().startswith("<?xml")


def test_the_published_tables_are_those_of_the_published_results() -> None:
    page = (ROOT / "docs" / report.PAGE).read_text(encoding="utf-8")
    assert report.renewed(page, json.loads(run.PUBLISHED.read_text())) == page


def test_a_ratio_is_taken_in_each_round() -> None:
    assert report.ratio([1.0, 2.0, 9.0], [2.0, 2.0, 3.0]) == "1.00 (0.50–3.00)"
    assert report.ratio([1.0], [2.0]) == "0.50"
    assert report.duration(0.00123) == "1.23 ms"


@pytest.mark.parametrize("shape", ["2-3-2-2", "64-50-10"])
def test_all_that_are_here_come_to_the_same_result(shape: str) -> None:
    layers = contenders.layers_of(shape, "float64")
    X = contenders.rows_of(shape, "float64", 5)
    expected = contenders.FORWARD["numpy"](layers)(X)
    for name in ("netrunner", "trace", "kept", "onnxruntime", "scikit-learn"):
        Y = contenders.FORWARD[name](layers)(X)
        assert pytest.approx(expected, rel=1e-12) == Y, name


def test_limits_say_what_got_worse() -> None:
    """Each limit is about something that is measured, and is exceeded where it is exceeded."""
    good: dict[str, Any] = {}
    for section, case, theirs, limit, ours in limits.LIMITS:
        found = good.setdefault(section, {})
        found = found.setdefault(case, {}) if case else found
        found[theirs] = [1.0]
        found[ours] = [min(found.get(ours, [9.0])[0], limit * 0.99)]
    assert limits.beyond(good) == (len(limits.LIMITS), [])
    good["plugins"]["tanh float64 1"]["netrunner"] = [1.5, 2.25, 2.25]
    good["plugins"]["tanh float64 1"]["numpy"] = [1.0, 1.0, 1.0]
    del good["start"]
    assert limits.beyond(good) == (
        len(limits.LIMITS) - 1,
        ["plugins tanh float64 1: netrunner takes 2.25 of numpy, and may take 2.0"],
    )
    shapes = {case.split()[0] for section, case, *_ in limits.LIMITS if section == "forward"}
    assert shapes <= set(run.SHAPES)


@pytest.mark.slow
def test_a_plugin_is_measured_beside_its_numpy_lines(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "benchmarks" / "run.py", "--quick", "--check", "--only", "plugins",
         "--dtypes", "float32", "--rows", "1", "--results", tmp_path / "results.json"],
        env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.stderr == ""
    assert "\n3 limits, " in done.stdout  # how many are exceeded depends on the machine
    found = json.loads((tmp_path / "results.json").read_text())["plugins"]
    assert set(found) == {f"{name} float32 1" for name in ("tanh", "leaky", "centred")}


@pytest.mark.parametrize("threads", [1, 2])
def test_the_least_has_the_products_and_the_exponentials(threads: int) -> None:
    layers = contenders.layers_of("64-50-10", "float64")
    X = contenders.rows_of("64-50-10", "float64", 3000)
    Y = floor.least(layers, 3000, threads)(X)
    (V, _, _), (W, _, _) = layers
    np.testing.assert_allclose(Y, np.exp(np.exp(X @ V) @ W), rtol=1e-12)
