"""Weights without their network: .npz and .safetensors."""

from __future__ import annotations

import itertools
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file
from taken import refused

import netrunner
from netrunner.exchange.exporting import export
from netrunner.exchange.formats import READ, one_of
from netrunner.exchange.importing import import_network
from netrunner.network.building import from_arrays

PLUGINS = Path(__file__).parents[2] / "plugins"


def weights(*sizes, dtype=np.float64):
    """(W, B) of each layer, W as (inputs, size)."""
    random = np.random.default_rng(5)
    return [
        (random.normal(size=pair).astype(dtype), random.normal(size=pair[1]).astype(dtype))
        for pair in itertools.pairwise(sizes)
    ]


def fault_of(path, **options):
    problem = refused(path, **options)
    return f"{problem.message} {problem.hint}"


def assert_layers(network, expected):
    assert len(network.layers) == len(expected)
    for layer, (W, B) in zip(network.layers, expected, strict=True):
        np.testing.assert_array_equal(layer.weights, W)
        np.testing.assert_array_equal(layer.biases, B)


@pytest.mark.parametrize("names", ["W{} b{}", "w{} B{}", "weights_{} biases_{}", "Weight{} bias{}"])
@pytest.mark.parametrize("transposed", [False, True])
def test_npz_in_either_case_and_orientation(tmp_path, names, transposed):
    layers = weights(3, 4, 2)
    arrays = {}
    for index, (W, B) in enumerate(layers, 1):
        w, b = names.format(index, index).split()
        arrays |= {w: W.T if transposed else W, b: B}
    np.savez(tmp_path / "net.npz", **arrays)
    network = import_network(tmp_path / "net.npz", activations="sigmoid,softmax")
    assert_layers(network, layers)
    assert [layer.activation.name for layer in network.layers] == ["sigmoid", "softmax"]
    assert [layer.name for layer in network.layers] == [None, None]
    assert network.dtype == np.float64
    assert network.description == "Imported from net.npz (npz)."


def torch_state(layers, names):
    """A state_dict as PyTorch has it: (size, inputs), in no order that helps."""
    state = {}
    for (W, B), name in zip(layers, names, strict=True):
        state[f"{name}.weight"] = np.ascontiguousarray(W.T)
        state[f"{name}.bias"] = B
    return dict(sorted(state.items()))


@pytest.mark.parametrize(
    "pattern", ["fc{}", "net.{}", "layers.{}.linear", "model.blocks.0.dense_{}"]
)
def test_pytorch_layers_come_in_the_order_of_their_numbers(tmp_path, pattern):
    layers = weights(*[4] * 13, dtype=np.float32)  # all square: only the numbers tell
    names = [pattern.format(2 * index) for index in range(12)]
    save_file(torch_state(layers, names), tmp_path / "net.safetensors")
    network = import_network(tmp_path / "net.safetensors", activations=["relu"] * 12)
    assert_layers(network, layers)
    assert [layer.name for layer in network.layers] == names
    assert network.dtype == np.float32


def test_pytorch_names_that_differ_in_words_are_ordered_by_the_shapes(tmp_path):
    layers = weights(5, 4, 3, 2)
    names = ["hidden", "another", "classifier"]
    save_file(torch_state(layers, names), tmp_path / "net.safetensors")
    network = import_network(tmp_path / "net.safetensors", activations="relu,relu,softmax")
    assert [layer.name for layer in network.layers] == names
    assert_layers(network, layers)


def test_words_and_square_shapes_are_refused(tmp_path):
    save_file(torch_state(weights(3, 3, 3), ["hidden", "out"]), tmp_path / "net.safetensors")
    message = fault_of(tmp_path / "net.safetensors", activations="relu,relu")
    assert "neither names nor shapes settle the order of the layers 'hidden', 'out'" in message


def test_without_biases(tmp_path):
    layers = weights(3, 4, 2)
    state = {f"{i}.weight": np.ascontiguousarray(W.T) for i, (W, _) in enumerate(layers)}
    save_file(state, tmp_path / "net.safetensors")
    network = import_network(tmp_path / "net.safetensors", activations="relu,relu")
    assert_layers(network, [(W, np.zeros(W.shape[1])) for W, _ in layers])


@pytest.mark.parametrize("shape", [(1, -1), (-1, 1)])
def test_biases_as_a_row_or_a_column(tmp_path, shape):
    layers = weights(3, 4, 2)
    arrays = {f"W{i}": W.T for i, (W, _) in enumerate(layers, 1)}
    arrays |= {f"b{i}": B.reshape(shape) for i, (_, B) in enumerate(layers, 1)}
    np.savez(tmp_path / "net.npz", **arrays)
    assert_layers(import_network(tmp_path / "net.npz", activations="relu,relu"), layers)


def test_square_matrices_are_not_guessed(tmp_path):
    layers = weights(3, 3, 3)
    arrays = {f"W{i}": W for i, (W, _) in enumerate(layers, 1)}
    path = tmp_path / "net.npz"
    np.savez(path, **arrays)
    message = fault_of(path, activations="relu,relu")
    assert "fit both as (inputs, size) and as (size, inputs)" in message
    assert "transpose=False or transpose=True" in message
    without = [(W, np.zeros(3)) for W, _ in layers]
    assert_layers(import_network(path, activations="relu,relu", transpose=False), without)
    turned = [(W.T, np.zeros(3)) for W, _ in layers]
    assert_layers(import_network(path, activations="relu,relu", transpose=True), turned)


def test_a_single_square_neighbour_is_decided_by_the_others(tmp_path):
    layers = weights(4, 4, 2)
    arrays = {f"W{i}": W.T for i, (W, _) in enumerate(layers, 1)}
    np.savez(tmp_path / "net.npz", **arrays)
    network = import_network(tmp_path / "net.npz", activations="relu,relu")
    np.testing.assert_array_equal(network.layers[0].weights, layers[0][0])


@pytest.mark.parametrize("suffix", [".npz", ".safetensors"])
def test_what_we_export_comes_back(tmp_path, suffix):
    layers = weights(3, 4, 2, dtype=np.float32)
    network = from_arrays([(W, B, "relu") for W, B in layers], dtype="float32")
    (path,) = export(network, tmp_path / f"net{suffix}")
    assert_layers(import_network(path, activations="relu,relu"), layers)


@pytest.mark.parametrize(
    ("kinds", "dtype"),
    [
        (("f2", "f2"), "float32"),
        (("f4", "f4"), "float32"),
        (("f4", "f8"), "float64"),
        (("i8", "i4"), "float64"),
        (("i8", "f4"), "float32"),
        ((">f8", ">f4"), "float64"),
    ],
)
def test_type_of_the_network(tmp_path, kinds, dtype):
    W, B = np.array([[1, 2], [3, 4], [5, 6]], kinds[0]), np.array([1, 2], kinds[1])
    np.savez(tmp_path / "net.npz", W1=W, b1=B)
    network = import_network(tmp_path / "net.npz", activations="relu")
    assert network.dtype == dtype
    assert_layers(network, [(W, B)])


def test_bfloat16(tmp_path):
    values = np.array([[0.5, -1.25], [3.0, 2.0], [1.0, 0.0]], "<f4")
    data = (values.view("<u4") >> 16).astype("<u2").tobytes()
    header = b'{"0.weight":{"dtype":"BF16","shape":[3,2],"data_offsets":[0,12]}}'
    path = tmp_path / "net.safetensors"
    path.write_bytes(struct.pack("<Q", len(header)) + header + data)
    network = import_network(path, activations=["relu"])
    np.testing.assert_array_equal(network.layers[0].weights, values.T)


def test_activations_with_parameters_and_from_plugins(tmp_path):
    plugin = tmp_path / "line.py"
    plugin.write_text(
        "import netrunner\n"
        "@netrunner.hookimpl\n"
        "def netrunner_activations():\n"
        "    return [netrunner.Activation('line', lambda a, slope=1.0: slope * a)]\n"
    )
    np.savez(tmp_path / "net.npz", W1=np.ones((3, 2)), b1=np.ones(2))
    options = {"activations": [("line", {"slope": 2})], "plugins": [plugin]}
    network = import_network(tmp_path / "net.npz", **options)
    np.testing.assert_array_equal(network([1, 1, 1]), [8, 8])


@pytest.mark.parametrize("given", [None, "relu", "relu,relu,relu", []])
def test_activations_are_needed_one_for_each_layer(tmp_path, given):
    np.savez(tmp_path / "net.npz", W1=np.ones((3, 2)), W2=np.ones((2, 4)))
    message = fault_of(tmp_path / "net.npz", activations=given)
    assert "2 activations are needed, one for each layer" in message
    assert "--activations relu,identity" in message


def test_activations_as_python_gives_them(tmp_path):
    np.savez(tmp_path / "net.npz", W1=np.ones((3, 2)), b1=np.ones(2))
    network = import_network(tmp_path / "net.npz", activations=[{"name": "relu"}])
    assert network.layers[0].activation.name == "relu"
    assert "the activation must be a name" in fault_of(tmp_path / "net.npz", activations=[5])


def test_an_unknown_activation_is_refused(tmp_path):
    np.savez(tmp_path / "net.npz", W1=np.ones((3, 2)), b1=np.ones(2))
    message = fault_of(tmp_path / "net.npz", activations="sigmod")
    assert "unknown activation 'sigmod'" in message
    assert "did you mean 'sigmoid'?" in message


REFUSED = [
    ({}, "there are no arrays in it"),
    ({"W1": (3, 2), "X": (4, 3)}, "the name of array 'X' does not say whether"),
    ({"a.in_proj_weight": (12, 4)}, "'a.in_proj_weight' belongs to PyTorch's MultiheadAttention"),
    ({"W1": (3, 2), "b2": (2,)}, "'b2' are biases without their weights"),
    ({"W1": (3, 2), "w1": (3, 2)}, "'W1' and 'w1' name the same weights"),
    ({"W1": (3, 2), "weight_01": (3, 2)}, "'W1' and 'weight_01' name the same weights"),
    ({"W1": (3, 2), "W2": (4, 5)}, "the shapes do not make a chain: 'W1' (3, 2), 'W2' (4, 5)"),
    ({"W1": (3, 2), "b1": (4,)}, "the shapes do not make a chain: 'W1' (3, 2), 'b1' (4,)"),
    ({"conv.weight": (8, 1, 3, 3)}, "'conv.weight' has shape (8, 1, 3, 3), but a dense layer"),
    ({"bn.weight": (8,), "bn.bias": (8,)}, "'bn.weight' has shape (8,), but a dense layer"),
    ({"0.weight": (3, 2), "1.running_mean": (3,)}, "'1.running_mean' belongs to a batch norm"),
    ({"W1": (3, 2), "b1": (2, 2)}, "'b1' has shape (2, 2), but biases have shape (size,)"),
    ({"W1": (0, 2)}, "'W1' has shape (0, 2), but a dense layer has a matrix"),
]


@pytest.mark.parametrize(("shapes", "message"), REFUSED)
def test_arrays_that_make_no_network_are_refused(tmp_path, shapes, message):
    arrays = {name: np.ones(shape) for name, shape in shapes.items()}
    np.savez(tmp_path / "net.npz", **arrays)
    assert message in fault_of(tmp_path / "net.npz", activations=["relu"])


@pytest.mark.parametrize(
    ("W", "message"),
    [
        (np.ones((3, 2), np.int8), "'W1' holds int8: a quantised network"),
        (np.ones((3, 2), complex), "complex numbers, not real numbers"),
        (np.full((3, 2), np.nan), "layer 1: weights: row 1, column 1 is nan"),
        (np.array([[object()]]), "pickled objects, not real numbers"),
    ],
)
def test_values_that_are_no_weights_are_refused(tmp_path, W, message):
    np.savez(tmp_path / "net.npz", W1=W, b1=np.ones(W.shape[1]))
    assert message in fault_of(tmp_path / "net.npz", activations="relu")


def test_hostile_files_are_refused(tmp_path):
    path = tmp_path / "net.npz"
    for data in (b"", b"PK\x03\x04", b"\x80\x04N.", bytes(1000)):
        path.write_bytes(data)
        assert "the file is damaged" in fault_of(path, activations="relu")
    tensors = tmp_path / "net.safetensors"
    for data in (b"", b"\xff" * 8, struct.pack("<Q", 2) + b"[]"):
        tensors.write_bytes(data)
        assert "damaged" in fault_of(tensors, activations="relu")
    assert "no such file" in fault_of(tmp_path / "missing.npz", activations="relu")


def test_an_archive_of_very_many_members_is_refused_unlisted(tmp_path):
    path = tmp_path / "net.npz"
    with zipfile.ZipFile(path, "w") as archive:
        for index in range(10_001):
            archive.writestr(f"W{index}.npy", b"")
    assert "more than 10,000 arrays" in fault_of(path, activations="relu")


def test_many_arrays_that_are_mostly_nothing_are_refused_unread(tmp_path):
    zeros = np.zeros((2048, 2048))
    np.savez_compressed(tmp_path / "net.npz", **{f"W{index}": zeros for index in range(5)})
    options = {"activations": ["relu"] * 5, "transpose": False}
    assert "too many numbers for its size" in fault_of(tmp_path / "net.npz", **options)


def test_many_tensors_of_the_same_bytes_are_refused_unread(tmp_path):
    entries = [
        f'"fc{index}.weight":{{"dtype":"F64","shape":[512,512],"data_offsets":[0,{2**21}]}}'
        for index in range(1000)
    ]
    header = ("{" + ",".join(entries) + "}").encode()
    path = tmp_path / "net.safetensors"
    path.write_bytes(struct.pack("<Q", len(header)) + header + bytes(2**21))
    message = fault_of(path, activations=["relu"] * 1000)
    assert "its tensors overlap" in message


def test_the_kind_of_a_file_is_told_by_its_name(tmp_path):
    np.savez(tmp_path / "net.npz", W1=np.ones((3, 2)), b1=np.ones(2))
    data = (tmp_path / "net.npz").read_bytes()
    (tmp_path / "LOUD.NPZ").write_bytes(data)
    assert import_network(tmp_path / "LOUD.NPZ", activations="relu").input_size == 3
    (tmp_path / "renamed").write_bytes(data)
    message = fault_of(tmp_path / "renamed", activations="relu")
    assert "it begins like a .npz file: if it is one, rename it" in message


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "net.txt",
            f"its name does not end in {one_of(READ)}",
        ),
        ("net.ckpt", "rename it to .pt"),
        ("net.h5", "not an HDF5 file, or a damaged one"),
        ("net.yaml", "netrunner's own"),
    ],
)
def test_other_kinds_of_files_are_refused(tmp_path, name, message):
    (tmp_path / name).write_text("hello")
    assert message in fault_of(tmp_path / name)


def test_activations_with_their_parameters(tmp_path):
    np.savez(tmp_path / "net.npz", W1=np.ones((2, 3)), W2=np.ones((3, 4)), W3=np.ones((4, 2)))
    network = import_network(
        tmp_path / "net.npz",
        activations="leaky_relu(alpha=0.1), gelu( approximate = tanh ),softmax()",
        plugins=[PLUGINS],
    )
    assert [(layer.activation.name, dict(layer.parameters)) for layer in network.layers] == [
        ("leaky_relu", {"alpha": 0.1}),
        ("gelu", {"approximate": "tanh"}),
        ("softmax", {}),
    ]


@pytest.mark.parametrize(
    ("activations", "message"),
    [
        ("leaky_relu(0.1)", "'leaky_relu(0.1)' is not an activation with parameters"),
        ("leaky_relu(alpha=)", "expected a number"),
        ("leaky_relu(alpha=1,alpha=2)", "is not an activation with parameters"),
        ("leaky_relu(alpha=0x1)", "'0x1'"),
        ("leaky_relu(beta=1)", "'beta'"),
        ("leaky_relu(alpha=0.1", "unknown activation 'leaky_relu(alpha=0.1'"),
        ("relu,relu", "2 given"),
    ],
)
def test_activations_that_make_no_sense(tmp_path, activations, message):
    np.savez(tmp_path / "net.npz", W1=np.ones((2, 3)), b1=np.ones(3))
    said = fault_of(tmp_path / "net.npz", activations=activations, plugins=[PLUGINS])
    assert message in said


@pytest.mark.parametrize(("order", "first"), [("up,down", "up"), (["down", "up"], "down")])
def test_an_order_is_followed(tmp_path, order, first):
    np.savez(tmp_path / "net.npz", **{"up.weight": np.eye(2), "down.weight": np.eye(2) * 2})
    network = import_network(tmp_path / "net.npz", activations="relu,relu", order=order)
    assert network.layers[0].name == first
    assert network.layers[0].weights[0, 0] == (1 if first == "up" else 2)


def test_an_order_names_numbered_arrays_too(tmp_path):
    np.savez(tmp_path / "net.npz", W1=np.ones((4, 2)), W2=np.ones((2, 4)))
    network = import_network(
        tmp_path / "net.npz", activations="relu,relu", order="W2, 1", transpose=False
    )
    assert network.input_size == 2
    with pytest.raises(netrunner.NetrunnerError, match="must name each layer once: 'W1', 'W2'"):
        import_network(tmp_path / "net.npz", activations="relu,relu", order="W1")


@pytest.mark.parametrize("names", [["encoder.0", "encoder.2", "decoder.0", "decoder.2"]])
def test_an_autoencoder_reads_both_ways(tmp_path, names):
    save_file(torch_state(weights(8, 4, 2, 4, 8), names), tmp_path / "net.safetensors")
    options = {"activations": ["relu"] * 4}
    assert "settle the order" in fault_of(tmp_path / "net.safetensors", **options)
    network = import_network(tmp_path / "net.safetensors", order=names, **options)
    assert_layers(network, weights(8, 4, 2, 4, 8))


def test_very_many_layers_of_one_shape_are_not_tried_for_ever(tmp_path):
    words = ["".join(pair) for pair in itertools.product("abcdefgh", repeat=2)]
    np.savez(tmp_path / "net.npz", **{f"{word}.weight": np.eye(2) for word in words})
    said = fault_of(tmp_path / "net.npz", activations=["relu"] * 64)
    assert "neither names nor shapes settle the order of the layers 'aa', 'ab'" in said
