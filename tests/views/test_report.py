"""`netrunner report`: what the page holds, and what it does in a real browser."""

from __future__ import annotations

import json
import re
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from conftest import NETWORKS, THREE_LAYER, Result, listen, sampled
from samples import HOSTILE_NETWORK, MARKUP, Tags

import netrunner as nr
from netrunner.views.page.page import page as report_page

CHINESE = """
name: 手写网络
description: 明天下雨吗？
inputs: [湿度, 气压]
layers:
  - {name: 隐藏层, size: 3, weights: [[0.8, -0.4, 0.2], [-0.6, 0.9, 0.1]], biases: [0.1, -0.2, 0],
     activation: sigmoid}
  - {name: 输出层, size: 2, weights: [[1.2, -0.7], [-0.5, 0.8], [0.4, 0.1]], biases: 0,
     activation: softmax}
outputs: [下雨, 晴天]
examples: [{input: [0.9, 0.3], output: [0.7, 0.3], tolerance: 1}]
"""


def report(path: Path, x: Any = None, **more: Any) -> str:
    net = nr.load(path)
    return report_page(net, net.trace(net.examples[0].input if x is None else x), **more)


@cache
def example(name: str) -> str:
    return report(NETWORKS / f"{name}.yaml")


@pytest.fixture
def hostile(tmp_path: Path) -> str:
    (tmp_path / "hostile.yaml").write_text(HOSTILE_NETWORK, encoding="utf-8")
    return report(tmp_path / "hostile.yaml", [1, 2])


def test_the_page_holds_the_run(netrunner: Callable[..., Result], tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    assert netrunner("report", THREE_LAYER, "--output", page) == (0, "", "")
    found = Tags(page.read_text(encoding="utf-8"))
    for number in ("0.57444252", "0.66818777", "0.75026011", "0.7710107", "0.31682708"):
        assert number in found.text
    assert "The three-layer network worked by hand in chapter 3." in found.text
    for shapes in ("(2,)·(2, 3) + (3,) → (3,)", "(3,)·(3, 2) + (2,) → (2,)"):
        assert shapes in found.text
    assert "= 0.1·1 + 0.2·0.5 + 0.1 = 0.3" in found.text
    assert "y1 = 0.31682708; y2 = 0.69627909" in found.text  # the answer comes first
    assert found.text.index("y1 = 0.3168") < found.text.index("= 0.1·1")
    assert f"Made from {THREE_LAYER} by netrunner report, version " in found.text
    ids = found.values("id")
    assert len(ids) == len(set(ids))
    assert {"node-0-2", "node-1-3", "edge-2-1-3", "bias-3-2", "explain-3-2", "layer-3"} <= set(ids)
    links = {link for link in found.values("href") if link.startswith("#")}
    assert {link[1:] for link in links} <= set(ids)


def test_an_input_of_ones_own(netrunner: Callable[..., Result]) -> None:
    code, page, err = netrunner("report", THREE_LAYER, "--input", "0,0", "--output", "-")
    assert (code, err) == (0, "")
    assert "= 0.1·0 + 0.2·0 + 0.1" in page


@pytest.mark.parametrize(("name", "most"), [("three_layer", 150_000), ("digits", 400_000)])
def test_the_page_is_the_same_each_time_and_of_reasonable_size(name: str, most: int) -> None:
    page = example(name)
    assert page == report(NETWORKS / f"{name}.yaml")
    assert len(page.encode()) < most


def test_the_page_asks_for_nothing_and_forbids_the_rest() -> None:
    found = Tags(page := example("digits"))
    assert all(link.startswith(("#", "data:")) for link in found.values("href"))
    assert not {"src", "srcset", "style", "onclick", "onload"} & {
        name for _, attributes in found.tags for name in attributes
    }
    assert not re.search(r"https?:|@import|url\((?!#)", page)
    (policy,) = [a["content"] for t, a in found.tags if a.get("http-equiv")]
    assert str(policy).startswith("default-src 'none';")
    for tag in ("style", "script"):
        (text,) = re.findall(f"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        hash_ = b64encode(sha256(text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{hash_}'" in str(policy)


def test_names_are_text(hostile: str) -> None:
    found = Tags(hostile)
    tags = [tag for tag, _ in found.tags]
    assert (tags.count("script"), tags.count("style"), tags.count("img")) == (2, 1, 0)
    assert not {name for _, a in found.tags for name in a if name.startswith("on")}
    for name in MARKUP:
        assert name in found.text


def test_every_colour_of_the_pictures_has_one_for_the_dark(tmp_path: Path) -> None:
    style = re.search("<style>(.*?)</style>", page := example("three_layer"), re.DOTALL)
    assert style
    (tmp_path / "zh.yaml").write_text(CHINESE, encoding="utf-8")
    pages = page + example("digits") + report(tmp_path / "zh.yaml")
    used = set(re.findall(r' (?:fill|stroke)="(?:#[0-9a-f]+)"', pages))
    assert len(used) > 8
    assert {use.strip() for use in used} <= set(re.findall(r"\[(.+?)\]", style[1]))


def test_a_batch_shows_one_row_and_the_outputs_of_the_others() -> None:
    x = np.arange(60.0).reshape(30, 2) / 60
    Y = nr.load(THREE_LAYER)(x)
    page = report(THREE_LAYER, x, row=30)
    assert "Row 30 of 30." in page
    rows = re.findall(r'<tr data-row="(\d+)"( class="shown")?>', page)
    assert [int(number) for number, _ in rows] == list(range(11, 31))
    assert [number for number, mark in rows if mark] == ["30"]
    assert f"{Y[29, 0]:.8f}".rstrip("0") in page
    assert f"{Y[12, 0]:.8f}".rstrip("0") in page
    assert "10 of the 30 rows are not on this page" in page


PLUGIN = """
import netrunner
import numpy as np
from netrunner import Activation

calls = []


def counted(a):
    calls.append(a.shape)
    return np.tanh(a)


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("counted", counted)]
"""
PLUGIN_NETWORK = """
name: with a plugin
inputs: 2
layers:
  - {size: 2, weights: [[1, 2], [3, 4]], biases: 0, activation: counted}
  - {size: 1, weights: [[1], [3]], biases: 0, activation: identity}
examples:
  - {input: [0.1, 0.2], output: [3.27], tolerance: 5}
  - {input: [[1, 2], [-0.3, 0.2]], output: [[3.3], [0.1]], tolerance: 5}
"""


@pytest.fixture
def with_plugin(tmp_path: Path) -> nr.Network:
    (tmp_path / "plugin.py").write_text(PLUGIN, encoding="utf-8")
    (tmp_path / "n.yaml").write_text(PLUGIN_NETWORK, encoding="utf-8")
    return nr.load(tmp_path / "n.yaml", plugins=[tmp_path / "plugin.py"])


def test_a_report_calls_a_function_at_most_three_times_a_layer(with_plugin: nr.Network) -> None:
    x = np.arange(10.0).reshape(5, 2) / 10
    with_plugin(x)  # the first use tries the function
    calls = with_plugin.layers[0].activation.function.__globals__["calls"]
    calls.clear()
    report_page(with_plugin, with_plugin.trace(x), row=2)
    assert len(calls) == 3  # the run, the examples, and the curve


def test_with_a_plugin_the_page_offers_what_was_computed(with_plugin: nr.Network) -> None:
    page = report_page(with_plugin, with_plugin.trace([[0.1, 0.2], [1, 1]]), row=2)
    data = json.loads(re.findall('<script type="application/json".*?>(.*?)</script>', page)[0])
    assert data["live"] is False
    labels = [state["label"] for state in data["states"]]
    assert labels == ["row 1", "row 2", "example 1", "example 2, row 1", "example 2, row 2"]
    assert data["at"] == 1
    for state in data["states"]:
        trace = with_plugin.trace(state["x"])
        np.testing.assert_allclose(state["Z"][0], trace.layers[0].Z, rtol=1e-12)
        np.testing.assert_allclose(state["A"][1], trace.layers[1].A, rtol=1e-12)
    assert "This page cannot compute counted: choose one of" in page


def test_a_built_in_activation_that_the_scripts_lack_is_shown_as_a_plugins() -> None:
    net = nr.load(THREE_LAYER)
    first = replace(net.layers[0], activation=nr.Activation("bent", np.tanh))
    net = replace(net, layers=(first, *net.layers[1:]))
    page = report_page(net, net.trace([1.0, 0.5]))
    assert "This page cannot compute bent: choose one of" in page


def test_a_single_input_beside_an_example_of_many_rows(tmp_path: Path) -> None:
    (tmp_path / "plugin.py").write_text(PLUGIN, encoding="utf-8")
    many = [[0.1, i / 200] for i in range(150)]
    example = f"  - {{input: {many}, output: {[[0]] * 150}, tolerance: 9}}\n"
    text = PLUGIN_NETWORK[: PLUGIN_NETWORK.index("  - {input")] + example
    (tmp_path / "n.yaml").write_text(text, encoding="utf-8")
    network = nr.load(tmp_path / "n.yaml", plugins=[tmp_path / "plugin.py"])
    page = report_page(network, network.trace([0.1, 0.2]))
    data = json.loads(re.findall('<script type="application/json".*?>(.*?)</script>', page)[0])
    for state in data["states"]:
        np.testing.assert_allclose(state["Z"][0], network.trace(state["x"]).layers[0].Z)


def test_what_is_not_finite_is_said(tmp_path: Path) -> None:
    text = "name: n\ninputs: 1\nlayers:\n  - {size: 1, weights: [[1e300]], biases: 0, activation: "
    (tmp_path / "n.yaml").write_text(f"{text}identity}}\n", encoding="utf-8")
    with pytest.warns(nr.NetrunnerWarning):
        page = report(tmp_path / "n.yaml", [1e300])
    assert '<p class="warning" id="warning"><b>Not finite.</b> <span>layer 1' in page
    assert '<span data-v="a-1-1">inf</span>' in page


def test_wide_layers_have_strips_and_unfold(tmp_path: Path) -> None:
    found = Tags(page := example("digits"))
    assert "The sums of all 50 neurons" in found.text
    cells = [a["data-neuron"] for tag, a in found.tags if tag == "rect" and "data-neuron" in a]
    assert len(cells) == 2 * 64 + 3 * 50  # in the diagram, too
    assert "99.9 %" in found.text
    assert page.count("number largest") == 1
    assert "All 64 inputs" in found.text


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["--output", "no/such/report.html"], 1, "there is no folder 'no/such'"),
        (["--output", "."], 1, "it is a folder"),
        (["--row", "2", "--output", "r.html"], 1, "--row: error: there is no row 2"),
        (["--input", "1,2,3", "--output", "r.html"], 1, "--input: error: 3 numbers"),
        ([], 2, "Missing option '--output'"),
        (["--input", "1,2", "--input-file", "f", "--output", "r.html"], 2, "cannot both be given"),
    ],
)
def test_what_is_wrong_is_one_clear_line(
    netrunner: Callable[..., Result],
    arguments: list[str],
    code: int,
    says: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    result = netrunner("report", THREE_LAYER, *arguments)
    assert (result.code, result.out) == (code, "")
    assert says in result.err
    assert list(tmp_path.iterdir()) == []


# In the browser


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The reports that the browser opens, by name."""
    folder = tmp_path_factory.mktemp("reports")
    (folder / "chinese.yaml").write_text(CHINESE, encoding="utf-8")
    (folder / "hostile.yaml").write_text(HOSTILE_NETWORK, encoding="utf-8")
    other_digit = nr.example("digits").examples[1].input
    texts = {
        **{name: example(name) for name in ("three_layer", "digits", "iris", "xor")},
        "another digit": report(NETWORKS / "digits.yaml", other_digit),
        "chinese": report(folder / "chinese.yaml"),
        "hostile": report(folder / "hostile.yaml", [1, 2]),
        "batch": report(THREE_LAYER, [[1, 0.5], [2, 3]]),
    }
    identity = "[[1, 0, 0], [0, 1, 0], [0, 0, 1]]"
    for name, h in (("softmax", "softmax"), ("sigmoids", "sigmoid")):
        layer = f"{{size: 3, weights: {identity}, biases: 0, activation: {h}}}"
        text = f"name: {name}\ninputs: 3\nlayers: [{layer}]\n"
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
        texts[name] = report(folder / f"{name}.yaml", [0.3, 2.9, 4.0])
    (folder / "plugin.py").write_text(PLUGIN, encoding="utf-8")
    (folder / "plugin.yaml").write_text(PLUGIN_NETWORK, encoding="utf-8")
    plugged = nr.load(folder / "plugin.yaml", plugins=[folder / "plugin.py"])
    texts["plugin"] = report_page(plugged, plugged.trace([0.1, 0.2]))
    for name, text in texts.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    return {name: folder / f"{name}.html" for name in texts}


@pytest.fixture
def opened(browser: Any, tab: Any, pages: dict[str, Path]) -> Iterator[Callable[..., Any]]:
    """Opens a report, in a tab of its own if there are settings; nothing else may be asked for."""
    heard: list[str] = []
    urls, contexts = set(), []

    def note(request: Any) -> None:
        if request.url not in urls:
            heard.append(f"request: {request.url}")

    def open_(
        name: str, size: Any = None, look: Any = None, script: bool = True, **settings: Any
    ) -> Any:
        page = tab
        browsing.send("Emulation.setScriptExecutionDisabled", {"value": not script})
        if settings:
            contexts.append(browser.new_context(**settings))
            page = contexts[-1].new_page()
            listen(page, heard)
            page.on("request", note)
        if size is not None:
            page.set_viewport_size(dict(zip(("width", "height"), size, strict=True)))
        if look is not None:
            page.emulate_media(**look)
        urls.add(pages[name].as_uri())
        page.goto(pages[name].as_uri())
        return page

    browsing = tab.context.new_cdp_session(tab)
    tab.on("request", note)
    yield open_
    tab.remove_listener("request", note)
    browsing.detach()
    for context in contexts:
        context.close()
    assert heard == []


def state(page: Any) -> SimpleNamespace:
    """Which sum is shown, and what is lit."""
    return SimpleNamespace(
        **page.evaluate("""() => {
            const ids = (selector) => [...document.querySelectorAll(selector)].map((e) => e.id);
            const text = document.getElementById("sum").textContent;
            return {
                sum: text.replace(/\\s+/g, " "),
                edges: ids("#diagram [id^=edge-].on, #diagram [id^=bias-].on"),
                nodes: ids("#diagram a.on"),
                sources: ids("#diagram .source[id]"),
                rows: [...document.querySelectorAll("tr.on, thead th.on")].map(
                    (e) => e.dataset.neuron),
                focused: document.activeElement.id || document.activeElement.dataset.neuron,
            };
        }""")
    )


SECOND_OF_2 = "= 0.4·0.57444252 + 0.5·0.66818777 + 0.6·0.75026011 + 0.2 = 1.21402696"


def assert_second_of_layer_2(page: Any) -> None:
    found = state(page)
    assert SECOND_OF_2 in found.sum
    assert "1/(1 + exp(-1.21402696)) = 0.7710107" in found.sum
    assert sorted(found.edges) == ["bias-2-2", "bias-node-2", *(f"edge-2-2-{i}" for i in (1, 2, 3))]
    assert found.nodes == ["node-2-2"]
    assert sorted(found.sources) == ["node-1-1", "node-1-2", "node-1-3"]
    assert found.rows == ["2-2"]


def assert_nothing_shown(page: Any) -> None:
    found = state(page)
    assert (found.sum, found.edges, found.nodes, found.rows) == ("", [], [], [])


def test_pointing_shows_the_sum_and_lights_what_comes_in(opened: Callable[..., Any]) -> None:
    from playwright.sync_api import expect

    page = opened("three_layer")
    assert_nothing_shown(page)
    page.hover("#node-2-2")
    assert_second_of_layer_2(page)
    expect(page.locator("#edge-1-1-1")).to_have_css("opacity", "0.12")
    expect(page.locator("#edge-2-2-3")).to_have_css("opacity", "1")
    page.keyboard.press("Escape")
    assert_nothing_shown(page)
    page.hover("td[data-neuron='2-2'] >> nth=1")
    assert_second_of_layer_2(page)
    page.click("#close")
    assert_nothing_shown(page)
    page.hover("#node-0-1")  # an input is no sum
    assert_nothing_shown(page)


def test_scrolling_opens_nothing(opened: Callable[..., Any]) -> None:
    page = opened("three_layer")
    page.locator("#network").scroll_into_view_if_needed()
    box = page.locator("#node-2-1").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y - 150)
    page.mouse.wheel(0, 150)
    page.wait_for_function(
        "([x, y]) => document.elementFromPoint(x, y).closest('#node-2-1')", arg=[x, y - 150]
    )
    page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    assert_nothing_shown(page)
    page.mouse.move(x + 1, y - 150)
    assert "Neuron 1 of layer 2" in state(page).sum


def test_the_keyboard_can_do_what_the_mouse_can(opened: Callable[..., Any]) -> None:
    page = opened("three_layer")
    stops = []
    for _ in range(30):
        page.keyboard.press("Tab")
        stops.append(state(page).focused)
        if stops[-1] == "node-1-1":
            break
    else:
        pytest.fail(f"Tab never came to the diagram: {stops}")
    assert "= 0.1·1 + 0.2·0.5 + 0.1 = 0.3" in state(page).sum
    outline = page.evaluate(
        "getComputedStyle(document.querySelector('#node-1-1 circle:last-of-type')).strokeWidth"
    )
    assert float(outline.removesuffix("px")) >= 4
    for key, focused in [
        ("ArrowRight", "node-2-1"), ("ArrowDown", "node-2-2"), ("ArrowDown", "node-3-1"),
        ("ArrowUp", "node-2-2"), ("ArrowLeft", "node-1-2"), ("End", "node-3-2"),
        ("ArrowDown", "node-3-2"), ("Home", "node-1-1"), ("ArrowLeft", "node-1-1"),
        ("ArrowDown", "node-1-2"), ("ArrowRight", "node-2-2"),
    ]:  # fmt: skip
        page.keyboard.press(key)
        assert state(page).focused == focused
    assert_second_of_layer_2(page)
    page.keyboard.press("Escape")
    assert_nothing_shown(page)
    for key in ("Enter", "Space"):
        page.keyboard.press(key)
        assert_second_of_layer_2(page)
        page.keyboard.press("Escape")
    for _ in range(3):  # no trap: on to the first table, and on from there
        page.keyboard.press("Tab")
        if state(page).focused == "1-1":
            break
    assert state(page).focused == "1-1"
    page.keyboard.press("ArrowRight")
    assert state(page).rows == ["1-2"]


def test_screen_readers_have_the_values_and_hear_the_sum(opened: Callable[..., Any]) -> None:
    page = opened("chinese")
    neuron = page.get_by_role("button", name="晴天: neuron 2 of layer 2").first
    neuron.focus()
    assert "neuron" in neuron.get_attribute("aria-label")
    spoken = page.get_by_role("status").text_content()
    assert "Neuron 2 of layer 2: 晴天" in spoken
    texts = page.locator("#diagram text").evaluate_all(
        "all => all.filter((text) => !text.closest('[aria-hidden=true], [role=button]')).length"
    )
    assert texts == 0  # else each letter of the picture would be read out


def test_a_finger_can_do_it_too(opened: Callable[..., Any]) -> None:
    page = opened("three_layer", size=(390, 844), has_touch=True, is_mobile=True)
    page.tap("#node-2-2")
    assert_second_of_layer_2(page)
    dock, neuron = (page.locator(each).bounding_box() for each in ("#dock", "#node-2-2"))
    below = dock["y"] >= neuron["y"] + neuron["height"]
    assert below or dock["y"] + dock["height"] <= neuron["y"]  # it does not cover what it is about
    page.tap("h1")
    assert_nothing_shown(page)


SMALLEST = """() => Math.min(...[...document.querySelectorAll("body *")].map((each) => {
    const isText = [...each.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!isText || !each.checkVisibility() || each.closest("title, script")) return Infinity;
    const matrix = each.ownerSVGElement ? each.getScreenCTM() : { b: 0, d: 1 };
    return parseFloat(getComputedStyle(each).fontSize) * Math.hypot(matrix.b, matrix.d);
}))"""  # pixels of the smallest letters that are shown


@pytest.mark.parametrize("name", sampled(["digits", "chinese", "batch"], 2))
def test_a_phone_scrolls_no_page_sideways(opened: Callable[..., Any], name: str) -> None:
    page = opened(name, size=(390, 844))
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    box = "document.querySelector('.diagram')"  # whose layers are below each other now
    assert page.evaluate(f"{box}.scrollWidth <= {box}.clientWidth")
    nodes = (page.locator(f"[id^='node-{layer}-'] >> nth=0") for layer in (1, 2))
    first, second = (node.bounding_box()["y"] for node in nodes)
    assert first < second
    assert page.evaluate(SMALLEST) > 10.99
    page.set_viewport_size({"width": 320, "height": 600})
    assert page.evaluate("document.documentElement.scrollWidth") == 320


def test_any_neuron_of_a_wide_layer_can_be_had(opened: Callable[..., Any]) -> None:
    page = opened("digits")
    page.hover("#strip-1 [data-neuron='1-28']")  # one that the diagram leaves out
    assert state(page).rows == ["1-28"]
    assert "Neuron 28 of layer 1" in state(page).sum
    page.hover("#node-2-4")
    found = state(page)
    assert "⋯ 46 more terms" in found.sum
    assert {f"edge-2-4-{k}" for k in (28, 50)} <= set(found.edges)
    assert not {
        edge for edge in found.edges if not re.match(r"(edge|bias)-2-4\b|bias-node-2", edge)
    }


CONTRASTS = """() => {
    const rgb = (color) => color.match(/[\\d.]+/g).slice(0, 3).map(Number);
    const luminance = (color) => {
        const [r, g, b] = color.map((c) => {
            c /= 255;
            return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const paper = rgb(getComputedStyle(document.getElementById("network")).backgroundColor);
    const grounds = [paper];
    for (const circle of document.querySelectorAll("#diagram a > circle:last-of-type")) {
        const { fill, fillOpacity } = getComputedStyle(circle);
        const over = rgb(fill);
        grounds.push(over.map((c, i) => c * fillOpacity + paper[i] * (1 - fillOpacity)));
    }
    const letters = [...document.querySelectorAll(".figure text")];
    return letters.map((text) => {
        const ink = luminance(rgb(getComputedStyle(text).fill));
        // What stands in a circle is ink or grey; what is coloured stands on the paper.
        const plain = ["#1a1a1a", "#4d4d4d"].includes(text.getAttribute("fill"));
        return Math.min(...(plain ? grounds : [paper]).map((ground) => {
            const [low, high] = [ink, luminance(ground)].sort((a, b) => a - b);
            return (high + 0.05) / (low + 0.05);
        }));
    });
}"""


@pytest.mark.parametrize("name", sampled(["digits", "three_layer", "chinese"], 2))
def test_the_letters_of_the_pictures_can_be_read(opened: Callable[..., Any], name: str) -> None:
    page = opened(name)
    for look in ({"color_scheme": "light"}, {"color_scheme": "dark"}, {"forced_colors": "active"}):
        page.emulate_media(**look)
        contrasts = page.evaluate(CONTRASTS)
        assert len(contrasts) > 20
        assert min(contrasts) >= 4.5


@pytest.mark.parametrize(
    ("name", "look", "width"),
    sampled(
        [
            ("batch", {"color_scheme": "dark"}, 390),
            ("digits", {"color_scheme": "light"}, 1366),
            ("chinese", {"forced_colors": "active"}, 683),  # as at 200 %
        ],
        3,
    ),
)
def test_axe_finds_nothing(
    opened: Callable[..., Any], name: str, look: dict[str, str], width: int
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = opened(name, size=(width, 800), look=look)
    page.hover("#node-2-2")
    results = Axe().run(page).response
    assert [(v["id"], v["nodes"][0]["html"]) for v in results["violations"]] == []
    assert len(results["passes"]) > 20


# In a notebook


def test_a_notebook_has_the_page_in_a_frame_that_answers(tab: Any, tmp_path: Path) -> None:
    html = nr.load(THREE_LAYER).widget()._repr_mimebundle_()[0]["text/html"]
    (frame,) = [attributes for tag, attributes in Tags(html).tags if tag == "iframe"]
    assert frame["sandbox"] == "allow-scripts"
    (tmp_path / "notebook.html").write_text(f"<!DOCTYPE html>{html}", encoding="utf-8")
    tab.goto((tmp_path / "notebook.html").as_uri())
    inside = tab.frame_locator("iframe")
    inside.locator("[data-input='1']").fill("2")
    assert inside.locator("[data-neuron='1-1'][data-a]").first.get_attribute("data-a") == "0.4"
    tab.wait_for_timeout(250)  # until the address would have been written


def test_with_anywidget_the_kernel_knows_the_input(tab: Any) -> None:
    widget = nr.load(THREE_LAYER).widget()
    assert widget.x == [1.0, 0.5]
    bundle, _ = widget._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert "<iframe" in bundle["text/html"]  # for where no kernel is
    script = """
        const state = {HTML}, told = [];
        const model = {
            get: (name) => state[name], set: (name, value) => (state[name] = value),
            save_changes: () => document.title = String(state.x),
            on: (name, hear) => told.push(hear), off: () => {},
        };
        const url = URL.createObjectURL(new Blob([{ESM}], {type: "text/javascript"}));
        import(url).then((esm) => esm.default.render({model, el: document.body}));
        window.setX = (x) => { state.x = x; for (const hear of told) hear(); };
    """
    state = {name: getattr(widget, name) for name in ("html", "title", "height", "x")}
    script = script.replace("{HTML}", json.dumps(state)).replace("{ESM}", json.dumps(widget._esm))
    script = script.replace("</", "<\\/")
    tab.set_content(f"<!DOCTYPE html><body><script>{script}</script>")
    inside = tab.frame_locator("iframe")
    inside.locator("[data-input='1']").fill("2")
    tab.wait_for_function("document.title === '2,0.5'")
    tab.evaluate("setX([4, 0.5])")
    inside.locator("[data-neuron='1-1'][data-a='0.6']").first.wait_for()


def test_without_anywidget_the_page_is_in_a_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "netrunner.views.page.live_widget", None)
    widget = nr.load(THREE_LAYER).widget()
    assert repr(widget) == "<Widget of 'three-layer': a notebook shows it>"
    assert "<iframe" in widget._repr_html_()


def test_a_widget_needs_an_input_or_an_example() -> None:
    layer = "{size: 1, weights: [[1]], biases: 0, activation: relu}"
    network = nr.loads(f"name: n\ninputs: 1\nlayers: [{layer}]")
    with pytest.raises(ValueError, match="no example: give an input"):
        network.widget()
    assert network.widget([1.0]).x == [1.0]


# What follows a change


def values(page: Any) -> tuple[dict[str, set[float]], dict[str, set[float]]]:
    """Every A and every Z on the page, by neuron: a set of one where all places agree."""
    found: tuple[dict[str, set[float]], dict[str, set[float]]] = ({}, {})
    for neuron, *texts in page.evaluate("""
        [...document.querySelectorAll("[data-neuron][data-z]")].map(
            ({dataset}) => [dataset.neuron, dataset.a ?? null, dataset.z])
    """):
        for values, text in zip(found, texts, strict=True):
            if text is not None:
                values.setdefault(neuron, set()).add(float(text))
    return found


def assert_shows(page: Any, weights: Any, biases: Any, x: Any, net: nr.Network) -> None:
    """The page has the numbers of the book's two lines, to 1e-12."""
    A, Z = values(page)
    z = np.array(x, dtype=float)
    for layer, (W, B) in enumerate(zip(weights, biases, strict=True), 1):
        a = z @ W + B
        z = net.layers[layer - 1].activation.function(a)
        for found, array in ((A, a), (Z, z)):
            for k, value in enumerate(array, 1):
                (only,) = found[f"{layer}-{k}"]
                assert only == pytest.approx(value, rel=1e-12, abs=1e-300)


@pytest.mark.parametrize("name", sampled(["three_layer", "xor", "iris"], 3))
def test_every_number_follows_an_input_a_weight_and_a_bias(
    opened: Callable[..., Any], name: str
) -> None:
    net, page = nr.load(NETWORKS / f"{name}.yaml"), opened(name)
    x = np.atleast_2d(net.examples[0].input)[0].copy()
    W = [layer.weights.copy() for layer in net.layers]
    B = [layer.biases.copy() for layer in net.layers]
    assert_shows(page, W, B, x, net)
    x[1] = -0.375
    page.fill("[data-input='2']", "-0.375")
    assert_shows(page, W, B, x, net)
    W[0][1, 0] = 2.5
    page.fill("[data-weight='1-1-2']", "2.5")
    B[-1][0] = -1e-3
    page.fill(f"[data-bias='{len(W)}-1']", "-1e-3")
    assert_shows(page, W, B, x, net)
    page.fill("[data-input='1']", "1e")  # not a number yet: nothing changes
    assert page.get_attribute("[data-input='1']", "aria-invalid") == "true"
    why = "document.querySelector('[data-input=\"1\"]').validationMessage"
    assert page.evaluate(why) == ""
    page.fill("[data-input='1']", "1,5")
    assert page.evaluate(why) == "Write a number with ASCII digits and a point, such as -0.5."
    assert_shows(page, W, B, x, net)
    page.hover("#node-1-1")
    assert "2.5·(-0.375)" in state(page).sum
    assert "2.5·(-0.375)" in page.text_content("#explain-1-1")
    page.click("#reset")
    fresh = np.atleast_2d(net.examples[0].input)[0]
    original = [layer.weights for layer in net.layers], [layer.biases for layer in net.layers]
    assert_shows(page, *original, fresh, net)


EXTREMES = [[1010.0, 1000, 990], [-745, 700, 0.1], [1e-300, -1e-300, 36.7]]


@pytest.mark.parametrize("name", ["softmax", "sigmoids"])
def test_softmax_and_sigmoid_are_accurate_at_both_ends(
    opened: Callable[..., Any], pages: dict[str, Path], name: str
) -> None:
    net, page = nr.load(pages[name].with_suffix(".yaml")), opened(name)
    for x in EXTREMES:
        page.evaluate(
            """(texts) => texts.forEach((text, j) => {
                const field = document.querySelector(`[data-input="${j + 1}"]`);
                field.value = text;
                field.dispatchEvent(new Event("input", { bubbles: true }));
            })""",
            [repr(each) for each in x],
        )
        trace = net.trace(x)
        A, Z = values(page)
        for k, (a, z) in enumerate(zip(trace.layers[0].A, trace.output, strict=True), 1):
            assert A[f"1-{k}"] == {a}
            (found,) = Z[f"1-{k}"]
            assert found == pytest.approx(z, rel=1e-12, abs=5e-324)
    shares = page.locator("[data-share]").all_text_contents()
    assert len(shares) in (0, 3)


def test_the_answer_the_diagram_and_the_shares_follow(opened: Callable[..., Any]) -> None:
    page = opened("iris")
    assert page.text_content("#says").startswith("setosa, 99.5 %")
    page.select_option("#states", label="example 2")
    assert page.text_content("#says").startswith("versicolor, 99.0 %")
    assert page.locator("[data-share].largest").get_attribute("data-share") == "2-2"
    assert page.text_content("#node-2-2 text.z") == "0.99026"
    assert page.text_content(".output[data-neuron='2-2'] .share") == "y₂ = 99.0 %"
    bold = page.locator(".output text[font-weight='bold']").all_text_contents()
    assert bold == ["versicolor", "y₂ = 99.0 %"]
    assert "= 0.99026049" in page.text_content("#explain-2-2")
    shares = page.locator("[data-share]").all_text_contents()
    assert sum(float(share.removesuffix(" %")) for share in shares) == pytest.approx(100)


DRAWN = """() => [...document.querySelectorAll("#diagram g, #diagram a")].map((group) => [
    group.id, group.getAttribute("href"), group.ariaLabel, group.getAttribute("transform"),
    [...group.querySelectorAll("text")].map((text) => text.textContent),
    group.querySelector("path")?.getAttribute("d"),
])"""


@pytest.mark.parametrize("width", sampled([390, 1366], 2))
def test_the_page_becomes_what_it_would_be_for_the_input_that_is_chosen(
    opened: Callable[..., Any], width: int
) -> None:
    from playwright.sync_api import expect

    page = opened("digits", size=(width, 800))
    sums = page.locator("#layer-2 .line")
    before = page.evaluate(DRAWN)
    page.select_option("#states", label="example 2")
    now = page.evaluate(DRAWN)
    assert now != before
    expect(page.locator("#layer-2 .stale")).to_have_count(0)  # long sums come after the frame
    lines = sums.all_text_contents()
    page.click("#reset")
    assert page.evaluate(DRAWN) == before
    page = opened("another digit", size=(width, 800))
    assert now == page.evaluate(DRAWN)
    assert lines == sums.all_text_contents()


def test_the_address_keeps_what_was_set(opened: Callable[..., Any]) -> None:
    page = opened("three_layer")
    page.fill("[data-input='1']", "0.25")
    page.fill("[data-weight='2-1-3']", "-7")
    page.wait_for_url("**#set:*w2-1-3*")
    A = values(page)[0]
    url = page.url
    page.goto("about:blank")
    page.goto(url)
    assert page.input_value("[data-input='1']") == "0.25"
    assert page.input_value("[data-weight='2-1-3']") == "-7"
    assert values(page)[0] == A


def test_a_picture_can_be_drawn_on(opened: Callable[..., Any]) -> None:
    page = opened("digits")
    cell = "[data-strip='x-0'] [data-neuron='0-1']"
    page.locator(cell).click()
    assert page.input_value("[data-input='1']") == "16"
    net = nr.load(NETWORKS / "digits.yaml")
    x = net.examples[0].input.copy()
    x[0] = 16
    W, B = [layer.weights for layer in net.layers], [layer.biases for layer in net.layers]
    assert_shows(page, W, B, x, net)


def test_with_a_plugin_states_can_be_chosen_and_fields_not(opened: Callable[..., Any]) -> None:
    page = opened("plugin")
    assert page.is_disabled("[data-input='1']")
    before = values(page)
    page.select_option("#states", label="example 2, row 2")
    assert values(page) != before
    assert values(page)[1]["0-1"] == {-0.3}
    page.click("#reset")
    assert values(page) == before


def test_a_weight_that_is_pointed_at_lights_its_edge_and_its_cell(
    opened: Callable[..., Any],
) -> None:
    page = opened("three_layer")

    def pointed() -> set[str]:
        return set(
            page.evaluate("""() => [...document.querySelectorAll(".pointed")].map(
                (each) => each.id || each.dataset.edge || each.dataset.neuron)""")
        )

    page.hover("td[data-edge='2-1-3']")
    assert pointed() == {"1-3", "2-1", "2-1-3", "edge-2-1-3"}
    page.hover("h1")
    assert pointed() == set()
    page.focus("[data-bias='2-1']")
    assert pointed() == {"2-1", "bias-2-1"}


def test_previous_walks_back_and_next_returns(opened: Callable[..., Any]) -> None:
    page = opened("three_layer")
    page.click("#node-3-2")
    for button, who in [("previous", "2 of layer 2"), ("previous", "3 of layer 1"),
                        ("next", "2 of layer 2"), ("next", "2 of layer 3")]:  # fmt: skip
        page.click(f"#{button}")
        assert f"Neuron {who}" in state(page).sum
    page.hover("#node-1-1")  # it is pinned
    assert "Neuron 2 of layer 3" in state(page).sum
    page.keyboard.press("Escape")
    assert_nothing_shown(page)


def test_the_row_of_a_batch_stays_marked(opened: Callable[..., Any]) -> None:
    page = opened("batch")
    page.hover("#node-1-1")
    page.keyboard.press("Escape")
    assert page.locator("#rows tr.shown").get_attribute("data-row") == "1"


def test_hostile_names_are_harmless(opened: Callable[..., Any]) -> None:
    page = opened("hostile")
    for neuron in ("#node-1-1", "#node-2-1", "#node-2-3"):
        page.hover(neuron)
        page.focus(neuron)
    assert MARKUP[3] in page.text_content("#sum")
    assert page.title() == MARKUP[0]
    assert page.text_content("h1") == MARKUP[0]
    assert page.evaluate("document.querySelectorAll('img, script, style').length") == 3


def test_without_a_script_all_is_there(opened: Callable[..., Any]) -> None:
    page = opened("digits", script=False)
    page.click("tr[data-neuron='1-7'] a >> nth=0")
    assert page.url.endswith("#explain-1-7")
    assert page.locator("#explain-1-7").is_visible()  # unfolded by the link
    assert not page.get_by_text("Point at a neuron").is_visible()


def test_in_print_the_sums_are_there_and_what_can_be_clicked_is_not(
    opened: Callable[..., Any],
) -> None:
    from playwright.sync_api import expect

    page = opened("digits", look={"color_scheme": "dark"})
    page.hover("#node-2-4")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.locator("#explain-2-7").is_visible()
    assert not page.locator("#explain-1-7").is_visible()  # one of 50, which would be many pages
    assert page.get_by_text("The sums of all 50 neurons").is_visible()
    assert not page.locator("#dock").is_visible()
    assert not page.locator(".hint").first.is_visible()
    assert page.evaluate(SMALLEST) > 10.99
    assert page.locator("#network.stacked").count() == 1  # too large for a sheet otherwise
    look = "(id) => getComputedStyle(document.getElementById(id))"
    assert page.evaluate(f"({look})('edge-2-1-28').opacity") == "1"
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(26, 26, 26)"
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen")
    expect(page.locator("details[open], .stacked")).to_have_count(0)


def test_the_style_sheet_and_the_script_are_in_the_package(
    netrunner: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/")
    code, page, err = netrunner("report", THREE_LAYER, "--output", "-")
    assert (code, err) == (0, "")
    assert page.endswith("</html>\n")
