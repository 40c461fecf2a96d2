"""explain, why, plot and diagram as commands: what they print and write, and what they refuse."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from conftest import NETWORKS, ROOT, THREE_LAYER, spawn
from oracles import assert_json_adds_up, assert_text_adds_up, assert_true

IRIS, DIGITS = NETWORKS / "iris.yaml", NETWORKS / "digits.yaml"
SHIPPED = sorted(NETWORKS.glob("*.yaml"))
NAMES = ROOT / "docs" / "gallery" / "names.yaml"
SVG = "{http://www.w3.org/2000/svg}"

HOSTILE = "<script>alert(1)</script>"
HOSTILE_NETWORK = f"""\
name: "{HOSTILE}"
inputs: ["{HOSTILE} in", "<img src=x onerror=alert(1)>"]
layers:
  - {{name: "]]></text>{HOSTILE}", size: 2, weights: [[1, -2], [0.5, 3]], biases: 0,
     activation: sigmoid}}
  - {{name: "$\\\\frac{{1}}$ &amp; --> {HOSTILE}", size: 2, weights: [[1, 2], [3, 4]],
     biases: [0, 1], activation: softmax}}
outputs: ["{HOSTILE} out", "\\" onload=\\"alert(1)"]
examples: [{{input: [1, 2], output: [0.2, 0.8], tolerance: 1}}]
"""

NOT_FINITE = """\
inputs: 1
layers:
  - {size: 2, weights: [[1e200, 1e200]], biases: 0, activation: relu}
  - {size: 1, weights: [[1], [-1]], biases: 0, activation: identity}
"""

ARITHMETIC = re.compile(r"^[a-z][₀-₉,]*⁽[⁰¹²³⁴-⁹]+⁾ = ")


def sums(text: str) -> list[str]:
    return [line for line in unbroken(text).splitlines() if ARITHMETIC.match(line)]


def unbroken(text: str) -> str:
    """The text with long lines put together again, which are broken before an operator."""
    return re.sub(r"\n {4}(?=\S)", " ", text)


def svg_texts(path: Path) -> list[str]:
    return [node.text or "" for node in ElementTree.parse(path).iter(f"{SVG}text")]


@pytest.fixture
def write(tmp_path: Path) -> Any:
    def write(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


# explain


def test_explain_is_the_chapters_arithmetic(netrunner):
    result = netrunner("explain", THREE_LAYER, "--layer", "hidden 1", "--neuron", 1)
    assert result == (
        0,
        "three-layer\n\nlayer 1 'hidden 1', sigmoid\n"
        "a₁⁽¹⁾ = w₁₁⁽¹⁾·x₁ + w₁₂⁽¹⁾·x₂ + b₁⁽¹⁾ = 0.1·1 + 0.2·0.5 + 0.1 = 0.3\n"
        "z₁⁽¹⁾ = sigmoid(a₁⁽¹⁾) = 1/(1 + exp(-0.3)) = 0.57444252\n",
        "",
    )


@pytest.mark.parametrize(
    ("network", "options"),
    [
        *((network, []) for network in [*SHIPPED, NAMES]),
        *((NAMES, options) for options in (["--all-terms"], ["--precision", 12])),
        (THREE_LAYER, ["--precision", 0]),
    ],
    ids=str,
)
def test_every_sum_that_is_printed_is_true(network, options, netrunner):
    result = netrunner("explain", network, *options)
    assert (result.code, result.err) == (0, "")
    lines = sums(result.out)
    assert lines
    precision = options[1] if options[:1] == ["--precision"] else 8
    for line in lines:
        assert_true(line, precision)


def test_explain_and_run_say_the_same(netrunner):
    trace = json.loads(netrunner("run", DIGITS, "--format", "json").out)
    lines = sums(netrunner("explain", DIGITS, "--precision", 12).out)
    for layer in trace["layers"]:
        for letter, values in (("a", layer["A"]), ("z", layer["Z"])):
            printed = [
                float(line.rsplit(" = ", 1)[1])
                for line in lines
                if line.startswith(letter) and f"⁽{'⁰¹²'[layer['index']]}⁾ = " in line[:12]
            ]
            np.testing.assert_allclose(printed, values, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("format_", "has"),
    [
        ("text", "w₁₂⁽¹⁾·x₂"),
        ("markdown", "- `a₁⁽¹⁾ = w₁₁⁽¹⁾·x₁ + w₁₂⁽¹⁾·x₂"),
        ("latex", r"w_{12}^{(1)}\cdot x_{2}"),
        ("html", "<i>w</i><sub>12</sub><sup>(1)</sup>"),
    ],
)
def test_the_formats_of_explain_on_standard_output_and_in_a_file(format_, has, tmp_path, netrunner):
    result = netrunner("explain", THREE_LAYER, "--format", format_)
    assert (result.code, result.err) == (0, "")
    assert has in result.out
    assert "0.57444252" in result.out
    path = tmp_path / "explained"
    arguments = ["explain", THREE_LAYER, "--format", format_, "--output", path]
    assert netrunner(*arguments) == (0, "", "")
    assert path.read_text(encoding="utf-8") == result.out


def test_layer_neuron_and_terms_choose_what_is_explained(netrunner):
    one = netrunner("explain", DIGITS, "--layer", "hidden", "--neuron", 12).out
    assert [line.split(" = ")[0] for line in sums(one)] == ["a₁₂⁽¹⁾", "z₁₂⁽¹⁾"]
    assert "w₁₂,₁⁽¹⁾·x₁ + w₁₂,₂⁽¹⁾·x₂ + ⋯ 60 more terms ⋯ + w₁₂,₆₃⁽¹⁾·x₆₃" in unbroken(one)
    every = netrunner("explain", DIGITS, "--layer", 1, "--neuron", 12, "--all-terms").out
    every = unbroken(every)
    assert "more terms" not in every
    assert all(f"x{'₀₁₂₃₄₅₆₇₈₉'[i]} " in every for i in range(1, 10))
    named = netrunner("explain", IRIS, "--neuron", "virginica").out
    assert {line.split(" = ")[0] for line in sums(named)} == {
        "a₃⁽²⁾", "c⁽²⁾", "e₃⁽²⁾", "s⁽²⁾", "z₃⁽²⁾",
    }  # fmt: skip


def test_softmax_tells_where_the_naive_form_would_overflow(netrunner):
    result = netrunner("explain", NETWORKS / "softmax.yaml", "--input", "1010,1000,990")
    assert (result.code, result.err) == (0, "")
    assert "exp(1010) at neuron 1 would overflow to inf" in result.out
    assert "the shares would be [nan nan nan]" in result.out
    assert sums(result.out)[-1].endswith(" = 2.06106005e-09")


def test_the_network_of_the_gallery_is_a_good_one(netrunner):
    result = netrunner("check", NAMES)
    assert (result.code, result.err) == (0, f"{NAMES}: ok: 2 layers, 3 examples verified\n")


# why


@pytest.mark.parametrize(
    ("network", "top"),
    [*((network, 2) for network in [*SHIPPED, NAMES]), (DIGITS, 1), (DIGITS, 100)],
    ids=str,
)
def test_why_adds_up_in_text_and_in_json(network, top, netrunner):
    arguments = ["why", network, "--neuron", 1, "--top", top]
    text = netrunner(*arguments)
    assert (text.code, text.err) == (0, "")
    assert assert_text_adds_up(text.out)
    result = netrunner(*arguments, "--format", "json")
    assert (result.code, result.err) == (0, "")
    answer = json.loads(result.out, parse_float=Decimal, parse_int=Decimal)
    assert answer["format"] == "netrunner-why/1"
    for row in answer["rows"]:
        for step in row["steps"]:
            assert_json_adds_up(step)
            assert len(step["terms"]) <= top


def test_why_takes_names_and_writes_files(tmp_path, netrunner):
    path = tmp_path / "why.json"
    arguments = ["why", NAMES, "--neuron", "樱桃", "--format", "json", "--output", path]
    assert netrunner(*arguments) == (0, "", "")
    answer = json.loads(path.read_text(encoding="utf-8"))
    assert (answer["network"], answer["neuron"], answer["name"]) == ("水果", 3, "樱桃")
    assert "'樱桃'" in netrunner("why", NAMES, "--neuron", 3).out


# plot and diagram


@pytest.mark.parametrize(
    ("arguments", "suffix", "begins"),
    [
        (["plot", "step", "sigmoid"], ".pdf", b"%PDF"),
        (["plot", "--network", THREE_LAYER], ".svg", b"<?xml"),
        (["diagram", THREE_LAYER], ".png", b"\x89PNG"),
    ],
    ids=["curves", "run", "diagram"],
)
def test_a_picture_is_what_its_name_says(arguments, suffix, begins, tmp_path, netrunner):
    path = tmp_path / f"picture{suffix}"
    assert netrunner(*arguments, "--output", path) == (0, "", "")
    assert path.read_bytes().startswith(begins)
    assert list(tmp_path.iterdir()) == [path]


def test_plot_compares_several(tmp_path, netrunner):
    path = tmp_path / "curves.svg"
    arguments = ["plot", "softmax", "relu", "tanh", "--plugins", ROOT / "plugins"]
    assert netrunner(*arguments, "--range", "-2,2", "--output", path) == (0, "", "")
    texts = svg_texts(path)
    assert {"softmax: exp(a_k) / Σ exp(a_i)", "relu: max(a, 0)"} <= set(texts)
    assert any(text.startswith("tanh: ") for text in texts)
    ids = {node.get("id") for node in ElementTree.parse(path).iter()}
    assert {"curve-1", "curve-2", "curve-3"} <= ids
    assert {"−2.0", "2.0"} <= set(texts)
    assert "−4" not in texts


def test_plot_of_a_network_names_its_neurons(tmp_path, netrunner):
    path = tmp_path / "run.svg"
    assert netrunner("plot", "--network", NAMES, "--output", path) == (0, "", "")
    assert {"水果", "layer 1 '隐藏层', sigmoid", "a₃⁽¹⁾", "苹果", "99.1 %"} <= set(svg_texts(path))


def test_the_diagram_holds_the_runs_values(tmp_path, netrunner):
    path = tmp_path / "network.svg"
    assert netrunner("diagram", THREE_LAYER, "--output", path) == (0, "", "")
    values = {"0.3", "0.57444", "0.66819", "0.75026", "0.31683", "0.69628"}
    assert values <= set(svg_texts(path))
    batch = ["diagram", NETWORKS / "xor.yaml", "--input", "0,0", "--input", "1,0"]
    assert netrunner(*batch, "--row", 2, "--output", path) == (0, "", "")
    assert {"row 2 of 2", "0.2"} <= set(svg_texts(path))


def test_the_diagram_of_a_network_without_example_has_symbols(write, netrunner):
    network = write("net.yaml", NOT_FINITE)
    path = network.with_name("net.svg")
    assert netrunner("diagram", network, "--output", path) == (0, "", "")
    assert "a₁⁽¹⁾ → z₁⁽¹⁾" in svg_texts(path)


# Inputs: the same for all


def commands(tmp_path: Path, network: Path = THREE_LAYER) -> dict[str, list[Any]]:
    return {
        "explain": ["explain", network],
        "why": ["why", network, "--neuron", 1],
        "plot": ["plot", "--network", network, "--output", tmp_path / "plot.svg"],
        "diagram": ["diagram", network, "--output", tmp_path / "diagram.svg"],
    }


@pytest.mark.parametrize("command", ["explain", "why", "plot", "diagram"])
def test_inputs_come_from_options_files_and_the_first_example(command, tmp_path, write, netrunner):
    arguments = commands(tmp_path)[command]

    def shown(*given: Any) -> str:
        result = netrunner(*arguments, *given)
        assert (result.code, result.err) == (0, "")
        pictures = [path.read_text(encoding="utf-8") for path in sorted(tmp_path.glob("*.svg"))]
        return result.out + "".join(pictures)

    first_example = shown()
    assert shown("--input-file", write("x.csv", "a,b\n1.0,0.5\n")) == first_example
    if command in ("explain", "why"):
        assert shown("--input", "1.0,0.5") == first_example
        assert shown("--input-file", write("x.json", "[1.0, 0.5]")) == first_example
    assert shown("--input", "-1,2") != first_example


def test_inputs_come_from_standard_input():
    done = spawn("explain", THREE_LAYER, "--layer", 1, "--input-file", "-", input=b"2,-1\n")
    assert (done.returncode, done.stderr) == (0, b"")
    assert "0.1·2 + 0.2·(-1) + 0.1 = 0.1\n" in done.stdout.decode()


def test_plugins_are_explained_and_drawn(write, tmp_path, netrunner):
    network = write("net.yaml", NOT_FINITE.replace("identity", "softsign").replace("e200", ""))
    for arguments in commands(tmp_path, network).values():
        arguments += ["--input", "2", "--plugins", ROOT / "plugins" / "softsign.py"]
        assert netrunner(*arguments)[::2] == (0, "")
    out = netrunner(*commands(tmp_path, network)["explain"], "--input", "2", "--plugins",
                    ROOT / "plugins").out  # fmt: skip
    assert "z₁⁽²⁾ = softsign(a₁⁽²⁾) = 0/(1 + abs(0)) = 0\n" in out


# What is wrong


@pytest.mark.parametrize(
    ("arguments", "says", "code"),
    [
        (["explain", THREE_LAYER, "--layer", 4], "--layer: error: there is no layer 4",
         "unknown-layer"),
        (["explain", THREE_LAYER, "--layer", "hiden 1"], "--layer: error: there is no layer",
         "unknown-layer"),
        (["explain", THREE_LAYER, "--layer", 1, "--neuron", 4], "--neuron: error: layer 1",
         "unknown-neuron"),
        (["explain", THREE_LAYER, "--neuron", "y3"], "--neuron: error: there is no output 'y3'",
         "unknown-neuron"),
        (["why", THREE_LAYER, "--neuron", 0], "--neuron: error: there is no output neuron 0",
         "unknown-neuron"),
        (["why", THREE_LAYER, "--neuron", HOSTILE], "--neuron: error: there is no output",
         "unknown-neuron"),
        (["plot", "sigmod", "--output", "p.svg"], "unknown activation 'sigmod'",
         "unknown-activation"),
        (["plot", "", "--output", "p.svg"], "unknown activation ''", "unknown-activation"),
        (["plot", "relu", "--range", "3,-3", "--output", "p.svg"], "is not a range", "wrong-range"),
        (["plot", "relu", "--range", "a,b", "--output", "p.svg"], "'a' is not a number",
         "not-a-number"),
        (["diagram", THREE_LAYER, "--row", 2, "--output", "p.svg"], "there is no row 2",
         "no-such-row"),
        (["diagram", THREE_LAYER, "--input", "1", "--output", "p.svg"], "1 number", "input-shape"),
        (["diagram", "nope.yaml", "--output", "p.svg"], "nope.yaml: error: no such file",
         "file-not-found"),
        (["plot", "--network", "nope.yaml", "--output", "p.svg"], "nope.yaml: error: no such file",
         "file-not-found"),
        (["plot", "relu", "--output", "p.jpg"], "p.jpg: error: the name must end in one of",
         "unknown-file-type"),
        (["diagram", THREE_LAYER, "--output", "p"], "p: error: the name must end in one of",
         "unknown-file-type"),
        (["diagram", THREE_LAYER, "--output", "-"], "-: error: the name must end in one of",
         "unknown-file-type"),
        (["plot", "relu", "--output", "no/p.svg"], "there is no folder 'no'", "unwritable-output"),
        (["diagram", THREE_LAYER, "--output", "no/p.svg"], "there is no folder 'no'",
         "unwritable-output"),
        (["diagram", THREE_LAYER, "--output", "folder.svg"], "folder.svg: error: ",
         "unwritable-output"),
        (["explain", THREE_LAYER, "--output", "no/e.txt"], "there is no folder 'no'",
         "unwritable-output"),
        (["why", THREE_LAYER, "--neuron", 1, "--output", "folder.svg", "--format", "text"],
         "folder.svg: error: ",
         "unwritable-output"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_in_one_line(arguments, says, code, tmp_path, netrunner, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.svg").mkdir()
    result = netrunner(*arguments)
    assert (result.code, result.out) == (1, "")
    line, *others = result.err.splitlines()
    assert says in line
    assert line.endswith(f"[{code}]")
    assert all(other.startswith("  help: ") for other in others)
    assert [path.name for path in tmp_path.rglob("*")] == ["folder.svg"]


@pytest.mark.parametrize("output", ["picture.svg", "explained.txt"])
def test_a_file_that_was_there_stays_if_the_run_fails(output, write, netrunner):
    path = write(output, "before")
    command = "diagram" if output.endswith("svg") else "explain"
    assert netrunner(command, THREE_LAYER, "--input", "1,2,3", "--output", path).code == 1
    assert path.read_text(encoding="utf-8") == "before"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["explain"], "Missing argument 'NETWORK'"),
        (["explain", THREE_LAYER, "--format", "pdf"], "'pdf' is not one of"),
        (["explain", THREE_LAYER, "--precision", 18], "--precision"),
        (["why", THREE_LAYER], "Missing option '--neuron'"),
        (["why", THREE_LAYER, "--neuron", 1, "--top", 0], "--top"),
        (["plot", "--output", "p.svg"], "Give the names of activations, or one network file"),
        (["plot", "relu", "--network", THREE_LAYER, "--output", "p.svg"], "or one network file"),
        (["plot", "relu", "--input", "1,2", "--output", "p.svg"], "go with a network"),
        (["plot", "--network", THREE_LAYER, "--range", "0,1", "--output", "p.svg"], "--range goes"),
        (["plot", "relu", "--range", "5", "--output", "p.svg"], "--range takes two numbers"),
        (["plot", "relu", "--range", "1,2,3", "--output", "p.svg"], "--range takes two numbers"),
        (["diagram", THREE_LAYER, "--row", 0, "--output", "p.svg"], "--row"),
    ],
)
def test_a_wrong_command_line_is_exit_2(arguments, words, tmp_path, netrunner, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = netrunner(*arguments)
    assert (result.code, result.out) == (2, "")
    assert words in result.err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("command", ["explain", "why", "plot", "diagram"])
def test_only_one_kind_of_input_can_be_given(command, write, tmp_path, netrunner):
    two = ["--input", "1,2", "--input-file", write("x.csv", "1.0,0.5\n")]
    result = netrunner(*commands(tmp_path)[command], *two)
    assert (result.code, result.out) == (2, "")
    assert "cannot both be given" in result.err


@pytest.mark.parametrize("command", ["explain", "why", "plot", "diagram"])
def test_what_is_not_finite_is_shown_with_one_warning(command, write, tmp_path, netrunner):
    network = write("net.yaml", NOT_FINITE)
    result = netrunner(*commands(tmp_path, network)[command], "--input", "1e200")
    assert result.code == 0
    assert result.err == (
        f"{network}: warning: layer 1, neuron 1: A is inf, so 'relu' gets no finite number"
        " [not-finite]\n"
    )
    pictures = [text for path in tmp_path.glob("*.svg") for text in svg_texts(path)]
    assert "nan" in result.out or pictures


# Names are text


class Elements(HTMLParser):
    """All the elements and attributes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    def handle_starttag(self, tag, attrs):
        self.seen |= {tag, *(name for name, _ in attrs)}


@pytest.mark.parametrize("command", ["explain", "why", "plot", "diagram"])
def test_names_that_are_script_tags_stay_text(command, write, tmp_path, netrunner):
    network = write("net.yaml", HOSTILE_NETWORK)
    result = netrunner(*commands(tmp_path, network)[command])
    assert (result.code, result.err) == (0, "")
    for path in tmp_path.glob("*.svg"):
        elements = list(ElementTree.parse(path).iter())
        assert not [node for node in elements if node.tag.endswith(("script", "img"))]
        assert not [name for node in elements for name in node.attrib if name.startswith("on")]
        assert any(HOSTILE in text for text in svg_texts(path))


def test_names_that_are_script_tags_stay_text_in_html(write, netrunner):
    page = netrunner("explain", write("net.yaml", HOSTILE_NETWORK), "--format", "html").out
    elements = Elements()
    elements.feed(page)
    assert elements.seen <= {
        "section", "h2", "h3", "dl", "dt", "dd", "div", "p", "i", "sub", "sup", "class", "id",
        "style",
    }  # fmt: skip
    assert page.count("&lt;script&gt;") == 5


def test_names_that_are_script_tags_stay_text_in_json_markdown_and_latex(write, netrunner):
    network = write("net.yaml", HOSTILE_NETWORK)
    answer = json.loads(netrunner("why", network, "--neuron", 1, "--format", "json").out)
    assert (answer["network"], answer["name"]) == (HOSTILE, f"{HOSTILE} out")
    markdown = netrunner("explain", network, "--format", "markdown").out
    assert r"\<script\>" in markdown
    assert not re.search(r"(?<!\\)<", markdown)
    latex = netrunner("explain", network, "--format", "latex").out
    body = [line for line in latex.splitlines() if not line.startswith("%")]
    assert any(r"\textless{}script\textgreater{}" in line for line in body)
    assert not any(r"\frac" in line for line in body)
