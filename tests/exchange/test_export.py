"""What is exported gives the same numbers elsewhere, or is not exported."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import safetensors
import safetensors.numpy

import netrunner
from netrunner import NetrunnerError
from netrunner.activations.plugins import load_registry
from netrunner.exchange.counterparts import COUNTERPARTS
from netrunner.exchange.exporting import export
from netrunner.exchange.formats import WRITTEN
from netrunner.network.building import from_arrays
from netrunner.views.render import text

ROOT = Path(__file__).parents[2]
PLUGINS = ROOT / "plugins"
NETWORKS = ROOT / "networks"
REGISTRY = load_registry([PLUGINS])
BUILT_IN = ("step", "sigmoid", "relu", "identity", "softmax")

ACTIVATIONS = [
    *((name, {}) for name in REGISTRY),
    ("leaky_relu", {"alpha": 0.3}),
    ("elu", {"alpha": 1.7}),
    ("selu", {"alpha": 1.6732632423543772, "gamma": 1.0507009873554805}),
    ("celu", {"alpha": 0.3}),
    ("gelu", {"approximate": "tanh"}),
    ("swish", {"beta": 1.3}),
    ("hard_sigmoid", {"alpha": 0.3, "beta": 0.4}),
    ("thresholded_relu", {"alpha": 0.7}),
]
DTYPES = ["float64", "float32"]


def network_with(activation, dtype="float64", registry=REGISTRY):
    rng = np.random.default_rng(5)
    return from_arrays(
        [
            (rng.normal(size=(3, 6)), rng.normal(size=6), activation, "名前"),
            (rng.normal(size=(6, 4)), rng.normal(size=4), activation),
        ],
        name="exported",
        inputs=["x1", "x2", "x3"],
        dtype=dtype,
        registry=registry,
    )


def run_onnx(path, x):
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    names = [each.name for each in session.get_outputs()]
    return dict(zip(names, session.run(names, {"X": x}), strict=True))


def trace_arrays(trace):
    arrays = {"Y": trace.output}
    for layer in trace.layers:
        arrays |= {f"A{layer.index}": layer.A, f"Z{layer.index}": layer.Z}
    return arrays


def plugin(folder, name, code):
    path = folder / f"{name}.py"
    path.write_text(
        "import numpy as np\nimport netrunner\n"
        f"def {name}(a, alpha=1.0):\n    return {code}\n"
        "@netrunner.hookimpl\ndef netrunner_activations():\n"
        f"    return [netrunner.Activation('{name}', {name})]\n"
    )
    return load_registry([path])


class TestOnnx:
    @pytest.mark.parametrize("dtype", DTYPES)
    @pytest.mark.parametrize(("name", "parameters"), ACTIVATIONS)
    def test_onnxruntime_gives_every_a_and_z(self, tmp_path, name, parameters, dtype):
        network = network_with((name, parameters), dtype)
        assert export(network, tmp_path / "n.onnx") == [tmp_path / "n.onnx"]
        x = np.random.default_rng(6).normal(0, 5, (200, 3)).astype(dtype)
        found, expected = run_onnx(tmp_path / "n.onnx", x), trace_arrays(network.trace(x))
        assert list(found) == ["A1", "Z1", "A2", "Z2", "Y"]
        for symbol, array in found.items():
            assert array.dtype == np.dtype(dtype)
            tolerance = {"rtol": 1e-11, "atol": 1e-13}
            if dtype == "float32":
                tolerance = {"rtol": 1e-5, "atol": 5e-6}
            np.testing.assert_allclose(array, expected[symbol], **tolerance, err_msg=symbol)

    @pytest.mark.parametrize("name", ["elu", "selu", "celu", "gelu", "mish", "swish", "softplus"])
    def test_float64_keeps_its_digits_near_0_and_in_the_tail(self, tmp_path, name):
        network = from_arrays([([[1.0]], 0, name)], registry=REGISTRY)
        export(network, tmp_path / "n.onnx")
        x = np.array([[-1e-9], [-1e-5], [1e-9], [-8.0], [-5.0], [30.0]])
        rtol = 1e-11 if name != "softplus" else 1e-8  # ONNX has no log1p
        np.testing.assert_allclose(
            run_onnx(tmp_path / "n.onnx", x)["Y"], network(x), rtol=rtol, atol=0
        )

    def test_what_a_runtime_of_two_years_ago_takes(self, tmp_path):
        export(network_with("gelu"), tmp_path / "n.onnx")
        model = onnx.load(tmp_path / "n.onnx")
        assert model.ir_version <= 8
        assert [(each.domain, each.version) for each in model.opset_import] == [("", 17)]

    def test_the_graph_says_what_is_what(self, tmp_path):
        network = netrunner.load(NETWORKS / "three_layer.yaml")
        export(network, tmp_path / "n.onnx")
        model = onnx.load(tmp_path / "n.onnx")
        assert model.graph.name == "three-layer"
        assert [node.op_type for node in model.graph.node] == [
            *["Gemm", "Sigmoid"] * 2,
            *["Gemm", "Identity", "Identity"],
        ]
        assert model.graph.node[0].name == "layer 1 'hidden 1'"
        assert {each.name for each in model.graph.initializer} == {
            f"{letter}{i}" for letter in "WB" for i in (1, 2, 3)
        }
        properties = {each.key: json.loads(each.value) for each in model.metadata_props}
        assert properties == {
            "inputs": ["x1", "x2"],
            "outputs": ["y1", "y2"],
            "layers": ["hidden 1", "hidden 2", "output"],
        }
        (x,) = model.graph.input
        assert x.type.tensor_type.shape.dim[0].dim_param == "rows"
        found = run_onnx(tmp_path / "n.onnx", np.array([[1.0, 0.5]]))
        np.testing.assert_allclose(found["Y"], [[0.31682708, 0.69627909]], atol=5e-9)

    @pytest.mark.parametrize("dtype", DTYPES)
    def test_float32_uses_the_operators_themselves(self, tmp_path, dtype):
        export(network_with("elu", dtype), tmp_path / "n.onnx")
        operators = {node.op_type for node in onnx.load(tmp_path / "n.onnx").graph.node}
        assert ("Elu" in operators) == (dtype == "float32")

    def test_the_same_network_gives_the_same_bytes(self, tmp_path):
        for name in "ab":
            export(network_with("mish"), tmp_path / f"{name}.onnx")
        assert (tmp_path / "a.onnx").read_bytes() == (tmp_path / "b.onnx").read_bytes()

    def test_more_than_protobuf_holds(self, tmp_path):
        (layer,) = from_arrays([([[1.0]], 0, "relu")]).layers
        huge = np.broadcast_to(1.0, (20_000, 20_000))
        huge = replace(layer, weights=huge, biases=huge[0])
        network = replace(network_with("relu"), input_size=20_000, layers=(huge,))
        with pytest.raises(NetrunnerError, match="holds at most 2 GiB"):
            export(network, tmp_path / "n.onnx")

    def test_without_the_onnx_package(self, tmp_path, monkeypatch):
        monkeypatch.setitem(sys.modules, "onnx", None)
        with pytest.raises(NetrunnerError, match=r"pip install 'netrunner-nn\[onnx\]'"):
            export(network_with("relu"), tmp_path / "n.onnx")
        assert list(tmp_path.iterdir()) == []


class TestScript:
    def run(self, path):
        """What the script prints, run where only numpy, and not netrunner, can be imported."""
        code = (
            "import runpy, sys, numpy\n"
            "class OnlyNumpy:\n"
            "    def find_spec(self, name, path=None, target=None):\n"
            "        if name.split('.')[0] not in (*sys.stdlib_module_names, 'numpy'):\n"
            "            raise ImportError(name)\n"
            "sys.meta_path.insert(0, OnlyNumpy())\n"
            f"runpy.run_path({str(path)!r}, run_name='__main__')\n"
        )
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", code],
            capture_output=True,
            encoding="utf-8",
            cwd=ROOT.anchor,
        )
        assert done.stderr == ""
        return done.stdout

    @pytest.mark.parametrize("name", ["three_layer", "digits", "softmax"])
    def test_it_prints_what_run_prints(self, tmp_path, name):
        network = netrunner.load(NETWORKS / f"{name}.yaml")
        written = export(network, tmp_path / "script.py")
        assert len(written) == (2 if name == "digits" else 1)
        stream = io.StringIO()
        text.write_blocks([network.trace(network.examples[0].input)], stream)
        printed, expected = self.run(written[0]).splitlines(), stream.getvalue().splitlines()
        arrays = [line for line in expected if line[:5].endswith(" = ")]
        assert [line for line in printed if line[:5].endswith(" = ")] == arrays
        assert set(printed) <= set(expected)

    def test_all_activations_in_one_script(self, tmp_path):
        rng = np.random.default_rng(7)
        layers = [
            (rng.normal(size=(4, 4)), rng.normal(size=4), activation) for activation in ACTIVATIONS
        ]
        network = from_arrays(layers, registry=REGISTRY, name='"""\n#', description="a\nb\\")
        (path,) = export(network, tmp_path / "all.py")
        namespace = {}
        exec(compile(path.read_text(encoding="utf-8"), path, "exec"), namespace)
        for symbol, array in trace_arrays(network.trace(namespace["X"])).items():
            np.testing.assert_allclose(namespace[symbol], array, rtol=1e-11, atol=1e-13)

    @pytest.mark.parametrize(
        "text",
        [
            "coding: raw_unicode_escape",
            "-*- coding: utf-7 -*-",
            "Input encoding: one-hot",
            "vim: set fileencoding=latin-1 :",
        ],
    )
    def test_no_text_declares_the_encoding_of_the_script(self, tmp_path, text):
        evil = r"x\u000aprint('ran')\u000d" + "+AAoAcAByAGkAbgB0-"
        network = from_arrays(
            [([[1.0]], 0, "identity", evil)],
            inputs=[evil],
            outputs=["y\x0c\u2028\x85\x1b"],
            name=text,
            description=text + "\n" + text,
        )
        (path,) = export(network, tmp_path / "n.py")
        assert path.read_bytes().startswith(b"# coding: utf-8\n")
        assert "ran" not in self.run(path)

    def test_float32(self, tmp_path):
        network = network_with("sigmoid", "float32")
        (path,) = export(network, tmp_path / "n.py")
        namespace = {}
        exec(path.read_text(encoding="utf-8"), namespace)
        assert namespace["Y"].dtype == np.float32
        np.testing.assert_allclose(namespace["Y"], network(namespace["X"]), rtol=1e-6)

    @pytest.mark.parametrize("dtype", DTYPES)
    @pytest.mark.parametrize(("name", "parameters"), ACTIVATIONS)
    def test_plain_activations(self, name, parameters, dtype):
        a = np.concatenate([np.linspace(-30, 30, 601), [-1e-7, 1e-7, 0, -0.0, 2]])
        a = a.reshape(-1, 6).astype(dtype)
        z = COUNTERPARTS[name].function(a, **parameters)
        tolerance = {"rtol": 1e-12, "atol": 1e-14}
        if dtype == "float32":
            tolerance = {"rtol": 2e-5, "atol": 1e-6}
        expected = REGISTRY[name].activation.function(a, **parameters)
        assert z.dtype == np.dtype(dtype)
        np.testing.assert_allclose(z, expected, **tolerance)

    def test_plain_sigmoid_and_softmax_do_not_overflow(self):
        with np.errstate(all="raise", under="ignore"):
            assert COUNTERPARTS["sigmoid"].function(np.array([-1e4, 1e4])).tolist() == [0, 1]
            np.testing.assert_allclose(
                COUNTERPARTS["softmax"].function(np.array([1010.0, 1000, 990])),
                [9.99954600e-01, 4.53978686e-05, 2.06106005e-09],
                rtol=1e-8,
            )


@pytest.mark.parametrize("dtype", DTYPES)
def test_npz_and_safetensors_hold_the_arrays(tmp_path, dtype):
    network = network_with("relu", dtype)
    export(network, tmp_path / "n.npz")
    export(network, tmp_path / "n.safetensors")
    with np.load(tmp_path / "n.npz") as stored:
        by_numpy = dict(stored)
    by_safetensors = safetensors.numpy.load_file(tmp_path / "n.safetensors")
    for arrays in (by_numpy, by_safetensors):
        assert sorted(arrays) == ["B1", "B2", "W1", "W2"]
        for layer in network.layers:
            assert arrays[f"W{layer.index}"].tobytes() == layer.weights.tobytes()
            assert arrays[f"B{layer.index}"].tobytes() == layer.biases.tobytes()
            assert arrays[f"W{layer.index}"].shape == layer.weights.shape
            assert arrays[f"W{layer.index}"].dtype == np.dtype(dtype)
    with safetensors.safe_open(tmp_path / "n.safetensors", "np") as file:
        metadata = file.metadata()
    assert json.loads(metadata["activations"]) == [["relu", {}], ["relu", {}]]


def test_a_network_file_can_name_an_exported_safetensors(tmp_path):
    network = netrunner.load(NETWORKS / "xor.yaml")
    export(network, tmp_path / "n.safetensors")
    sizes = [layer.size for layer in network.layers]
    layers = "".join(
        f"  - {{size: {size}, weights: {{file: n.safetensors, key: W{i}}},"
        f" biases: {{file: n.safetensors, key: B{i}}}, activation: {layer.activation.name}}}\n"
        for i, (size, layer) in enumerate(zip(sizes, network.layers, strict=True), 1)
    )
    (tmp_path / "n.yaml").write_text(f"inputs: {network.input_size}\nlayers:\n{layers}")
    x = np.array([[0.0, 1.0], [1.0, 1.0]])
    assert netrunner.load(tmp_path / "n.yaml")(x).tolist() == network(x).tolist()


def test_yaml_with_weights_as_asked(tmp_path):
    network = network_with("relu")
    assert export(network, tmp_path / "n.yaml") == [tmp_path / "n.yaml"]
    written = export(network, tmp_path / "f.yaml", weights="file")
    assert written == [tmp_path / "f.yaml", tmp_path / "f.npz"]


def test_a_script_does_not_touch_the_weights_of_a_network_file_beside_it(tmp_path):
    (tmp_path / "n.npz").write_bytes(b"the weights of n.yaml")
    export(network_with("relu"), tmp_path / "n.py", weights="file")
    assert (tmp_path / "n.npz").read_bytes() == b"the weights of n.yaml"


@pytest.mark.parametrize("suffix", [".onnx", ".py"])
class TestForeignPlugins:
    def refused(self, network, path):
        path.write_bytes(b"earlier")
        with pytest.raises(NetrunnerError) as caught:
            export(network, path)
        (problem,) = caught.value.problems
        assert problem.code == "not-exportable"
        assert path.read_bytes() == b"earlier"
        return problem.message

    def test_one_of_another_name_is_refused_by_name(self, tmp_path, suffix):
        registry = plugin(tmp_path, "spike", "np.where(a > 0, a, -a)")
        message = self.refused(network_with("spike", registry=registry), tmp_path / f"n{suffix}")
        assert message.startswith("layer 1 '名前': activation 'spike' of plugin 'spike.py'")

    @pytest.mark.parametrize("dtype", DTYPES)
    def test_one_that_only_bears_the_name_is_refused(self, tmp_path, suffix, dtype):
        code = "np.where(a > 0, a, 1.01 * alpha * np.expm1(np.minimum(a, 0)))"
        registry = plugin(tmp_path, "elu", code)
        network = network_with("elu", dtype, registry)
        message = self.refused(network, tmp_path / f"n{suffix}")
        assert "'elu' of plugin 'elu.py' is not" in message

    def test_one_with_the_numbers_passes(self, tmp_path, suffix):
        registry = plugin(tmp_path, "elu", "np.where(a > 0, a, np.expm1(np.minimum(a, 0)))")
        assert export(network_with("elu", registry=registry), tmp_path / f"n{suffix}")

    def test_one_with_another_parameter_is_refused(self, tmp_path, suffix):
        registry = plugin(tmp_path, "swish", "a / (1 + np.exp(-alpha * a))")
        network = network_with(("swish", {"alpha": 1.0}), registry=registry)
        assert "does not have 'alpha'" in self.refused(network, tmp_path / f"n{suffix}")


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("n.txt", "unknown-file-type"),
        ("n", "unknown-file-type"),
        *[(f"nowhere/n{suffix}", "unwritable-output") for suffix in WRITTEN],
    ],
)
def test_what_cannot_be_written(tmp_path, path, code):
    with pytest.raises(NetrunnerError) as caught:
        export(network_with("relu"), tmp_path / path)
    assert [each.code for each in caught.value.problems] == [code]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.watched
def test_shipped_networks_go_everywhere(tmp_path):
    for path in sorted(NETWORKS.glob("*.yaml")):
        network = netrunner.load(path)
        x = np.atleast_2d(network.examples[0].input)
        for suffix in WRITTEN:
            export(network, tmp_path / f"{path.stem}{suffix}")
        found = run_onnx(tmp_path / f"{path.stem}.onnx", x)
        np.testing.assert_allclose(found["Y"], network(x), rtol=1e-11, atol=1e-13)


def test_built_ins_are_known_to_both():
    assert set(BUILT_IN) <= set(REGISTRY)
    assert set(REGISTRY) == set(COUNTERPARTS)
