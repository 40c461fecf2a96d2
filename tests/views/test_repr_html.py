"""How networks and traces show themselves in a notebook."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from conftest import NETWORKS, THREE_LAYER
from samples import HOSTILE_NETWORK, MARKUP, Tags

import netrunner as nr

BOOK = nr.load(THREE_LAYER)


def assert_self_contained(html: str) -> Tags:
    """No request, no script, and no style that reaches beyond the fragment."""
    found = Tags(html)
    assert not {"script", "link", "img"} & {tag for tag, _ in found.tags}
    assert not re.search(r"https?:|@import|url\((?!#)", html)
    for style in re.findall("<style>(.*?)</style>", html, re.DOTALL):
        selectors = [
            each for rule in style.split("}")[:-1] for each in rule.split("{")[0].split(",")
        ]
        assert all(each.strip().startswith(".netrunner") for each in selectors)
    return found


def cells(html: str) -> list[list[str]]:
    """The rows of the tables, each as the texts of its cells."""
    rows = re.findall("<tr>(.*?)</tr>", html)
    return [
        [Tags(cell).text for cell in re.findall("<t[dh].*?>(.*?)</t[dh]>", row)] for row in rows
    ]


def test_a_network_shows_its_layers_and_its_diagram() -> None:
    html = BOOK._repr_html_()
    found = assert_self_contained(html)
    assert ["2", "hidden 2", "2", "sigmoid", "(3,)·(3, 2) + (2,) → (2,)"] in cells(html)
    assert "The three-layer network worked by hand in chapter 3." in found.text
    assert [tag for tag, _ in found.tags].count("svg") == 1
    assert "w₁₂⁽¹⁾ = 0.2" in found.text


def test_a_wide_network_shows_its_layers_alone() -> None:
    html = nr.load(NETWORKS / "digits.yaml")._repr_html_()
    assert ["1", "hidden", "50", "relu", "(64,)·(64, 50) + (50,) → (50,)"] in cells(html)
    assert "<svg" not in html


def test_a_trace_shows_its_values() -> None:
    html = BOOK.trace([1.0, 0.5])._repr_html_()
    assert_self_contained(html)
    rows = cells(html)
    assert ["3", "1.1", "0.75026011"] in rows
    assert ["2", "1.21402696", "0.7710107"] in rows
    assert ["1", "y1", "0.31682708", "0.31682708"] in rows


def test_of_a_wide_layer_the_ends_are_shown_and_shares_in_percent() -> None:
    net = nr.load(NETWORKS / "digits.yaml")
    rows = cells(net.trace(net.examples[0].input)._repr_html_())
    assert ["⋮", "58 more"] in rows
    assert ["⋮", "44 more", ""] in rows
    assert [row[0] for row in rows if row[-1] == "5"] == ["62"]
    assert ["4", "3", "10.81405524", "0.99902029", "99.9 %"] in rows


def test_a_batch_shows_a_row_for_each_row() -> None:
    x = np.arange(40.0).reshape(20, 2)
    html = BOOK.trace(x)._repr_html_()
    found = assert_self_contained(html)
    assert "Z3, layer 3 'output', identity: (20, 2)" in found.text
    rows = cells(html)
    assert ["20", "38", "39"] in rows
    assert ["⋮", "14 more", ""] in rows
    Y = BOOK(x[-1])
    assert ["20", *(f"{y:.8f}".rstrip("0") for y in Y)] in rows


def test_what_is_not_finite_is_said(tmp_path: Path) -> None:
    text = "name: n\ninputs: 1\nlayers:\n  - {size: 1, weights: [[1e300]], biases: 0, activation: "
    (tmp_path / "n.yaml").write_text(f"{text}identity}}\n", encoding="utf-8")
    with pytest.warns(nr.NetrunnerWarning):
        html = nr.load(tmp_path / "n.yaml").trace([1e300])._repr_html_()
    assert "<strong>Not finite.</strong> layer 1" in html
    assert ["1", "inf", "inf"] in cells(html)


def test_names_are_text(tmp_path: Path) -> None:
    (tmp_path / "hostile.yaml").write_text(HOSTILE_NETWORK, encoding="utf-8")
    net = nr.load(tmp_path / "hostile.yaml")
    for html in (
        net._repr_html_(),
        net.trace([1, 2])._repr_html_(),
        net.trace([[1, 2]])._repr_html_(),
    ):
        found = assert_self_contained(html)
        assert html.count("<style>") == html.count("</style>") == 1
        assert MARKUP[0] in found.text
        assert not {name for _, a in found.tags for name in a if name.startswith("on")}
