"""A network as an ONNX model: one Gemm and one activation for each layer.

Opset 17 and IR 8 are what a runtime of 2022 takes. Every A and Z is an output under its name, and
the last is Y. Where ONNX keeps a parameter as float32, or onnxruntime has no float64 kernel, or
the operator is younger than the opset, an activation is written in the operators it is made of.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from netrunner.activations.activation import Array
from netrunner.exchange.verify import verify
from netrunner.network.layer import Layer
from netrunner.network.network import Network
from netrunner.problems.problem import Fault
from netrunner.problems.source import quote

if TYPE_CHECKING:
    import onnx

OPSET = 17
IR_VERSION = 8
MAX_BYTES = 2**31 - 2**20  # protobuf's limit, with room for the names


def model_bytes(network: Network) -> bytes:
    """The network as the bytes of an .onnx file.

    Its input X has shape (rows, inputs), with any number of rows. Raises Fault, also where a
    plugin's activation has no counterpart among ONNX's operators.
    """
    size = sum(layer.weights.nbytes + layer.biases.nbytes for layer in network.layers)
    if size > MAX_BYTES:
        raise Fault("too-large", f"{size:,} bytes of weights, where .onnx holds 2 GiB at most")
    onnx = _onnx()
    graph = _Graph(network.dtype, network.dtype == np.float32)
    X, outputs = "X", []
    for layer in network.layers:
        A, Z = f"A{layer.index}", f"Z{layer.index}"
        W = graph.constant(layer.weights, f"W{layer.index}")
        B = graph.constant(layer.biases, f"B{layer.index}")
        graph.node("Gemm", X, W, B, gives=A, name=layer.title)
        _add_activation(graph, layer, A, Z)
        outputs += [graph.value(A, layer.size), graph.value(Z, layer.size)]
        X = Z
    graph.node("Identity", X, gives="Y")
    outputs.append(graph.value("Y", network.output_size))
    inputs = [graph.value("X", network.input_size)]
    model = graph.model(network.name, inputs, outputs)
    model.doc_string = network.description
    # A node is called by the layer's title, which is made visible, and cut where it is long.
    layers = [layer.name or "" for layer in network.layers]
    names = {
        "inputs": network.input_names,
        "outputs": network.output_names,
        "layers": layers if any(layers) else None,
    }
    properties = {key: json.dumps(value, ensure_ascii=False) for key, value in names.items()}
    onnx.helper.set_model_props(
        model, {key: properties[key] for key, value in names.items() if value is not None}
    )
    onnx.checker.check_model(model, full_check=True)
    data: bytes = model.SerializeToString(deterministic=True)
    return data


def _onnx() -> Any:
    try:
        import onnx
        import onnx.checker
        import onnx.helper
        import onnx.numpy_helper
    except ImportError:
        message = "ONNX files take the onnx package: pip install 'netrunner-nn[onnx]'"
        raise Fault("missing-package", message) from None
    return onnx


class _Graph:
    """A graph that grows node by node; the values between the named ones are numbered.

    `single` says that a float32 network is meant, whatever dtype the graph computes in.
    """

    def __init__(self, dtype: np.dtype[Any], single: bool) -> None:
        self.onnx = _onnx()
        self.dtype = dtype
        self.single = single
        self.kind = self.onnx.helper.np_dtype_to_tensor_dtype(dtype)
        self.nodes: list[Any] = []
        self.constants: dict[str, Any] = {}

    def constant(self, value: Any, name: str | None = None) -> str:
        """The name under which a number or an array stands in the graph."""
        array = np.asarray(value, self.dtype)
        name = name or f"constant {array.tolist()}"
        self.constants[name] = self.onnx.numpy_helper.from_array(array, name)
        return name

    def node(
        self,
        operator: str,
        *inputs: str | float,
        gives: str = "",
        name: str = "",
        **attributes: Any,
    ) -> str:
        """Add a node; its inputs are names of values, or numbers. Gives its output's name."""
        gives = gives or f"value {len(self.nodes)}"
        names = [each if isinstance(each, str) else self.constant(each) for each in inputs]
        name = name or f"{operator} to {gives}"
        self.nodes.append(self.onnx.helper.make_node(operator, names, [gives], name, **attributes))
        return gives

    def value(self, name: str, size: int | None) -> Any:
        return self.onnx.helper.make_tensor_value_info(name, self.kind, ["rows", size])

    def model(self, name: str, inputs: list[Any], outputs: list[Any]) -> onnx.ModelProto:
        from netrunner import __version__

        helper = self.onnx.helper
        graph = helper.make_graph(
            self.nodes, name or "network", inputs, outputs, list(self.constants.values())
        )
        model: onnx.ModelProto = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION
        )
        model.producer_name, model.producer_version = "netrunner", __version__
        return model


def _add_activation(graph: _Graph, layer: Layer, A: str, Z: str) -> None:
    """Add the layer's activation, from A to Z. Raises Fault where ONNX has none like it."""
    name = layer.activation.name
    if name not in _ANY_TYPE and name not in _COMPOSED:
        message = f"{layer.title}: activation {quote(name)} of plugin {quote(layer.origin.plugin)}"
        raise Fault("not-exportable", f"{message} has no counterpart in ONNX")
    if layer.origin.kind != "built-in":
        verify(layer, lambda a: _evaluate(layer, a), f"ONNX's {name}")
    _compose(graph, layer, A, Z)


def _compose(graph: _Graph, layer: Layer, A: str, Z: str) -> None:
    name = layer.activation.name
    operator = _ANY_TYPE.get(name)
    if operator is None and graph.single:
        operator = _FLOAT32.get(name)
    if operator is None:
        _COMPOSED[name](graph, A, Z, **layer.parameters)
    else:
        axis: dict[str, Any] = {} if layer.activation.elementwise else {"axis": -1}
        graph.node(operator, A, gives=Z, **axis, **layer.parameters)


def _evaluate(layer: Layer, a: Array) -> Array:
    """What ONNX's reference implementation makes of the nodes for the layer's activation."""
    from onnx.reference import ReferenceEvaluator

    graph = _Graph(a.dtype, layer.weights.dtype == np.float32)
    _compose(graph, layer, "A", "Z")
    model = graph.model("activation", [graph.value("A", None)], [graph.value("Z", None)])
    results: Any = ReferenceEvaluator(model).run(None, {"A": a})
    z: Array = results[0]
    return z


# Operators whose attributes, if they have any, are called as our parameters are.
_ANY_TYPE = {
    "identity": "Identity",
    "log_softmax": "LogSoftmax",
    "relu": "Relu",
    "sigmoid": "Sigmoid",
    "softmax": "Softmax",
    "tanh": "Tanh",
}
_FLOAT32 = {
    "celu": "Celu",
    "elu": "Elu",
    "hard_sigmoid": "HardSigmoid",
    "hard_swish": "HardSwish",
    "leaky_relu": "LeakyRelu",
    "selu": "Selu",
    "softplus": "Softplus",
    "softsign": "Softsign",
    "thresholded_relu": "ThresholdedRelu",
}


def _step(graph: _Graph, A: str, Z: str) -> None:
    graph.node("Cast", graph.node("Greater", A, 0.0), gives=Z, to=graph.kind)


def _leaky_relu(graph: _Graph, A: str, Z: str, alpha: float = 0.01) -> None:
    negative = graph.node("Mul", graph.node("Min", A, 0.0), alpha)
    graph.node("Add", graph.node("Relu", A), negative, gives=Z)


def _elu(graph: _Graph, A: str, Z: str, alpha: float = 1.0) -> None:
    negative = _expm1(graph, graph.node("Min", A, 0.0), alpha)
    graph.node("Add", graph.node("Relu", A), negative, gives=Z)


# ONNX's defaults, the constants rounded to float32.
ALPHA = 1.67326319217681884765625
GAMMA = 1.05070102214813232421875


def _selu(graph: _Graph, A: str, Z: str, alpha: float = ALPHA, gamma: float = GAMMA) -> None:
    negative = _expm1(graph, graph.node("Min", A, 0.0), gamma * alpha)
    graph.node("Add", graph.node("Mul", graph.node("Relu", A), gamma), negative, gives=Z)


def _celu(graph: _Graph, A: str, Z: str, alpha: float = 1.0) -> None:
    negative = _expm1(graph, graph.node("Div", graph.node("Min", A, 0.0), alpha), alpha)
    graph.node("Add", graph.node("Relu", A), negative, gives=Z)


def _expm1(graph: _Graph, a: str, factor: float) -> str:
    """factor · (exp(a) - 1) for a ≤ 0: as 2t / (1 - t), t = tanh(a/2), it keeps all digits."""
    t = graph.node("Tanh", graph.node("Mul", a, 0.5))
    return graph.node("Div", graph.node("Mul", t, 2 * factor), graph.node("Sub", 1.0, t))


def _softplus(graph: _Graph, A: str, Z: str) -> None:
    e = graph.node("Exp", graph.node("Neg", graph.node("Abs", A)))
    log = graph.node("Log", graph.node("Add", e, 1.0))
    graph.node("Add", graph.node("Relu", A), log, gives=Z)


def _softsign(graph: _Graph, A: str, Z: str) -> None:
    graph.node("Div", A, graph.node("Add", graph.node("Abs", A), 1.0), gives=Z)


def _hard_sigmoid(graph: _Graph, A: str, Z: str, alpha: float = 0.2, beta: float = 0.5) -> None:
    line = graph.node("Add", graph.node("Mul", A, alpha), beta)
    graph.node("Clip", line, 0.0, 1.0, gives=Z)


def _hard_swish(graph: _Graph, A: str, Z: str) -> None:
    clipped = graph.node("Clip", graph.node("Add", A, 3.0), 0.0, 6.0)
    graph.node("Mul", A, graph.node("Div", clipped, 6.0), gives=Z)


def _thresholded_relu(graph: _Graph, A: str, Z: str, alpha: float = 1.0) -> None:
    graph.node("Where", graph.node("Greater", A, alpha), A, 0.0, gives=Z)


def _swish(graph: _Graph, A: str, Z: str, beta: float = 1.0) -> None:
    scaled = A if beta == 1 else graph.node("Mul", A, beta)
    graph.node("Mul", A, graph.node("Sigmoid", scaled), gives=Z)


def _mish(graph: _Graph, A: str, Z: str) -> None:
    # tanh(log(1 + w)) = n / (n + 2), n = w·(w + 2), w = exp(a): it is 1 from a = 20 on.
    w = graph.node("Exp", graph.node("Min", A, 20.0))
    n = graph.node("Mul", w, graph.node("Add", w, 2.0))
    share = graph.node("Div", n, graph.node("Add", n, 2.0))
    graph.node("Mul", A, share, gives=Z)


def _gelu(graph: _Graph, A: str, Z: str, approximate: str = "none") -> None:
    if approximate == "tanh":
        # (1 + tanh(u)) / 2 is the sigmoid of 2u.
        cube = graph.node("Mul", graph.node("Mul", A, A), A)
        u = graph.node("Add", A, graph.node("Mul", cube, 0.044715))
        phi = graph.node("Sigmoid", graph.node("Mul", u, 2 * math.sqrt(2 / math.pi)))
    elif graph.single:
        erf = graph.node("Erf", graph.node("Div", A, math.sqrt(2)))
        phi = graph.node("Mul", graph.node("Add", erf, 1.0), 0.5)
    else:
        phi = _normal_cdf(graph, A)
    graph.node("Mul", A, phi, gives=Z)


# log(erfc(z) / t) + z² as a polynomial in 2t - 1, where t = 1 / (1 + z/2) and z ≥ 0: interpolated
# at 24 Chebyshev nodes in 60-digit arithmetic. The erfc that comes out is within 1e-14.
ERFC = [
    -0.6717940840566905, 0.6726432239776567, 0.04734330684139575, -0.04689561023118345,
    -0.009872689342023714, 0.008824938557318043, 0.0017589330988850738, -0.0023458125029206384,
    -0.0001462423779783492, 0.0006736787892286757, -9.376103922042785e-05, -0.0001743026777415729,
    7.149729347132242e-05, 3.174303989125886e-05, -3.0424804196234133e-05, 1.4671892565573574e-07,
    8.957141043157235e-06, -2.9712581178582877e-06, -1.7161931348241182e-06, 1.2889414656295187e-06,
    1.611507277019833e-07, -2.918140093107583e-07, 5.453996235874533e-10, 3.020180971825513e-08,
]  # fmt: skip


def _normal_cdf(graph: _Graph, A: str) -> str:
    """Φ(a) = erfc(-a/√2) / 2 in float64, for which onnxruntime has no Erf."""
    z = graph.node("Div", graph.node("Abs", A), math.sqrt(2))
    t = graph.node("Div", 1.0, graph.node("Add", graph.node("Mul", z, 0.5), 1.0))
    u = graph.node("Sub", graph.node("Mul", t, 2.0), 1.0)
    polynomial = graph.node("Add", graph.node("Mul", u, ERFC[-1]), ERFC[-2])
    for coefficient in reversed(ERFC[:-2]):
        polynomial = graph.node("Add", graph.node("Mul", polynomial, u), coefficient)
    exponent = graph.node("Sub", polynomial, graph.node("Mul", z, z))
    erfc = graph.node("Mul", t, graph.node("Exp", exponent))
    below = graph.node("Mul", erfc, 0.5)  # Φ(-|a|)
    above = graph.node("Sub", 1.0, below)
    return graph.node("Where", graph.node("Greater", A, 0.0), above, below)


_COMPOSED: dict[str, Callable[..., None]] = {
    "celu": _celu,
    "elu": _elu,
    "gelu": _gelu,
    "hard_sigmoid": _hard_sigmoid,
    "hard_swish": _hard_swish,
    "leaky_relu": _leaky_relu,
    "mish": _mish,
    "selu": _selu,
    "softplus": _softplus,
    "softsign": _softsign,
    "step": _step,
    "swish": _swish,
    "thresholded_relu": _thresholded_relu,
}
