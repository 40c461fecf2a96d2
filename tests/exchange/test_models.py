"""Files that other tools wrote, each with an input and what the tool gives for it.

tests/data/models has them, and the scripts that wrote them.
"""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
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
        ("out_first.pt", "ambiguous-order", "settle the order of the layers 'out', 'hid'"),
    ],
)
def test_what_is_not_read_is_refused_with_a_way_on(name, code, words):
    with pytest.raises(netrunner.NetrunnerError) as caught:
        import_network(MODELS / name, activations="relu,relu")
    (problem,) = caught.value.problems
    assert problem.code == code
    assert words in problem.message
    assert problem.hint


def test_flipped_bytes_are_refused_or_give_a_network(tmp_path):
    """Whatever a damaged byte does, it is no exception but ours."""
    data, random = (MODELS / "state_dict.pt").read_bytes(), np.random.default_rng(8)
    path = tmp_path / "flipped.pt"
    refused = 0
    for _ in range(400):
        flipped = bytearray(data)
        for _ in range(3):
            flipped[random.integers(len(data))] = random.integers(256)
        path.write_bytes(bytes(flipped))
        try:
            import_network(path, activations="relu,identity")
        except netrunner.NetrunnerError:
            refused += 1
    assert refused > 100


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
