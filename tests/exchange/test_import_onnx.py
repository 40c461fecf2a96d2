"""Networks from ONNX, against onnxruntime and ONNX's own reference implementation."""

from __future__ import annotations

import importlib
import json
import os
import re
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper, parser
from onnx.backend.test.case import node as node_tests
from onnx.reference import ReferenceEvaluator
from taken import refused, within_limits

import netrunner
from netrunner.exchange.counterparts import COUNTERPARTS
from netrunner.exchange.importing import import_network
from netrunner.exchange.onnx.activations import OPERATORS
from netrunner.exchange.onnx.exporter import model_bytes
from netrunner.format.save import save
from netrunner.network.building import from_arrays
from netrunner.problems.problem import NetrunnerError

PLUGINS = Path(__file__).parents[2] / "plugins"
# By operators: the plugin that each needs.
FILES = {
    each.onnx.name: PLUGINS / f"{name}.py"
    for name, each in COUNTERPARTS.items()
    if each.onnx and (PLUGINS / f"{name}.py").exists()
}
pytestmark = pytest.mark.no_cover  # pure Python of others, which takes twice as long with it
Errors = onnxruntime.capi.onnxruntime_pybind11_state
KINDS = {np.float64: TensorProto.DOUBLE, np.float32: TensorProto.FLOAT}
RTOL = {"float64": 1e-11, "float32": 1e-5}
IR = 8


def plugin_of(activation):
    path = PLUGINS / f"{activation}.py"
    return [path] if path.exists() else []


class Maker:
    """Makes ONNX models: nodes are added one by one, arrays become initializers."""

    def __init__(self, dtype=np.float64, opset=17, constants_as_nodes=False):
        self.dtype, self.opset, self.constants_as_nodes = dtype, opset, constants_as_nodes
        self.nodes, self.initializers = [], []
        self.random = np.random.default_rng(4)

    def numbers(self, *shape, scale=0.5):
        return self.random.normal(0, scale, shape).astype(self.dtype)

    def constant(self, array, name=None):
        name = name or f"c{len(self.initializers)}_{len(self.nodes)}"
        tensor = numpy_helper.from_array(np.asarray(array), name)
        if self.constants_as_nodes:
            self.nodes.append(helper.make_node("Constant", [], [name], value=tensor))
        else:
            self.initializers.append(tensor)
        return name

    def add(self, op, *operands, outputs=None, name=None, domain=None, **attributes):
        names = [each if isinstance(each, str) else self.constant(each) for each in operands]
        output = f"v{len(self.nodes)}"
        self.nodes.append(
            helper.make_node(op, names, outputs or [output], name=name, domain=domain, **attributes)
        )
        return output

    def model(self, output, shape=("batch", 5), kind=None, inputs=(), outputs=()):
        kind = kind or KINDS[self.dtype]
        tensor = helper.make_tensor_value_info
        return helper.make_model(
            helper.make_graph(
                self.nodes,
                "graph",
                [tensor("x", kind, shape), *inputs],
                [onnx.ValueInfoProto(name=each) for each in (output, *outputs)],
                self.initializers,
            ),
            opset_imports=[helper.make_opsetid("", self.opset)],
            producer_name="tests",
            ir_version=IR,
        )


def imported(tmp_path, model, plugins=None, **options):
    path = tmp_path / "model.onnx"
    path.write_bytes(model.SerializeToString())
    if plugins is None:  # each that is loaded takes its time
        operators = {node.op_type for node in model.graph.node}
        plugins = [FILES[operator] for operator in operators & FILES.keys()]
    return import_network(path, plugins=plugins, **options)


def run(model, x):
    """What onnxruntime gives, or ONNX's reference where onnxruntime has no kernel."""
    for output in model.graph.output:
        if not output.HasField("type"):
            output.CopyFrom(
                helper.make_tensor_value_info(
                    output.name, model.graph.input[0].type.tensor_type.elem_type, None
                )
            )
    options = onnxruntime.SessionOptions()
    options.log_severity_level, options.intra_op_num_threads = 4, 1
    try:
        session = onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
        return session.run(None, {"x": x})[0]
    except (Errors.NotImplemented, Errors.InvalidGraph):
        return ReferenceEvaluator(model).run(None, {"x": x})[0]


def assert_same(network, model, x=None, rows=7, rtol=None):
    """The network gives what the model gives, row by row where the model takes one at a time."""
    dtype = network.dtype
    if x is None:
        x = np.random.default_rng(1).normal(0, 1, (rows, network.input_size)).astype(dtype)
    shape = [each.dim_value for each in model.graph.input[0].type.tensor_type.shape.dim]
    if shape[:1] == [0]:
        expected = run(model, x.reshape(-1, *shape[1:])).reshape(len(x), -1)
    else:
        expected = np.array([run(model, row.reshape(shape)).ravel() for row in x])
    y = network(x)
    assert y.dtype == dtype
    rtol = max(rtol or 0, RTOL[dtype.name])
    atol = rtol * max(1.0, float(np.abs(expected).max()))
    np.testing.assert_allclose(y, expected, rtol=rtol, atol=atol)


def gemm_style(maker):
    """As PyTorch exports Linear: Gemm with transB, names such as fc1.weight."""
    value, width = maker.add("Flatten", "x"), 5
    for index, size in enumerate((6, 4, 3), 1):
        weights = maker.constant(maker.numbers(size, width), f"fc{index}.weight")
        biases = maker.constant(maker.numbers(size), f"fc{index}.bias")
        value = maker.add("Gemm", value, weights, biases, transB=1, name=f"/fc{index}/Gemm")
        if index < 3:
            value = maker.add("Relu", value)
        width = size
    return maker.add("Softmax", value, axis=1)


def keras_style(maker):
    """As Keras comes through tf2onnx: MatMul, then Add, constants on either side."""
    value, width = "x", 5
    for index, size in enumerate((6, 4, 3), 1):
        value = maker.add("MatMul", value, maker.numbers(width, size))
        biases = maker.numbers(size)
        value = maker.add("Add", *((value, biases) if index % 2 else (biases, value)))
        value = maker.add("Tanh" if index < 3 else "Sigmoid", value)
        width = size
    return value


def sklearn_style(maker):
    """As scikit-learn comes through skl2onnx: scaled inputs, Cast, biases of shape (1, n)."""
    value = maker.add("Sub", "x", maker.numbers(5))
    value = maker.add("Div", value, np.abs(maker.numbers(5)) + 1)
    value, width = maker.add("Cast", value, to=KINDS[maker.dtype]), 5
    for index, size in enumerate((6, 4, 3), 1):
        value = maker.add("MatMul", value, maker.numbers(width, size))
        value = maker.add("Add", value, maker.numbers(1, size))
        if index < 3:
            value = maker.add("Relu", value)
        width = size
    return maker.add("Reshape", value, np.array([-1, 3]))


@pytest.mark.parametrize("constants_as_nodes", [False, True])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("style", [gemm_style, keras_style, sklearn_style])
def test_three_styles_agree_with_onnxruntime(tmp_path, style, dtype, constants_as_nodes):
    maker = Maker(dtype, constants_as_nodes=constants_as_nodes)
    model = maker.model(style(maker))
    network = imported(tmp_path, model)
    assert network.dtype == dtype
    assert [layer.size for layer in network.layers] == [6, 4, 3]
    assert_same(network, model)


@pytest.mark.parametrize("style", [gemm_style, keras_style, sklearn_style])
def test_what_is_imported_can_be_saved_and_checked(tmp_path, style):
    maker = Maker(np.float32)
    network = imported(tmp_path, maker.model(style(maker)))
    save(network, tmp_path / "network.yaml")
    again = netrunner.load(tmp_path / "network.yaml", plugins=plugin_of("tanh"))
    for before, after in zip(network.layers, again.layers, strict=True):
        np.testing.assert_array_equal(before.weights, after.weights)
        np.testing.assert_array_equal(before.biases, after.biases)


def test_weights_that_need_no_folding_are_the_same_bits(tmp_path):
    maker = Maker(np.float32)
    model = maker.model(gemm_style(maker))
    network = imported(tmp_path, model)
    stored = {each.name: numpy_helper.to_array(each) for each in model.graph.initializer}
    for index, layer in enumerate(network.layers, 1):
        np.testing.assert_array_equal(layer.weights.T, stored[f"fc{index}.weight"])
        np.testing.assert_array_equal(layer.biases, stored[f"fc{index}.bias"])
        assert layer.name == f"fc{index}"


def test_name_and_description_say_where_it_came_from(tmp_path):
    maker = Maker()
    network = imported(tmp_path, maker.model(keras_style(maker)))
    assert network.name == "model"
    assert network.description == "Imported from model.onnx (ONNX, opset 17, by tests)."


def one_layer(maker, value):
    return maker.add("Gemm", value, maker.numbers(5, 4), maker.numbers(4))


@pytest.mark.parametrize("opset", [7, 9, 11, 13, 15, 17])
@pytest.mark.parametrize("op", ["Softmax", "LogSoftmax"])
def test_softmax_at_each_opset_without_an_axis(tmp_path, op, opset):
    maker = Maker(np.float32, opset)
    model = maker.model(maker.add(op, one_layer(maker, "x")))
    assert_same(imported(tmp_path, model), model)


ACTIVATIONS = [
    ("Relu", {}, 7),
    ("Sigmoid", {}, 7),
    ("Tanh", {}, 7),
    ("LeakyRelu", {}, 7),
    ("LeakyRelu", {"alpha": 0.2}, 17),
    ("Elu", {}, 7),
    ("Elu", {"alpha": 1.7}, 22),
    ("Selu", {}, 7),
    ("Selu", {"alpha": 1.1, "gamma": 0.9}, 17),
    ("Celu", {"alpha": 0.7}, 17),
    ("Gelu", {}, 20),
    ("Gelu", {"approximate": "tanh"}, 20),
    ("Softplus", {}, 7),
    ("Softsign", {}, 7),
    ("Mish", {}, 18),
    ("HardSigmoid", {}, 7),
    ("HardSigmoid", {"alpha": 0.3, "beta": 0.4}, 17),
    ("HardSwish", {}, 17),
    ("ThresholdedRelu", {"alpha": 0.3}, 17),
    ("Softmax", {"axis": -1}, 13),
    ("LogSoftmax", {"axis": 1}, 13),
    ("Identity", {}, 13),
    ("Swish", {}, 24),
    ("Swish", {"alpha": 1.5}, 24),
]


# Of these the oracles compute in float64 with constants of float32.
IN_FLOAT32 = ("Gelu", "HardSwish")


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(("op", "attributes", "opset"), ACTIVATIONS)
def test_activation_with_its_attributes(tmp_path, op, attributes, opset, dtype):
    maker = Maker(dtype, opset)
    hidden = maker.add(op, one_layer(maker, "x"), **attributes)
    model = maker.model(maker.add("Gemm", hidden, maker.numbers(4, 2), maker.numbers(2)))
    network = imported(tmp_path, model)
    assert len(network.layers) == 2
    rtol = 1e-6 if op in IN_FLOAT32 else None
    assert_same(network, model, rtol=rtol)


def test_parameters_read_as_they_were_meant(tmp_path):
    """ONNX keeps 0.2 as float32: in a float32 network that is 0.2, in a float64 one it is not."""
    meant = {np.float32: 0.2, np.float64: float(np.float32(0.2))}
    for dtype, alpha in meant.items():
        maker = Maker(dtype)
        model = maker.model(maker.add("LeakyRelu", one_layer(maker, "x"), alpha=0.2))
        assert imported(tmp_path, model).layers[0].parameters == {"alpha": alpha}
    maker = Maker(np.float32)
    model = maker.model(maker.add("LeakyRelu", one_layer(maker, "x")))
    assert imported(tmp_path, model).layers[0].parameters == {}  # the default is the plugin's


def swish(maker, a):
    return maker.add("Mul", a, maker.add("Sigmoid", a))


def swish_beta(maker, a):
    beta = np.array(1.5, maker.dtype)
    return maker.add("Mul", maker.add("Sigmoid", maker.add("Mul", beta, a)), a)


def mish(maker, a):
    return maker.add("Mul", a, maker.add("Tanh", maker.add("Softplus", a)))


def gelu(maker, a):
    one, half = np.array(1, maker.dtype), np.array(0.5, maker.dtype)
    erf = maker.add("Erf", maker.add("Div", a, np.array(2**0.5, maker.dtype)))
    return maker.add("Mul", maker.add("Mul", a, maker.add("Add", erf, one)), half)


def gelu_tanh(maker, a):
    def c(value):
        return np.array(value, maker.dtype)

    cube = maker.add("Mul", maker.add("Pow", a, c(3)), c(0.044715))
    tanh = maker.add("Tanh", maker.add("Mul", maker.add("Add", a, cube), c((2 / np.pi) ** 0.5)))
    return maker.add("Mul", maker.add("Mul", c(0.5), a), maker.add("Add", c(1), tanh))


def hard_swish(maker, a):
    def c(value):
        return np.array(value, maker.dtype)

    cut = maker.add("Clip", maker.add("Add", a, c(3)), c(0), c(6))
    return maker.add("Div", maker.add("Mul", a, cut), c(6))


def step(maker, a):
    positive = maker.add("Greater", a, np.array(0, maker.dtype))
    return maker.add("Cast", positive, to=KINDS[maker.dtype])


def hard_sigmoid(maker, a):
    def c(value):
        return np.array(value, maker.dtype)

    cut = maker.add("Clip", maker.add("Add", a, c(3)), c(0), c(6))
    return maker.add("Div", cut, c(6))


def mish_with_casts(maker, a):
    """As Keras exports it, with casts to the type that a value has already."""
    to = KINDS[maker.dtype]
    softplus = maker.add("Softplus", maker.add("Cast", a, to=to))
    return maker.add("Mul", maker.add("Tanh", maker.add("Cast", softplus, to=to)), a)


def prelu(maker, a):
    return maker.add("PRelu", a, np.array([0.25], maker.dtype))


def leaky_where(maker, a):
    positive = maker.add("Greater", a, np.array(0, maker.dtype))
    return maker.add("Where", positive, a, maker.add("Mul", a, np.array(0.25, maker.dtype)))


def softsign(maker, a):
    one = maker.add("CastLike", np.float32(1), a)
    return maker.add("Div", a, maker.add("Add", one, maker.add("Abs", a)))


def celu(maker, a):
    alpha = maker.constant(np.array(0.5, maker.dtype))
    return maker.add("Mul", alpha, maker.add("Elu", maker.add("Div", a, alpha)))


def relu(maker, a):
    return maker.add("Max", a, np.array(0, maker.dtype))


def leaky_max(maker, a, alpha=0.25):
    return maker.add("Max", maker.add("Mul", np.array(alpha, maker.dtype), a), a)


COMPOSED = [
    (softsign, "softsign", {}),
    (celu, "celu", {"alpha": 0.5}),
    (relu, "relu", {}),
    (swish, "swish", {}),
    (swish_beta, "swish", {"beta": 1.5}),
    (mish, "mish", {}),
    (gelu, "gelu", {}),
    (gelu_tanh, "gelu", {"approximate": "tanh"}),
    (hard_swish, "hard_swish", {}),
    (hard_sigmoid, "hard_sigmoid", {"alpha": 1 / 6}),
    (mish_with_casts, "mish", {}),
    (step, "step", {}),
    (prelu, "leaky_relu", {"alpha": 0.25}),
    (leaky_where, "leaky_relu", {"alpha": 0.25}),
    (leaky_max, "leaky_relu", {"alpha": 0.25}),
]


@pytest.mark.parametrize(("make", "activation", "parameters"), COMPOSED)
def test_activation_made_of_simple_operators(tmp_path, make, activation, parameters):
    maker = Maker(np.float32)
    hidden = make(maker, maker.add("Add", maker.add("MatMul", "x", maker.numbers(5, 4)), "b"))
    maker.constant(maker.numbers(4), "b")
    model = maker.model(maker.add("Gemm", hidden, maker.numbers(4, 2), maker.numbers(2)))
    network = imported(tmp_path, model, plugin_of(activation))
    assert network.layers[0].activation.name == activation
    assert network.layers[0].parameters == parameters
    assert len(network.layers) == 2
    assert_same(network, model)


@pytest.mark.parametrize("shape", [(4,), (1, 4), (1,), (), (1, 1), None])
def test_gemm_with_any_c_alpha_and_beta(tmp_path, shape):
    maker = Maker()
    c = [] if shape is None else [maker.numbers(*shape)]
    output = maker.add("Gemm", "x", maker.numbers(4, 5), *c, alpha=0.5, beta=-2.0, transB=1)
    model = maker.model(output)
    assert_same(imported(tmp_path, model), model)


def column_gemm(maker):
    return maker.add("Gemm", maker.numbers(4, 5), "x", maker.numbers(4, 1))


def column_gemm_transposed(maker):
    return maker.add("Gemm", maker.numbers(5, 4), "x", transA=1)


def column_matmul(maker):
    return maker.add("Add", maker.numbers(4, 1), maker.add("MatMul", maker.numbers(4, 5), "x"))


def column_made_a_row(maker):
    return maker.add("Gemm", "x", maker.numbers(5, 4), maker.numbers(4), transA=1)


@pytest.mark.parametrize(
    "make", [column_gemm, column_gemm_transposed, column_matmul, column_made_a_row]
)
def test_input_as_a_column(tmp_path, make):
    maker = Maker()
    model = maker.model(make(maker), (5, 1))
    assert_same(imported(tmp_path, model), model)


@pytest.mark.parametrize("left", [False, True])
def test_input_without_rows(tmp_path, left):
    maker = Maker()
    operands = (maker.numbers(4, 5), "x") if left else ("x", maker.numbers(5, 4))
    output = maker.add("Add", maker.add("MatMul", *operands), maker.numbers(4))
    model = maker.model(output, (5,))
    assert_same(imported(tmp_path, model), model)


def test_input_of_a_fixed_number_of_rows(tmp_path):
    maker = Maker()
    model = maker.model(maker.add("Relu", one_layer(maker, "x")), (3, 5))
    network = imported(tmp_path, model)
    x = np.random.default_rng(0).normal(size=(3, 5))
    np.testing.assert_allclose(network(x), run(model, x), rtol=1e-12)


@pytest.mark.parametrize("shape", [(1, 1, 1, 5), (1, 5, 1, 1), ("n", 1, 5, 1), (1, 5)])
def test_acas_xu(tmp_path, shape):
    """Subtract a mean, Flatten, MatMul, Add, Relu, as in the verification competition."""
    fixed = tuple(1 if size == "n" else size for size in shape)
    maker = Maker(np.float32)
    value = maker.add("Sub", "x", maker.numbers(*fixed))
    value = maker.add("Flatten", value)
    for size in (6, 3):
        width = 5 if size == 6 else 6
        value = maker.add("Add", maker.add("MatMul", value, maker.numbers(width, size)), f"b{size}")
        maker.constant(maker.numbers(size), f"b{size}")
        value = maker.add("Relu", value) if size == 6 else value
    weights = [
        helper.make_tensor_value_info(each.name, each.data_type, each.dims)
        for each in maker.initializers
    ]
    model = maker.model(value, shape, inputs=weights)  # old models list initializers as inputs
    network = imported(tmp_path, model)
    assert [layer.size for layer in network.layers] == [6, 3]
    assert [layer.activation.name for layer in network.layers] == ["relu", "identity"]
    assert_same(network, model)
    separate = imported(tmp_path, model, separate_normalisation=True)
    assert [layer.name for layer in separate.layers] == ["normalisation", None, None]
    assert_same(separate, model)


@pytest.mark.parametrize("opset", [7, 9, 11, 13, 17])
def test_flattened_by_a_computed_shape(tmp_path, opset):
    """x.view(x.size(0), -1), as PyTorch writes it: Shape, Gather, Unsqueeze, Concat, Reshape."""
    maker = Maker(np.float32, opset)
    size = maker.add("Gather", maker.add("Shape", "x"), np.array(0), axis=0)
    if opset < 13:
        size = maker.add("Unsqueeze", size, axes=[0])
    else:
        size = maker.add("Unsqueeze", size, np.array([0]))
    value = maker.add("Reshape", "x", maker.add("Concat", size, np.array([-1]), axis=0))
    model = maker.model(one_layer(maker, value), (1, 1, 5, 1))
    assert_same(imported(tmp_path, model), model)


def test_weights_that_are_laid_out_by_nodes(tmp_path):
    maker = Maker(constants_as_nodes=True)
    weights = maker.add("Transpose", maker.numbers(4, 5), perm=[1, 0])
    weights = maker.add("Identity", maker.add("Mul", weights, np.array(2.0)))
    biases = maker.add(
        "ConstantOfShape", np.array([4]), value=numpy_helper.from_array(np.array([0.5]))
    )
    model = maker.model(maker.add("Add", maker.add("MatMul", "x", weights), biases))
    assert_same(imported(tmp_path, model), model)


def test_transposed_images_are_sorted_into_the_weights(tmp_path):
    maker = Maker()
    value = maker.add("Transpose", "x", perm=[0, 2, 3, 1])
    value = maker.add("Sub", value, maker.numbers(3))
    value = maker.add("Mul", maker.add("Reshape", value, np.array([0, -1])), maker.numbers(12))
    model = maker.model(maker.add("MatMul", value, maker.numbers(12, 4)), ("n", 3, 2, 2))
    network = imported(tmp_path, model)
    assert len(network.layers) == 1
    assert_same(network, model)


def normalised(maker, value, size):
    variance = np.abs(maker.numbers(size)) + 0.1
    others = [maker.numbers(size) for _ in range(3)]
    return maker.add("BatchNormalization", value, *others, variance, epsilon=1e-3)


@pytest.mark.parametrize("opset", [7, 9, 14, 15])
@pytest.mark.parametrize("where", ["front", "before", "after", "end"])
def test_batch_normalization(tmp_path, where, opset):
    maker = Maker(np.float64, opset)
    value = normalised(maker, "x", 5) if where == "front" else "x"
    value = one_layer(maker, value)
    value = normalised(maker, value, 4) if where == "before" else value
    value = maker.add("Relu", value)
    value = normalised(maker, value, 4) if where == "after" else value
    value = maker.add("Gemm", value, maker.numbers(4, 2), maker.numbers(2))
    value = normalised(maker, value, 2) if where == "end" else value
    model = maker.model(value)
    network = imported(tmp_path, model)
    assert len(network.layers) == 2
    assert_same(network, model)


def broadcast(maker, op, value, vector, axis, axes):
    """A vector along one of the axes of a value: by an attribute, or since opset 7 by its shape."""
    if maker.opset == 6:
        return maker.add(op, value, vector, broadcast=1, axis=axis)
    return maker.add(op, value, vector.reshape(-1, *[1] * (axes - axis - 1)))


def with_broadcasts(opset):
    """A picture less its mean, and dense layers written in three ways."""
    maker = Maker(np.float32, opset)
    old, tested = ({"broadcast": 1}, {"is_test": 1}) if opset == 6 else ({}, {})
    value = broadcast(maker, "Sub", "x", maker.numbers(3), 1, 4)
    value = maker.add("Conv", value, maker.numbers(4, 3, 2, 2))
    value = broadcast(maker, "Add", value, maker.numbers(4), 1, 4)
    value = maker.add("Flatten", maker.add("Relu", value))
    others = [*(maker.numbers(4) for _ in range(3)), np.float32([0.5, 1, 2, 3])]
    value = maker.add("BatchNormalization", value, *others, **tested)
    value = maker.add("Gemm", value, maker.numbers(4, 5), maker.numbers(5), **old)
    value = maker.add("Dropout", maker.add("Sigmoid", value), **tested)
    W = broadcast(maker, "Add", maker.constant(maker.numbers(5, 2)), maker.numbers(5), 0, 2)
    value = maker.add("Add", maker.add("MatMul", value, W), maker.numbers(2), **old)
    return maker.model(maker.add("Softmax", value), shape=("batch", 3, 2, 2))


def test_opset_6_in_which_a_constant_has_an_axis(tmp_path):
    """No runtime has it any more, but the same network in opset 7."""
    network = imported(tmp_path, with_broadcasts(6))
    assert [layer.activation.name for layer in network.layers] == ["relu", "sigmoid", "softmax"]
    assert_same(network, with_broadcasts(7))


@pytest.mark.parametrize(
    ("op", "operands", "attributes", "words"),
    [
        ("Add", (4,), {"axis": 2}, "node 2 (Add): its axis does not fit a value of 2 axes"),
        ("Add", (4,), {"axis": -1}, "its axis does not fit"),
        ("Add", (4, 4, 4), {"axis": 0}, "its axis does not fit"),
    ],
)
def test_an_axis_in_opset_6_that_does_not_fit(tmp_path, op, operands, attributes, words):
    maker = Maker(np.float32, 6)
    value = maker.add(
        op, one_layer(maker, "x"), maker.numbers(*operands), broadcast=1, **attributes
    )
    assert words in refusal(tmp_path, maker.model(value))


@pytest.mark.parametrize(
    ("op", "opset"),
    [
        ("Dropout", 6),
        ("BatchNormalization", 6),
        ("BatchNormalization", 7),
        ("BatchNormalization", 9),
    ],
)
def test_training_mode_before_opset_14(tmp_path, op, opset):
    """Meant where the node gives what only training gives."""
    maker = Maker(np.float32, opset)
    more = [np.ones(4, np.float32)] * 4 if op == "BatchNormalization" else ()
    maker.add(op, one_layer(maker, "x"), *more, outputs=["z"])
    assert imported(tmp_path, maker.model("z")).output_size == 4
    maker.nodes[-1].output.extend(["mask"] if op == "Dropout" else ["m1", "m2", "m3", "m4"])
    assert "training" in refusal(tmp_path, maker.model("z"))


def test_arithmetic_on_either_side(tmp_path):
    maker = Maker()
    value = maker.add("Sub", np.array(2.0), "x")
    value = maker.add("Div", value, np.array([0.5, 2, 3, 4, 5]))
    value = maker.add("Neg", maker.add("Mul", np.array(3.0), one_layer(maker, value)))
    model = maker.model(maker.add("Sub", value, maker.numbers(4)))
    network = imported(tmp_path, model)
    assert len(network.layers) == 1
    assert_same(network, model)


@pytest.mark.parametrize("opset", [8, 11, 17])
@pytest.mark.parametrize("shape", [("n", 3, 4, 2), (1, 3, 4, 2)])
def test_dense_layers_as_convolutions(tmp_path, shape, opset):
    """As MATLAB writes them: a kernel as large as the picture, then kernels of 1×1."""
    maker = Maker(np.float32, opset)
    value = maker.add("Sub", "x", maker.numbers(3, 4, 2))
    value = maker.add("Conv", value, maker.numbers(6, 3, 4, 2), maker.numbers(6), name="fc_1")
    value = maker.add("Relu", normalised(maker, value, 6))
    value = maker.add("Conv", value, maker.numbers(4, 6, 1, 1), kernel_shape=[1, 1])
    value = maker.add("Softmax", value, axis=1)
    network = imported(tmp_path, model := maker.model(maker.add("Flatten", value), shape))
    assert [layer.size for layer in network.layers] == [6, 4]
    x = np.random.default_rng(1).normal(size=(5, 24)).astype(np.float32)
    expected = [run(model, row.reshape(1, 3, 4, 2))[0] for row in x]
    np.testing.assert_allclose(network(x), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("attributes", "kernel"),
    [
        ({"pads": [1, 1, 1, 1]}, (3, 3)),
        ({"pads": [1, 0, 1, 2]}, (3, 3)),
        ({"pads": [2, 2, 2, 2], "dilations": [2, 2]}, (3, 3)),
        ({"strides": [3, 2]}, (1, 1)),
        ({"auto_pad": "VALID"}, (1, 1)),
        ({"auto_pad": "SAME_LOWER"}, (1, 1)),
    ],
)
def test_convolutions_over_the_edge_of_a_picture_of_1x1(tmp_path, attributes, kernel):
    maker = Maker(np.float32)
    value = picture(maker, 5, 1, 1)
    value = maker.add("Conv", value, maker.numbers(4, 5, *kernel), maker.numbers(4), **attributes)
    model = maker.model(maker.add("Relu", maker.add("Flatten", value)))
    assert_same(imported(tmp_path, model), model)


def test_a_value_and_its_complement_side_by_side(tmp_path):
    """As skl2onnx writes the probabilities of two classes."""
    maker = Maker()
    p = maker.add("Sigmoid", maker.add("MatMul", "x", maker.numbers(5, 1)))
    model = maker.model(maker.add("Concat", maker.add("Sub", np.float64(1), p), p, axis=1))
    network = imported(tmp_path, model)
    assert [layer.size for layer in network.layers] == [1, 2]
    assert_same(network, model)


def test_scaled_and_shifted_copies_side_by_side(tmp_path):
    maker = Maker()
    p = maker.add("Sigmoid", one_layer(maker, "x"))
    copy = maker.add("Mul", maker.add("Add", maker.add("Mul", p, 0.1), 1.0), 3.0)
    model = maker.model(maker.add("Concat", copy, maker.add("Sub", p, 0.7), p, axis=1))
    network = imported(tmp_path, model)
    assert (network.dtype, network.layers[-1].size) == (np.float64, 12)
    assert_same(network, model)


def test_a_pair_that_stays_mirrored_gives_shares(tmp_path):
    maker = Maker()
    shares = divided_by_its_sum_after(maker, "Mul", np.array([3.0, 3.0]))
    assert_same(imported(tmp_path, model := maker.model(shares)), model)


@pytest.mark.parametrize(("opset", "is_row"), [(11, True), (12, True), (13, False), (17, False)])
def test_softmax_from_an_axis_on_before_opset_13(tmp_path, opset, is_row):
    maker = Maker(opset=opset)
    value = maker.add("Reshape", one_layer(maker, "x"), np.array([-1, 2, 2]))
    model = maker.model(maker.add("Flatten", maker.add("Softmax", value, axis=1)))
    if is_row:
        assert_same(imported(tmp_path, model), model)
    else:
        assert "it goes over axis 1 of shape (1, 2, 2)" in refusal(tmp_path, model)


@pytest.mark.parametrize("opset", [11, 17])
@pytest.mark.parametrize("size", [1, 4])
def test_softmax_over_the_rows_of_a_batch_is_refused(tmp_path, opset, size):
    maker = Maker(opset=opset)
    value = maker.add("MatMul", "x", maker.numbers(5, size))
    message = refusal(tmp_path, maker.model(maker.add("Softmax", value, axis=0)))
    assert f"it goes over axis 0 of shape (1, {size})" in message


def test_an_input_that_is_rounded_leaves_the_network_float64(tmp_path):
    maker = Maker()
    x = maker.add("Cast", maker.add("Cast", "x", to=TensorProto.FLOAT), to=TensorProto.DOUBLE)
    assert imported(tmp_path, maker.model(one_layer(maker, x))).dtype == np.float64


def test_bytes_are_exact_in_half_precision(tmp_path):
    maker = Maker(np.float32)
    half = maker.add("Cast", "x", to=TensorProto.FLOAT16)
    x = maker.add("Cast", half, to=TensorProto.FLOAT)
    network = imported(tmp_path, maker.model(one_layer(maker, x), kind=TensorProto.UINT8))
    assert network.dtype == np.float32


@pytest.mark.parametrize(
    "limits", [({"min": 0.0}, [], 7), ({}, [0], 11), ({}, [0, np.inf], 17), ({}, [0, 3.5e38], 13)]
)
def test_clip_at_0_is_relu(tmp_path, limits):
    attributes, operands, opset = limits
    maker = Maker(np.float32 if opset == 7 else np.float64, opset)
    operands = [np.array(each, maker.dtype) for each in operands]
    model = maker.model(maker.add("Clip", one_layer(maker, "x"), *operands, **attributes))
    network = imported(tmp_path, model)
    assert [layer.activation.name for layer in network.layers] == ["relu"]
    assert_same(network, model)


@pytest.mark.parametrize("limits", [(0, 6), (-1, 1), (-0.5, 2)])
def test_clip_between_limits_is_hard_sigmoid(tmp_path, limits):
    maker = Maker()
    z = maker.add("Clip", one_layer(maker, "x"), *map(np.float64, limits))
    model = maker.model(maker.add("Gemm", z, maker.numbers(4, 2)))
    network = imported(tmp_path, model, plugin_of("hard_sigmoid"))
    assert [layer.activation.name for layer in network.layers] == ["hard_sigmoid", "identity"]
    assert_same(network, model)


def test_constants_that_are_computed(tmp_path):
    maker = Maker()
    root = maker.add("Sqrt", maker.add("Add", np.array([4.0, 9, 16, 25, 36]), np.array(1e-3)))
    scale = maker.add("Exp", maker.add("Log", maker.add("Pow", root, np.array(-1.0))))
    scale = maker.add(
        "Max", maker.add("Min", maker.add("Abs", scale), np.array(0.3)), np.array(0.1)
    )
    model = maker.model(one_layer(maker, maker.add("Mul", "x", scale)))
    assert_same(imported(tmp_path, model), model)


def test_two_linear_operators_in_a_row_are_two_layers(tmp_path):
    maker = Maker()
    model = maker.model(maker.add("Gemm", one_layer(maker, "x"), maker.numbers(4, 3)))
    network = imported(tmp_path, model)
    assert [layer.activation.name for layer in network.layers] == ["identity", "identity"]
    assert_same(network, model)


def test_activations_and_scaling_without_a_matrix_get_one(tmp_path):
    maker = Maker()
    value = maker.add("Relu", maker.add("Tanh", one_layer(maker, maker.add("Tanh", "x"))))
    model = maker.model(maker.add("Mul", value, np.array(3.0)))
    network = imported(tmp_path, model)
    names = [layer.activation.name for layer in network.layers]
    assert names == ["tanh", "tanh", "relu", "identity"]
    assert_same(network, model)


@pytest.mark.parametrize("opset", [9, 13])
def test_dropout_and_friends_change_nothing(tmp_path, opset):
    maker = Maker(np.float32, opset)
    value = maker.add("Dropout", one_layer(maker, "x"), outputs=["dropped", "mask"])
    value = maker.add("Identity", "dropped")
    value = maker.add("Cast", value, to=TensorProto.FLOAT)
    axes = {"axes": [1]} if opset < 13 else {}
    more = [] if opset < 13 else [np.array([1])]
    value = maker.add("Unsqueeze", value, *more, **axes)
    value = maker.add("Squeeze", value, *more, **axes)
    model = maker.model(maker.add("Relu", value))
    network = imported(tmp_path, model)
    assert len(network.layers) == 1
    assert_same(network, model)


@pytest.mark.parametrize("kind", [TensorProto.FLOAT16, TensorProto.BFLOAT16])
@pytest.mark.parametrize("raw", [False, True])
def test_half_precision_becomes_float32(tmp_path, kind, raw):
    values = np.array([[0.5, -1.25], [3.0, 0.0078125]])
    tensor = helper.make_tensor("W", kind, (2, 2), values.ravel())
    if raw:
        half = numpy_helper.to_array(tensor)
        tensor = numpy_helper.from_array(half, "W")
    maker = Maker(opset=22)
    maker.initializers.append(tensor)
    computed = maker.model(maker.add("MatMul", "x", "W"), ("n", 2), kind)
    with pytest.raises(
        netrunner.NetrunnerError, match=r"\(MatMul\): it computes in half precision"
    ):
        imported(tmp_path, computed)
    W = maker.add("Cast", "W", to=TensorProto.FLOAT)
    model = maker.model(maker.add("MatMul", "x", W), ("n", 2), TensorProto.FLOAT)
    network = imported(tmp_path, model)
    assert network.dtype == np.float32
    np.testing.assert_array_equal(network.layers[0].weights, values)


@pytest.mark.parametrize("kind", [TensorProto.FLOAT16, TensorProto.BFLOAT16])
def test_weights_that_are_rounded_to_half_precision(tmp_path, kind):
    maker = Maker(np.float32)
    weights = np.array([[1 / 3, 1.00390625], [-1e-3, 6e4], [7, 1.01171875], [2**-20, 0.1], [1, 2]])
    half = maker.add("Cast", weights.astype(np.float32), to=kind)
    model = maker.model(maker.add("MatMul", "x", maker.add("Cast", half, to=TensorProto.FLOAT)))
    network = imported(tmp_path, model)
    expected = ReferenceEvaluator(model).run(None, {"x": np.eye(5, dtype=np.float32)})[0]
    np.testing.assert_array_equal(network.layers[0].weights, expected)


def test_a_cast_to_float32_between_layers_makes_the_network_float32(tmp_path):
    maker = Maker()
    value = maker.add("Cast", one_layer(maker, "x"), to=TensorProto.FLOAT)
    value = maker.add("Relu", maker.add("Cast", value, to=TensorProto.DOUBLE))
    model = maker.model(maker.add("MatMul", value, maker.numbers(4, 2)))
    network = imported(tmp_path, model)
    assert network.dtype == np.float32
    x = np.random.default_rng(1).normal(size=(5, 5))
    np.testing.assert_allclose(network(x), run(model, x), rtol=1e-5, atol=1e-6)


def test_whole_numbers_that_are_cast_first(tmp_path):
    maker = Maker(np.float32)
    value = maker.add("Div", maker.add("Cast", "x", to=TensorProto.FLOAT), np.float32(255))
    model = maker.model(one_layer(maker, value), kind=TensorProto.UINT8)
    network = imported(tmp_path, model)
    x = np.array([[0, 1, 128, 254, 255]])
    for output in model.graph.output:
        output.CopyFrom(helper.make_tensor_value_info(output.name, TensorProto.FLOAT, None))
    np.testing.assert_allclose(network(x), run(model, x.astype(np.uint8)), rtol=1e-5)


def test_weights_in_a_file_beside_it(tmp_path):
    maker = Maker()
    model = maker.model(gemm_style(maker))
    expected = imported(tmp_path, model)
    onnx.save_model(
        model,
        tmp_path / "split.onnx",
        save_as_external_data=True,
        location="weights.bin",
        size_threshold=0,
    )
    network = import_network(tmp_path / "split.onnx")
    for before, after in zip(expected.layers, network.layers, strict=True):
        np.testing.assert_array_equal(before.weights, after.weights)


def test_the_traces_of_our_own_export_are_no_further_outputs(tmp_path):
    maker = Maker()
    maker.nodes.append(helper.make_node("Gemm", ["x", maker.constant(maker.numbers(5, 4))], ["A1"]))
    maker.nodes.append(helper.make_node("Relu", ["A1"], ["Z1"]))
    maker.nodes.append(helper.make_node("Identity", ["Z1"], ["Y"]))
    model = maker.model("A1", outputs=["Z1", "Y"])
    assert [layer.activation.name for layer in imported(tmp_path, model).layers] == ["relu"]


EXPORTED = [
    "step",
    "sigmoid",
    "relu",
    "identity",
    "softmax",
    "tanh",
    "log_softmax",
    ("leaky_relu", {"alpha": 0.2}),
    ("elu", {"alpha": 1.5}),
    ("celu", {"alpha": 0.5}),
    "selu",
    "gelu",
    ("gelu", {"approximate": "tanh"}),
    ("swish", {"beta": 1.5}),
    "softplus",
    "softsign",
    "mish",
    ("hard_sigmoid", {"alpha": 0.3, "beta": 0.4}),
    "hard_swish",
    ("thresholded_relu", {"alpha": 0.25}),
]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("activation", EXPORTED, ids=str)
def test_what_we_export_comes_back(tmp_path, activation, dtype):
    random = np.random.default_rng(0)
    first = (random.normal(size=(3, 4)), random.normal(size=4), activation)
    plugins = plugin_of(activation if isinstance(activation, str) else activation[0])
    network = from_arrays(
        [(*first, "hidden\n'1'" * 20), (random.normal(size=(4, 2)), 0, "identity")],
        name="its own name",
        description="What it is for.\nAnd more.",
        inputs=["x1", "入力", "x3"],
        outputs=["y1", "y2"],
        dtype=dtype,
        plugins=plugins,
    )
    path = tmp_path / "exported.onnx"
    path.write_bytes(model_bytes(network))
    again = import_network(path, plugins=plugins)
    assert again.input_names == ("x1", "入力", "x3")
    assert again.output_names == ("y1", "y2")
    assert (again.name, again.description) == (network.name, network.description)
    for before, after in zip(network.layers, again.layers, strict=True):
        np.testing.assert_array_equal(before.weights, after.weights)
        np.testing.assert_array_equal(before.biases, after.biases)
        assert before.activation.name == after.activation.name
        assert before.parameters == after.parameters
        assert before.name == after.name


@pytest.mark.parametrize(
    ("layers", "names"),
    [
        ('["a", "a"]', ["a", "a"]),
        ('["\\u0000\\u001b[31m: #", ""]', ["\0\x1b[31m: #", None]),
        (json.dumps(["x" * 1000, "- {a: &b *c}\u2028"]), ["x" * 1000, "- {a: &b *c}\u2028"]),
        ('["a"]', ["W1", None]),  # of another number of layers
        ('["a", 2]', ["W1", None]),
        ('{"a": "b"}', ["W1", None]),
        ("[" * 100_000, ["W1", None]),
    ],
    ids=range(7),
)
def test_names_and_descriptions_from_anybody_are_only_text(tmp_path, layers, names):
    maker = Maker()
    a = maker.add("MatMul", "x", maker.constant(maker.numbers(5, 4), "W1.weight"))
    model = maker.model(maker.add("MatMul", a, maker.constant(maker.numbers(4, 3))))
    helper.set_model_props(model, {"layers": layers})
    model.doc_string = " \x1b[31m\0- &a *b\r\n---\n" + "long " * 10_000 + "\n"
    model.graph.name = "\x1b[31m"
    network = imported(tmp_path, model)
    assert [layer.name for layer in network.layers] == names
    assert (network.name, network.description) == ("model", model.doc_string.strip())
    save(network, tmp_path / "again.yaml")
    again = netrunner.load(tmp_path / "again.yaml")
    assert [layer.name for layer in again.layers] == names
    assert again.description == network.description
    assert "\x1b" not in (tmp_path / "again.yaml").read_text(encoding="utf-8")


def test_nodes_in_any_order_and_nodes_that_lead_nowhere(tmp_path):
    maker = Maker()
    output = keras_style(maker)
    maker.add("Conv", "x", maker.numbers(1, 1, 1))
    model = maker.model(output)
    straight = imported(tmp_path, model)
    maker.nodes.reverse()
    reverse = imported(tmp_path, maker.model(output))
    for before, after in zip(straight.layers, reverse.layers, strict=True):
        np.testing.assert_array_equal(before.weights, after.weights)


@pytest.mark.parametrize(
    "op", sorted(set(OPERATORS) - {"Mish", "Identity"})
)  # mish's has 10,000 neurons
def test_node_tests_of_the_onnx_project(tmp_path, op):
    """Those that go over all the values, or over all the values of each row."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        importlib.import_module(f"{node_tests.__name__}.{op.lower()}")  # which makes its cases
    passed = 0
    for case in node_tests._NodeTestCases:
        (inputs, outputs), *_ = case.data_sets
        by_row = op in ("Softmax", "LogSoftmax")
        if [node.op_type for node in case.model.graph.node] != [op]:
            continue
        if (by_row and inputs[0].ndim != 2) or inputs[0].dtype.itemsize == 2:
            continue
        network = imported(tmp_path, case.model)
        y = network(inputs[0] if by_row else inputs[0].ravel())
        expected = outputs[0].astype(np.float64).reshape(y.shape)
        np.testing.assert_allclose(y, expected, rtol=1e-5, atol=1e-6)
        passed += 1
    assert passed


# What is not a chain of dense layers, or not a file, is refused in one line.


def fault_of(path, **options):
    """The one line that importing a bad file ends in."""
    message = refused(path, **options).message
    assert "\n" not in message
    return message


def refusal(tmp_path, model):
    path = tmp_path / "bad.onnx"
    path.write_bytes(model if isinstance(model, bytes) else model.SerializeToString())
    return fault_of(path)


def convolution(maker):
    hidden = maker.add("Conv", "x", maker.numbers(2, 1, 1), name="conv1")
    return one_layer(maker, maker.add("Flatten", maker.add("Relu", hidden)))


def picture(maker, *shape):
    return maker.add("Reshape", "x", np.array([0, *shape]))


def larger_picture(maker):
    return maker.add("Conv", picture(maker, 1, 5, 1), maker.numbers(2, 1, 3, 1), name="conv1")


def by_groups(maker):
    return maker.add("Conv", picture(maker, 5, 1, 1), maker.numbers(5, 1, 1, 1), group=5)


def other_channels(maker):
    return maker.add("Conv", picture(maker, 5, 1, 1), maker.numbers(2, 3, 1, 1))


def padded_by_itself(maker):
    weights = maker.numbers(2, 5, 3, 3)
    return maker.add("Conv", picture(maker, 5, 1, 1), weights, auto_pad="SAME_UPPER")


def of_several_pictures(maker):
    value = maker.add("Reshape", "x", np.array([5, 1, 1]))
    return maker.add("Conv", value, maker.numbers(2, 1, 1))


def a_class(maker):
    value = maker.add("ArgMax", maker.add("Softmax", one_layer(maker, "x")), axis=1)
    return maker.add("Cast", value, to=TensorProto.DOUBLE)


def several_paths(maker):
    relu = maker.add("Relu", one_layer(maker, "x"))
    return maker.add("Concat", "x", relu, axis=1)


def residual(maker):
    hidden = maker.add("Gemm", "x", maker.numbers(5, 5), maker.numbers(5))
    return maker.add("Add", hidden, "x", name="skip")


def learned_product(maker):
    return maker.add("MatMul", "x", maker.add("Transpose", "x"))


def missing_initializer(maker):
    return maker.add("MatMul", "x", "W2")


def cycle(maker):
    maker.nodes.append(helper.make_node("Add", ["x", "b"], ["a"]))
    maker.nodes.append(helper.make_node("Relu", ["a"], ["b"]))
    return "b"


def quantised(maker):
    weights = maker.constant(np.ones((5, 4), np.int8), "W")
    scale = maker.constant(np.float32(0.5), "s")
    return maker.add("MatMul", "x", maker.add("DequantizeLinear", weights, scale))


def steep_below_0(maker):
    return leaky_max(maker, maker.add("MatMul", "x", maker.numbers(5, 4)), 1.5)


def a_mean(maker):
    return maker.add("ReduceMean", "x", axes=[1])


def int8_weights(maker):
    return maker.add("MatMul", "x", np.ones((5, 4), np.int8))


def whole_number_weights(maker):
    return maker.add("MatMul", "x", np.ones((5, 4), np.int64))


def custom_domain(maker):
    return maker.add("FusedGemm", "x", maker.numbers(5, 4), domain="com.microsoft")


def no_such_operator(maker):
    return maker.add("Frobnicate", one_layer(maker, "x"))


def unknown_attribute(maker):
    return maker.add("Relu", one_layer(maker, "x"), alpha=1.0)


def clipped_to_nothing(maker):
    return maker.add("Clip", one_layer(maker, "x"), np.float64(6), np.float64(0), name="clip")


def clipped_to_no_number(maker):
    limits = np.float64(0), np.empty(0)
    return maker.add("Clip", one_layer(maker, "x"), *limits, name="clip")


def softplus_of_another_threshold(maker):
    a = one_layer(maker, "x")
    return maker.add(
        "Where", maker.add("Greater", a, np.float64(10)), a, maker.add("Softplus", a), name="s"
    )


def divided_by_its_sum(maker, axis=1):
    """Two sigmoids that add up to 1, but for a bias; or summed along another axis."""
    W = maker.numbers(5, 1)
    a = maker.add("Gemm", "x", np.hstack([W, -W]), np.array([0.5, 0.5 if axis == 1 else -0.5]))
    z = maker.add("Sigmoid", a)
    if axis == 2:
        z = maker.add("Reshape", z, np.array([1, 2, 1]))
    total = maker.add("ReduceSum", maker.add("Abs", z), np.array([1]))
    return maker.add("Div", z, total, name="norm")


def summed_along_another_axis(maker):
    return divided_by_its_sum(maker, axis=2)


def divided_by_its_sum_after(maker, op, constant):
    W = maker.numbers(5, 1)
    z = maker.add("Sigmoid", maker.add(op, maker.add("MatMul", "x", np.hstack([W, -W])), constant))
    total = maker.add("ReduceSum", maker.add("Abs", z), np.array([1]))
    return maker.add("Div", z, total, name="norm")


def divided_by_its_sum_after_two_scales(maker):
    return divided_by_its_sum_after(maker, "Mul", np.array([1.0, 2.0]))


def divided_by_its_sum_after_a_shift(maker):
    return divided_by_its_sum_after(maker, "Add", np.array([0.5, 0.5]))


def wrong_width(maker):
    return maker.add("MatMul", one_layer(maker, "x"), maker.numbers(3, 2))


def bias_that_grows(maker):
    return maker.add("Add", one_layer(maker, "x"), maker.numbers(3, 4))


def bias_that_does_not_fit(maker):
    return maker.add("Add", one_layer(maker, "x"), maker.numbers(3))


def rows_mixed(maker):
    return maker.add("Softmax", one_layer(maker, "x"), axis=0)


def recurrent(maker):
    return maker.add("LSTM", "x", maker.numbers(1, 4, 5), maker.numbers(1, 4, 1), hidden_size=1)


def whole_power(maker):
    return one_layer(maker, maker.add("Mul", "x", maker.add("Pow", np.array([2]), np.array([-1]))))


def constant_of_another_kind(maker):
    return one_layer(maker, maker.add("Mul", "x", maker.add("Sin", np.array(1.0))))


def divided_by_zero(maker):
    return one_layer(maker, maker.add("Div", "x", np.array([1.0, 1, 0, 1, 1])))


def inverse(maker):
    return maker.add("Div", np.array(1.0), one_layer(maker, "x"))


def constant_output(maker):
    return maker.add("Add", maker.numbers(4), maker.numbers(4))


def several_slopes(maker):
    return maker.add("PRelu", one_layer(maker, "x"), np.array([0.1, 0.2, 0.3, 0.4]))


def training(maker):
    value = one_layer(maker, "x")
    return maker.add("Dropout", value, np.float64(0.5), np.array(True))


def graph_in_graph(maker):
    graph = helper.make_graph(
        [helper.make_node("Identity", ["x"], ["y"])], "g", [], [onnx.ValueInfoProto(name="y")]
    )
    return maker.add("If", maker.constant(np.array(True)), then_branch=graph, else_branch=graph)


def mask_in_use(maker):
    maker.add("Dropout", one_layer(maker, "x"), outputs=["dropped", "mask"])
    return maker.add("Cast", "mask", to=TensorProto.DOUBLE)


def product_with_nothing(maker):
    return maker.add("Einsum", "x", "", equation="bi,io->bo")


def some_rows(maker):
    return maker.add("Gather", one_layer(maker, "x"), np.array([0]), axis=0)


def beyond_the_row(maker):
    return maker.add("Gather", one_layer(maker, "x"), np.array([4]), axis=1)


def steps_of_0(maker):
    ends = (np.array([0]), np.array([4]), np.array([1]), np.array([0]))
    return maker.add("Slice", one_layer(maker, "x"), *ends)


def nothing_at_all(maker):
    return maker.add("Slice", one_layer(maker, "x"), np.array([3]), np.array([2]), np.array([1]))


def picked_by_the_row(maker):
    return maker.add("Gather", maker.numbers(5, 4), one_layer(maker, "x"), axis=0)


def sum_of_two_sums(maker):
    return maker.add(
        "Einsum", "x", maker.numbers(5, 4), maker.numbers(4, 2), equation="bi,ij,jk->bk"
    )


def diagonal(maker):
    return maker.add("Einsum", "x", maker.numbers(5, 5), equation="bi,ii->bi")


def sum_of_another_rank(maker):
    return maker.add("Einsum", "x", maker.numbers(5, 5), equation="i,io->o")


def made_whole(maker):
    value = maker.add("Cast", one_layer(maker, "x"), to=TensorProto.INT64)
    return maker.add("Cast", value, to=TensorProto.DOUBLE)


def rounded_to_half(maker):
    value = maker.add("Cast", one_layer(maker, "x"), to=TensorProto.FLOAT16)
    return maker.add("Cast", value, to=TensorProto.DOUBLE)


def enormous_constant(maker):
    shape = maker.constant(np.array([10**6, 10**6]), "shape")
    return maker.add("MatMul", "x", maker.add("ConstantOfShape", shape))


def outer_sum(maker):
    column, row = np.zeros((10**5, 1)), np.zeros((1, 10**5))
    return maker.add("MatMul", "x", maker.add("Add", column, row))


def one_matrix_for_ever(maker):
    value = maker.add("MatMul", "x", maker.numbers(5, 700))
    weights = maker.constant(maker.numbers(700, 700), "W")
    for _ in range(3000):
        value = maker.add("MatMul", value, weights)
    return value


def relus_for_ever(maker):
    value = maker.add("MatMul", "x", maker.numbers(5, 700))
    for _ in range(3000):
        value = maker.add("Relu", value)
    return value


NOT_DENSE = [
    (convolution, "node 1 'conv1' (Conv): its input has shape (1, 5); expected"),
    (larger_picture, "node 2 'conv1' (Conv): a convolution; expected one whose result is a"),
    (by_groups, "node 2 (Conv): a convolution with groups, or of another kind"),
    (other_channels, "node 2 (Conv): a kernel for 3 channels, but the input has 5"),
    (padded_by_itself, "node 2 (Conv): a convolution with auto_pad SAME_UPPER"),
    (of_several_pictures, "(Conv): its input has shape (5, 1, 1); expected a single"),
    (a_class, "node 3 (ArgMax): it picks a class; the scores before it may be another output"),
    (several_paths, "node 3 (Concat): it joins values that depend on the input"),
    (residual, "node 2 'skip' (Add): it joins 'v0' and 'x', which both depend on the input"),
    (learned_product, "node 2 (MatMul): it joins 'x' and 'v0'"),
    (missing_initializer, "node 1 (MatMul): nothing gives 'W2': is an initializer missing?"),
    (cycle, "a cycle"),
    (quantised, "node 1 (DequantizeLinear): a quantised network; expected float weights"),
    (steep_below_0, "node 3 (Max): it joins 'v1' and 'v0', which both depend on the input"),
    (a_mean, "node 1 (ReduceMean): it brings the values of a row together, as a normalisation"),
    (int8_weights, "node 1 (MatMul): tensor 'c0_0' holds INT8"),
    (whole_number_weights, "node 1 (MatMul): its weights are (5, 4) of int64, not floats"),
    (custom_domain, "node 1 (FusedGemm): operators of 'com.microsoft' are not standard ONNX"),
    (no_such_operator, "node 2 (Frobnicate): there is no such operator in opset 17"),
    (unknown_attribute, "node 2 (Relu): Unrecognized attribute: alpha"),
    (clipped_to_nothing, "node 2 'clip' (Clip): expected two limits, the first of them less"),
    (clipped_to_no_number, "node 2 'clip' (Clip): expected two limits, the first of them less"),
    (softplus_of_another_threshold, "node 2 (Greater): a comparison, other than in step"),
    (divided_by_its_sum, "node 5 'norm' (Div): it divides a row by its norm"),
    (summed_along_another_axis, "node 6 'norm' (Div): it divides a row by its norm"),
    (divided_by_its_sum_after_two_scales, "node 6 'norm' (Div): it divides a row by its norm"),
    (divided_by_its_sum_after_a_shift, "node 6 'norm' (Div): it divides a row by its norm"),
    (wrong_width, "node 2 (MatMul): the shapes (1, 4) · (3, 2) do not fit"),
    (bias_that_grows, "node 2 (Add): a constant of shape (3, 4) does not fit a value of (1, 4)"),
    (bias_that_does_not_fit, "node 2 (Add): a constant of shape (3,) does not fit"),
    (rows_mixed, "node 2 (Softmax): it goes over axis 0 of shape (1, 4)"),
    (recurrent, "node 1 (LSTM): a recurrent layer"),
    (divided_by_zero, "node 1 (Div): expected a division by constants other than 0"),
    (whole_power, "node 1 (Pow): it does not take int64 values like these"),
    (constant_of_another_kind, "node 1 (Sin): it takes only constants, but netrunner does not"),
    (inverse, "node 2 (Div): expected a division by constants"),
    (constant_output, "the output does not depend on the input"),
    (several_slopes, "node 2 (PRelu): its slopes differ from neuron to neuron"),
    (training, "node 2 (Dropout): it is in training mode"),
    (graph_in_graph, "node 1 (If): a chain of dense layers has no subgraphs"),
    (mask_in_use, "node 2 (Dropout): its output 'mask' is in use"),
    (some_rows, "node 2 (Gather): it picks some of the rows, or nothing; expected some of"),
    (beyond_the_row, "node 2 (Gather): it picks what a value of shape (1, 4) lacks"),
    (steps_of_0, "node 2 (Slice): it picks what a value of shape (1, 4) lacks"),
    (nothing_at_all, "node 2 (Slice): it picks some of the rows, or nothing"),
    (picked_by_the_row, "node 2 (Gather): expected constant indices into a row"),
    (sum_of_two_sums, "node 1 (Einsum): its equation is 'bi,ij,jk->bk'; expected a row and a"),
    (product_with_nothing, "node 1 (Einsum): its equation is 'bi,io->bo'"),
    (diagonal, "node 1 (Einsum): its equation is 'bi,ii->bi'"),
    (sum_of_another_rank, "node 1 (Einsum): its equation is 'i,io->o'"),
    (made_whole, "node 2 (Cast): it does not give floats"),
    (rounded_to_half, "node 2 (Cast): it rounds to half precision; expected a model in float32"),
    (enormous_constant, "node 1 (ConstantOfShape): it computes too many numbers"),
    (outer_sum, "node 1 (Add): it computes too many numbers"),
    (one_matrix_for_ever, "(MatMul): it computes too many numbers"),
    (relus_for_ever, "relu without a dense layer before it needs a matrix"),
]


PICKS = [
    ("Gather", [np.array([2, 0, 2])], {"axis": 1}),
    ("Gather", [np.array(-1)], {"axis": -1}),
    ("Slice", [np.array([1]), np.array([2**63 - 1]), np.array([1])], {}),
    ("Slice", [np.array([-1]), np.array([-(2**63) + 1]), np.array([-1]), np.array([-1])], {}),
    ("Slice", [np.array([0]), np.array([3]), np.array([-1]), np.array([2])], {}),
]


@pytest.mark.parametrize(("op", "operands", "attributes"), PICKS)
def test_some_of_the_values_in_a_row(tmp_path, op, operands, attributes):
    """After a layer they are some of its neurons; else a layer of zeros and ones."""
    maker = Maker()
    value = maker.add(op, one_layer(maker, "x"), *operands, **attributes)
    model = maker.model(maker.add("Relu", value))
    network = imported(tmp_path, model)
    assert len(network.layers) == 1
    assert_same(network, model)
    maker = Maker()
    model = maker.model(maker.add(op, maker.add("Relu", "x"), *operands, **attributes))
    network = imported(tmp_path, model)
    assert [layer.activation.name for layer in network.layers] == ["relu", "identity"]
    assert_same(network, model)


def test_slice_before_opset_10_has_attributes(tmp_path):
    maker = Maker(np.float32, 9)
    value = maker.add("Slice", "x", axes=[1], starts=[1], ends=[4])
    model = maker.model(maker.add("MatMul", value, maker.numbers(3, 2)))
    assert_same(imported(tmp_path, model), model)


def test_outputs_in_another_order(tmp_path):
    maker = Maker()
    value = maker.add("Reshape", one_layer(maker, "x"), np.array([-1, 2, 2]))
    value = maker.add("Transpose", value, perm=[0, 2, 1])
    model = maker.model(maker.add("Reshape", value, np.array([-1, 4])))
    network = imported(tmp_path, model)
    assert len(network.layers) == 1
    assert_same(network, model)


def test_many_outputs_in_another_order(tmp_path):
    """They would be a matrix of 9 million zeros, in a file of a hundred bytes."""
    maker = Maker()
    model = maker.model(maker.add("Transpose", "x", perm=[0, 2, 1]), (1, 3, 1000))
    assert "it computes too many numbers" in refusal(tmp_path, model)


@pytest.mark.parametrize("equation", ["bi,io->bo", " b i , oi -> bo", "io,bi->bo", "...i,io->...o"])
def test_an_einsum_that_is_a_product(tmp_path, equation):
    maker = Maker()
    W = maker.numbers(5, 4)
    operands = ["x", W.T if "oi" in equation else W]
    operands = operands[::-1] if equation.startswith("io") else operands
    model = maker.model(maker.add("Einsum", *operands, equation=equation))
    assert_same(imported(tmp_path, model), model)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"rho": [1.0, 2.0]}, "its scores come from pairs of classes; expected two classes, or"),
        ({"coefficients": [-1.0]}, "1 coefficients and 108 numbers of vectors, for 4 inputs"),
        ({"coefficients": [1.0] * 27}, "none of its coefficients is negative"),
        ({"prob_a": [1.0], "prob_b": [1.0]}, "expected one without, as of SVC(probability=False)"),
        ({"kernel_type": "POLY"}, "a support vector machine with kernel POLY"),
    ],
)
def test_support_vectors_that_make_no_dense_layer(tmp_path, change, words):
    model = onnx.load(Path(__file__).parents[1] / "data" / "models" / "svc.onnx")
    kept = [each for each in model.graph.node[0].attribute if each.name not in change]
    del model.graph.node[0].attribute[:]
    changed = [helper.make_attribute(key, value) for key, value in change.items()]
    model.graph.node[0].attribute.extend([*kept, *changed])
    (tmp_path / "model.onnx").write_bytes(model.SerializeToString())
    assert words in fault_of(tmp_path / "model.onnx", output_name="probabilities")


def test_a_model_that_onnx_runtime_optimised_is_refused_with_a_way_on(tmp_path):
    maker = Maker()
    (tmp_path / "x.onnx").write_bytes(maker.model(custom_domain(maker)).SerializeToString())
    with pytest.raises(netrunner.NetrunnerError, match="help: import the model as it was before"):
        import_network(tmp_path / "x.onnx")


@pytest.mark.parametrize(("make", "message"), NOT_DENSE)
def test_what_is_not_dense_is_refused_by_its_node(tmp_path, make, message):
    maker = Maker()
    assert message in refusal(tmp_path, maker.model(make(maker)))


@pytest.mark.parametrize("shape", [(None, None), ("n", "features"), (1, 0), ("n",), (1, -5)])
def test_rows_of_unknown_width_are_refused(tmp_path, shape):
    maker = Maker()
    assert "how many numbers does a row have?" in refusal(
        tmp_path, maker.model(one_layer(maker, "x"), shape)
    )


def test_a_row_of_absurd_width_is_refused(tmp_path):
    maker = Maker()
    model = maker.model(maker.add("Relu", "x"), (1, 2**40, 2**40))
    assert "1,208,925,819,614,629,174,706,176 numbers" in refusal(tmp_path, model)


def test_no_shape_several_inputs_several_outputs_and_none(tmp_path):
    maker = Maker()
    output = one_layer(maker, "x")
    assert "is not a tensor of known shape" in refusal(tmp_path, maker.model(output, None))
    more = [helper.make_tensor_value_info("x2", TensorProto.DOUBLE, (1, 5))]
    assert "2 inputs ('x', 'x2')" in refusal(tmp_path, maker.model(output, inputs=more))
    assert "2 outputs: 'v0', 'v1'" in refusal(tmp_path, maker.model(output, outputs=["v1"]))
    assert "no node gives the output 'y'" in refusal(tmp_path, maker.model("y"))
    model = maker.model(output)
    del model.graph.input[:]
    assert "the graph has no input" in refusal(tmp_path, model)
    model = maker.model(output)
    model.graph.output.pop()
    assert "the graph has no output" in refusal(tmp_path, model)


def test_one_of_several_outputs(tmp_path):
    maker = Maker()
    hidden = one_layer(maker, "x")
    output = maker.add("Softmax", maker.add("MatMul", hidden, maker.numbers(4, 2)))
    model = maker.model(output, outputs=[hidden])
    assert refusal(tmp_path, model) == f"the graph has 2 outputs: '{output}', '{hidden}'"
    logits = imported(tmp_path, model, output_name=hidden)
    assert [layer.activation.name for layer in logits.layers] == ["identity"]
    assert len(imported(tmp_path, model, output_name=output).layers) == 2
    message = fault_of(tmp_path / "model.onnx", output_name="nonsense")
    assert message == f"the graph has no output 'nonsense', but '{output}', '{hidden}'"


@pytest.mark.parametrize("kind", ["STRING", "INT8", "COMPLEX64", "UNDEFINED"])
def test_an_input_that_is_no_real_number_is_refused(tmp_path, kind):
    maker = Maker()
    model = maker.model(one_layer(maker, "x"))
    model.graph.input[0].type.tensor_type.elem_type = TensorProto.DataType.Value(kind)
    assert f"the input 'x' is {kind}" in refusal(tmp_path, model)


@pytest.mark.parametrize(
    ("opset", "message"), [(5, "opset 5; netrunner reads 6 to"), (99, "opset 99")]
)
def test_opsets_that_are_not_known_are_refused(tmp_path, opset, message):
    maker = Maker(opset=opset)
    assert message in refusal(tmp_path, maker.model(one_layer(maker, "x")))


def test_a_plugin_that_is_not_loaded_is_named_by_the_node(tmp_path):
    maker = Maker()
    path = tmp_path / "tanh.onnx"
    path.write_bytes(maker.model(maker.add("Tanh", one_layer(maker, "x"))).SerializeToString())
    with pytest.raises(netrunner.NetrunnerError, match="add --plugins tanh,") as caught:
        import_network(path)
    assert "node 2 (Tanh): unknown activation 'tanh'" in str(caught.value)
    assert import_network(path, plugins=["tanh"]).layers[0].activation.name == "tanh"


def test_activations_are_not_for_a_file_that_says_its_own(tmp_path):
    maker = Maker()
    path = tmp_path / "model.onnx"
    path.write_bytes(maker.model(one_layer(maker, "x")).SerializeToString())
    assert "a .onnx file has its own" in fault_of(path, activations="relu")


def test_weights_that_are_not_finite_are_refused(tmp_path):
    maker = Maker()
    model = maker.model(maker.add("MatMul", "x", np.full((5, 4), np.nan)))
    assert "layer 1: weights: row 1, column 1 is nan" in refusal(tmp_path, model)


def damaged_tensor(**changes):
    maker = Maker()
    model = maker.model(maker.add("MatMul", "x", "W"))
    tensor = numpy_helper.from_array(np.ones((5, 4)), "W")
    for key, value in changes.items():
        if key == "dims":
            tensor.ClearField("dims")
            tensor.dims.extend(value)
        else:
            setattr(tensor, key, value)
    model.graph.initializer.append(tensor)
    return model


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"dims": (2**40, 2**40)}, "takes 9,671,406,556,917,033,397,649,408 bytes, but there are"),
        ({"dims": (-1, 4)}, "has an absurd shape"),
        ({"dims": (1,) * 100}, "has an absurd shape"),
        ({"dims": (5, 3)}, "takes 120 bytes, but there are 160"),
        ({"raw_data": b""}, "takes 160 bytes, but there are 0"),
        ({"data_type": 77}, "holds values of an unknown type, 77"),
        ({"data_type": TensorProto.FLOAT8E4M3FN}, "holds FLOAT8E4M3FN"),
        ({"data_type": TensorProto.STRING}, "holds STRING"),
    ],
)
def test_tensors_that_lie_are_refused(tmp_path, changes, message):
    said = refusal(tmp_path, damaged_tensor(**changes))
    assert "node 1 (MatMul): tensor 'W'" in said
    assert message in said


@pytest.mark.parametrize(
    ("attribute", "value"),
    [("value", 1.0), ("value", "text"), ("value_floats", ["text"]), ("value_string", "text")],
)
def test_constants_that_are_none_are_refused(tmp_path, attribute, value):
    maker = Maker()
    maker.nodes.append(helper.make_node("Constant", [], ["W"], **{attribute: value}))
    message = refusal(tmp_path, maker.model(maker.add("MatMul", "x", "W")))
    assert "node 1 (Constant): " in message
    assert "tensor" in message


@pytest.mark.parametrize(
    ("attribute", "value", "shape"),
    [
        ("value_float", 0.5, ()),
        ("value_floats", [0.5, 1, 2, 3], (4,)),
        ("value_floats", [2.0], (1,)),
    ],
)
def test_constants_that_are_plain_numbers(tmp_path, attribute, value, shape):
    maker = Maker(np.float32)
    hidden = one_layer(maker, "x")
    maker.nodes.append(helper.make_node("Constant", [], ["c"], **{attribute: value}))
    assert np.shape(value) == shape
    model = maker.model(maker.add("Mul", hidden, "c"))
    assert_same(imported(tmp_path, model), model)


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ({"location": "../secret.bin"}, "the file must be in the model's folder or below it"),
        ({"location": "/etc/passwd"}, "the file must be in the model's folder or below it"),
        ({"location": "link.bin"}, "the file must be in the model's folder or below it"),
        ({"location": "missing.bin"}, "no such file"),
        ({"location": ""}, "no such file"),
        ({"location": "."}, "it is a folder"),
        ({"location": "fifo"}, "not a regular file"),
        ({"location": "short.bin"}, "it ends too early"),
        ({"location": "short.bin", "offset": "999999999999999999999"}, "claims absurd bytes"),
        ({"location": "short.bin", "length": "-1"}, "claims absurd bytes"),
        ({"location": "short.bin", "length": str(2**60)}, "claims absurd bytes"),
    ],
)
def test_external_data_stays_in_its_folder(tmp_path, entries, message):
    (tmp_path / "secret.bin").write_bytes(bytes(160))
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "short.bin").write_bytes(bytes(100))
    (folder / "link.bin").symlink_to(tmp_path / "secret.bin")
    os.mkfifo(folder / "fifo")
    model = damaged_tensor(data_location=TensorProto.EXTERNAL)
    model.graph.initializer[0].ClearField("raw_data")
    for key, value in entries.items():
        model.graph.initializer[0].external_data.add(key=key, value=value)
    assert message in refusal(folder, model)


def good_bytes():
    maker = Maker()
    return maker.model(gemm_style(maker)).SerializeToString()


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"\x00" * 1000, b"\xff" * 1000, b"PK\x03\x04", b"{}"]
)
def test_what_is_no_onnx_is_refused(tmp_path, data):
    assert "the file is damaged" in refusal(tmp_path, data)


def test_every_truncation_is_refused(tmp_path):
    data = good_bytes()
    path = tmp_path / "short.onnx"
    for length in range(0, len(data), 97):
        path.write_bytes(data[:length])
        assert fault_of(path, plugins=())


def test_flipped_bytes_are_refused_or_give_a_network(tmp_path):
    """Whatever a damaged byte does, it is no exception but ours."""
    data, random = good_bytes(), np.random.default_rng(8)
    path = tmp_path / "flipped.onnx"
    refused = 0
    for _ in range(40):
        flipped = bytearray(data)
        flipped[random.integers(len(data))] = random.integers(256)
        path.write_bytes(bytes(flipped))
        try:
            import_network(path)
        except netrunner.NetrunnerError:
            refused += 1
    assert refused > 10


def field(number, payload):
    """A protobuf field with bytes in it."""
    size, length = len(payload), b""
    while size > 127:
        length += bytes([size & 127 | 128])
        size >>= 7
    return bytes([number << 3 | 2]) + length + bytes([size]) + payload


BOMBS = {
    "a million tiny tensors": field(7, field(5, b"") * 10**6),
    "a million tiny nodes": field(7, field(1, b"") * 10**6),
    "a million strings": field(7, field(1, field(1, b"") * 10**6)),
    "a million whole numbers": field(7, field(5, field(7, b"\x01" * 20 * 10**6))),
    "a length that lies": b"\x3a\xff\xff\xff\xff\x7f" + bytes(1000),
    "a number that never ends": b"\x08" + b"\xff" * 10**6,
    "a group": b"\x3b" * 1000,
}


@pytest.mark.parametrize("what", BOMBS)
def test_protobufs_that_unfold_are_refused(tmp_path, what):
    message = refusal(tmp_path, BOMBS[what])
    assert "more than 200,000 parts" in message or "damaged" in message


def test_graphs_in_graphs_in_graphs_are_refused(tmp_path):
    data = b""
    for _ in range(5000):
        data = field(1, field(5, field(6, data)))  # node, attribute, graph
    assert "nested deeper" in refusal(tmp_path, field(7, data))


def test_a_file_of_any_size_is_refused_unread(tmp_path):
    path = tmp_path / "huge.onnx"
    with path.open("wb") as file:
        file.truncate(2**40)
    assert "larger than 100 MiB" in fault_of(path)


MEASURE = """
import re, sys
from pathlib import Path
from netrunner.exchange.counterparts import COUNTERPARTS
from netrunner.exchange.importing import import_network
from netrunner import NetrunnerError
for path in sys.argv[1:]:
    try:
        import_network(path)
        sys.exit("imported")
    except NetrunnerError:
        pass
# Not getrusage: what it says begins with the memory of the process that started this one.
print(int(re.search(r"VmHWM:[^0-9]*([0-9]+)", Path("/proc/self/status").read_text())[1]) // 1024)
"""


@pytest.mark.slow
def test_hostile_files_take_little_memory(tmp_path):
    paths = []
    for what, data in BOMBS.items():
        paths.append(tmp_path / f"{what}.onnx")
        paths[-1].write_bytes(data)
    for make in (enormous_constant, outer_sum, one_matrix_for_ever, relus_for_ever):
        maker = Maker()
        paths.append(tmp_path / f"{make.__name__}.onnx")
        paths[-1].write_bytes(maker.model(make(maker)).SerializeToString())
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, *map(str, paths)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert int(done.stdout) < 300


def written(lines, rows="N", opset=17):
    """A model of 4 inputs, as text: W is (4, 4), V (4, 1), a to e are shapes."""
    return parser.parse_model(f"""<ir_version: 8, opset_import: ["" : {opset}, "ai.onnx.ml" : 3]>
    m (float[{rows},4] x) => (float y)
    <float[4,4] W = {{1,-2,3,4,0.5,6,-7,1,2,1,0,-1,3,-0.5,1,2}}, float[4,1] V = {{1,2,3,4}},
     float[4] v = {{1,2,3,4}}, float[1,4] B = {{4,3,-2,1}}, float[1,1,4] BB = {{4,3,-2,1}},
     float[4] same = {{2,2,2,2}}, float[1,1,1] half = {{0.5}}, float[2,1,1] two = {{1,2}},
     int64[2] a = {{1,-1}}, int64[2] b = {{-1,4}}, int64[2] c = {{4,-1}}, int64[2] d = {{-1,1}},
     int64[1] e = {{-1}}, int64[1] zero = {{0}}, int64[1] one = {{1}}, int64[4] back = {{3,2,1,0}},
     int64[3] f = {{2,-1,2}}, int64[3] squares = {{-1,2,2}},
     int64[3] rows_last = {{2,2,-1}}, float[4,1] zeros = {{0,0,0,0}}, float[1,1,1] nought = {{0}},
     int64[1] last = {{-2}}, int64[2] swap = {{1,0}}, float[2,1] pair = {{1,10}},
     int64[2] pairs = {{-1,2}}, float[2] w = {{1,2}}>
    {{ A = MatMul(x, W) {lines} }}""")


ROWS = "s = Shape(A) n = Gather(s, zero) N = Cast<to=1>(n)"


@pytest.mark.parametrize(
    ("lines", "node"),
    [
        ("B1 = Reshape(A, a) S = Softmax(B1) y = Reshape(S, b)", "node 3 (Softmax)"),
        ("B1 = Flatten<axis=0>(A) S = Softmax(B1) y = Reshape(S, b)", "node 3 (Softmax)"),
        ("T = Transpose(A) B1 = Reshape(T, b) y = MatMul(B1, W)", "node 4 (MatMul)"),
        ("B1 = Reshape(A, c) C = MatMul(W, B1) y = Reshape(C, b)", "node 3 (MatMul)"),
        (
            "U = Unsqueeze(A, zero) T = Transpose<perm=[0, 2, 1]>(U) B1 = Reshape(T, b)"
            " y = MatMul(B1, W)",
            "node 5 (MatMul)",
        ),
        ("B1 = Reshape(A, a) G = Gather<axis=1>(B1, back) y = Reshape(G, b)", "node 3 (Gather)"),
        ("T = Transpose(A) y = Reshape(T, e)", "in the output"),
        (
            "Q = Squeeze(A) U = Unsqueeze(Q, last) S = Softmax<axis=1>(U) y = Reshape(S, b)",
            "node 4 (Softmax)",
        ),
        (
            "R = Reshape(A, squares) Q = Squeeze(R) G = Gather<axis=1>(Q, swap) y = Reshape(G, b)",
            "node 4 (Gather)",
        ),
        (
            "R = Reshape(A, squares) Q = Squeeze(R) G = Slice(Q, zero, one, one) y = Flatten(G)",
            "node 4 (Slice)",
        ),
        (
            "T = Transpose(A) R = Reshape(T, rows_last) Q = Squeeze(R) M = Mul(Q, pair)"
            " F = Reshape(M, c) y = Transpose(F)",
            "node 5 (Mul)",
        ),
        (
            "S = Softmax(A) Q = Squeeze(S) U = Unsqueeze(Q, last) Z = Abs(U)"
            " R = ReduceSum(Z, one) D = Div(U, R) y = Reshape(D, b)",
            "node 6 (ReduceSum)",
        ),
        ("B1 = Reshape(A, c) C = Mul(B1, V) y = Reshape(C, b)", "node 3 (Mul)"),
        ("B1 = Reshape(A, e) C = Reshape(B1, f) D = Mul(C, two) y = Reshape(D, b)", "node 4 (Mul)"),
        (
            "T = Transpose(A) U = Unsqueeze(T, zero) B1 = BatchNormalization(U, v, v, v, v)"
            " y = Flatten(B1)",
            "in the output",
        ),
    ],
)
def test_rows_that_become_one(tmp_path, lines, node):
    said = refusal(tmp_path, written(lines))
    assert f"{node}{':' if '(' in node else ','} the rows of a batch become one" in said


@pytest.mark.parametrize("line", ["MatMul(W, D)", "Add(E, v)"])
def test_as_many_rows_as_neurons(tmp_path, line):
    """What fits no other number of rows."""
    text = f"D = Squeeze(A) E = Transpose(D) y = {line}"
    assert "the rows of a batch become one" in refusal(tmp_path, written(text, rows=4))
    assert imported(tmp_path, written(text, rows=3)).output_size == 4


@pytest.mark.parametrize(
    ("lines", "node"),
    [
        (f"{ROWS} y = Div(A, N)", "node 5 (Div)"),
        (f"{ROWS} y = Gemm(A, W, N)", "node 5 (Gemm)"),
        (f"{ROWS} M = Mul(W, N) y = MatMul(A, M)", "node 6 (MatMul)"),
        (
            f"{ROWS} k = Div(one, n) S = Softmax(A) Q = Abs(S) R = ReduceSum(Q, k) y = Div(S, R)",
            "Sum",
        ),
        (
            f"{ROWS} h = Sub(n, one) t = Cast<to=9>(h) r = Constant<value_float=0.5>()"
            " q = Squeeze(t) y = Dropout(A, r, q)",
            "(Dropout)",
        ),
        (
            "s = Shape(A) n = Gather(s, zero) z = ConstantOfShape(n) u = Add(z, v) y = Mul(A, u)",
            "Add",
        ),
        (f"{ROWS} h = Div(n, n) m = Concat<axis=0>(n, n, e) y = Reshape(A, m)", "(Reshape)"),
        (
            "s = Shape(A) n = Gather(s, zero) k = Constant<value_int=2>() h = Div(n, k)"
            " m = Concat<axis=0>(h, e) R = Reshape(A, m) S = Softmax(R) y = Reshape(S, b)",
            "(Reshape)",
        ),
        (f"{ROWS} M = Mul(v, N) y = BatchNormalization(A, M, v, v, v)", "node 6 (BatchNormalizati"),
    ],
)
def test_a_constant_that_follows_from_the_number_of_rows(tmp_path, lines, node):
    said = refusal(tmp_path, written(lines))
    assert f"{node}" in said
    assert "its constant follows from the number of rows; expected the same for any" in said


@pytest.mark.parametrize("rows", ["N", "3", "4"])
@pytest.mark.parametrize(
    "lines",
    [
        "T = Transpose(A) D = MatMul(W, T) C = Add(D, V) S = Softmax<axis=0>(C) y = Transpose(S)",
        "T = Transpose(A) D = Gemm<transA=1>(T, W) y = Relu(D)",
        "R = Reshape(A, pairs) G = BatchNormalization(R, w, w, w, w) y = Reshape(G, b)",
        "T = Transpose(A) U = Unsqueeze(T, zero) G = BatchNormalization(U, v, v, v, same)"
        " Q = Squeeze(G, zero) y = Transpose(Q)",
        "T = Transpose(A) D = Gemm<transA=1, transB=1>(W, A, V) S = Sigmoid(D) y = Transpose(S)",
        "S = Shape(A) n = Gather(S, zero) m = Concat<axis=0>(n, e) D = Reshape(A, m)"
        " y = Softmax(D)",
        "D = Reshape(A, e) S = Sigmoid(D) y = Reshape(S, b)",
        "U = Unsqueeze(A, zero) D = MatMul(U, W) y = Squeeze(D, zero)",
        "U = Unsqueeze(A, zero) D = Gather<axis=2>(U, back) y = Squeeze(D, zero)",
        'U = Unsqueeze(A, zero) D = Einsum<equation="sbi,io->sbo">(U, W) y = Squeeze(D, zero)',
        "D = Reshape(A, e) y = Relu(D)",
        "D = Squeeze(A) C = MatMul(D, W) y = Add(C, v)",
        "s = Shape(A) z = ConstantOfShape(s) y = Add(A, z)",
        f"{ROWS} d1 = Div(N, N) y = Mul(A, d1)",
        "s = Shape(A) k = Gather(s, one) m = Concat<axis=0>(e, k) D = Reshape(A, e)"
        " S = Sigmoid(D) M = Mul(D, S) H = Mul(M, half) y = Reshape(H, m)",
        "D = Reshape(A, c) S = Sigmoid(D) M = Mul(D, S) y = Reshape(M, b)",
        "U = Reshape(A, a) V1 = Mul(U, half) y = Reshape(V1, b)",
        "s = Shape(A) r = Shape(s) z = ConstantOfShape(r) i = Cast<to=7>(z) y = Reshape(A, i)",
    ],
)
def test_rows_that_stay_apart(tmp_path, lines, rows):
    model = written(lines, rows)
    network = imported(tmp_path, model, [PLUGINS / "swish.py"] if "Mul(D, S)" in lines else None)
    count = 3 if rows == "N" else int(rows)
    x = np.random.default_rng(2).normal(0, 1, (count, 4)).astype(np.float32)
    np.testing.assert_allclose(network(x), run(model, x).reshape(count, -1), rtol=1e-5, atol=1e-5)


# What may come next in a graph; $ is the value before it, @ its place.
MOVES = """
Reshape($, a); Reshape($, b); Reshape($, c); Reshape($, d); Reshape($, e); Reshape($, f)
Transpose($); Transpose<perm=[0, 2, 1]>($); Transpose<perm=[1, 0, 2]>($); Flatten<axis=0>($)
Flatten($); Unsqueeze($, zero); Unsqueeze($, one); Squeeze($); Squeeze($, zero); Squeeze($, one)
Max($, nought); Max($, zeros); ai.onnx.ml.Scaler<offset=[1.0], scale=[2.0]>($)
Unsqueeze($, last); Gather<axis=1>($, swap); Slice($, zero, one, one); Mul($, pair)
BatchNormalization($, v, v, v, same); ai.onnx.ml.Normalizer<norm="L1">($)
MatMul($, W); MatMul(W, $); Gemm($, W, v); Gemm<transA=1>($, W, B); Gemm(W, $, V)
Gemm<transA=1, transB=1>(W, $, V); Add($, v); Mul($, B); Sub($, V); Div($, BB); Mul($, two)
Mul($, same); Sub($, half); Sigmoid($); Softmax($); Softmax<axis=0>($); Softmax<axis=1>($)
Gather<axis=1>($, back); Gather<axis=-1>($, back)
Div($, number@); Reshape($, whole@); Reshape($, rest@); Add($, zeros@)
"""
FROM_THE_SHAPE = (
    "s@ = Shape($) n@ = Gather(s@, zero) number@ = Cast<to=1>(n@) whole@ = Concat<axis=0>(n@, e)"
    " rest@ = Concat<axis=0>(e, n@) zeros@ = ConstantOfShape(s@)"
)


def chained(moves):
    lines = []
    for index, move in enumerate(moves):
        line = f"{FROM_THE_SHAPE if '@' in move else ''} v{index} = {move}"
        before = f"v{index - 1}" if index else "A"
        lines.append(line.replace("$", before).replace("@", str(index)))
    return f"{' '.join(lines)} y = Identity(v{len(moves) - 1})"


@settings(max_examples=300)
@given(
    st.lists(st.sampled_from(re.split("[;\n] *", MOVES.strip())), min_size=2, max_size=6),
    st.sampled_from(["N", "1", "2", "3", "4"]),
)
def test_a_graph_that_is_taken_computes_each_row_by_itself(tmp_path_factory, moves, rows):
    path = tmp_path_factory.getbasetemp() / "moved.onnx"
    path.write_bytes(written(chained(moves), rows).SerializeToString())
    try:
        network = import_network(path)
    except NetrunnerError:
        return
    x = np.random.default_rng(2).normal(0, 1, (3 if rows == "N" else int(rows), 4))
    x, model = x.astype(np.float32), written(chained(moves))
    try:
        y = run(model, x)
    except (Errors.Fail, Errors.InvalidArgument, Errors.RuntimeException):
        return  # it takes one row alone
    close = {"rtol": 1e-3, "atol": 1e-5 * np.abs(y).max()}
    if network.input_size > 4:  # the whole batch is one row
        found = [y]
        expected = network(x.ravel())
    else:
        found = [np.moveaxis(y, axis, 0) for axis in range(y.ndim) if y.shape[axis] == len(x)]
        found.append(y)
        expected = network(x)
        if rows == "N":
            single = np.array([run(model, row[np.newaxis]).ravel() for row in x])
            np.testing.assert_allclose(expected, single, **close)
    assert any(np.allclose(each.reshape(expected.shape), expected, **close) for each in found)


@pytest.mark.parametrize("rows", ["N", "1"])
@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "y = Max(A, zeros)",
            "node 2 (Max): a constant of shape (4, 1) does not fit a value of (1, 4)",
        ),
        (
            "T = Transpose(A) y = ai.onnx.ml.LinearRegressor<coefficients=[1.0, 2.0, 3.0, 4.0]>(T)",
            "node 3 (LinearRegressor): its input has shape (4, 1); expected a single row",
        ),
        (  # onnxruntime takes the values of a whole batch for one row
            'S = Softmax(A) R = Reshape(S, e) y = ai.onnx.ml.Normalizer<norm="L1">(R)',
            "node 4 (Normalizer): its input has shape (4,); expected a single row",
        ),
    ],
)
def test_a_constant_or_a_column_that_would_make_more_of_a_row(tmp_path, line, said, rows):
    assert said in refusal(tmp_path, written(line, rows))


def test_a_constant_with_more_axes_than_the_value(tmp_path):
    """The result has them, too, so that a softmax over axis 1 is one over nothing."""
    said = refusal(tmp_path, written("M = Max(A, nought) y = Softmax<axis=1>(M)", rows=1))
    assert "it goes over axis 1 of shape (1, 1, 4)" in said


def test_a_slope_for_each_channel_in_opset_6(tmp_path):
    text = "U = Unsqueeze<axes=[2]>(A) P = PRelu(U, same) y = Flatten(P)"
    network = imported(tmp_path, written(text, opset=6), [PLUGINS / "leaky_relu.py"])
    x = np.random.default_rng(2).normal(0, 1, (3, 4)).astype(np.float32)
    a = run(written("y = Identity(A)"), x)
    np.testing.assert_allclose(network(x), np.where(a < 0, 2 * a, a), rtol=1e-5, atol=1e-6)


def test_an_axis_that_is_not_used_in_opset_6(tmp_path):
    model, plain = (
        written(f"y = Add<{each}>(A, B)", opset=6) for each in ("axis=7", "broadcast=0")
    )
    x = [1, 2, 3, 4]
    np.testing.assert_array_equal(imported(tmp_path, model)(x), imported(tmp_path, plain)(x))
    assert "unknown activation 'swish'" in refusal(
        tmp_path, written("S = Sigmoid(A) y = Mul<axis=0>(A, S)", opset=6)
    )


def test_a_slope_with_more_axes_than_the_value(tmp_path):
    path = tmp_path / "net.onnx"
    lines = "P = PRelu(A, {}) S = Softmax<axis=1>(P) y = Reshape(S, b)"
    for slope, said in (("nought", "it goes over axis 1"), ("zeros", "(4, 1) does not fit")):
        path.write_bytes(written(lines.format(slope)).SerializeToString())
        with pytest.raises(NetrunnerError, match=re.escape(said)):
            import_network(path, plugins=[PLUGINS / "leaky_relu.py"])


def test_many_numbers_of_any_number_of_rows(tmp_path):
    """They are followed for fewer rows."""
    maker = Maker(np.float32)
    value = maker.add("Reshape", maker.add("MatMul", "x", maker.numbers(5, 50_000)), np.array([-1]))
    for _ in range(3):
        value = maker.add("Mul", value, np.float32([0.5]))
    value = maker.add("Reshape", value, np.array([-1, 50_000]))
    value = maker.add("MatMul", value, maker.numbers(50_000, 2))
    assert imported(tmp_path, maker.model(value)).output_size == 2


@pytest.mark.parametrize("attributes", ["axis=0, broadcast=1", "axis=7, broadcast=1"])
def test_an_activation_in_operators_that_begin_at_an_axis(tmp_path, attributes):
    text = f"S = Sigmoid(A) y = Mul<{attributes}>(A, S)"
    assert "expected a constant to be broadcast" in refusal(tmp_path, written(text, opset=6))


@pytest.mark.parametrize("shape", ["3, -1", "3, 4"])
def test_a_shape_for_a_fixed_number_of_rows(tmp_path, shape):
    """As torch writes x.view(x.size(0), -1)."""
    text = f"s = Constant<value_ints=[{shape}]>() R = Reshape(A, s) S = Softmax(R) y = MatMul(S, W)"
    model = written(text, rows=3)
    x = np.random.default_rng(2).normal(0, 1, (3, 4)).astype(np.float32)
    network = imported(tmp_path, model)
    np.testing.assert_allclose(network(x), run(model, x), rtol=1e-5, atol=1e-6)


def test_a_fixed_number_of_rows_that_is_large(tmp_path):
    many = " ".join(f"B{i} = Flatten(B{i - 1})" for i in range(1, 100))
    network = imported(tmp_path, written(f"B0 = Relu(A) {many} y = Relu(B99)", rows=2**20))
    assert (network.input_size, network.output_size) == (4, 4)
    assert "has 8,388,608 numbers" in refusal(tmp_path, written("y = Relu(A)", rows=2**21))


def test_what_a_shape_makes_takes_bounded_memory(tmp_path):
    """Each of these would be counted as nothing, if it were not counted."""
    many = " ".join(f"c{i} = CastLike(c{i - 1}, x)" for i in range(1, 300))
    text = f"s = Constant<value_ints=[2000000]>() c0 = ConstantOfShape(s) {many}"
    said = refusal(tmp_path, written(f"{text} g = Gather(c299, zero) y = Add(A, g)"))
    assert "it computes too many numbers" in said


def test_a_batch_of_a_fixed_size_that_is_enormous(tmp_path):
    """Its rows cannot be told apart in bounded memory once they are moved."""
    path = tmp_path / "model.onnx"
    many = " ".join(f"B{i} = MatMul(B{i - 1}, W)" for i in range(1, 400))
    text = f"B0 = Relu(A) {many} y = Relu(B399)"
    path.write_bytes(written(text, rows=2**18).SerializeToString())
    assert within_limits(lambda: import_network(path)).output_size == 4
    many = " ".join(f"B{i} = Transpose(B{i - 1})" for i in range(1, 400))
    said = refusal(tmp_path, written(f"B0 = Relu(A) {many} y = Relu(B399)", rows=2**18))
    assert "node 11 (Transpose): it moves too many numbers for 262,144 rows at a time" in said


@pytest.mark.parametrize(
    "lines",
    [
        "D = Reshape(A, d) C = Add(D, V) y = Reshape(C, b)",
        "D = Reshape(A, e) y = MatMul(D, W)",
    ],
)
def test_a_graph_that_cannot_be_run_with_a_batch(tmp_path, lines):
    model = written(lines)
    x = np.random.default_rng(2).normal(0, 1, (1, 4)).astype(np.float32)
    network = imported(tmp_path, model)
    np.testing.assert_allclose(network(x), run(model, x).reshape(1, -1), rtol=1e-5)


def test_an_output_and_an_input_that_are_left_out(tmp_path):
    maker = Maker()
    value = maker.add("MatMul", "x", maker.numbers(5, 4))
    maker.add("Dropout", value, outputs=["d", ""])
    value = maker.add("Slice", "d", np.array([1]), np.array([3]), np.array([1]), "")
    model = maker.model(value)
    assert_same(imported(tmp_path, model), model)


def test_a_graph_that_takes_a_single_row(tmp_path):
    """By a shape that it says itself: it cannot be run with more."""
    model = written("s = Constant<value_ints=[1, 4]>() D = Reshape(A, s) y = Softmax(D)")
    network = imported(tmp_path, model)
    x = np.random.default_rng(2).normal(0, 1, (1, 4)).astype(np.float32)
    np.testing.assert_allclose(network(x), run(model, x), rtol=1e-5)


@pytest.mark.parametrize(
    ("numbers", "by", "quotients"),
    [("1,-7,7,-8", 2, [0, -3, 3, -4]), ("5,-5,6,1", -5, [-1, 1, -1, 0])],
)
def test_whole_numbers_are_divided_towards_0(tmp_path, numbers, by, quotients):
    lines = "Q = Div(n, k) C = Cast<to=1>(Q) y = Add(A, C)"
    text = f"n = Constant<value_ints=[{numbers}]>() k = Constant<value_int={by}>() {lines}"
    network = imported(tmp_path, written(text))
    np.testing.assert_array_equal(network([0, 0, 0, 0]), quotients)


def test_a_division_of_whole_numbers_by_0(tmp_path):
    text = "n = Constant<value_ints=[1]>() k = Constant<value_int=0>() Q = Div(n, k)"
    said = refusal(tmp_path, written(f"{text} C = Cast<to=1>(Q) y = Add(A, C)"))
    assert "(Div): it does not take int64 values like these" in said
