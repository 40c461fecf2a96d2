"""The activations in plugins/ against the ONNX operators that they are named after."""

from __future__ import annotations

import tomllib
from typing import Any

import numpy as np
import onnx
import onnx.defs
import onnx.helper
import pytest
from onnx.reference import ReferenceEvaluator
from samples import ACTIVATIONS, PLUGINS

OPERATORS = {
    "tanh": "Tanh",
    "leaky_relu": "LeakyRelu",
    "elu": "Elu",
    "selu": "Selu",
    "celu": "Celu",
    "gelu": "Gelu",
    "swish": "Swish",
    "softplus": "Softplus",
    "softsign": "Softsign",
    "mish": "Mish",
    "hard_sigmoid": "HardSigmoid",
    "hard_swish": "HardSwish",
    "thresholded_relu": "ThresholdedRelu",
    "log_softmax": "LogSoftmax",
    "sigmoid": "Sigmoid",
    "relu": "Relu",
    "softmax": "Softmax",
}
# Where a parameter is not called as in ONNX: beta is the paper's name for it.
RENAMED = {("swish", "beta"): "alpha"}
OPSET = 24


def run_operator(name: str, a: Any, parameters: dict[str, Any]) -> Any:
    """What ONNX's reference implementation of the operator gives for a."""
    attributes = {RENAMED.get((name, key), key): value for key, value in parameters.items()}
    node = onnx.helper.make_node(OPERATORS[name], ["a"], ["z"], **attributes)
    kind = onnx.helper.np_dtype_to_tensor_dtype(a.dtype)
    graph = onnx.helper.make_graph(
        [node],
        name,
        [onnx.helper.make_tensor_value_info("a", kind, a.shape)],
        [onnx.helper.make_tensor_value_info("z", kind, None)],
    )
    opsets = [onnx.helper.make_opsetid("", OPSET)]
    (z,) = ReferenceEvaluator(onnx.helper.make_model(graph, opset_imports=opsets)).run(
        None, {"a": a}
    )
    return z


def parameters_of(name: str) -> dict[str, Any]:
    return dict(ACTIVATIONS[name].parameters)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        *[(name, {}) for name in OPERATORS],
        ("leaky_relu", {"alpha": 0.25}),
        ("elu", {"alpha": 2.0}),
        ("selu", {"alpha": 1.5, "gamma": 0.75}),
        ("celu", {"alpha": 0.5}),
        ("gelu", {"approximate": "tanh"}),
        ("swish", {"beta": 1.5}),
        ("hard_sigmoid", {"alpha": 0.5, "beta": 0.25}),
        ("thresholded_relu", {"alpha": 2.5}),
    ],
)
def test_agrees_with_onnx(name, parameters, dtype):
    corners = np.array([[-3, -2.5, -1, -0.0, 0, 1, 2.5, 3, -20]])
    a = np.concatenate([corners, np.random.default_rng(30).normal(0, 4, (40, 9))]).astype(dtype)
    z = ACTIVATIONS[name].function(a, **parameters)
    expected = run_operator(name, a, parameters)
    # ONNX keeps attributes as float32: 0.2 and 0.01 are theirs only to 7 digits.
    np.testing.assert_allclose(z, expected, rtol=2e-6, atol=1e-6)


@pytest.mark.parametrize("name", OPERATORS)
def test_parameters_and_defaults_are_those_of_onnx(name):
    attributes = onnx.defs.get_schema(OPERATORS[name], OPSET).attributes
    defaults = {
        key: onnx.helper.get_attribute_value(attribute.default_value)
        for key, attribute in attributes.items()
        if key != "axis"  # always the last, in a network of dense layers
    }
    ours = parameters_of(name)
    assert {RENAMED.get((name, key), key) for key in ours} == set(defaults)
    for key, value in ours.items():
        theirs = defaults[RENAMED.get((name, key), key)]
        assert value == (theirs.decode() if isinstance(theirs, bytes) else pytest.approx(theirs))


def test_every_shipped_activation_has_an_operator():
    assert {path.stem for path in PLUGINS.glob("*.py")} <= set(OPERATORS)


def test_every_file_has_one_activation_of_its_name_and_one_entry_point():
    project = tomllib.loads((PLUGINS / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    stems = sorted(path.stem for path in PLUGINS.glob("*.py"))
    assert project["entry-points"]["netrunner"] == {
        stem: f"netrunner_plugins.{stem}" for stem in stems
    }
    built_in = {"step", "sigmoid", "relu", "identity", "softmax"}
    assert sorted(set(ACTIVATIONS) - built_in) == stems
