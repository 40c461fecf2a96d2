"""Files that other tools wrote, each with an input and what the tool gives for it.

tests/data/models has them, and the scripts that wrote them.
"""

from __future__ import annotations

import json
import sys
import tracemalloc
import zipfile
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import h5py
import numpy as np
import onnx
import pytest

import netrunner
from netrunner.exchange.importing import import_network

MODELS = Path(__file__).parents[1] / "data" / "models"
PLUGINS = [Path(__file__).parents[2] / "plugins"]


@pytest.mark.parametrize("name", sorted(path.stem for path in MODELS.glob("*.json")))
def test_the_tool_gives_the_same_numbers(name):
    recorded = json.loads((MODELS / f"{name}.json").read_text(encoding="utf-8"))
    network = import_network(MODELS / name, plugins=PLUGINS, **recorded["options"])
    deep = len(network.layers)
    tolerance = {"rtol": 1e-11, "atol": 1e-13 * deep}
    if network.dtype == np.float32:
        tolerance = {"rtol": 1e-5, "atol": 2e-6 * deep}
    np.testing.assert_allclose(network(recorded["X"]), recorded["Y"], **tolerance)


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("whole_module.pt", "not-an-array", "the pickle asks for 'torch.nn.modules"),
        ("before_1_6.pt", "damaged-file", "not a zip archive, as PyTorch writes since 1.6"),
        ("two_models.pt", "not-dense", "the file holds 2 state dicts: 'actor', 'critic'"),
        ("two_levels.pt", "not-dense", "the file holds 2 state dicts: its own, 'body.hid'"),
        ("with_ema.pt", "not-dense", "the file holds 2 state dicts: its own, 'ema'"),
        ("negative.pt", "not-dense", "still to be negated (PyTorch's negative bit)"),
        ("alone.weights.h5", "not-dense", "only weights, without their layers"),
        ("out_first.pt", "ambiguous-order", "settle the order of the layers 'out', 'hid'"),
    ],
)
def test_what_is_not_read_is_refused_with_a_way_on(name, code, words):
    activations = "relu,relu" if ".pt" in name else None
    with pytest.raises(netrunner.NetrunnerError) as caught:
        import_network(MODELS / name, activations=activations)
    (problem,) = caught.value.problems
    assert problem.code == code
    assert words in problem.message
    assert problem.hint


BY_ONNX = "export it to ONNX, which netrunner import reads: model.export('m.onnx', format='onnx')"


@pytest.mark.parametrize(
    ("name", "words", "hint"),
    [
        ("two_paths.keras", "layer 'add' takes several values: 'a', 'input_layer", None),
        ("recurrent.keras", "layer 'memory' (LSTM): neither a dense layer", None),
        ("half.keras", "layer 'h' (Dense): it computes in mixed_float16", None),
        ("twice.keras", "before 'dense_2', a layer is used twice, which Keras loses", BY_ONNX),
        ("shared.keras", "layer 'again' is used more than once", BY_ONNX),
        ("permute.keras", "layer 'turned' (Permute): neither a dense layer", BY_ONNX),
        ("own.h5", "layer 'own' (mine>Own): a custom layer", BY_ONNX),
    ],
)
def test_what_keras_has_and_a_chain_has_not(name, words, hint):
    with pytest.raises(netrunner.NetrunnerError) as caught:
        import_network(MODELS / name)
    (problem,) = caught.value.problems
    assert (problem.code, problem.hint) == ("not-dense", hint)
    assert words in problem.message


def called(layer, call):
    """A change that gives the one call of a layer more."""

    def change(content):
        (node,) = content["config"]["layers"][layer]["inbound_nodes"]
        node["kwargs"] = call
        return content

    return change


def test_a_layer_that_is_called_in_training_mode(tmp_path):
    path = changed_config(tmp_path, called(2, {"mask": None, "training": True}))
    with pytest.raises(netrunner.NetrunnerError, match=r"is called with training=True; expected"):
        import_network(path)
    assert import_network(changed_config(tmp_path, called(2, {"training": False})))


def with_an_unused_input(content):
    content["config"]["input_layers"] = [["picture", 0, 0], ["unused", 0, 0]]
    return content


def test_a_model_of_two_inputs_of_which_one_is_not_used(tmp_path):
    with pytest.raises(netrunner.NetrunnerError, match=r"the model has 2 inputs"):
        import_network(changed_config(tmp_path, with_an_unused_input))


def with_a_shape_of_other_size(content):
    content["config"]["layers"][2]["config"]["target_shape"] = [4, -1]
    return content


def test_a_reshape_that_does_not_fit(tmp_path):
    with pytest.raises(netrunner.NetrunnerError, match=r"6 numbers do not fit into \(4, 1\)"):
        import_network(changed_config(tmp_path, with_a_shape_of_other_size, "shapes.keras"))


@pytest.mark.parametrize(
    ("name", "output", "words"),
    [
        ("svc_rbf.onnx", "probabilities", "with kernel RBF, which no dense layer computes"),
        ("svc.onnx", "label", "it picks a class; the scores before it may be another output"),
        ("svc_linear.onnx", "label", "it picks a class; the scores before it may be another"),
    ],
)
def test_what_skl2onnx_writes_and_a_chain_has_not(name, output, words):
    with pytest.raises(netrunner.NetrunnerError) as caught:
        import_network(MODELS / name, output_name=output)
    assert words in caught.value.problems[0].message


@pytest.mark.watched
def test_without_h5py(monkeypatch):
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(netrunner.NetrunnerError, match=r"pip install 'netrunner-nn\[keras\]'"):
        import_network(MODELS / "functional.h5")


def changed_config(tmp_path, change, name="functional.keras", member="config.json"):
    """A .keras file with its configuration, or its other JSON, changed."""
    path = tmp_path / "changed.keras"
    with zipfile.ZipFile(MODELS / name) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == member:
                data = json.dumps(change(json.loads(data))).encode()
            new.writestr(name, data)
    return path


def dense(content):
    return content["config"]["layers"][4]["config"]


def without_layers(content):
    del content["config"]["layers"]
    return content


def with_own_class(content):
    content["config"]["layers"][4]["registered_name"] = "mine>Dense"
    return content


def with_own_function(content):
    function = {"module": "mine", "class_name": "function", "config": "relu"}
    dense(content)["activation"] = function
    return content


def with_a_lambda(content):
    dense(content)["activation"] = {"module": "builtins", "config": "mine"}
    return content


def with_other_units(content):
    dense(content)["units"] = 4
    return content


def with_an_operation(content):
    content["config"]["layers"][4]["module"] = "keras.src.activations.activations"
    return content


def without_its_bias(content):
    dense(content)["use_bias"] = False
    return content


def of_a_thousand_layers(content):
    layers = content["config"]["layers"][:1] * 1001
    return {"class_name": "Sequential", "config": {"layers": layers}}


def of_a_class(content):
    return content | {"class_name": "MyModel"}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda content: [], "it is not as Keras writes it"),
        (without_layers, "it is not as Keras writes it (KeyError: 'layers')"),
        (with_own_class, "layer 'first' (Dense): a custom layer"),
        (with_own_function, "layer 'first' (Dense): activation 'relu' has no counterpart"),
        (with_a_lambda, "layer 'first' (Dense): its activation is a function in Python"),
        (with_other_units, "layer 'first' (Dense): its weights are (8, 3), expected (8, 4)"),
        (with_an_operation, "layer 'first' (Dense): an operation on values"),
        (without_its_bias, "layer 'first' (Dense): 2 arrays of weights, expected 1"),
        (of_a_thousand_layers, "more than 1,000 layers"),
        (of_a_class, "the model is 'MyModel'; expected a Sequential"),
    ],
)
def test_configurations_that_cannot_be_followed(tmp_path, change, words):
    with pytest.raises(netrunner.NetrunnerError) as caught:
        import_network(changed_config(tmp_path, change))
    (problem,) = caught.value.problems
    assert words in problem.message
    assert "save it as .keras" not in str(problem.hint)
    codes = ("damaged-file", "not-dense", "unknown-activation", "shape-mismatch", "too-large")
    assert problem.code in codes


def test_a_keras_file_without_its_version_is_refused(tmp_path):
    path = changed_config(tmp_path, lambda _: [], member="metadata.json")
    with pytest.raises(netrunner.NetrunnerError, match="it is not as Keras writes it"):
        import_network(path)
    with zipfile.ZipFile(MODELS / "functional.keras") as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            new.writestr(name, b"{" if name == "metadata.json" else old.read(name))
    with pytest.raises(netrunner.NetrunnerError, match="it is not as Keras writes it"):
        import_network(path)


def test_weights_of_an_h5_that_lead_elsewhere_are_not_read(tmp_path):
    path = tmp_path / "net.h5"
    kernel = "model_weights/first/first/kernel"
    for link in (
        h5py.ExternalLink(str(MODELS / "functional.h5"), kernel),
        h5py.SoftLink("/model_weights/first/first/bias"),
    ):
        path.write_bytes((MODELS / "functional.h5").read_bytes())
        with h5py.File(path, "a") as file:
            assert file[kernel].shape == (8, 3)
            del file[kernel]
            file[kernel] = link
        with pytest.raises(netrunner.NetrunnerError, match="is a link, which is not followed"):
            import_network(path)
    path.write_bytes((MODELS / "functional.h5").read_bytes())
    (tmp_path / "secret").write_bytes(bytes(96))
    with h5py.File(path, "a") as file:
        del file[kernel]
        file.create_dataset(kernel, (8, 3), "f4", external=[(str(tmp_path / "secret"), 0, 96)])
    with pytest.raises(netrunner.NetrunnerError, match="kept in another file"):
        import_network(path)


@pytest.mark.parametrize("size", [0, 8, 2**63])
def test_a_heap_of_texts_that_has_no_end_is_refused(tmp_path, size):
    """HDF5 goes round in it for ever."""
    data = bytearray((MODELS / "functional.h5").read_bytes())
    at = data.index(b"GCOL")
    data[at + 16 : at + 32] = bytes(8) + size.to_bytes(8, "little")  # a free part of this size
    (tmp_path / "net.h5").write_bytes(data)
    with pytest.raises(netrunner.NetrunnerError, match="the texts in it are not as HDF5 keeps"):
        import_network(tmp_path / "net.h5")


def test_a_text_of_an_h5_that_is_no_text_any_more_is_refused(tmp_path):
    """HDF5 crashes as it reads the texts of model_config as lists."""
    data = (MODELS / "functional.h5").read_bytes()
    data = data.replace(b"\x19\x01\0\0\x10\0\0\0", b"\x19\0\0\0\x10\0\0\0")  # texts; lists
    (tmp_path / "net.h5").write_bytes(data)
    with pytest.raises(netrunner.NetrunnerError, match="'model_config' is not a text"):
        import_network(tmp_path / "net.h5")


def test_a_text_of_an_h5_that_claims_gigabytes_is_refused(tmp_path):
    data = bytearray((MODELS / "functional.h5").read_bytes())
    heap = data.index(b"GCOL").to_bytes(8, "little")
    at = data.index(heap, data.index(b"model_config"))
    data[at - 4 : at] = (2**31).to_bytes(4, "little")
    (tmp_path / "net.h5").write_bytes(data)
    with pytest.raises(netrunner.NetrunnerError, match="claims more bytes than the file has"):
        import_network(tmp_path / "net.h5")


def test_an_h5_that_unfolds_is_refused(tmp_path):
    path = tmp_path / "net.h5"
    path.write_bytes((MODELS / "functional.h5").read_bytes())
    config = {"class_name": "Dense", "config": {"name": "d", "units": 10_000}}
    inputs = {"class_name": "InputLayer", "config": {"batch_shape": [None, 10_000], "name": "i"}}
    with h5py.File(path, "w") as file:
        layers = {"layers": [inputs, config]}
        file.attrs["model_config"] = json.dumps({"class_name": "Sequential", "config": layers})
        group = file.create_group("model_weights/d")
        group.attrs["weight_names"] = ["k", "b"]
        group.create_dataset("k", (10_000, 10_000), "f4", chunks=(100, 100), compression="gzip")
        group.create_dataset("b", (10_000,), "f4")
    assert path.stat().st_size < 2**20
    with pytest.raises(netrunner.NetrunnerError, match="too many numbers for its size"):
        import_network(path)


@pytest.mark.watched
@pytest.mark.parametrize("name", ["state_dict.pt", "functional.keras", "functional.h5"])
def test_flipped_bytes_are_refused_or_give_a_network(tmp_path, name):
    """Whatever a damaged byte does, it is no exception but ours."""
    data, random = (MODELS / name).read_bytes(), np.random.default_rng(8)
    path = tmp_path / name
    activations = "relu,identity" if name.endswith(".pt") else None
    refused = 0
    for _ in range(40):
        flipped = bytearray(data)
        for _ in range(3):
            flipped[random.integers(len(data))] = random.integers(256)
        path.write_bytes(bytes(flipped))
        try:
            import_network(path, activations=activations)
        except netrunner.NetrunnerError:
            refused += 1
    assert refused > 1


def torch_file(path, tensor, members=(("0", bytes(48)),)):
    """A .pt of a single tensor, whose pickle ends in the operations `tensor`."""
    data = b"\x80\x02}X\x08\x00\x00\x000.weightctorch._utils\n_rebuild_tensor_v2\n(" + tensor
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a/data.pkl", data + b"s.")
        for name, member in members:
            archive.writestr(f"a/data/{name}", member)


STORAGE = (
    b"(X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x0ctQ"
)


@pytest.mark.parametrize(
    ("tensor", "words"),
    [
        (STORAGE + b"K\x00K\x03K\x04\x86K\x04K\x02\x86tR", "claims more numbers than there are"),
        (STORAGE + b"K\x01K\x03K\x04\x86K\x04K\x01\x86tR", "claims more numbers than there are"),
        (STORAGE + b"K\x00K\x03K\x04\x86K\x04\x85tR", "other strides than its shape has"),
        (STORAGE + b"K\x00K\x03J\xff\xff\xff\xff\x86K\x04K\x01\x86tR", "an absurd shape"),
        (STORAGE + b"K\x00J\xff\xff\xff\x7fJ\xff\xff\xff\x7f\x86K\x00K\x00\x86tR", "too many"),
        (b"K\x01K\x00K\x03\x85K\x01\x85tR", "a tensor without numbers"),
        (STORAGE.replace(b"FloatStorage", b"QInt8Storage") + b"tR", "QInt8Storage"),
        (STORAGE.replace(b"0X", b"7X") + b"K\x00K\x03K\x04\x86K\x04K\x01\x86tR", "claims more"),
        (b"NtR", "not a pickle of arrays"),
    ],
)  # fmt: skip
def test_tensors_that_lie_are_refused(tmp_path, tensor, words):
    torch_file(tmp_path / "net.pt", tensor)
    with pytest.raises(netrunner.NetrunnerError) as caught:
        import_network(tmp_path / "net.pt", activations="relu")
    assert words in caught.value.problems[0].message
    good = STORAGE + b"K\x00K\x03K\x04\x86K\x04K\x01\x86tR"
    torch_file(tmp_path / "net.pt", good)
    assert import_network(tmp_path / "net.pt", activations="relu").input_size == 4


@pytest.mark.watched
def test_no_room_is_made_for_a_member_that_claims_to_be_huge(tmp_path):
    data = bytearray((MODELS / "double.pt").read_bytes())
    at = data.index(b"double/byteorder", data.index(b"PK\x01\x02")) - 46
    data[at + 20 : at + 24] = (2**30).to_bytes(4, "little")
    (tmp_path / "net.pt").write_bytes(data)
    tracemalloc.start()
    with suppress(netrunner.NetrunnerError):  # newer versions of Python refuse it
        import_network(tmp_path / "net.pt", activations="relu,relu")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2**26


@pytest.mark.watched
def test_a_member_that_is_shorter_than_it_says(tmp_path):
    data = bytearray((MODELS / "double.pt").read_bytes())
    at = data.index(b"double/data/0", data.index(b"PK\x01\x02")) - 46
    data[at + 16 : at + 24] = bytes(8)  # nothing is stored, and of that the checksum is 0
    (tmp_path / "net.pt").write_bytes(data)
    with pytest.raises(netrunner.NetrunnerError, match="'double/data/0' ends too early"):
        import_network(tmp_path / "net.pt", activations="relu,relu")


@pytest.mark.watched
@pytest.mark.parametrize("name", ["net.pt", "net.keras"])
def test_archives_that_unfold_are_refused(tmp_path, name):
    member = "a/data/0" if name == "net.pt" else "model.weights.h5"
    good = "state_dict.pt" if name == "net.pt" else "functional.keras"
    with (
        zipfile.ZipFile(MODELS / good) as old,
        zipfile.ZipFile(tmp_path / name, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for each in old.namelist():
            data = old.read(each)
            each = each.replace("state_dict/", "a/")
            new.writestr(each, bytes(65 * 2**20) if each == member else data)
    activations = "relu,identity" if name == "net.pt" else None
    with pytest.raises(netrunner.NetrunnerError) as caught:
        import_network(tmp_path / name, activations=activations)
    assert caught.value.problems[0].code in ("too-large", "damaged-file")
    with zipfile.ZipFile(tmp_path / name) as archive:
        assert member in archive.namelist()


@pytest.mark.parametrize("storages", [1, 2])
def test_many_tensors_of_large_storages(tmp_path, storages):
    """Of one, that is read once; two in turn would be read for ever."""
    view = b"K\x00K\x01K\x01\x86K\x01K\x01\x86tR"
    data = b"\x80\x02}("
    for index in range(200):
        name = f"{index}.weight".encode()
        key = str(index % storages).encode()
        data += b"X" + len(name).to_bytes(4, "little") + name
        data += b"ctorch._utils\n_rebuild_tensor_v2\n("
        data += STORAGE.replace(b"\x000X", b"\x00" + key + b"X") + view
    with zipfile.ZipFile(tmp_path / "net.pt", "w") as archive:
        archive.writestr("a/data.pkl", data + b"u.")
        for index in range(storages):
            archive.writestr(f"a/data/{index}", bytes(2**24))
    activations = ["relu"] * 200
    if storages == 1:
        network = import_network(tmp_path / "net.pt", activations=activations)
        assert len(network.layers) == 200
    else:
        with pytest.raises(netrunner.NetrunnerError, match="more numbers than the file has"):
            import_network(tmp_path / "net.pt", activations=activations)


@pytest.mark.parametrize("functional", [False, True])
def test_an_h5_as_keras_2_wrote_it(tmp_path, functional):
    """Names end in :0, layers have no module, and hard_sigmoid had another slope."""
    random = np.random.default_rng(2)
    W, b, V = random.normal(size=(3, 4)), random.normal(size=4), random.normal(size=(4, 2))
    first = {"name": "dense", "dtype": "float32", "units": 4, "activation": "hard_sigmoid"}
    last = {"name": "dense_1", "dtype": "float32", "units": 2, "use_bias": False}
    slope = {"name": "leaky_re_lu", "dtype": "float32", "alpha": 0.25}
    inputs = {"batch_input_shape": [None, 3], "dtype": "float32", "name": "input_1"}
    layers = [
        {"class_name": "InputLayer", "config": inputs, "name": "input_1", "inbound_nodes": []},
        {"class_name": "Dense", "config": first, "name": "dense"},
        {"class_name": "LeakyReLU", "config": slope, "name": "leaky_re_lu"},
        {"class_name": "Dense", "config": last | {"activation": "linear"}, "name": "dense_1"},
    ]
    config = {"name": "sequential", "layers": layers}
    if functional:
        for before, after in pairwise(layers):
            after["inbound_nodes"] = [[[before["name"], 0, 0, {}]]]
        config["input_layers"], config["output_layers"] = [["input_1", 0, 0]], [["dense_1", 0, 0]]
    path = tmp_path / "old.h5"
    with h5py.File(path, "w") as file:
        kind = "Functional" if functional else "Sequential"
        file.attrs["keras_version"] = b"2.9.0"
        file.attrs["model_config"] = json.dumps({"class_name": kind, "config": config})
        for name, arrays in (("dense", {"kernel:0": W, "bias:0": b}), ("dense_1", {"kernel:0": V})):
            group = file.create_group(f"model_weights/{name}")
            group.attrs["weight_names"] = [f"{name}/{each}".encode() for each in arrays]
            for each, array in arrays.items():
                group[f"{name}/{each}"] = array.astype("f4")
    network = import_network(path, plugins=PLUGINS)
    x = random.normal(size=(5, 3))
    z = np.clip(0.2 * (x @ W + b) + 0.5, 0, 1)
    expected = np.where(z > 0, z, 0.25 * z) @ V
    np.testing.assert_allclose(network(x), expected, rtol=1e-5, atol=1e-6)
    assert network.description.startswith("Imported from old.h5 (Keras 2.9.0)")


def test_more_arrays_than_a_model_has_are_refused(tmp_path):
    path = tmp_path / "net.h5"
    path.write_bytes((MODELS / "nested.h5").read_bytes())
    with h5py.File(path, "a") as file:
        file["model_weights/chain"].attrs["weight_names"] = np.full(2001, b"a/b", "S3")
    with pytest.raises(netrunner.NetrunnerError, match="more than 2,000 arrays in a model"):
        import_network(path)


@pytest.mark.watched
def test_an_archive_of_another_kind(tmp_path):
    np.savez(tmp_path / "net.npz", W1=np.ones((2, 3)))
    for name, words in (
        ("net.keras", "it has no member 'config.json'"),
        ("net.pt", "not an archive that torch.save wrote"),
        ("net.pkl", "this is a zip archive, not a pickle"),
    ):
        (tmp_path / name).write_bytes((tmp_path / "net.npz").read_bytes())
        with pytest.raises(netrunner.NetrunnerError, match=words):
            import_network(tmp_path / name)


def test_an_imputer_that_replaces_a_number(tmp_path):
    model = onnx.load(MODELS / "picked.onnx")
    (replaced,) = [
        each for each in model.graph.node[0].attribute if each.name == "replaced_value_float"
    ]
    replaced.f = -1.0
    onnx.save(model, tmp_path / "net.onnx")
    with pytest.raises(netrunner.NetrunnerError, match="it replaces a number; expected one that"):
        import_network(tmp_path / "net.onnx")
