"""What is saved is loaded as it was, to the bit and to the letter."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import pytest
import yaml
from conftest import ROOT
from hypothesis import HealthCheck, example, given, settings
from hypothesis.extra import numpy as st_numpy

import netrunner
from netrunner import NetrunnerError
from netrunner.activations.plugins import load_registry
from netrunner.format.checks import check_examples
from netrunner.format.network_text import read_network
from netrunner.format.save import network_text, number, save, scalar
from netrunner.network.building import from_arrays
from netrunner.network.network import Example, Network
from netrunner.problems.words import no_name

PLUGINS = Path(__file__).parents[2] / "plugins"
NETWORKS = Path(__file__).parents[2] / "networks"
REGISTRY = load_registry()

NASTY = [
    "", " ", "yes", "No", "~", "null", "010", "1e3", ".5", "0x1F", "1:30", "a: b", "a #b", "#",
    "-", "- a", "[a]", "{a: b}", "a, b", "&a", "*a", "!tag", "|", ">", "%", "@", "`", "'", '"',
    "\\", "two\nlines", "tab\there", " led", "trailed ", "名前", "é", "\x00", "\x1b[31m", "\x85",
    "\u2028", "\ufeff", "\ufffe", "\U0001f600", "\u202e", "a  b", "---", "...", "? a", "<<", "=",
    "a:", ":a", "true", "\r\n", "a.b", "a. b", "\U000e0001", "x" * 2000, "\u2003", "1", "-1", "+",
    "a\u0301",
]  # fmt: skip

texts = st.one_of(
    st.sampled_from(NASTY), st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
)
names_in_use = texts.filter(lambda text: no_name(text) is None)


@st.composite
def networks(draw):
    dtype = draw(st.sampled_from(["float64", "float32"]))
    width = 64 if dtype == "float64" else 32
    finite = st.floats(allow_nan=False, allow_infinity=False, width=width)
    tidy = st.integers(-20, 20).map(lambda n: np.dtype(dtype).type(n / 10))
    numbers = st.one_of(finite, tidy)
    sizes = draw(st.lists(st.integers(1, 5), min_size=2, max_size=4))
    layers = [
        (
            draw(st_numpy.arrays(dtype, (rows, columns), elements=numbers)),
            draw(st_numpy.arrays(dtype, columns, elements=numbers)),
            draw(st.sampled_from(["step", "sigmoid", "relu", "identity", "softmax"])),
            draw(st.none() | names_in_use),
        )
        for rows, columns in pairwise(sizes)
    ]
    names = [
        st.none() | st.lists(names_in_use, min_size=n, max_size=n) for n in (sizes[0], sizes[-1])
    ]
    return from_arrays(
        layers,
        name=draw(names_in_use),
        description=draw(texts | st.lists(texts).map("\n".join) | st.lists(texts).map(" ".join)),
        inputs=draw(names[0]),
        outputs=draw(names[1]),
        dtype=dtype,
        registry=REGISTRY,
    )


def assert_same(a, b):
    names = ("name", "description", "input_size", "input_names", "output_names", "dtype")
    assert [getattr(a, name) for name in names] == [getattr(b, name) for name in names]
    assert len(a.layers) == len(b.layers)
    for ours, theirs in zip(a.layers, b.layers, strict=True):
        assert (ours.name, ours.size) == (theirs.name, theirs.size)
        assert ours.activation.name == theirs.activation.name
        assert dict(ours.parameters) == dict(theirs.parameters)
        assert ours.weights.dtype == theirs.weights.dtype
        assert ours.weights.tobytes() == theirs.weights.tobytes()
        assert ours.biases.tobytes() == theirs.biases.tobytes()


def errors_in(file):
    """The examples that the network does not give; one that is not finite is but a warning."""
    return [problem for problem in check_examples(file) if problem.severity == "error"]


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(network=networks(), weights=st.sampled_from(["inline", "file"]))
def test_what_is_saved_is_loaded_as_it_was(tmp_path, network, weights):
    (tmp_path / "saved.npz").unlink(missing_ok=True)  # another network's
    save(network, tmp_path / "saved.yaml", weights=weights)
    again = read_network(tmp_path / "saved.yaml", REGISTRY)
    assert errors_in(again) == []
    assert len(again.network.examples) == 1
    assert_same(network, again.network)


@settings(deadline=None, max_examples=100)
@given(texts)
@example("a\x85b")
def test_other_readers_of_yaml_see_the_same_text(text):
    written = scalar(text)
    assert "\n" not in written
    assert yaml.safe_load(f"name: {written}\nnames: [{written}, {{name: {written}}}]") == {
        "name": text,
        "names": [text, {"name": text}],
    }


@settings(deadline=None, max_examples=100)
@given(st.floats(allow_nan=False) | st.floats(width=32, allow_nan=False).map(np.float32))
@example(1e-5)
@example(1e16)
@example(-0.0)
@example(np.float32(3.4028235e38))
@example(np.float32(1e-45))
@example(np.uint32(0x15AE43FD).view(np.float32))  # its digits as float64 give its neighbour
def test_other_readers_of_yaml_see_the_same_number(value):
    read = yaml.safe_load(number(value))
    assert type(read) is float
    again = type(value)(read)
    assert (again, np.signbit(again)) == (value, np.signbit(value))


def test_float32_of_every_size():
    bits = np.arange(2**15, dtype=np.uint32) * 131_071 + 77
    values = bits.view(np.float32)
    for value in values[np.isfinite(values)]:
        assert np.float32(float(number(value))) == value


@pytest.fixture
def network():
    rng = np.random.default_rng(2)
    return from_arrays(
        [
            (rng.normal(size=(2, 3)).round(2), rng.normal(size=3).round(1), "relu", "hidden"),
            (rng.normal(size=(3, 2)), -1, "softmax"),
        ],
        name="small",
        description="Tells cats from dogs.",
        inputs=["fur", "no"],
        outputs=["cat", "dog"],
    )


def test_the_layout(tmp_path):
    network = from_arrays(
        [
            ([[0.1, -10, 0.5], [0.25, 4, 1e-7]], [0.1, 0.2, 0.3], "sigmoid", "隐藏层"),
            ([[1], [2], [3]], 0, ("leaky_relu", {"alpha": 0.1})),
        ],
        name="three: two",
        description="What it is for.",
        inputs=["x1", "no"],
        dtype="float32",
        plugins=[PLUGINS / "leaky_relu.py"],
    )
    assert save(network, tmp_path / "n.yaml") == [tmp_path / "n.yaml"]
    text = (tmp_path / "n.yaml").read_text(encoding="utf-8")
    output = text[text.index("output: [") + 9 : text.rindex("]")]
    assert np.float32(output) == network([0.6, 0.2])[0]
    assert (
        text
        == f"""\
# The activation leaky_relu comes from the plugin leaky_relu.py.
name: "three: two"
description: What it is for.
inputs: [x1, "no"]
layers:
  - name: 隐藏层
    size: 3
    weights: [[0.1,  -10.0, 0.5],
              [0.25,   4.0, 1.0e-07]]
    biases: [0.1, 0.2, 0.3]
    activation: sigmoid
  - size: 1
    weights: [[1.0],
              [2.0],
              [3.0]]
    biases: [0.0]
    activation: {{name: leaky_relu, alpha: 0.1}}
dtype: float32
examples:
  - input: [0.6, 0.2]
    output: [{output}]
"""
    )


def test_large_weights_stand_beside_it(tmp_path):
    network = from_arrays([(np.ones((50, 41)), 0, "relu")])
    written = save(network, tmp_path / "large.yaml")
    assert written == [tmp_path / "large.yaml", tmp_path / "large.npz"]
    assert "weights: {file: large.npz, key: W1}" in written[0].read_text()
    with np.load(written[1]) as arrays:
        assert {name: array.shape for name, array in arrays.items()} == {
            "W1": (50, 41),
            "B1": (41,),
        }
    assert_same(network, netrunner.load(written[0]))


def test_long_rows_are_wrapped_and_stay_in_columns(tmp_path):
    rng = np.random.default_rng(3)
    network = from_arrays([(rng.normal(size=(2, 40)), rng.normal(size=40), "relu")])
    (path,) = save(network, tmp_path / "wide.yaml")
    lines = path.read_text().split("\n")[1:]
    assert max(map(len, lines)) <= 101
    rows = [line for line in lines if re.match(r" {14}[ \[]", line)]
    assert len(rows) > 20
    points = {match.start() for line in rows for match in re.finditer(r"\.", line)}
    assert len(points) == 3
    assert_same(network, netrunner.load(path))


def test_shipped_networks_come_back(tmp_path):
    for path in sorted(NETWORKS.glob("*.yaml")):
        network = netrunner.load(path)
        for weights in ("inline", "file"):
            save(network, tmp_path / path.name, weights=weights)
            again = netrunner.load(tmp_path / path.name)
            assert_same(network, again)
            for ours, theirs in zip(network.examples, again.examples, strict=True):
                assert ours.tolerance == theirs.tolerance
                assert ours.input.tobytes() == theirs.input.tobytes()
                assert ours.output.tobytes() == theirs.output.tobytes()


def test_examples_that_are_not_finite(tmp_path, network):
    outputs = np.array([[np.nan, np.inf], [-np.inf, 5e-324]])
    examples = (Example(np.array([[1.0, 2.0], [3.0, 4.0]]), outputs, 0.25),)
    with_examples = Network(**{**vars(network), "examples": examples})
    save(with_examples, tmp_path / "n.yaml")
    (again,) = netrunner.load(tmp_path / "n.yaml").examples
    assert again.output.tobytes() == outputs.tobytes()
    assert again.tolerance == 0.25


def test_an_overflow_in_the_computed_example_is_silent_and_passes_check(tmp_path):
    network = from_arrays([([[1e308], [1e308], [1e308], [1e308]], 0, "identity")])
    save(network, tmp_path / "n.yaml")
    assert "output: [.inf]" in (tmp_path / "n.yaml").read_text()
    assert errors_in(read_network(tmp_path / "n.yaml", REGISTRY)) == []


def test_without_an_example(tmp_path, network):
    save(network, tmp_path / "n.yaml", example=False)
    assert netrunner.load(tmp_path / "n.yaml").examples == ()


@pytest.mark.parametrize(
    ("path", "options", "code"),
    [
        ("n.json", {}, "unknown-file-type"),
        ("n.yaml", {"weights": "beside"}, "unknown-value"),
        ("nowhere/n.yaml", {}, "unwritable-output"),
        ("nowhere/n.yaml", {"weights": "file"}, "unwritable-output"),
        ("a\\b.yaml", {"weights": "file"}, "outside-folder"),
        ("half\udc80.yaml", {"weights": "file"}, "not-text"),
    ],
)
def test_what_cannot_be_saved(tmp_path, network, path, options, code):
    with pytest.raises(NetrunnerError) as caught:
        save(network, tmp_path / path, **options)
    assert [each.code for each in caught.value.problems] == [code]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("shape", [(1500, 1500), (300_000, 1)])
def test_too_much_to_read_again_is_not_written(tmp_path, shape):
    network = from_arrays([(np.ones(shape, np.float32), 0, "relu")], dtype="float32")
    with pytest.raises(NetrunnerError, match="too many for text"):
        save(network, tmp_path / "n.yaml", weights="inline")
    assert list(tmp_path.iterdir()) == []


def test_both_files_or_neither(tmp_path, network):
    blocked = tmp_path / "n.yaml"
    blocked.mkdir()  # so that the second of the two files cannot be written
    with pytest.raises(NetrunnerError, match="it is a folder"):
        save(network, blocked, weights="file")
    assert [path.name for path in tmp_path.iterdir()] == ["n.yaml"]


@pytest.mark.parametrize("file", ["n.yaml", "n.py"])
def test_weights_that_are_not_its_own_are_not_replaced(file, tmp_path, network):
    weights = tmp_path / ("n.npz" if file == "n.yaml" else "n_weights.npz")
    weights.write_bytes(b"another's")
    with pytest.raises(
        NetrunnerError, match=r"already exists, and '.*' does not name it"
    ) as caught:
        netrunner.export(network, tmp_path / file, weights="file")
    assert [each.code for each in caught.value.problems] == ["file-exists"]
    assert (weights.read_bytes(), [*tmp_path.iterdir()]) == (b"another's", [weights])


KILLED = """
import os, sys
from pathlib import Path
import netrunner

replace = Path.replace

def counted(path, target):
    global steps
    replace(path, target)
    steps -= 1
    if not steps:
        os._exit(0)

Path.replace = counted
network = netrunner.load(sys.argv[1])
for steps, path in enumerate(sys.argv[2:], 1):
    if not os.fork():
        netrunner.save(network, path, weights="file")
        os._exit(0)
    assert os.wait()[1] == 0
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_network_and_its_weights_fit_together_whenever_it_is_killed(tmp_path, network):
    old = from_arrays([([[1.0, 2.0]], 0, "relu"), ([[3.0], [4.0]], 0.5, "identity")])
    save(network, tmp_path / "other.yaml", weights="file")
    paths = [tmp_path / str(steps) / "n.yaml" for steps in range(1, 6)]
    for path in paths:
        path.parent.mkdir()
        save(old, path, weights="file")
    subprocess.run([sys.executable, "-c", KILLED, tmp_path / "other.yaml", *paths], check=True)
    seen = []
    for path in paths:
        loaded = netrunner.load(path)
        seen.append(loaded.layers[0].weights.shape == network.layers[0].weights.shape)
        assert_same(network if seen[-1] else old, loaded)
    assert seen == [False, True, True, True, True]


def test_a_link_that_leads_out_of_the_folder_is_not_written_through(tmp_path, network):
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside" / "n.npz").symlink_to(tmp_path / "outside.npz")
    with pytest.raises(NetrunnerError, match="no network file may reach"):
        save(network, tmp_path / "inside" / "n.yaml", weights="file")
    assert not (tmp_path / "outside.npz").exists()


def test_existing_files_are_replaced(tmp_path, network):
    for _ in range(2):
        save(network, tmp_path / "n.yaml", weights="file")
    assert {path.name for path in tmp_path.iterdir()} == {"n.yaml", "n.npz"}
    assert_same(network, netrunner.load(tmp_path / "n.yaml"))


@pytest.mark.parametrize(("rows", "files"), [(200, 1), (201, 2)])  # of ten weights
def test_two_thousand_weights_are_the_most_that_are_written_into_the_file(tmp_path, rows, files):
    net = from_arrays([(np.ones((rows, 10)), 0, "relu")])
    assert len(save(net, tmp_path / "n.yaml")) == files


def test_only_the_activations_of_plugins_are_announced(tmp_path):
    layers = [(np.ones((1, 1)), 0, name) for name in ("relu", "tanh")]
    net = from_arrays(layers, plugins=[ROOT / "plugins" / "tanh.py"])
    text = network_text(net)
    assert text.count("# The activation") == 1
    assert "# The activation tanh comes from the plugin tanh" in text


def test_parameters_are_written_as_the_kinds_they_are(tmp_path):
    plugin = tmp_path / "bent.py"
    plugin.write_text(
        "import netrunner\nfrom netrunner import Activation\n\n"
        "def bent(a, flat=True, slope=1.0, way='up'):\n    return a * 0.0 if flat else a\n\n"
        "@netrunner.hookimpl\ndef netrunner_activations():\n"
        "    return [Activation('bent', bent)]\n"
    )
    activation = ("bent", {"flat": False, "slope": 0.5, "way": "no"})
    net = from_arrays([([[1.0]], 0, activation)], plugins=[plugin])
    save(net, tmp_path / "n.yaml")
    text = (tmp_path / "n.yaml").read_text()
    assert 'activation: {name: bent, flat: false, slope: 0.5, way: "no"}' in text
    again = netrunner.load(tmp_path / "n.yaml", plugins=[plugin])
    assert dict(again.layers[0].parameters) == activation[1]


def test_outputs_that_are_not_finite_come_back(tmp_path: Path) -> None:
    layer = "{size: 2, weights: [[1.0e308, -1.0e308]], biases: 0, activation: identity}"
    network = netrunner.loads(
        f"inputs: 1\nlayers: [{layer}]\nexamples: [{{input: [10], output: [.inf, -.inf]}}]\n"
    )
    save(network, tmp_path / "n.yaml")
    (example,) = netrunner.load(tmp_path / "n.yaml").examples
    assert example.output.tolist() == [np.inf, -np.inf]


def test_a_description_of_several_lines_comes_back(tmp_path: Path) -> None:
    text = "description: |-\n  one\n\n  two\ninputs: 1\n"
    layer = "{size: 1, weights: [[1]], biases: 0, activation: identity}"
    network = netrunner.loads(f"{text}layers: [{layer}]\n")
    save(network, tmp_path / "n.yaml")
    assert netrunner.load(tmp_path / "n.yaml").description == "one\n\ntwo"
