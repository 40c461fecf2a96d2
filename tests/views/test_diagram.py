"""`diagram`: a network as the book draws it, with the numbers of a run."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import netrunner
from netrunner.problems.problem import Fault, MissingFontWarning, NetrunnerWarning
from netrunner.views.pictures import diagram, fonts, layout, saving
from netrunner.views.pictures.notation import cut, ems, indexed, number

NETWORKS = Path(__file__).parents[2] / "networks"
SVG = "{http://www.w3.org/2000/svg}"


def network_in(folder: Path, sizes: list[int], **more: Any) -> netrunner.Network:
    """A network of these sizes with random weights; `more` replaces keys of the file."""
    random = np.random.default_rng(1)
    arrays = {}
    layers = []
    for index, (inputs, size) in enumerate(pairwise(sizes), 1):
        arrays[f"W{index}"] = random.normal(size=(inputs, size)).round(2)
        weights = f"{{file: w.npz, key: W{index}}}"
        layers.append(f"- {{size: {size}, weights: {weights}, biases: 0.5, activation: sigmoid}}")
    np.savez(folder / "w.npz", **arrays)
    keys = {"name": "n", "inputs": sizes[0]} | more
    text = "".join(f"{key}: {value}\n" for key, value in keys.items()) + "layers:\n"
    path = folder / "n.yaml"
    path.write_text(text + "\n".join(layers) + "\n", encoding="utf-8")
    return netrunner.load(path)


def shipped(name: str) -> tuple[netrunner.Network, netrunner.Trace]:
    network = netrunner.load(NETWORKS / f"{name}.yaml")
    return network, network.trace(network.examples[0].input)


def svg(ax: Axes) -> ElementTree.Element:
    figure = ax.get_figure()
    assert isinstance(figure, Figure)
    return ElementTree.fromstring(saving.svg_text(figure))


def texts(ax: Axes) -> list[str]:
    return [node.text or "" for node in svg(ax).iter(f"{SVG}text")]


def ids(ax: Axes) -> set[str]:
    found = [node.attrib["id"] for node in svg(ax).iter() if "id" in node.attrib]
    assert len(found) == len(set(found))
    return set(found)


# Numbers and notation


def test_the_svg_holds_the_chapters_values_weights_and_notation() -> None:
    found = texts(diagram.draw(*shipped("three_layer")))
    values = ["0.3", "0.7", "1.1", "0.57444252", "0.66818777", "0.75026011", "0.62624937"]
    values += ["0.7710107", "0.31682708", "0.69627909", "0.51615984", "1.21402696"]
    for value in values:
        assert value in found
    for text in ("x₁", "a₁⁽¹⁾", "z₃⁽¹⁾", "y₂", "w₁₂⁽¹⁾ = 0.2", "w₂₁⁽³⁾ = 0.3", "b₂⁽²⁾ = 0.2"):
        assert text in found
    for text in ("layer 1: hidden 1", "sigmoid", "(2,)·(2, 3) + (3,) → (3,)", "three-layer"):
        assert text in found


def test_a_node_holds_its_own_numbers() -> None:
    network, trace = shipped("three_layer")
    groups = {node.attrib.get("id"): node for node in svg(diagram.draw(network, trace)).iter()}
    for layer in trace.layers:
        for neuron, (a, z) in enumerate(zip(layer.A, layer.Z, strict=True), 1):
            for letter, value in (("a", a), ("z", z)):
                (text,) = groups[f"node-{layer.index}-{neuron}-{letter}"].iter(f"{SVG}text")
                assert float(text.text or "") == pytest.approx(value, abs=5e-9)


def test_without_a_run_the_nodes_hold_the_notation() -> None:
    network, _ = shipped("three_layer")
    found = texts(diagram.draw(network))
    assert "a₁⁽¹⁾ → z₁⁽¹⁾" in found
    assert "w₁₁⁽¹⁾ = 0.1" in found
    assert "0.57444252" not in found


def test_nodes_edges_and_biases_have_ids() -> None:
    found = ids(diagram.draw(*shipped("three_layer")))
    for layer, (before, size) in enumerate([(2, 3), (3, 2), (2, 2)], 1):
        for to in range(1, size + 1):
            assert {f"node-{layer}-{to}", f"bias-{layer}-{to}"} <= found
            assert {f"edge-{layer}-{to}-{source}" for source in range(1, before + 1)} <= found
    assert {"node-0-1", "node-0-2", "bias-node-1", "bias-node-3"} <= found
    assert not found & {"node-1-4", "bias-node-4", "edge-1-1-0"}


def test_sign_shows_in_colour_and_in_dashes_and_size_in_width() -> None:
    ax = diagram.draw(*shipped("xor"))
    lines = {line.get_gid(): line for line in ax.lines}
    positive, negative = lines["edge-1-2-1"], lines["edge-1-1-1"]
    assert positive.get_linestyle() == "-"
    assert negative.get_linestyle() == "--"
    assert positive.get_color() != negative.get_color()
    assert positive.get_linewidth() == negative.get_linewidth() > lines["bias-1-2"].get_linewidth()
    assert {"positive weight or bias", "negative weight or bias"} <= set(texts(ax))
    assert "zero weight or bias" not in texts(ax)


def test_a_batch_shows_the_row_that_is_asked_for() -> None:
    network, trace = shipped("xor")
    groups = {
        node.attrib.get("id"): node for node in svg(diagram.draw(network, trace, row=2)).iter()
    }
    shown = ["".join(groups[f"node-0-{neuron}-z"].itertext()).strip() for neuron in (1, 2)]
    assert shown == ["0", "1"]
    assert "row 2 of 4" in texts(diagram.draw(network, trace, row=2))
    for row in (0, 5):
        with pytest.raises(Fault, match=f"there is no row {row}: the input has 4"):
            diagram.draw(network, trace, row=row)


def test_a_classifier_shows_percentages_and_marks_the_largest() -> None:
    ax = diagram.draw(*shipped("iris"))
    assert {"setosa", "y₁ = 99.5 %", "y₂ = 0.4 %"} <= set(texts(ax))
    widths = {patch.get_gid(): patch.get_linewidth() for patch in ax.patches}
    assert widths["node-2-1"] > 2 * widths["node-2-2"] == 2 * widths["node-2-3"]


def test_values_that_are_not_finite_are_shown_as_such(tmp_path: Path) -> None:
    path = tmp_path / "n.yaml"
    path.write_text(
        "name: n\ninputs: 1\nlayers:\n"
        "  - {size: 2, weights: [[1.0e308, -1.0e308]], biases: 0, activation: identity}\n"
        "  - {size: 1, weights: [[1], [1]], biases: 0, activation: identity}\n",
        encoding="utf-8",
    )
    network = netrunner.load(path)
    with pytest.warns(NetrunnerWarning):
        trace = network.trace([10.0])
    assert {"inf", "-inf", "nan"} <= set(texts(diagram.draw(network, trace)))


# Wide layers


def test_wide_layers_keep_the_ends_and_say_how_many_more() -> None:
    network, trace = shipped("digits")
    ax = diagram.draw(network, trace)
    found = texts(ax)
    assert {"⋮ 58 more", "⋮ 44 more"} <= set(found)
    assert not any("more" in text for text in found if "58" not in text and "44" not in text)
    assert {"x₁", "x₆₄", "a₁⁽¹⁾", "a₅₀⁽¹⁾", "a₁₀⁽²⁾"} <= set(found)
    assert not {"x₄", "x₆₁", "a₄⁽¹⁾"} & set(found)
    assert {f"node-2-{neuron}" for neuron in range(1, 11)} <= ids(ax)
    assert len(ax.lines) < 250


def test_strips_show_every_value_of_a_wide_layer() -> None:
    network, trace = shipped("digits")
    ax = diagram.draw(network, trace)
    strips = {strip.get_gid(): strip for strip in ax.collections}
    assert set(strips) == {"strip-0", "strip-1"}
    np.testing.assert_allclose(strips["strip-0"].get_array(), trace.input / 16)
    hidden = trace.layers[0].Z
    np.testing.assert_allclose(strips["strip-1"].get_array(), hidden / hidden.max())
    assert f"largest: {indexed('z', int(hidden.argmax()) + 1, layer=1)}" in texts(ax)
    assert not diagram.draw(network).collections


def test_negative_cells_carry_a_tick(tmp_path: Path) -> None:
    network = network_in(tmp_path, [20, 2])
    x = np.linspace(-1, 1, 20)
    ax = diagram.draw(network, network.trace(x))
    (ticks,) = [line for line in ax.lines if line.get_marker() == "_"]
    assert len(ticks.get_xdata()) == 10


# Nothing on top of anything else


NASTY = [
    "<script>alert(1)</script>",
    "$x$",
    r"\\frac{a}{b}",
    "W" * 200,
    "שלום \\u202Eabc",
    "a\\tb\\x1B[31m\\nc",
]


def quoted(names: list[str]) -> str:
    return "[" + ", ".join(f'"{name}"' for name in names) + "]"


@pytest.fixture(params=["2-3-2-2", "4-2-3", "3-3", "2-2-1", "64-50-10", "5-6-5", "names"])
def drawing(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[diagram._Diagram]:
    shape = request.param
    if shape == "names":
        network = network_in(
            tmp_path, [6, 3, 6], name=f'"{"M" * 200}"', inputs=quoted(NASTY), outputs=quoted(NASTY)
        )
    else:
        network = network_in(tmp_path, [int(size) for size in shape.split("-")])
    trace = network.trace(np.linspace(-12345.678, 3.14159265358, network.input_size))
    return diagram._Diagram(network, diagram._Run(trace, 1))


@pytest.mark.parametrize("size", [None, (4, 3), (14, 5)])
def test_texts_neither_meet_nor_leave_the_picture(
    drawing: diagram._Diagram, size: tuple[float, float] | None
) -> None:
    width, height = size or (drawing.layout.width, drawing.layout.height)
    ax = saving.new_axes(width, height)
    drawing.draw_on(ax)
    figure = ax.get_figure()
    assert isinstance(figure, Figure)
    figure.draw_without_rendering()
    level = [text for text in ax.texts if not text.get_rotation() and not text.get_bbox_patch()]
    boxes = {text: text.get_window_extent() for text in level}
    page = figure.bbox
    for text, box in boxes.items():
        assert page.x0 <= box.x0, text.get_text()
        assert box.x1 <= page.x1, text.get_text()
    for (one, box), (other, other_box) in combinations(boxes.items(), 2):
        # The box of a text has room for accents and descenders, which neighbours may share.
        shared = min(box.y1, other_box.y1) - max(box.y0, other_box.y0)
        touching = shared < 0.35 * min(box.height, other_box.height)
        assert touching or not box.overlaps(other_box), (one.get_text(), other.get_text())


def test_labels_of_edges_meet_neither_each_other_nor_a_circle(drawing: diagram._Diagram) -> None:
    placed = drawing.layout
    for one, other in combinations(placed.labels.values(), 2):
        assert not one.box.meets(other.box), (one.text, other.text)
    for label in placed.labels.values():
        for column in placed.columns:
            for node in column.nodes:
                assert not label.box.meets_circle(node.x, node.y, node.radius)


@pytest.mark.parametrize("name", ["three_layer", "iris", "softmax", "xor", "regression"])
def test_every_weight_of_the_small_networks_is_labelled(name: str) -> None:
    network, _ = shipped(name)
    weights = sum(layer.weights.size + layer.biases.size for layer in network.layers)
    labels = [text for text in texts(diagram.draw(network)) if text[0] in "wb" and " = " in text]
    assert len(labels) == weights


def test_numbers_fit_into_their_circles(drawing: diagram._Diagram) -> None:
    ax = saving.new_axes(drawing.layout.width, drawing.layout.height)
    drawing.draw_on(ax)
    circles = {patch.get_gid(): patch for patch in ax.patches}
    checked = 0
    for text in ax.texts:
        gid = text.get_gid() or ""
        if gid.startswith("node-"):
            box = text.get_window_extent()
            circle = circles[gid[:-2]].get_window_extent()
            assert circle.x0 < box.x0 < box.x1 < circle.x1, text.get_text()
            checked += 1
    assert checked > 3


def test_a_diagram_is_drawn_into_given_axes() -> None:
    figure = Figure(figsize=(6, 3))
    left, right = figure.subplots(1, 2)
    assert diagram.draw(*shipped("three_layer"), ax=left) is left
    assert not right.texts
    assert max(text.get_fontsize() for text in left.texts) < 6


# Names are text


def test_names_are_text_never_markup(tmp_path: Path) -> None:
    network = network_in(
        tmp_path, [6, 3, 6], name='"</text><script>x</script>"', inputs=quoted(NASTY)
    )
    ax = diagram.draw(network, network.trace(np.ones(6)))
    found = texts(ax)
    assert "</text><script>x</script>" in found
    assert "<script>alert(1)</script>" in found
    assert "$x$" in found
    assert r"\frac{a}{b}" in found
    assert "שלום �abc" in found
    assert "a b�[31m�c" in found
    assert any(text.startswith("WWWW") and text.endswith("…") for text in found)
    assert not list(svg(ax).iter(f"{SVG}script"))


# Fonts

CHINESE = {"name": "手写", "inputs": "[输入 一, 输入 二]", "outputs": "[类别 猫, 类别 狗]"}


@pytest.fixture
def only_dejavu(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    known = font_manager.fontManager.ttflist
    monkeypatch.setattr(
        font_manager.fontManager,
        "ttflist",
        [entry for entry in known if entry.name.startswith(("DejaVu", "Last Resort"))],
    )
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda *_: [])
    caches = (fonts._lettering, fonts._has)
    for cache in caches:
        cache.cache_clear()
    yield
    for cache in caches:
        cache.cache_clear()


def test_names_in_chinese_need_no_warning_where_a_font_has_them(tmp_path: Path) -> None:
    if len(fonts._lettering(frozenset("手写输入")).missing):
        pytest.skip("no font with Chinese characters is installed")
    ax = diagram.draw(network_in(tmp_path, [2, 3, 2], **CHINESE))
    for suffix in ("png", "svg", "pdf"):
        saving.save(ax.get_figure(), tmp_path / f"n.{suffix}")
    assert {"手写", "输入 一", "类别 猫"} <= set(texts(ax))


@pytest.mark.usefixtures("only_dejavu")
def test_one_line_says_which_characters_no_font_has(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    network = network_in(tmp_path, [2, 3, 2], **CHINESE)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        ax = diagram.draw(network)
        for suffix in ("png", "svg", "pdf"):
            saving.save(ax.get_figure(), tmp_path / f"n.{suffix}")
        ax.get_figure().savefig(tmp_path / "tight.png", bbox_inches="tight")
    (warning,) = caught
    assert warning.category is MissingFontWarning
    assert str(warning.message) == (
        "no installed font has 一 二 入 写 别 手 狗 猫 类 输 (shown as boxes): "
        "install one that has, such as Debian's fonts-noto-cjk"
    )
    assert "类别 猫" in texts(ax)  # who opens the SVG elsewhere may have a font
    assert not caplog.records


def test_plain_names_open_no_other_font(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fonts._lettering.cache_clear()
    monkeypatch.setattr(fonts, "_candidates", lambda _: pytest.fail("looked at other fonts"))
    diagram.draw(network_in(tmp_path, [2, 2], name="plain été"))


# The parts


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.1 + 0.2, 8, "0.3"),
        (0.5744425168, 8, "0.57444252"),
        (-0.0, 8, "0"),
        (15.0, 4, "15"),
        (4.539786868e-05, 8, "4.53978687e-05"),
        (-0.0015, 4, "-0.0015"),
        (0.00151, 4, "1.51e-03"),
        (1e10, 4, "1e+10"),
        (-1e10, 4, "-1e+10"),
        (float("nan"), 8, "nan"),
        (float("-inf"), 8, "-inf"),
    ],
)
def test_numbers_are_short(value: float, digits: int, text: str) -> None:
    assert number(value, digits) == text


def test_indices_of_two_digits_have_a_comma() -> None:
    assert indexed("w", 1, 2, layer=1) == "w₁₂⁽¹⁾"
    assert indexed("w", 12, 3, layer=10) == "w₁₂,₃⁽¹⁰⁾"


def test_cut_text_is_no_wider_than_its_room() -> None:
    assert cut("short", 10) == "short"
    for text in ("W" * 50, "隐藏层" * 10, "i" * 100):
        assert cut(text, 10).endswith("…")
        assert 8 < ems(cut(text, 10)) <= 10.5


@pytest.mark.parametrize(
    ("size", "shape"), [(64, (8, 8)), (50, (5, 10)), (784, (28, 28)), (11, (2, 10))]
)
def test_grids_hold_every_cell_and_squares_are_images(size: int, shape: tuple[int, int]) -> None:
    assert layout.grid(size) == shape
    assert shape[0] * shape[1] >= size
