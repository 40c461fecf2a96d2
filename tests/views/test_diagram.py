"""`diagram`: a network as the book draws it, with the numbers of a run."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from functools import cache
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib import font_manager
from matplotlib.figure import Figure

import netrunner
from netrunner.problems.problem import MissingFontWarning, NetrunnerWarning
from netrunner.views.pictures import colors, diagram, fonts, layout, saving
from netrunner.views.pictures import svg as svg_writer
from netrunner.views.pictures.axes import drawn, new_axes
from netrunner.views.pictures.boxes import Box
from netrunner.views.pictures.canvas import paint
from netrunner.views.pictures.marks import Circle, Drawing, Line, Rect, Text
from netrunner.views.pictures.notation import cut, ems, fitting, indexed, number

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


@cache
def shipped(name: str) -> tuple[netrunner.Network, netrunner.Trace]:
    network = netrunner.load(NETWORKS / f"{name}.yaml")
    return network, network.trace(network.examples[0].input)


def svg(drawing: Drawing) -> ElementTree.Element:
    return ElementTree.fromstring(svg_writer.document(drawing))


def texts(drawing: Drawing) -> list[str]:
    return [node.text or "" for node in svg(drawing).iter(f"{SVG}text")]


def groups(drawing: Drawing) -> dict[str, ElementTree.Element]:
    found = [node for node in svg(drawing).iter() if "id" in node.attrib]
    assert len(found) == len({node.attrib["id"] for node in found})
    return {node.attrib["id"]: node for node in found}


def ids(drawing: Drawing) -> set[str]:
    return set(groups(drawing))


# Numbers and notation


def test_the_svg_holds_the_chapters_values_weights_and_notation() -> None:
    found = texts(diagram.draw(*shipped("three_layer")))
    values = ["0.3", "0.7", "1.1", "0.57444", "0.66819", "0.75026", "0.62625"]
    values += ["0.77101", "0.31683", "0.69628", "0.51616", "1.2140"]
    for value in values:
        assert value in found
    for text in ("x₁", "a₁⁽¹⁾", "z₃⁽¹⁾", "y₂", "w₁₂⁽¹⁾ = 0.2", "w₂₁⁽³⁾ = 0.3", "b₂⁽²⁾ = 0.2"):
        assert text in found
    for text in ("layer 1 'hidden 1'", "sigmoid", "(2,)·(2, 3) + (3,) → (3,)", "three-layer"):
        assert text in found


def test_a_node_holds_its_own_numbers_and_its_title_all_their_digits() -> None:
    network, trace = shipped("three_layer")
    found = groups(diagram.draw(network, trace))
    for layer in trace.layers:
        for neuron, (a, z) in enumerate(zip(layer.A, layer.Z, strict=True), 1):
            node = found[f"node-{layer.index}-{neuron}"]
            title = node.findtext(f"{SVG}title") or ""
            for letter, value in (("a", a), ("z", z)):
                (text,) = [each for each in node if each.get("class") == letter]
                assert float(text.text or "") == pytest.approx(value, rel=5e-5)
                assert f"{indexed(letter, neuron, layer=layer.index)} = {float(value)!r}" in title
                assert float(node.attrib[f"data-{letter}"]) == value


def test_edges_have_titles_with_their_weights() -> None:
    network, _ = shipped("iris")
    edge = groups(diagram.draw(network))["edge-1-2-4"]
    assert edge.findtext(f"{SVG}title") == "w₂₄⁽¹⁾ = -2.69"


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
    drawing = diagram.draw(*shipped("xor"))
    lines = {
        id_: path for id_, group in groups(drawing).items() for path in group.findall(f"{SVG}path")
    }
    positive, negative = lines["edge-1-2-1"], lines["edge-1-1-1"]
    assert "stroke-dasharray" not in positive.attrib
    assert "stroke-dasharray" in negative.attrib
    assert positive.attrib["stroke"] != negative.attrib["stroke"]
    width = {id_: float(line.attrib["stroke-width"]) for id_, line in lines.items()}
    assert width["edge-1-2-1"] == width["edge-1-1-1"] > width["bias-1-2"]
    assert {"positive weight or bias", "negative weight or bias"} <= set(texts(drawing))
    assert "zero weight or bias" not in texts(drawing)


def test_a_label_interrupts_its_own_line() -> None:
    for group in groups(diagram.draw(*shipped("three_layer"))).values():
        if group.get("class") == "edge":
            assert group.find(f"{SVG}path").attrib["d"].count("M") == 2  # type: ignore[union-attr]


def test_the_tint_has_one_scale_for_all_layers_and_says_so() -> None:
    network, trace = shipped("three_layer")
    drawing = diagram.draw(network, trace)
    for layer in trace.layers:
        for neuron, z in enumerate(layer.Z, 1):
            group = groups(drawing)[f"node-{layer.index}-{neuron}"]
            circle = group.findall(f"{SVG}circle")[-1]
            part = float(circle.attrib["fill-opacity"]) / colors.STRENGTH
            assert part == pytest.approx(z / 0.7710107, abs=0.002)
    assert {"tint of z in all layers: -0.771", "0.771"} <= set(texts(drawing))


def test_a_batch_shows_the_row_that_is_asked_for() -> None:
    network, trace = shipped("xor")
    found = groups(diagram.draw(network, trace, row=2))
    shown = [found[f"node-0-{neuron}"].findall(f"{SVG}text")[-1].text for neuron in (1, 2)]
    assert shown == ["0", "1"]
    assert "row 2 of 4" in texts(diagram.draw(network, trace, row=2))
    for row in (0, 5):
        with pytest.raises(
            netrunner.NetrunnerError, match=f"there is no row {row}: the input has 4"
        ):
            diagram.draw(network, trace, row=row)


def test_a_classifier_shows_percentages_and_marks_the_largest() -> None:
    drawing = diagram.draw(*shipped("iris"))
    assert {"setosa", "y₁ = 99.5 %", "y₂ = 0.4 %"} <= set(texts(drawing))
    found = groups(drawing)
    first, second, third = (
        float(found[f"node-2-{k}"].findall(f"{SVG}circle")[-1].attrib["stroke-width"])
        for k in (1, 2, 3)
    )
    assert first > 2 * second == 2 * third


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


def test_wide_layers_show_the_neurons_that_counted_most() -> None:
    network, trace = shipped("digits")
    drawing = diagram.draw(network, trace)
    assert {"⋮ 58 that counted less", "⋮ 44 that counted less"} <= set(texts(drawing))
    hidden, last = trace.layers
    counted = np.abs(last.layer.weights[:, int(last.Z.argmax())] * hidden.Z)
    most = {f"node-1-{k + 1}" for k in np.argsort(-counted)[:6]}
    assert {id_ for id_ in ids(drawing) if id_.startswith("node-1-")} == most
    assert {f"node-2-{neuron}" for neuron in range(1, 11)} <= ids(drawing)


def test_without_a_run_wide_layers_keep_the_ends() -> None:
    network, _ = shipped("digits")
    drawing = diagram.draw(network)
    assert {"⋮ 58 more", "⋮ 44 more"} <= set(texts(drawing))
    nodes = {id_ for id_ in ids(drawing) if id_.startswith("node-0-")}
    assert nodes == {f"node-0-{k}" for k in (1, 2, 3, 62, 63, 64)}


def test_strips_show_every_value_of_a_wide_layer() -> None:
    network, trace = shipped("digits")
    drawing = diagram.draw(network, trace)
    found = groups(drawing)
    for id_, values in (("strip-0", trace.input), ("strip-1", trace.layers[0].Z)):
        cells = [each for each in found[id_].iter(f"{SVG}rect") if "data-neuron" in each.attrib]
        shades = [float(cell.attrib["fill-opacity"]) for cell in cells]
        np.testing.assert_allclose(shades, 0.85 * values / values.max(), atol=6e-4)
    hidden = trace.layers[0].Z
    assert f"largest: {indexed('z', int(hidden.argmax()) + 1, layer=1)}" in texts(drawing)
    assert not {id_ for id_ in ids(diagram.draw(network)) if id_.startswith("strip-")}


def test_negative_cells_carry_a_tick(tmp_path: Path) -> None:
    network = network_in(tmp_path, [20, 2])
    x = np.linspace(-1, 1, 20)
    group = groups(diagram.draw(network, network.trace(x)))["strip-0"]
    (ticks,) = group.findall(f"{SVG}path")
    assert ticks.attrib["d"].count("M") == 10


def test_deep_networks_fold_into_rows(tmp_path: Path) -> None:
    network = network_in(tmp_path, [2, *[3] * 11, 2])
    drawing = diagram.draw(network, network.trace([1.0, 0.5]))
    assert drawing.width < 1300
    assert sum(text.endswith("(again)") for text in texts(drawing)) == 2
    assert {f"node-{layer}-1" for layer in range(13)} <= ids(drawing)
    assert {f"edge-{layer}-1-1" for layer in range(1, 13)} <= ids(drawing)


@pytest.mark.parametrize("name", ["three_layer", "iris", "digits", "regression"])
def test_no_letter_is_smaller_than_11_pixels(name: str) -> None:
    drawing = diagram.draw(*shipped(name))
    sizes = [float(node.attrib["font-size"]) for node in svg(drawing).iter(f"{SVG}text")]
    assert min(sizes) * 4 / 3 >= 11


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


@pytest.fixture(
    scope="module", params=["2-3-2-2", "4-2-3", "3-3", "2-2-1", "64-50-10", "5-6-5", "names"]
)
def drawing(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> diagram._Diagram:
    shape, folder = request.param, tmp_path_factory.mktemp("drawing")
    if shape == "names":
        network = network_in(
            folder, [6, 3, 6], name=f'"{"M" * 200}"', inputs=quoted(NASTY), outputs=quoted(NASTY)
        )
    else:
        network = network_in(folder, [int(size) for size in shape.split("-")])
    trace = network.trace(np.linspace(-12345.678, 3.14159265358, network.input_size))
    return diagram._Diagram(network, trace, True, "")


@pytest.mark.parametrize("size", [None, pytest.param((4, 3), marks=pytest.mark.slow)])
def test_texts_neither_meet_nor_leave_the_picture(
    drawing: diagram._Diagram, size: tuple[float, float] | None
) -> None:
    picture = drawing.drawing()
    width, height = size or (picture.width / 72, picture.height / 72)
    ax = paint(picture, new_axes(width, height))
    figure = ax.get_figure()
    assert isinstance(figure, Figure)
    figure.draw_without_rendering()
    level = [text for text in ax.texts if not text.get_rotation()]
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
    checked = 0
    circle: Circle | None = None
    for shape in drawing.drawing().shapes():
        if isinstance(shape, Circle):
            circle = shape
        elif isinstance(shape, Text) and shape.role in ("a", "z"):
            assert circle is not None
            half = ems(shape.text) * shape.size / 2
            rise = abs(shape.y - circle.y) + 0.3 * shape.size
            assert half**2 + rise**2 < circle.radius**2, shape.text
            checked += 1
    assert checked > 3


def test_a_diagram_is_drawn_into_given_axes() -> None:
    figure = Figure(figsize=(6, 3))
    left, right = figure.subplots(1, 2)
    assert drawn(diagram.draw(*shipped("three_layer")), left) is left
    assert not right.texts
    assert max(text.get_fontsize() for text in left.texts) < 6


def test_svg_and_matplotlib_draw_the_same_shapes() -> None:
    drawing = diagram.draw(*shipped("iris"))
    shapes = list(drawing.shapes())
    ax = drawn(drawing)
    assert [text.get_text() for text in ax.texts] == texts(drawing)
    assert len(ax.lines) == sum(isinstance(shape, Line) for shape in shapes)
    root = svg(drawing)
    circles = sum(isinstance(shape, Circle) for shape in shapes)
    assert len(list(root.iter(f"{SVG}circle"))) == circles
    # All but the background.
    assert len(list(root.iter(f"{SVG}rect"))) - 1 == sum(isinstance(s, Rect) for s in shapes)


# Names are text


def test_names_are_text_never_markup(tmp_path: Path) -> None:
    network = network_in(
        tmp_path, [6, 3, 6], name='"</text><script>x</script>"', inputs=quoted(NASTY)
    )
    drawing = diagram.draw(network, network.trace(np.ones(6)))
    found = texts(drawing)
    assert "</text><script>x</script>" in found
    assert "<script>alert(1)</script>" in found
    assert "$x$" in found
    assert r"\frac{a}{b}" in found
    assert "שלום �abc" in found
    assert "a b�[31m�c" in found
    assert any(text.startswith("WWWW") and text.endswith("…") for text in found)
    assert not list(svg(drawing).iter(f"{SVG}script"))


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
    cached = (fonts._lettering, fonts._characters)
    for each in cached:
        each.cache_clear()
    yield
    for each in cached:
        each.cache_clear()


@pytest.mark.parametrize(
    "suffix",
    ["png", "svg", pytest.param("pdf", marks=pytest.mark.slow)],  # takes 3 s to embed
)
def test_names_in_chinese_need_no_warning_where_a_font_has_them(
    suffix: str, tmp_path: Path
) -> None:
    if len(fonts._lettering(frozenset("手写输入")).missing):
        pytest.skip("no font with Chinese characters is installed")
    drawing = diagram.draw(network_in(tmp_path, [2, 3, 2], **CHINESE))
    saving.save_drawing(drawing, tmp_path / f"n.{suffix}")
    assert {"手写", "输入 一", "类别 猫"} <= set(texts(drawing))


@pytest.mark.usefixtures("only_dejavu")
def test_one_line_says_which_characters_no_font_has(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    network = network_in(tmp_path, [2, 3, 2], **CHINESE)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        drawing = diagram.draw(network)
        saving.save_drawing(drawing, tmp_path / "n.png")
    (warning,) = caught
    assert warning.category is MissingFontWarning
    assert str(warning.message) == (
        "no installed font has 一 二 入 写 别 手 狗 猫 类 输 (shown as boxes): "
        "install one that does, such as Debian's fonts-noto-cjk"
    )
    assert "类别 猫" in texts(drawing)  # whoever opens an SVG may have a font
    assert not caplog.records


def test_plain_names_open_no_other_font(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fonts._lettering.cache_clear()
    monkeypatch.setattr(fonts, "_candidates", lambda _: pytest.fail("looked at other fonts"))
    drawn(diagram.draw(network_in(tmp_path, [2, 2], name="plain été")))


# The parts


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.1 + 0.2, 5, "0.3"),
        (0.5744425168, 5, "0.57444"),
        (0.99999979, 5, "1.0000"),
        (-0.0, 5, "0"),
        (15.0, 4, "15"),
        (123456.0, 5, "123456"),
        (4.539786868e-05, 5, "4.5398e-05"),
        (-0.0015, 4, "-0.0015"),
        (0.00151, 2, "0.0015"),
        (1e10, 4, "1e+10"),
        (-1e10, 4, "-1e+10"),
        (float("nan"), 5, "nan"),
        (float("-inf"), 5, "-inf"),
    ],
)
def test_numbers_are_short(value: float, digits: int, text: str) -> None:
    assert number(value, digits) == text


@pytest.mark.parametrize("value", [0.123456789, -1.23456e-5, 123456.7, -0.00012345])
@pytest.mark.parametrize("room", [3.5, 4.5, 6.0])
def test_numbers_lose_digits_rather_than_room(value: float, room: float) -> None:
    text = fitting(value, room)
    assert ems(text) <= room or len(text) == len(number(value, 2))
    assert float(text) == pytest.approx(value, rel=0.06)


def test_a_box_is_crossed_where_points_of_the_line_lie_in_it() -> None:
    random = np.random.default_rng(2)
    seen = set()
    for _ in range(40):
        box = Box(*random.uniform(-2, 2, 2), *random.uniform(0.5, 4, 2), random.uniform(-3, 3))
        start, end = random.uniform(-5, 5, (2, 2))
        along = start + np.linspace(0, 1, 501)[:, np.newaxis] * (end - start)
        inside = any(box.meets_circle(x, y, 1e-9) for x, y in along)
        if inside or not any(box.meets_circle(x, y, 0.02) for x, y in along):  # not a near miss
            assert box.crossed_by(tuple(start), tuple(end)) == inside
            seen.add(inside)
    assert seen == {True, False}


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


def test_a_network_and_a_trace_draw_themselves() -> None:
    network, trace = shipped("three_layer")
    ax = Figure().subplots()
    assert network.diagram([1.0, 0.5], ax) is ax
    assert "0.57444" in [text.get_text() for text in ax.texts]
    ax = Figure().subplots()
    assert trace.plot(ax) is ax
