"""import, export and compare on the command line: files, exit codes, and what stays as it was."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import NETWORKS, ROOT, THREE_LAYER

import netrunner as nr
from netrunner.format.save import save

PLUGINS = ROOT / "plugins"

W1 = np.array([[0.1, 0.3, 0.5], [0.2, 0.4, 0.6]])
B1 = np.array([0.1, 0.2, 0.3])
W2 = np.array([[1.0, -1.0], [0.5, 2.0], [-0.25, 0.75]])
B2 = np.array([0.5, -0.5])
ARRAYS = {"W1": W1, "B1": B1, "W2": W2, "B2": B2}
NNET = "2,2,1,2\n2,2,1\n0\n0,0\n1,1\n0.5,0.5,0\n1,1,1\n1,2\n3,4\n0.5\n0.25\n1,1\n0\n"


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def names() -> list[str]:
    return sorted(each.name for each in Path().iterdir())


def write_npz(path: str) -> None:
    np.savez(path, **ARRAYS)  # type: ignore[arg-type]


def write_safetensors(path: str) -> None:
    from safetensors.numpy import save_file

    pairs = {"fc1.weight": W1.T, "fc1.bias": B1, "fc2.weight": W2.T, "fc2.bias": B2}
    save_file({name: np.ascontiguousarray(array) for name, array in pairs.items()}, path)


def write_pickle(path: str) -> None:
    Path(path).write_bytes(pickle.dumps(ARRAYS))


def write_onnx(path: str) -> None:
    nr.export(nr.from_arrays([(W1, B1, "relu"), (W2, B2, "softmax")]), path)


def write_nnet(path: str) -> None:
    Path(path).write_text(NNET)


SOURCES: dict[str, tuple[Callable[[str], None], list[str]]] = {
    "w.npz": (write_npz, ["--activations", "relu,softmax"]),
    "w.safetensors": (write_safetensors, ["--activations", "relu,softmax"]),
    "w.pkl": (write_pickle, ["--activations", "relu,softmax"]),
    "w.onnx": (write_onnx, []),
    "w.nnet": (write_nnet, []),
}


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("weights", ["auto", "file"])
def test_import_of_each_kind(netrunner: Any, source: str, weights: str) -> None:
    write, options = SOURCES[source]
    write(source)
    before = Path(source).read_bytes()
    result = netrunner("import", source, "--output", "net.yaml", "--weights", weights, *options)
    written = ["net.yaml", "net.npz"] if weights == "file" else ["net.yaml"]
    assert result == (0, "", "".join(f"wrote {name}\n" for name in written))
    assert names() == sorted([source, *written])
    assert Path(source).read_bytes() == before

    check = netrunner("check", "net.yaml")
    assert (check.code, check.err) == (0, "net.yaml: ok: 2 layers, 1 example verified\n")
    assert "schema" not in Path("net.yaml").read_text()
    network = nr.load("net.yaml")
    if source != "w.nnet":
        for layer, W, B in zip(network.layers, (W1, W2), (B1, B2), strict=True):
            np.testing.assert_array_equal(layer.weights, W)
            np.testing.assert_array_equal(layer.biases, B)
        assert [each.activation.name for each in network.layers] == ["relu", "softmax"]


def test_import_keeps_a_normalisation_on_request(netrunner: Any) -> None:
    write_nnet("w.nnet")
    options = ("--separate-normalisation", "--output", "net.yaml")
    assert netrunner("import", "w.nnet", *options).code == 0
    assert [each.name for each in nr.load("net.yaml").layers] == ["normalisation", None, None]


def test_activations_with_blanks_and_of_plugins(netrunner: Any) -> None:
    write_npz("w.npz")
    options = ("--activations", " tanh , softmax ", "--plugins", PLUGINS, "--output", "net.yaml")
    assert netrunner("import", "w.npz", *options).code == 0
    layers = nr.load("net.yaml", plugins=[PLUGINS]).layers
    assert [each.activation.name for each in layers] == ["tanh", "softmax"]


@pytest.mark.parametrize("option", ["--transpose", "--no-transpose"])
def test_orientation_as_said(netrunner: Any, option: str) -> None:
    W = np.array([[1.0, 2.0], [3.0, 4.0]])
    np.savez("w.npz", W1=W)
    base = ("import", "w.npz", "--output", "net.yaml", "--activations", "identity")
    refused = netrunner(*base)
    assert refused.code == 1
    assert "[ambiguous-orientation]" in refused.err
    assert "--no-transpose or --transpose" in refused.err
    assert netrunner(*base, option).code == 0
    expected = W.T if option == "--transpose" else W
    np.testing.assert_array_equal(nr.load("net.yaml").layers[0].weights, expected)


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["--activations", "relu,sofmax"], "unknown-activation", "did you mean 'softmax'?"),
        (["--activations", "relu,"], "unknown-activation", "unknown activation ''"),
        (["--activations", "relu"], "missing-activations", "2 activations are needed"),
        ([], "missing-activations", "--activations relu,identity"),
        (["--separate-normalisation"], "unneeded-option", "does not apply to a .npz file"),
        (["--activations", "relu,softmax", "--plugins", "gone.py"], "file-not-found", "gone.py"),
    ],
)
def test_what_import_refuses(netrunner: Any, arguments: list[str], code: str, told: str) -> None:
    write_npz("w.npz")
    Path("net.yaml").write_text("mine")
    Path("net.npz").write_text("mine")
    result = netrunner("import", "w.npz", "--output", "net.yaml", "--weights", "file", *arguments)
    assert (result.code, result.out) == (1, "")
    assert f"[{code}]" in result.err
    assert told in result.err
    assert names() == ["net.npz", "net.yaml", "w.npz"]
    assert Path("net.yaml").read_text() == Path("net.npz").read_text() == "mine"


@pytest.mark.parametrize("source", SOURCES)
def test_a_source_cut_off_writes_nothing(netrunner: Any, source: str) -> None:
    write, options = SOURCES[source]
    write(source)
    data = Path(source).read_bytes()
    for kept in (0, 1, len(data) // 2, len(data) - 3):
        Path(source).write_bytes(data[:kept])
        result = netrunner("import", source, "--output", "net.yaml", *options)
        assert result.code == 1
        assert result.err.splitlines()[0].startswith(f"{source}:")
        assert names() == [source]


@pytest.mark.parametrize("name", ["gone.npz", "w.pt", "w.h5", "w.yaml", "w.txt"])
def test_what_is_no_source(netrunner: Any, name: str) -> None:
    if name != "gone.npz":
        Path(name).write_text("x")
    result = netrunner("import", name, "--output", "net.yaml")
    assert result.code == 1
    assert result.err.startswith(f"{name}: error: ")
    assert not Path("net.yaml").exists()


def test_a_hostile_pickle_is_named_and_not_run(netrunner: Any) -> None:
    class Hostile:
        def __reduce__(self) -> Any:
            return os.system, ("touch executed",)

    Path("w.pkl").write_bytes(pickle.dumps({"W1": Hostile()}))
    result = netrunner("import", "w.pkl", "--output", "net.yaml", "--activations", "relu")
    assert result.code == 1
    assert "asks for 'posix.system'" in result.err.replace("nt.system", "posix.system")
    assert "[not-an-array]" in result.err
    assert names() == ["w.pkl"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["import", "w.npz"],
        ["import"],
        ["import", "w.npz", "--output", "n.yaml", "--weights", "elsewhere"],
        ["export", THREE_LAYER],
        ["export", "--output", "net.py"],
        ["compare", THREE_LAYER],
        ["compare", THREE_LAYER, THREE_LAYER, "--rtol", "much"],
        ["compare", THREE_LAYER, THREE_LAYER, "--format", "csv"],
        ["compare", THREE_LAYER, THREE_LAYER, "--input", "1,1", "--input-file", "x.csv"],
    ],
)
def test_wrong_command_lines(netrunner: Any, arguments: list[str]) -> None:
    result = netrunner(*arguments)
    assert (result.code, result.out) == (2, "")
    assert names() == []


# Two files, or neither; and never over what is read.


@pytest.mark.parametrize("blocked", ["net.yaml", "net.npz"])
def test_both_files_or_neither(netrunner: Any, blocked: str) -> None:
    write_npz("w.npz")
    Path(blocked).mkdir()
    options = ("--activations", "relu,softmax", "--weights", "file")
    result = netrunner("import", "w.npz", "--output", "net.yaml", *options)
    assert result.code == 1
    assert "[unwritable-output]" in result.err
    assert names() == sorted([blocked, "w.npz"])


def test_a_missing_folder(netrunner: Any) -> None:
    write_npz("w.npz")
    options = ("--activations", "relu,softmax")
    result = netrunner("import", "w.npz", "--output", "gone/net.yaml", *options)
    assert result.code == 1
    assert "[unwritable-output]" in result.err


@pytest.mark.watched
@pytest.mark.parametrize("output", ["n" * 300 + ".yaml", "loop.yaml", "w.npz/n.yaml"])
@pytest.mark.parametrize("weights", ["inline", "file"])
def test_where_no_file_can_be(netrunner: Any, output: str, weights: str) -> None:
    write_npz("w.npz")
    Path("loop.yaml").symlink_to("loop.yaml")
    options = ("--output", output, "--weights", weights)
    for arguments in (("import", "w.npz", "--activations", "relu,relu"), ("export", THREE_LAYER)):
        result = netrunner(*arguments, *options)
        assert result.code == 1
        assert result.err.startswith(f"{output}: error: cannot be written: ")
        assert names() == ["loop.yaml", "w.npz"]


@pytest.mark.watched
@pytest.mark.parametrize("output", ["net.yaml", "net.py"])
def test_weights_in_a_loop_of_links(netrunner: Any, output: str) -> None:
    for name in ("net.npz", "net_weights.npz"):
        Path(name).symlink_to(name)
    result = netrunner("export", THREE_LAYER, "--output", output, "--weights", "file")
    assert result.code == 1
    assert result.err.startswith(f"{output}: error: ")
    assert "symbolic links" in result.err
    assert names() == ["net.npz", "net_weights.npz"]


@pytest.mark.parametrize("via", ["the same name", "symlink", "hard link"])
def test_import_does_not_write_over_its_source(netrunner: Any, via: str) -> None:
    write_npz("w.npz")
    before = Path("w.npz").read_bytes()
    output = "w.yaml"
    if via != "the same name":
        output = "net.yaml"
        link = Path("net.npz")
        link.symlink_to("w.npz") if via == "symlink" else link.hardlink_to("w.npz")
    base = ("import", "w.npz", "--output", output, "--activations", "relu,softmax")
    result = netrunner(*base, "--weights", "file")
    assert result.code == 1
    assert result.err == (
        f"{Path(output).with_suffix('.npz')}: error: is an input of this command, and is left "
        "unchanged: choose another name for the output [file-exists]\n"
    )
    assert Path("w.npz").read_bytes() == before
    assert not Path(output).exists()
    assert netrunner(*base).code == 0  # the weights stand in the text
    assert Path("w.npz").read_bytes() == before


@pytest.mark.parametrize("output", ["w.npz", "w.onnx"])
def test_import_writes_network_files_only(netrunner: Any, output: str) -> None:
    write_npz("w.npz")
    before = Path("w.npz").read_bytes()
    result = netrunner("import", "w.npz", "--output", output, "--activations", "relu,softmax")
    assert result.code == 1
    assert names() == ["w.npz"]
    assert Path("w.npz").read_bytes() == before


@pytest.mark.parametrize("output", ["net.yaml", "./net.yaml", "net.npz", "link.yaml", "net2.yaml"])
def test_export_does_not_write_over_the_network(netrunner: Any, output: str) -> None:
    """Nor over its weights, which net2.npz is a second name of."""
    save(nr.load(THREE_LAYER), "net.yaml", weights="file")
    Path("link.yaml").symlink_to("net.yaml")
    Path("net2.npz").hardlink_to("net.npz")
    before = {name: Path(name).read_bytes() for name in names()}
    result = netrunner("export", "net.yaml", "--output", output, "--weights", "file")
    assert result.code == 1
    assert "[file-exists]" in result.err
    assert {name: Path(name).read_bytes() for name in names()} == before


# export


@pytest.mark.parametrize("suffix", [".npz", ".safetensors", ".onnx"])
def test_export_and_import_again(netrunner: Any, suffix: str) -> None:
    assert netrunner("export", THREE_LAYER, "--output", f"out{suffix}") == (
        0,
        "",
        f"wrote out{suffix}\n",
    )
    activations = ["--activations", "sigmoid,sigmoid,identity"] if suffix != ".onnx" else []
    result = netrunner("import", f"out{suffix}", "--output", "back.yaml", *activations)
    assert result.code == 0
    result = netrunner("compare", "back.yaml", THREE_LAYER, "--rtol", "0", "--atol", "0")
    assert result.code == 0


@pytest.mark.parametrize("weights", ["inline", "file"])
def test_export_as_a_script(netrunner: Any, weights: str) -> None:
    result = netrunner("export", THREE_LAYER, "--output", "net.py", "--weights", weights)
    assert result.code == 0
    assert names() == (["net.py", "net_weights.npz"] if weights == "file" else ["net.py"])
    done = subprocess.run(
        [sys.executable, "-I", "net.py"], capture_output=True, text=True, check=True
    )
    assert "Y  = [0.31682708 0.69627909]\n" in done.stdout


@pytest.mark.parametrize("weights", ["inline", "file"])
def test_export_as_a_network_file(netrunner: Any, weights: str) -> None:
    result = netrunner("export", THREE_LAYER, "--output", "net.yaml", "--weights", weights)
    assert result.code == 0
    assert names() == (["net.npz", "net.yaml"] if weights == "file" else ["net.yaml"])
    assert netrunner("check", "net.yaml").code == 0
    assert netrunner("compare", "net.yaml", THREE_LAYER, "--rtol", "0", "--atol", "0").code == 0


@pytest.mark.parametrize(
    ("output", "code"),
    [
        ("net.txt", "unknown-file-type"),
        ("net.onx", "unknown-file-type"),
        ("net", "unknown-file-type"),
        ("gone/net.py", "unwritable-output"),
        ("folder.onnx", "unwritable-output"),
    ],
)
def test_where_export_cannot_write(netrunner: Any, output: str, code: str) -> None:
    Path("folder.onnx").mkdir()
    result = netrunner("export", THREE_LAYER, "--output", output)
    assert result.code == 1
    assert result.err.startswith(f"{output}: error: ")
    assert f"[{code}]" in result.err
    assert names() == ["folder.onnx"]


@pytest.mark.parametrize(
    ("suffix", "instead"),
    [
        *[(each, "PyTorch reads .safetensors") for each in (".pt", ".pth", ".PT")],
        *[(each, "Keras takes the arrays of an .npz") for each in (".h5", ".keras")],
        (".pkl", "numpy reads .npz"),
    ],
)
def test_export_says_what_is_written_instead(netrunner: Any, suffix: str, instead: str) -> None:
    result = netrunner("export", THREE_LAYER, "--output", f"net{suffix}")
    assert result.code == 1
    assert result.err.endswith(f"[unknown-file-type]\n  help: {instead}, and runtimes read .onnx\n")


MINE = """\
import netrunner
from netrunner import Activation

@netrunner.hookimpl
def netrunner_activations():
    return [Activation("{name}", lambda a: a * 3)]
"""
NETWORK = """\
inputs: 2
layers:
  - {{size: 1, weights: [[1], [2]], biases: 0, activation: {name}}}
"""


@pytest.mark.parametrize("name", ["triple", "elu"])
@pytest.mark.parametrize("output", ["out.onnx", "out.py"])
def test_a_plugin_activation_that_is_not_what_it_is_called(
    netrunner: Any, name: str, output: str
) -> None:
    Path("mine.py").write_text(MINE.format(name=name))
    Path("net.yaml").write_text(NETWORK.format(name=name))
    Path(output).write_text("mine")
    result = netrunner("export", "net.yaml", "--plugins", "mine.py", "--output", output)
    assert result.code == 1
    assert "[not-exportable]" in result.err
    assert f"'{name}' of plugin 'mine.py'" in result.err
    assert Path(output).read_text() == "mine"
    assert netrunner("export", "net.yaml", "--plugins", "mine.py", "--output", "o.npz").code == 0


# compare


@pytest.fixture(params=["golden.json", "golden.npz"])
def golden(request: pytest.FixtureRequest, netrunner: Any) -> str:
    kind = request.param.partition(".")[2]
    inputs = ("--input", "1,0.5", "--input", "-3,2")
    result = netrunner("run", THREE_LAYER, *inputs, "--format", kind, "--output", request.param)
    assert result.code == 0
    return str(request.param)


def changed() -> str:
    text = THREE_LAYER.read_text()
    assert "[0.2, 0.5]," in text
    Path("changed.yaml").write_text(text.replace("[0.2, 0.5],", "[0.2, 0.500001],"))
    return "changed.yaml"


def test_a_network_agrees_with_its_golden_trace(netrunner: Any, golden: str) -> None:
    result = netrunner("compare", THREE_LAYER, golden)
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith(f"{THREE_LAYER} and {golden} agree (rtol 1e-09, atol 1e-12)\n")
    assert netrunner("compare", THREE_LAYER, golden, "--rtol", "0", "--atol", "0").code == 0


def test_the_first_difference_is_told(netrunner: Any, golden: str) -> None:
    result = netrunner("compare", changed(), golden)
    assert (result.code, result.err) == (1, "")
    assert "differ" in result.out
    assert "first in layer 2 'hidden 2', neuron 2, row 1: A2 is\n" in result.out
    assert netrunner("compare", changed(), golden, "--rtol", "1e-4").code == 0
    assert netrunner("compare", changed(), golden, "--atol", "1e-4").code == 0


def test_compare_as_json(netrunner: Any, golden: str) -> None:
    result = netrunner("compare", changed(), golden, "--format", "json")
    assert (result.code, result.err) == (1, "")
    content = json.loads(result.out)
    assert content["format"] == "netrunner-comparison/1"
    assert content["same"] is False
    assert content["rows"] == 2
    first = content["first"]
    assert (first["symbol"], first["layer"], first["neuron"], first["row"]) == ("A2", 2, 2, 1)
    assert first["by"] == pytest.approx(abs(first["value"] - first["reference"]))
    assert " ".join(each["symbol"] for each in content["arrays"]) == "A1 Z1 A2 Z2 A3 Z3 Y"
    assert [each["differing"] for each in content["arrays"]][:3] == [0, 0, 2]

    result = netrunner("compare", THREE_LAYER, golden, "--format", "json")
    content = json.loads(result.out)
    assert (result.code, content["same"], content["first"]) == (0, True, None)


def test_compare_with_a_network_on_inputs(netrunner: Any) -> None:
    differing = changed()
    assert netrunner("compare", THREE_LAYER, differing).code == 1
    Path("x.csv").write_text("1,0.5\n0,0\n")
    for inputs in (["--input", "1,1"], ["--input-file", "x.csv"]):
        assert netrunner("compare", THREE_LAYER, THREE_LAYER, *inputs).code == 0
        assert netrunner("compare", THREE_LAYER, differing, *inputs).code == 1


def test_shapes_that_do_not_fit_are_told(netrunner: Any, golden: str) -> None:
    result = netrunner("compare", NETWORKS / "xor.yaml", golden)
    assert result.code == 1
    assert "the network has 2 layers, and the reference 3" in result.out
    assert "(2, 2) here, and (2, 3) in the reference" in result.out
    result = netrunner("compare", NETWORKS / "iris.yaml", golden)
    assert result.code == 1
    assert "the network takes 4 numbers a row" in result.out


@pytest.mark.parametrize("trace", ["golden.json", "golden.npz"])
def test_a_trace_may_come_first(netrunner: Any, trace: str) -> None:
    assert netrunner("run", THREE_LAYER, "--format", trace[7:], "--output", trace).code == 0
    result = netrunner("compare", trace, THREE_LAYER)
    assert (result.code, result.err) == (0, "")


def test_compare_takes_a_network_whose_name_ends_in_json(netrunner: Any) -> None:
    Path("net.json").write_text(THREE_LAYER.read_text(encoding="utf-8"), encoding="utf-8")
    assert netrunner("compare", "net.json", THREE_LAYER).code == 0
    Path("net.json").write_text("inputs: 2\nlayers: 3\n")
    result = netrunner("compare", "net.json", THREE_LAYER)
    assert (result.code, result.out) == (2, "")
    assert "net.json:2:9: error: layers:" in result.err


@pytest.mark.watched
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["golden.json", "--input", "1,1"], "unexpected-input"),
        (["gone.json"], "file-not-found"),
        (["net.txt"], "wrong-type"),
        (["bad.json"], "damaged-file"),
        (["other.json"], "wrong-format"),
        (["golden.json", "--rtol", "-1"], "out-of-range"),
    ],
)
def test_what_compare_refuses(netrunner: Any, arguments: list[str], code: str) -> None:
    run = ("run", THREE_LAYER, "--format", "json", "--output", "golden.json")
    assert netrunner(*run).code == 0
    Path("net.txt").write_text("x")
    Path("bad.json").write_text('{"format": ')
    Path("other.json").write_text("[1, 2]")
    result = netrunner("compare", THREE_LAYER, *arguments)
    assert (result.code, result.out) == (2, "")
    assert f"[{code}]" in result.err


@pytest.mark.parametrize(
    ("tolerance", "said"),
    [
        ("nan", "'nan' is not a finite number"),
        ("1_0", "'1_0' has underscores in it: write 10"),
        ("1e400", "'1e400' overflows"),
        ("", "expected a number, found nothing"),
    ],
)
@pytest.mark.parametrize("option", ["--rtol", "--atol"])
def test_a_tolerance_is_a_number_as_in_a_file(
    option: str, tolerance: str, said: str, netrunner: Any
) -> None:
    result = netrunner("compare", THREE_LAYER, THREE_LAYER, option, tolerance)
    assert (result.code, result.out) == (2, "")
    assert f"Invalid value for '{option}': {said}" in result.err
