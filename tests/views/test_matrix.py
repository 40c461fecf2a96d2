"""`diagram --style matrix`: the arithmetic of a run as a picture."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from conftest import NETWORKS, THREE_LAYER, Result

import netrunner as nr
from netrunner.views.pictures import matrix, svg
from netrunner.views.pictures.layout import SMALLEST
from netrunner.views.pictures.marks import Circle, Drawing, Text

SVG = "{http://www.w3.org/2000/svg}"


def drawing(name: str, row: int = 1) -> Drawing:
    network = nr.load(NETWORKS / f"{name}.yaml")
    return matrix.draw(network, network.trace(network.examples[0].input), row=row)


def texts(picture: Drawing) -> list[Text]:
    return [shape for shape in picture.shapes() if isinstance(shape, Text)]


def test_a_column_is_one_sum() -> None:
    found = {text.text: text for text in texts(drawing("three_layer"))[::-1]}  # the first of each
    column = found["w₂₁⁽¹⁾"].x
    for text in ("w₂₂⁽¹⁾", "0.66819", "0.7"):
        assert found[text].x == column
    assert found["w₂₁⁽¹⁾"].y < found["w₂₂⁽¹⁾"].y < found["0.7"].y < found["0.66819"].y
    assert found["w₁₁⁽¹⁾"].x < found["w₂₁⁽¹⁾"].x
    row = [text for text in texts(drawing("three_layer")) if text.text == "x₂"]
    assert abs(row[0].y - found["w₂₂⁽¹⁾"].y) < 8
    assert "w₁₂ goes to neuron 1 from input 2: it is in column 1 and row 2." in found


def test_the_numbers_are_those_of_the_run_and_titles_have_all_digits() -> None:
    picture = drawing("three_layer")
    root = ElementTree.fromstring(svg.document(picture))
    titles = {title.text for title in root.iter(f"{SVG}title")}
    trace = nr.load(THREE_LAYER).trace([1.0, 0.5])
    for step in trace.layers:
        for k, (a, z) in enumerate(zip(step.A.tolist(), step.Z.tolist(), strict=True), 1):
            for letter, value in (("a", a), ("z", z)):
                assert any(
                    title and title.startswith(letter) and title.endswith(f" = {value!r}")
                    for title in titles
                ), (letter, k)


def test_each_neuron_has_its_dot_on_the_curve_and_softmax_its_shares() -> None:
    dots = [shape for shape in drawing("three_layer").shapes() if isinstance(shape, Circle)]
    assert len(dots) == 3 + 2 + 2
    iris = drawing("iris")
    assert len([shape for shape in iris.shapes() if isinstance(shape, Circle)]) == 2
    assert {"99.5 %", "0.4 %", "0.1 %"} <= {text.text for text in texts(iris)}


def test_of_wide_layers_what_counted_most_is_shown() -> None:
    found = [text.text for text in texts(drawing("digits"))]
    assert "not shown: 58 rows and 44 columns that counted less" in found
    assert "not shown: 44 rows and 0 columns that counted less" in found


@pytest.mark.parametrize("name", ["three_layer", "iris", "digits", "regression"])
def test_texts_are_large_enough_and_inside(name: str) -> None:
    picture = drawing(name)
    for text in texts(picture):
        assert text.size >= SMALLEST
        assert 0 < text.x < picture.width
        assert 0 < text.y < picture.height


def test_a_batch_shows_the_row_that_is_asked_for() -> None:
    assert "row 2 of 4" in [text.text for text in texts(drawing("xor", row=2))]
    with pytest.raises(nr.NetrunnerError, match="there is no row 5"):
        drawing("xor", row=5)


def test_what_is_not_finite_has_no_dot(tmp_path: Path) -> None:
    text = "name: n\ninputs: 1\nlayers:\n  - {size: 1, weights: [[1e300]], biases: 0, activation: "
    (tmp_path / "n.yaml").write_text(f"{text}identity}}\n", encoding="utf-8")
    network = nr.load(tmp_path / "n.yaml")
    with pytest.warns(nr.NetrunnerWarning):
        picture = matrix.draw(network, network.trace(np.array([1e300])))
    assert "inf" in [text.text for text in texts(picture)]
    assert not [shape for shape in picture.shapes() if isinstance(shape, Circle)]


@pytest.mark.parametrize("suffix", ["svg", "pdf", pytest.param("png", marks=pytest.mark.slow)])
def test_the_command_writes_it(
    netrunner: Callable[..., Result], tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"matrix.{suffix}"
    assert netrunner("diagram", THREE_LAYER, "--style", "matrix", "--output", path) == (0, "", "")
    assert path.stat().st_size > 1000
    if suffix == "pdf":  # its fonts are TrueType
        assert b"/FontFile2" in path.read_bytes()
        assert b"/Type3" not in path.read_bytes()


def test_without_an_input_there_is_no_arithmetic(
    netrunner: Callable[..., Result], tmp_path: Path
) -> None:
    (tmp_path / "n.yaml").write_text(
        "name: n\ninputs: 1\nlayers: [{size: 1, weights: [[1]], biases: 0, activation: relu}]\n",
        encoding="utf-8",
    )
    result = netrunner(
        "diagram", tmp_path / "n.yaml", "--style", "matrix", "--output", tmp_path / "n.svg"
    )
    assert result.code == 1
    assert "[no-input]" in result.err
