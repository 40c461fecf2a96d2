"""A network against a golden trace, and against another network."""

from __future__ import annotations

import io
import json
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import netrunner
from netrunner import NetrunnerError, NetrunnerWarning
from netrunner.activations.plugins import load_registry
from netrunner.exchange.compare import compare
from netrunner.exchange.exporting import export
from netrunner.format.save import save
from netrunner.network.building import from_arrays
from netrunner.network.network import Network
from netrunner.views.render import comparison as render
from netrunner.views.render import json as trace_json
from netrunner.views.render import npz as trace_npz

NETWORKS = Path(__file__).parents[2] / "networks"
PLUGINS = Path(__file__).parents[2] / "plugins"


@pytest.fixture
def network():
    return netrunner.load(NETWORKS / "three_layer.yaml")


def changed(network, layer=2, by=1e-6):
    """The same network with the bias of neuron 2 in one layer moved."""
    layers = [
        [each.weights, each.biases.copy(), each.activation.name, each.name]
        for each in network.layers
    ]
    layers[layer - 1][1][1] += by
    return from_arrays(layers, name="changed", outputs=network.output_names)


def keep(trace, path):
    if path.suffix == ".json":
        with path.open("w", encoding="utf-8") as stream:
            trace_json.write_blocks([trace], stream)
    else:
        with path.open("wb") as stream:
            trace_npz.write_blocks([trace], stream)
    return path


def text_of(comparison):
    stream = io.StringIO()
    render.write(comparison, stream)
    return stream.getvalue()


def json_of(comparison):
    stream = io.StringIO()
    render.write_json(comparison, stream)

    def refuse(word):
        raise ValueError(word)

    return json.loads(stream.getvalue(), parse_constant=refuse)


@pytest.mark.parametrize("suffix", [".json", ".npz"])
@pytest.mark.parametrize("x", [[1.0, 0.5], [[1.0, 0.5], [-3.0, 2.0]]])
class TestTraces:
    def test_a_network_agrees_with_its_own_trace(self, tmp_path, network, suffix, x):
        golden = keep(network.trace(x), tmp_path / f"golden{suffix}")
        comparison = compare(network, golden)
        assert comparison.same
        assert comparison.first is None
        symbols = [each.symbol for each in comparison.arrays]
        assert symbols == ["A1", "Z1", "A2", "Z2", "A3", "Z3", "Y"]
        assert max(each.largest for each in comparison.arrays) == 0
        assert comparison.rows == (None if x == [1.0, 0.5] else 2)

    def test_the_first_difference_and_how_it_grows(self, tmp_path, network, suffix, x):
        golden = keep(changed(network).trace(x), tmp_path / f"golden{suffix}")
        comparison = compare(network, golden)
        assert not comparison.same
        first = comparison.first
        assert (first.symbol, first.layer, first.neuron) == ("A2", 2, 2)
        assert first.title == "layer 2 'hidden 2'"
        assert first.row == (None if x == [1.0, 0.5] else 1)
        ours = network.trace(x).layers[1].A
        assert first.value == ours[..., 1].flat[0]
        assert first.reference == pytest.approx(first.value + 1e-6, rel=1e-12)
        assert first.by == pytest.approx(1e-6)
        rows = comparison.rows or 1
        by_symbol = {each.symbol: each for each in comparison.arrays}
        assert by_symbol["Z1"].differing == 0
        assert by_symbol["A2"].differing == rows
        assert by_symbol["A2"].largest == pytest.approx(1e-6)
        assert 0 < by_symbol["Z3"].largest < by_symbol["Z2"].largest < 1e-6
        assert by_symbol["Y"].differing == 2 * rows

    def test_tolerances(self, tmp_path, network, suffix, x):
        golden = keep(changed(network).trace(x), tmp_path / f"golden{suffix}")
        assert compare(network, golden, atol=2e-6).same
        assert compare(network, golden, rtol=1e-4).same
        assert not compare(network, golden, rtol=0, atol=5e-7).same


def test_only_z_differs(tmp_path, network):
    layers = [(each.weights, each.biases, each.activation.name) for each in network.layers]
    layers[1] = (*layers[1][:2], "relu")
    golden = keep(from_arrays(layers).trace([1.0, 0.5]), tmp_path / "golden.json")
    assert compare(network, golden).first.symbol == "Z2"


def test_an_edited_output_is_noticed(tmp_path, network):
    golden = keep(network.trace([1.0, 0.5]), tmp_path / "golden.json")
    content = json.loads(golden.read_text(encoding="utf-8"))
    content["output"][1] += 0.5
    golden.write_text(json.dumps(content))
    first = compare(network, golden).first
    assert (first.symbol, first.neuron_name, first.by) == ("Y", "y2", pytest.approx(0.5))


def test_float32_has_wider_tolerances(tmp_path, network):
    layers = [(each.weights, each.biases, each.activation.name) for each in network.layers]
    single = from_arrays(layers, dtype="float32")
    golden = keep(single.trace([1.0, 0.5]), tmp_path / "golden.npz")
    comparison = compare(network, golden)
    assert comparison.same
    assert (comparison.rtol, comparison.atol) == (1e-5, 1e-6)
    assert any(each.largest > 1e-9 for each in comparison.arrays)
    assert compare(single, golden).same
    assert compare(single, keep(single.trace([1.0, 0.5]), tmp_path / "golden.json")).same


class TestNotFinite:
    naive = from_arrays([([[1e308], [1e308]], 0, "identity"), ([[0.0]], 0, "identity")])

    def trace(self):
        with pytest.warns(NetrunnerWarning):
            return self.naive.trace([1.0, 1.0])

    @pytest.mark.parametrize("suffix", [".json", ".npz"])
    def test_a_nan_agrees_with_a_nan(self, tmp_path, suffix):
        golden = keep(self.trace(), tmp_path / f"golden{suffix}")
        with pytest.warns(NetrunnerWarning):
            assert compare(self.naive, golden).same

    @pytest.mark.parametrize("value", [1.0, "-Infinity", "NaN"])
    def test_a_nan_agrees_with_nothing_else(self, tmp_path, value):
        golden = keep(self.trace(), tmp_path / "golden.json")
        content = json.loads(golden.read_text(encoding="utf-8"))
        content["layers"][0]["Z"] = [value]
        golden.write_text(json.dumps(content))
        with pytest.warns(NetrunnerWarning):
            comparison = compare(self.naive, golden)
        assert comparison.first.symbol == "Z1"
        written = json_of(comparison)
        assert written["first"]["value"] == "Infinity"
        assert written["arrays"][1]["largest"] == "Infinity"


class TestShapes:
    def test_another_number_of_layers(self, tmp_path, network):
        layers = [(each.weights, each.biases, each.activation.name) for each in network.layers]
        golden = keep(from_arrays(layers[:2]).trace([1.0, 0.5]), tmp_path / "golden.npz")
        comparison = compare(network, golden)
        assert not comparison.same
        assert comparison.mismatch == "the network has 3 layers, and the reference 2"

    @pytest.mark.parametrize("suffix", [".json", ".npz", ".yaml"])
    def test_another_number_of_neurons_is_said_and_not_compared(self, tmp_path, network, suffix):
        other = from_arrays(
            [
                (np.ones((2, 3)), 0, "relu"),
                (np.ones((3, 4)), 0, "relu"),
                (np.ones((4, 2)), 0, "relu"),
            ]
        )
        golden = tmp_path / f"golden{suffix}"
        if suffix == ".yaml":
            save(other, golden)
        else:
            keep(other.trace([1.0, 0.5]), golden)
        comparison = compare(network, golden)
        by_symbol = {each.symbol: each for each in comparison.arrays}
        assert by_symbol["A2"].mismatch == "(2,) here, and (4,) in the reference"
        assert by_symbol["A2"].size == 0
        assert by_symbol["A3"].mismatch is None
        assert not comparison.same

    @pytest.mark.parametrize("suffix", [".json", ".npz", ".yaml"])
    def test_another_number_of_inputs(self, tmp_path, network, suffix):
        other = from_arrays([(np.ones((3, 2)), 0, "relu")])
        golden = tmp_path / f"golden{suffix}"
        if suffix == ".yaml":
            save(other, golden)
        else:
            keep(other.trace([1.0, 0.5, 1]), golden)
        comparison = compare(network, golden)
        assert not comparison.same
        takes = "takes 3 numbers a row" if suffix == ".yaml" else "'s input has shape (3,)"
        assert comparison.mismatch == (
            f"the network takes 2 numbers a row, and the reference {takes}".replace(" 's", "'s")
        )
        assert comparison.arrays == ()


class TestNetworks:
    def test_the_same_network(self, tmp_path, network):
        save(network, tmp_path / "other.yaml")
        assert compare(network, tmp_path / "other.yaml").same

    def test_another(self, tmp_path, network):
        save(changed(network, layer=3), tmp_path / "other.yaml")
        first = compare(network, tmp_path / "other.yaml").first
        assert (first.symbol, first.neuron, first.neuron_name) == ("A3", 2, "y2")

    def test_the_input_is_the_one_given(self, tmp_path, network):
        save(network, tmp_path / "other.yaml")
        comparison = compare(network, tmp_path / "other.yaml", x=np.ones((7, 2)))
        assert (comparison.rows, comparison.same) == (7, True)

    def test_without_any_input(self, tmp_path, network):
        bare = Network(**{**vars(network), "examples": ()})
        save(bare, tmp_path / "bare.yaml", example=False)
        with pytest.raises(NetrunnerError, match="neither network has an example"):
            compare(bare, tmp_path / "bare.yaml")
        assert compare(network, tmp_path / "bare.yaml").same
        save(network, tmp_path / "full.yaml")
        assert compare(bare, tmp_path / "full.yaml").same

    def test_activations_come_from_the_registry(self, tmp_path):
        registry = load_registry([PLUGINS / "tanh.py"])
        network = from_arrays([([[1.0]], 0, "tanh")], registry=registry)
        save(network, tmp_path / "other.yaml")
        assert compare(network, tmp_path / "other.yaml", plugins=[PLUGINS / "tanh.py"]).same
        with pytest.raises(NetrunnerError, match="unknown activation 'tanh'"):
            compare(network, tmp_path / "other.yaml")

    def test_an_input_that_is_none(self, tmp_path, network):
        save(network, tmp_path / "other.yaml")
        with pytest.raises(NetrunnerError, match="but the network takes 2 numbers"):
            compare(network, tmp_path / "other.yaml", x=[1.0])


def test_text(tmp_path, network):
    golden = keep(changed(network).trace([[1.0, 0.5]]), tmp_path / "golden.json")
    lines = text_of(compare(network, golden)).splitlines()
    assert lines[0] == f"three-layer and {golden} differ (rtol 1e-09, atol 1e-12)"
    assert lines[1] == f"  on the input of {golden}"
    assert lines[2] == "  first in layer 2 'hidden 2', neuron 2, row 1: A2 is"
    assert lines[3:5] == [
        "    1.2140269561658172 here, and",
        "    1.2140279561658174 in the reference: 1e-06 apart",
    ]
    assert lines[6:10] == [
        "          largest   relative   differing",
        "  A1            0          0   0 of 3",
        "  Z1            0          0   0 of 3",
        "  A2        1e-06   8.24e-07   1 of 2",
    ]
    golden = keep(network.trace([1.0, 0.5]), tmp_path / "golden.json")
    assert text_of(compare(network, golden)).startswith(f"three-layer and {golden} agree (")


def test_json(tmp_path, network):
    golden = keep(changed(network).trace([1.0, 0.5]), tmp_path / "golden.json")
    content = json_of(compare(network, golden))
    assert content["format"] == "netrunner-comparison/1"
    assert content["same"] is False
    assert (content["network"], content["reference"]) == ("three-layer", str(golden))
    assert content["first"]["symbol"] == "A2"
    assert content["first"]["reference"] == 1.2140279561658174
    assert content["arrays"][0] == {
        "symbol": "A1",
        "layer": 1,
        "size": 3,
        "differing": 0,
        "largest": 0.0,
        "largest_relative": 0.0,
        "mismatch": None,
    }


def trace_text(**changes):
    content = {
        "format": "netrunner-trace/1",
        "network": "n",
        "input": [1.0, 0.5],
        "layers": [{"A": [1.0], "Z": [1.0]}],
        "output": [1.0],
    }
    return json.dumps({**content, **changes})


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "damaged-file"),
        (trace_text()[:-9], "damaged-file"),
        ("[" * 100_000, "too-deep"),
        ('{"a":' * 100_000, "too-deep"),
        ("[]," * 1_000_001, "too-large"),
        ("1," * 4_000_001, "too-large"),
        ("1" * 5000, "wrong-format"),
        ("null", "wrong-format"),
        ("[1, 2]", "wrong-format"),
        (trace_text(format="netrunner-output/1"), "wrong-format"),
        (trace_text(layers=[]), "wrong-format"),
        (trace_text(layers=3), "wrong-format"),
        (trace_text(layers=[3]), "wrong-format"),
        (trace_text(layers=[{"A": [1.0]}]), "wrong-format"),
        (trace_text(input=[]), "no-values"),
        (trace_text(input=["1"]), "wrong-format"),
        (trace_text(input=[True, None]), "wrong-format"),
        (trace_text(input=[[1.0, 2.0], 3.0]), "wrong-format"),
        (trace_text(input=[[1.0, 2.0], [3.0]]), "ragged-rows"),
        (trace_text(input=[[[1.0, 2.0]]]), "wrong-format"),
        (trace_text(input=["NaN", 1.0]), "not-finite"),
        (trace_text(input=[1e999, 1.0]), "not-finite"),
        (trace_text(output={"a": 1}), "wrong-format"),
    ],
)
def test_damaged_json(tmp_path, network, text, code):
    (tmp_path / "golden.json").write_text(text)
    with pytest.raises(NetrunnerError) as caught:
        compare(network, tmp_path / "golden.json")
    (problem,) = caught.value.problems
    assert problem.code == code
    assert problem.place.file == str(tmp_path / "golden.json")


def write_npz(path, **arrays):
    np.savez(path, **arrays)


no_rows = dict.fromkeys(["A1", "Z1", "Y"], np.ones((0, 1)))


def compressed_bomb(path):
    zeros = np.zeros((2, 2_500_000))
    np.savez_compressed(path, X=np.zeros((2, 2)), A1=zeros, Z1=zeros, Y=zeros)


@pytest.mark.parametrize(
    ("write", "code"),
    [
        (lambda path: path.write_bytes(b""), "damaged-file"),
        (lambda path: path.write_bytes(b"PK\x03\x04" + bytes(99)), "damaged-file"),
        (lambda path: write_npz(path, W1=np.ones((2, 2)), b1=np.ones(2)), "ambiguous-orientation"),
        (lambda path: write_npz(path, A1=np.ones(2)), "wrong-format"),
        (lambda path: write_npz(path, Y=np.ones(2)), "wrong-format"),
        (lambda path: write_npz(path, X=np.ones(2), Y=np.ones(2)), "wrong-format"),
        (lambda path: write_npz(path, X=np.ones((0, 2)), **no_rows), "no-values"),
        (lambda path: write_npz(path, X=["a", "b"], A1=[1], Z1=[1], Y=[1]), "not-real-numbers"),
        (lambda path: write_npz(path, X=[np.nan, 1], A1=[1], Z1=[1], Y=[1]), "not-finite"),
        (
            lambda path: write_npz(path, X=np.zeros((2**20, 17)), A1=[1], Z1=[1], Y=[1]),
            "too-large",
        ),
    ],
)
def test_damaged_npz(tmp_path, network, write, code):
    write(tmp_path / "golden.npz")
    with pytest.raises(NetrunnerError) as caught:
        compare(network, tmp_path / "golden.npz")
    (problem,) = caught.value.problems
    assert (problem.code, problem.place.file) == (code, str(tmp_path / "golden.npz"))


def test_a_bomb_is_not_unfolded(tmp_path, network):
    compressed_bomb(tmp_path / "golden.npz")
    tracemalloc.start()
    try:
        comparison = compare(network, tmp_path / "golden.npz")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert comparison.arrays[0].mismatch == "(2, 3) here, and (2, 2500000) in the reference"
    assert peak < 20e6


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("missing.json", "file-not-found"),
        ("missing.yaml", "file-not-found"),
        ("missing.onnx", "file-not-found"),
        ("missing", "file-not-found"),
    ],
)
def test_what_is_no_reference(tmp_path, network, name, code):
    with pytest.raises(NetrunnerError) as caught:
        compare(network, tmp_path / name)
    assert [each.code for each in caught.value.problems] == [code]


def test_an_input_beside_a_trace(tmp_path, network):
    golden = keep(network.trace([1.0, 0.5]), tmp_path / "golden.json")
    with pytest.raises(NetrunnerError, match="a trace has its own input"):
        compare(network, golden, x=[1.0, 0.5])


@pytest.mark.parametrize("tolerance", [-1e-9, float("nan"), float("inf")])
@pytest.mark.parametrize("name", ["rtol", "atol"])
def test_what_is_no_tolerance(tmp_path, network, name, tolerance):
    golden = keep(network.trace([1.0, 0.5]), tmp_path / "golden.json")
    with pytest.raises(NetrunnerError, match="not a tolerance") as caught:
        compare(network, golden, **{name: tolerance})
    assert str(caught.value.problems[0].place) == name


def one_number(folder, ours, theirs, *options, netrunner):
    """Compares a network that gives one number with a trace that has another in its place."""
    (folder / "net.yaml").write_text(
        "inputs: 1\nlayers:\n  - {size: 1, weights: [[1]], biases: 0, activation: identity}\n"
    )
    content = trace_text(input=[ours], layers=[{"A": [theirs], "Z": [theirs]}], output=[theirs])
    (folder / "golden.json").write_text(content)
    command = ["compare", folder / "net.yaml", folder / "golden.json", "--format", "json"]
    done = netrunner(*command, *options)
    return done.code, json.loads(done.out)


@pytest.mark.parametrize(
    ("ours", "theirs", "rtol", "atol", "code"),
    [
        (1.5, 1.0, 0, 0.5, 0),  # exactly as far apart as allowed
        (1.5, 1.0, 0, 0.499, 1),
        (1.0, 2.0, 0.5, 0, 0),  # in relation to the reference's number
        (2.0, 1.0, 0.5, 0, 1),
        (3.5, 2.0, 0.5, 0.5, 0),  # both together
        (3.5, 2.0, 0.5, 0.499, 1),
        (3.5, 2.0, 0.499, 0.5, 1),
        (-2.0, 2.0, 0.5, 0.5, 1),
        (1.0, "Infinity", 0.5, 0.5, 1),
        (1.0, "NaN", 0.5, 0.5, 1),
        (1.0, 1.0, 0, 0, 0),
    ],
)
def test_how_far_apart_two_numbers_may_be(tmp_path, netrunner, ours, theirs, rtol, atol, code):
    options = ("--rtol", rtol, "--atol", atol)
    assert one_number(tmp_path, ours, theirs, *options, netrunner=netrunner)[0] == code


def test_what_is_within_the_absolute_tolerance_makes_no_relative_difference(tmp_path, netrunner):
    code, content = one_number(tmp_path, 1e-13, 0.0, netrunner=netrunner)
    assert (code, content["arrays"][0]["largest_relative"]) == (0, 0.0)
    code, content = one_number(tmp_path, 3.0, 2.0, netrunner=netrunner)
    assert (code, content["arrays"][0]["largest_relative"]) == (1, 0.5)


@pytest.mark.parametrize("sign", [1, -1])
def test_an_infinity_agrees_with_the_same_infinity_only(tmp_path, sign):
    net = from_arrays([([[sign * 1e308], [sign * 1e308]], 0, "identity")])
    golden = keep(net.silent_trace([1.0, 1.0]), tmp_path / "golden.json")
    with pytest.warns(NetrunnerWarning):
        assert compare(net, golden).same
    other = from_arrays([([[-sign * 1e308], [-sign * 1e308]], 0, "identity")])
    with pytest.warns(NetrunnerWarning):
        assert not compare(other, golden).same


def test_of_several_neurons_that_differ_the_first_is_named(tmp_path, network):
    golden = keep(network.trace([1.0, 0.5]), tmp_path / "golden.json")
    content = json.loads(golden.read_text(encoding="utf-8"))
    content["layers"][0]["A"] = [0.3, 0.8, 1.2]
    golden.write_text(json.dumps(content))
    first = compare(network, golden).first
    assert (first.symbol, first.neuron, first.reference) == ("A1", 2, 0.8)


class TestTheCommand:
    """Exit codes as of diff, and what either side may be."""

    @pytest.fixture
    def book(self, tmp_path, network):
        save(network, tmp_path / "book.yaml")
        network.trace([1.0, 0.5]).save(tmp_path / "golden.json")
        network.trace([[1.0, 0.5]]).save(tmp_path / "golden.npz")
        return tmp_path

    @pytest.mark.parametrize(
        ("a", "b"),
        [
            ("book.yaml", "golden.json"),
            ("golden.json", "book.yaml"),
            ("golden.npz", "book.yaml"),
            ("golden.json", "golden.json"),
            ("book.yaml", "book.yaml"),
        ],
    )
    def test_0_where_they_agree(self, book, netrunner, a, b):
        result = netrunner("compare", book / a, book / b)
        assert (result.code, result.err) == (0, "")
        assert result.out.startswith(f"{book / a} and {book / b} agree (")

    def test_a_model_of_another_tool_on_either_side(self, book, network, netrunner):
        from netrunner import export

        export(network, book / "book.onnx")
        assert netrunner("compare", book / "book.onnx", book / "golden.json").code == 0
        given = ["--input", "0.3,-2", "--input", "1,1"]
        assert netrunner("compare", book / "book.yaml", book / "book.onnx", *given).code == 0
        assert netrunner("compare", book / "book.onnx", book / "book.yaml", *given).code == 0

    def test_1_where_they_differ(self, book, network, netrunner):
        save(changed(network), book / "other.yaml")
        result = netrunner("compare", book / "book.yaml", book / "other.yaml")
        assert (result.code, result.err) == (1, "")
        assert "first in layer 2 'hidden 2', neuron 2: A2 is" in result.out

    @pytest.mark.parametrize(
        ("a", "b", "options", "code"),
        [
            ("book.yaml", "missing.json", [], "file-not-found"),
            ("missing.yaml", "golden.json", [], "file-not-found"),
            ("book.yaml", "broken.json", [], "damaged-file"),
            ("golden.json", "golden.npz", ["--input", "1,2"], "unexpected-input"),
            ("book.yaml", "golden.json", ["--input", "1,2"], "unexpected-input"),
            ("book.yaml", "book.yaml", ["--input", "1"], "input-shape"),
        ],
    )
    def test_2_where_they_cannot_be_compared(self, book, netrunner, a, b, options, code):
        (book / "broken.json").write_text("{")
        result = netrunner("compare", book / a, book / b, *options)
        assert (result.code, result.out) == (2, "")
        assert f"[{code}]" in result.err
        result = netrunner("compare", book / a, book / b, *options, "--format", "json")
        assert (result.code, result.err) == (2, "")
        assert [each["code"] for each in json.loads(result.out)] == [code]

    def test_an_activation_is_named_before_the_numbers(self, book, network, netrunner):
        text = (book / "book.yaml").read_text(encoding="utf-8")
        (book / "other.yaml").write_text(text.replace("sigmoid", "relu", 1), encoding="utf-8")
        lines = netrunner("compare", book / "book.yaml", book / "other.yaml").out.splitlines()
        assert lines[1] == f"  on the first example of {book / 'book.yaml'}"
        assert lines[2:6] == [
            "  layer 1 'hidden 1': activation is",
            "    sigmoid here, and",
            "    relu in the reference",
            "  first in layer 1 'hidden 1', neuron 1: Z1 is",
        ]
        only = ["--outputs-only", "--atol", "10"]
        result = netrunner("compare", book / "book.yaml", book / "other.yaml", *only)
        assert result.code == 0
        assert [line.split()[0] for line in result.out.splitlines()[4:]] == ["Y"]


def test_a_parameter_that_differs_is_named(tmp_path):
    def leaky(**parameters):
        h = ("leaky_relu", parameters)
        return from_arrays([([[1.0]], 0, h)], name="n", plugins=[PLUGINS / "leaky_relu.py"])

    assert not netrunner.compare(leaky(), leaky(alpha=0.01), x=[1.0])
    difference = netrunner.compare(leaky(), leaky(alpha=0.2), x=[1.0])
    assert difference  # although the numbers agree for this input
    (change,) = difference.changes
    assert (change.what, change.value, change.reference) == ("leaky_relu's alpha", "0.01", "0.2")
    assert difference.first is None
    assert not netrunner.compare(leaky(), leaky(alpha=0.2), x=[1.0], outputs_only=True)
    path = tmp_path / "golden.json"
    leaky(alpha=0.2).trace([1.0]).save(path)
    assert netrunner.compare(leaky(), path).changes == (change,)
    assert not netrunner.compare(leaky(alpha=0.2), path)


def test_objects_in_python(network):
    trace = network.trace([1.0, 0.5])
    for other in (network, trace, network.trace([[1.0, 0.5]]).row(1)):
        assert not netrunner.compare(network, other, x=None)
    assert not netrunner.compare(trace, network)
    difference = netrunner.compare(network, changed(network))
    assert difference
    assert str(difference).startswith("three-layer and changed differ (rtol 1e-09, atol 1e-12)\n")
    other = network.trace([1.0, 0.6])
    assert netrunner.compare(trace, other).mismatch == "the two traces have different inputs"


def test_the_variables_of_a_script_are_a_trace(tmp_path, network):
    """The chapter's script ends with Y = identity_function(A3), and has no Z3."""
    trace = network.trace([1.0, 0.5])
    arrays = {f"{name}{k.index}": getattr(k, name) for k in trace.layers for name in "AZ"}
    del arrays["Z3"]
    path = tmp_path / "script.npz"
    np.savez(path, X=trace.input, Y=trace.output, **arrays)
    comparison = netrunner.compare(network, path)
    assert comparison.same
    assert [each.symbol for each in comparison.arrays] == ["A1", "Z1", "A2", "Z2", "A3", "Z3", "Y"]
    np.testing.assert_array_equal(netrunner.load_trace(path).layers[2].Z, trace.output)


@pytest.mark.parametrize("first", [True, False])
def test_a_layer_that_only_scales_is_left_out(network, first):
    layers = [(each.weights, each.biases, each.activation.name) for each in network.layers]
    W, B, h = layers[0]
    scale = (np.diag([2.0, 4.0]), [1.0, -1.0], "identity")
    undone = (W / [[2], [4]], B - (W / [[2], [4]] * [[1], [-1]]).sum(axis=0), h)
    scaled = from_arrays([scale, undone, *layers[1:]], name="scaled")
    pair = (scaled, network) if first else (network, scaled)
    comparison = netrunner.compare(*pair, x=[1.0, 0.5], rtol=1e-12)
    assert comparison.same
    assert comparison.notes == ("layer 1 of scaled only scales and shifts: it is left out",)
    assert len(comparison.arrays) == 7


@pytest.mark.watched
@pytest.mark.parametrize("suffix", [".json", ".npz"])
@pytest.mark.parametrize("x", [[1.0, 0.5], [[1.0, 0.5], [-3.0, 2.0]]])
def test_a_saved_trace_is_loaded(tmp_path, network, suffix, x):
    trace = network.trace(x)
    trace.save(tmp_path / f"golden{suffix}")
    loaded = netrunner.load_trace(tmp_path / f"golden{suffix}")
    for ours, theirs in zip(trace.layers, loaded.layers, strict=True):
        for letter in "XAZ":
            np.testing.assert_array_equal(getattr(ours, letter), getattr(theirs, letter))
        assert ours.shapes == theirs.shapes
        with pytest.raises(NetrunnerError, match="a saved trace has no weights"):
            theirs.layer  # noqa: B018
    assert loaded.rows == trace.rows
    assert not loaded.output.flags.writeable
    if suffix == ".json":
        assert [each.heading for each in loaded.layers] == [each.heading for each in trace.layers]
        loaded.save(tmp_path / "again.json")
        golden = (tmp_path / "golden.json").read_text(encoding="utf-8")
        assert (tmp_path / "again.json").read_text(encoding="utf-8") == golden


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"X": [1.0, 2.0], "A1": [1.0], "Z1": [1.0]}, "not a trace"),
        ({"X": 1.0, "A1": [1.0], "Z1": [1.0], "Y": [1.0]}, r"X has shape \(\)"),
        ({"X": [[[1.0]]], "A1": [1.0], "Z1": [1.0], "Y": [1.0]}, r"X has shape \(1, 1, 1\)"),
        ({"X": [], "A1": [1.0], "Z1": [1.0], "Y": [1.0]}, r"X has shape \(0,\)"),
        ({"X": [1.0], "A1": 1.0, "Z1": 1.0, "Y": 1.0}, r"A1 \(\) and Z1 \(\) for an input \(1,\)"),
        ({"X": [1.0], "A1": [], "Z1": [], "Y": []}, r"A1 \(0,\) and Z1 \(0,\)"),
        ({"X": [1.0], "A1": [1.0], "Z1": [[1.0]], "Y": [1.0]}, r"A1 \(1,\) and Z1 \(1, 1\)"),
        ({"X": [[1.0]], "A1": [1.0], "Z1": [1.0], "Y": [1.0]}, r"A1 \(1,\) and Z1 \(1,\)"),
        ({"X": [1.0], "A1": [1.0], "Z1": [1.0], "Y": [1.0, 2.0]}, r"Z1 \(1,\) and Y \(2,\)"),
        ({"X": [1.0], "A1": [1.0], "Z1": [1.0], "Y": 1.0}, r"Z1 \(1,\) and Y \(\)"),
        ({"X": [1.0], "A1": [1.0], "Y": [1.0, 2.0]}, r"A1 \(1,\) and Y \(2,\)"),
        ({"X": [1.0], "A1": [1.0], "A2": [1.0], "Y": [1.0]}, "not a trace: .* 'A1', 'A2', 'Y'"),
        ({"X": [1.0], "A1": [1.0], "Z1": [1.0], "Z2": [1.0], "Y": [1.0]}, "not a trace"),
    ],
)
def test_arrays_that_are_no_trace(tmp_path, arrays, words):
    path = tmp_path / "x.npz"
    np.savez(path, **arrays)
    with pytest.raises(NetrunnerError, match=words) as loaded:
        netrunner.load_trace(path)
    with pytest.raises(NetrunnerError) as compared:
        compare(path, path)
    for caught in (loaded, compared):
        assert [each.code for each in caught.value.problems] == ["wrong-format"]


def test_a_json_trace_whose_output_is_not_the_last_z(tmp_path):
    path = tmp_path / "x.json"
    path.write_text(trace_text(output=[1.0, 2.0, 3.0]))
    with pytest.raises(NetrunnerError, match=r"Z1 .* and Y \(3,\)"):
        netrunner.load_trace(path)


def test_x_and_y_are_enough_for_the_outputs(tmp_path, network):
    trace = network.trace([1.0, 0.5])
    write_npz(tmp_path / "xy.npz", X=trace.input, Y=trace.output)
    assert compare(network, tmp_path / "xy.npz", outputs_only=True).same
    write_npz(tmp_path / "xzy.npz", X=trace.input, Z1=trace.layers[0].Z, Y=trace.output)
    assert compare(network, tmp_path / "xzy.npz", outputs_only=True).same
    differing = compare(changed(network), tmp_path / "xy.npz", outputs_only=True)
    assert "\n  first in the output, neuron 1 'y1': Y is\n" in str(differing)
    with pytest.raises(NetrunnerError, match="not a trace") as caught:
        compare(network, tmp_path / "xy.npz")
    hint = "to compare Y alone: netrunner compare --outputs-only"
    assert caught.value.problems[0].hint == hint
    write_npz(tmp_path / "xy.npz", X=[[1.0, 0.5]], Y=trace.output)
    with pytest.raises(NetrunnerError, match=r"do not fit: Y \(2,\) for an input \(1, 2\) "):
        compare(network, tmp_path / "xy.npz", outputs_only=True)


def test_a_trace_in_another_format_is_told(tmp_path, network):
    network.trace([1.0, 0.5]).save(tmp_path / "trace.csv")
    with pytest.raises(
        NetrunnerError, match=r"compare takes a network file, a trace \(.json, .npz"
    ):
        compare(network, tmp_path / "trace.csv")


def test_an_example_by_its_name():
    assert netrunner.example("iris").output_names == ("setosa", "versicolor", "virginica")
    with pytest.raises(NetrunnerError, match=r"no example .irs.; there are .*digits") as caught:
        netrunner.example("irs")
    assert caught.value.problems[0].hint == "did you mean 'iris'?"


@pytest.mark.parametrize("turned", [False, True])
def test_weights_alone_get_the_activations_of_the_other_side(tmp_path, network, turned):
    export(network, tmp_path / "w.safetensors")
    sides = [network, tmp_path / "w.safetensors"]
    assert not compare(*(sides[::-1] if turned else sides))
    sides = [tmp_path / "w.safetensors", changed(network)]
    difference = compare(*(sides[::-1] if turned else sides), x=[1.0, 0.5])
    assert difference.first.symbol == "A2"
    assert difference.first.neuron == 2


def test_weights_alone_on_both_sides_are_not_compared(tmp_path, network):
    export(network, tmp_path / "w.safetensors")
    with pytest.raises(NetrunnerError) as caught:
        compare(tmp_path / "w.safetensors", tmp_path / "w.safetensors")
    (problem,) = caught.value.problems
    assert problem.code == "missing-activations"
    assert problem.hint == "make it a network first, with netrunner import --activations"


def test_a_script_is_nothing_to_compare_and_from_zero_nothing_is_relative(
    tmp_path: Path, netrunner: Any
) -> None:
    one, other, script = tmp_path / "one.yaml", tmp_path / "other.yaml", tmp_path / "net.py"
    script.write_text("import numpy as np\n")
    text = "inputs: 1\nlayers:\n  - {size: 1, weights: [[1]], biases: B, activation: relu}\n"
    one.write_text(text.replace("B", "1"))
    other.write_text(text.replace("B", "0"))
    result = netrunner("compare", one, script)
    assert result.code == 2
    assert "compare takes a network file, a trace (.json, .npz), or a model" in result.err
    result = netrunner("compare", one, other, "--input", "0")
    assert result.code == 1
    assert "  A1            1          -   1 of 1\n" in result.out


def test_a_plugin_that_fails_on_the_input_of_a_trace_is_to_blame_itself(tmp_path):
    plugin = tmp_path / "seven.py"
    plugin.write_text(
        "import netrunner\n\n"
        "def h(a):\n    if (a == 7).any(): raise ValueError('seven')\n    return a * 1.0\n\n"
        "@netrunner.hookimpl\ndef netrunner_activations():\n"
        "    return [netrunner.Activation('h', h)]\n"
    )
    trace = netrunner.from_arrays([([[1.0]], 0, "identity")]).trace([7.0])
    net = netrunner.from_arrays([([[1.0]], 0, "h")], plugins=[plugin])
    with pytest.raises(netrunner.NetrunnerError) as caught:
        netrunner.compare(trace, net)
    (problem,) = caught.value.problems
    assert (problem.code, problem.place.file) == ("plugin-raised", str(plugin))
    assert "its input" not in problem.message
