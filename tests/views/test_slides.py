"""`netrunner slides`: a run step by step, for a projector and for paper."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from conftest import NETWORKS, THREE_LAYER, Result
from samples import HOSTILE_NETWORK, MARKUP, Tags
from test_report import PLUGIN, PLUGIN_NETWORK

import netrunner as nr
from netrunner.views.slides.deck import deck


def slides_of(page: str) -> list[str]:
    """The text of each slide."""
    return [Tags(each).text for each in re.split(r"<section ", page)[1:]]


@cache
def deck_of(name: str) -> str:
    net = nr.load(NETWORKS / f"{name}.yaml")
    return deck(net, net.trace(net.examples[0].input))


def test_one_neuron_after_the_other(netrunner: Callable[..., Result], tmp_path: Path) -> None:
    file = tmp_path / "slides.html"
    assert netrunner("slides", THREE_LAYER, "--output", file) == (0, "", "")
    first, given, layer, *neurons, whole = slides_of(file.read_text(encoding="utf-8"))[:7]
    assert "The three-layer network worked by hand in chapter 3." in first
    assert "The input" in given
    assert "(2,)·(2, 3) + (3,) → (3,)" in layer
    assert [f"neuron {k} of 3" in text for k, text in enumerate(neurons, 1)] == [True] * 3
    assert "= 0.1·1 + 0.2·0.5 + 0.1 = 0.3" in neurons[0]
    assert "= 1/(1 + exp(-1.1)) = 0.75026011" in neurons[2]
    assert "0.66818777" in whole
    assert "goes into layer 2" in whole
    *_, last, answer = slides_of(file.read_text(encoding="utf-8"))
    assert "is Y, the output" in last
    assert "y1 = 0.31682708; y2 = 0.69627909" in answer


@pytest.mark.parametrize("name", ["three_layer", "xor"])
def test_the_whole_network_can_be_read_from_the_back_row(name: str) -> None:
    """16 pixels of a projector's 1280 × 720."""
    for slide in (deck_of(name).split("<section ")[1], deck_of(name).split("<section ")[-1]):
        (svg,) = re.findall("<svg.*?</svg>", slide, re.DOTALL)
        (box,) = re.findall('viewBox="([^"]*)"', svg)
        _, _, width, height = map(float, box.split())
        sizes = {float(size) for size in re.findall('font-size="([^"]*)"', svg)}
        assert min(sizes) * min(1240 / width, 470 / height) >= 16


def test_without_an_output_the_file_has_a_new_name(
    netrunner: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert netrunner("slides", THREE_LAYER).err == "wrote three_layer.html\n"
    assert netrunner("slides", THREE_LAYER).err == "wrote three_layer-2.html\n"


def test_a_row_of_a_batch_and_few_digits(netrunner: Callable[..., Result]) -> None:
    inputs = ("--input", "1,0.5", "--input", "0,0")
    _, page, _ = netrunner(
        "slides", THREE_LAYER, *inputs, "--row", 2, "--precision", 3, "--output", "-"
    )
    assert "row 2 of 2" in slides_of(page)[1]
    assert "= 1/(1 + exp(-0.1)) = 0.525" in slides_of(page)[3]
    code, out, err = netrunner("slides", THREE_LAYER, *inputs, "--row", 3, "--output", "-")
    assert (code, out) == (1, "")
    assert "--row: error: there is no row 3" in err


def test_softmax_has_its_steps() -> None:
    texts = slides_of(deck_of("softmax"))
    steps = [text for text in texts if "', softmax: " in text]
    titles = [text.partition("softmax: ")[2] for text in steps]
    for title, begins in zip(
        titles, ("the largest", "exponentials", "their sum", "shares"), strict=True
    ):
        assert title.startswith(begins)
    assert "max(0.3, 2.9, 4) = 4" in steps[0]
    assert "= 1.35759461" in steps[2]
    assert "73.7 %" in texts[-2]
    assert "0.736" not in texts[5]  # a neuron's own slide does not give its share away


def test_of_a_wide_layer_a_stated_few_and_the_whole() -> None:
    texts = slides_of(deck_of("digits"))
    assert "50 neurons: here come the 6 that counted most" in texts[2]
    shown = [int(k) for text in texts for k in re.findall(r"neuron (\d+) of 50", text)]
    assert [str(k) for k in shown] == re.findall(
        r"\d+", texts[2].partition("for the answer")[2].partition("and")[0]
    )
    whole = next(text for text in texts if "50 values from" in text)
    assert "goes into layer 2" in whole


def test_a_plugin_s_function_is_called_at_most_three_times(tmp_path: Path) -> None:
    (tmp_path / "plugin.py").write_text(PLUGIN, encoding="utf-8")
    (tmp_path / "n.yaml").write_text(PLUGIN_NETWORK, encoding="utf-8")
    net = nr.load(tmp_path / "n.yaml", plugins=[tmp_path / "plugin.py"])
    net([0.1, 0.2])  # the first use tries the function
    calls = net.layers[0].activation.function.__globals__["calls"]
    calls.clear()
    page = deck(net, net.trace([0.1, 0.2]))
    assert len(calls) <= 3
    assert page.count('class="dot on"') == 3


def test_the_file_asks_for_nothing_and_names_are_text(tmp_path: Path) -> None:
    (tmp_path / "hostile.yaml").write_text(HOSTILE_NETWORK, encoding="utf-8")
    net = nr.load(tmp_path / "hostile.yaml")
    page = deck(net, net.trace([1, 2]))
    found = Tags(page)
    (policy,) = [a["content"] for t, a in found.tags if a.get("http-equiv")]
    assert str(policy).startswith("default-src 'none';")
    for tag in ("style", "script"):
        (text,) = re.findall(f"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        hash_ = b64encode(sha256(text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{hash_}'" in str(policy)
    assert all(link.startswith("data:") for link in found.values("href"))
    assert not {
        name for _, a in found.tags for name in a if name.startswith("on") or name == "style"
    }
    assert all(name in found.text for name in MARKUP)
    ids = found.values("id")
    assert len(ids) == len(set(ids))


def test_what_is_not_finite_is_shown(netrunner: Callable[..., Result], tmp_path: Path) -> None:
    layer = "{size: 1, weights: [[1e300]], biases: 0, activation: sigmoid}"
    (tmp_path / "n.yaml").write_text(f"inputs: 1\nlayers: [{layer}]\n", encoding="utf-8")
    code, page, err = netrunner("slides", tmp_path / "n.yaml", "--input", "1e300", "--output", "-")
    assert code == 0
    assert "[not-finite]" in err
    assert "layer 1" in slides_of(page)[-1]


# In the browser


def test_keys_clicks_and_the_address_turn_the_slides(tab: Any, tmp_path: Path) -> None:
    file = tmp_path / "slides.html"
    file.write_text(deck_of("three_layer"), encoding="utf-8")
    page = tab
    page.set_viewport_size({"width": 1366, "height": 768})
    page.goto(file.as_uri() + "#7")

    def now() -> tuple[str, ...]:
        return tuple(
            page.evaluate("""() => [
                ...[...document.querySelectorAll(".slide")].filter((each) => each.checkVisibility())
                    .map((each) => each.getAttribute("aria-label")),
                document.getElementById("counter").textContent,
                location.hash.slice(1),
            ]""")
        )

    assert now() == ("Slide 7 of 16", "7 / 16", "7")
    for key, number in [
        ("ArrowRight", 8), ("Space", 9), ("PageDown", 10), ("ArrowLeft", 9), ("Shift+Space", 8),
        ("Home", 1), ("ArrowLeft", 1), ("End", 16), ("Space", 16), ("PageUp", 15),
    ]:  # fmt: skip
        page.keyboard.press(key)
        assert now() == (f"Slide {number} of 16", f"{number} / 16", str(number)), key
    page.mouse.click(900, 300)
    assert now()[-1] == "16"
    page.mouse.click(20, 300)
    assert now()[-1] == "15"
    page.click("#previous")
    page.keyboard.press("Space")  # presses the button again
    assert now()[-1] == "13"
    page.evaluate("location.hash = '#4'")
    page.wait_for_function("document.getElementById('counter').textContent === '4 / 16'")
    page.evaluate("location.hash = '#999'")
    page.wait_for_function("location.hash === '#16'")
    # Everything is inside its slide, and on paper each slide is there.
    outside = page.evaluate("""() => [...document.querySelectorAll(".slide")].filter((slide) => {
      document.querySelectorAll(".slide").forEach((each) => { each.hidden = each !== slide; });
      return slide.scrollHeight > slide.clientHeight || slide.scrollWidth > slide.clientWidth;
    }).length""")
    assert outside == 0
    page.emulate_media(media="print")
    assert page.locator(".slide:visible").count() == 16


@pytest.mark.parametrize("command", ["slides", "report"])
def test_only_a_page_is_written(command: str, tmp_path: Path, netrunner: Any) -> None:
    network = tmp_path / "net.yaml"
    text = THREE_LAYER.read_text(encoding="utf-8")
    network.write_text(text, encoding="utf-8")
    for name in ("x.pdf", "net.yaml"):
        result = netrunner(command, network, "--output", tmp_path / name)
        assert result.code == 2
        assert f"{name} does not end in .html" in result.err
    assert network.read_text(encoding="utf-8") == text
    assert netrunner(command, network, "--output", tmp_path / "x.HTM").code == 0
