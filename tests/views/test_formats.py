"""The formats of a trace: `run --format`, the suffix of `--output`, and `Trace.save`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import NETWORKS, THREE_LAYER

import netrunner as nr
from netrunner.views.render.formats import FORMATS


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("only", [[], ["--output-only"]])
def test_the_suffix_of_the_output_decides(
    name: str, only: list[str], tmp_path: Path, netrunner: Any
) -> None:
    """The file is the same as with --format, and as `Trace.save` writes it."""
    suffix = FORMATS[name].suffix
    for file in (f"a{suffix}", f"b{suffix.upper()}"):
        result = netrunner("run", THREE_LAYER, *only, "--output", tmp_path / file)
        assert (result.code, result.out, result.err) == (0, "", "")
    netrunner("run", THREE_LAYER, *only, "--format", name, "--output", tmp_path / "c")
    first = (tmp_path / f"a{suffix}").read_bytes()
    assert first == (tmp_path / f"b{suffix.upper()}").read_bytes()
    assert first == (tmp_path / "c").read_bytes()
    if not only:
        nr.load(THREE_LAYER).trace([1.0, 0.5]).save(tmp_path / f"d{suffix}")
        assert first == (tmp_path / f"d{suffix}").read_bytes()


def test_npy_has_the_output_alone(tmp_path: Path, netrunner: Any) -> None:
    rows = ["--input", "1,0.5", "--input", "0,0"]
    netrunner("run", THREE_LAYER, *rows, "--output", tmp_path / "y.npy")
    np.testing.assert_array_equal(
        np.load(tmp_path / "y.npy"), nr.load(THREE_LAYER)([[1, 0.5], [0, 0]])
    )
    (tmp_path / "x.csv").write_text("1,0.5\n0,0\n")
    netrunner(
        "run", THREE_LAYER, "--input-file", tmp_path / "x.csv", "--output", tmp_path / "z.npy"
    )
    assert (tmp_path / "z.npy").read_bytes() == (tmp_path / "y.npy").read_bytes()


@pytest.mark.parametrize(
    ("format", "suffix"), [("csv", ".json"), ("text", ".npz"), ("npz", ".npy")]
)
def test_two_formats_are_a_usage_error(
    format: str, suffix: str, tmp_path: Path, netrunner: Any
) -> None:
    output = tmp_path / f"y{suffix}"
    result = netrunner("run", THREE_LAYER, "--format", format, "--output", output)
    assert result.code == 2
    assert "name two formats" in result.err
    assert not output.exists()


@pytest.mark.parametrize(
    ("command", "formats"),
    [
        (["explain"], {"text": ".txt", "markdown": ".md", "latex": ".tex", "html": ".html"}),
        (["why", "--neuron=1"], {"text": ".txt", "json": ".json"}),
    ],
)
def test_the_suffix_says_how_an_explanation_is_written(
    command: list[str], formats: dict[str, str], tmp_path: Path, netrunner: Any
) -> None:
    for format, suffix in formats.items():
        output = tmp_path / f"said{suffix}"
        netrunner(*command, THREE_LAYER, "--output", output)
        expected = netrunner(*command, THREE_LAYER, "--format", format).out
        assert output.read_text(encoding="utf-8") == expected
    other = "json" if command == ["explain"] else "html"
    for given in ([f"said.{other}"], ["x.txt", "--format", list(formats)[-1]]):
        result = netrunner(*command, THREE_LAYER, "--output", *given)
        assert (result.code, result.out) == (2, "")


def test_another_suffix_says_nothing(tmp_path: Path, netrunner: Any) -> None:
    assert netrunner("run", THREE_LAYER, "--output", tmp_path / "out.trace").code == 2
    netrunner("run", THREE_LAYER, "--output", tmp_path / "out")
    assert (tmp_path / "out").read_text(encoding="utf-8").startswith("three-layer\n")
    netrunner("run", THREE_LAYER, "--format", "json", "--output", tmp_path / "out.trace")
    assert json.loads((tmp_path / "out.trace").read_text())["network"] == "three-layer"


@pytest.mark.parametrize("in_blocks", [False, True])
def test_the_outputs_in_csv_have_a_header(in_blocks: bool, tmp_path: Path, netrunner: Any) -> None:
    path = tmp_path / "net.yaml"
    text = "inputs: 1\nlayers:\n  - {size: 2, weights: [[1, 2]], biases: 0, activation: identity}\n"
    (tmp_path / "x.csv").write_text("3\n4\n")
    given = ["--input-file", tmp_path / "x.csv"] if in_blocks else ["--input", 3, "--input", 4]
    for names, header in (("", "y1,y2"), ('outputs: ["a,b", 名前]\n', '"a,b",名前')):
        path.write_text(text + names, encoding="utf-8")
        output = netrunner("run", path, *given, "--output-only", "--format", "csv").out
        assert output == f"{header}\n3.0,6.0\n4.0,8.0\n"


def test_an_unknown_suffix_cannot_be_saved(tmp_path: Path) -> None:
    trace = nr.load(NETWORKS / "and.yaml").trace([1, 1])
    with pytest.raises(nr.NetrunnerError, match=r"does not end in one of \.txt, \.json") as raised:
        trace.save(tmp_path / "trace.xml")
    assert raised.value.problems[0].code == "unknown-file-type"
    assert list(tmp_path.iterdir()) == []
