"""A network as an ONNX model: one Gemm and one activation for each layer.

Runtimes of 2022 take opset 17 and IR 8. Every A and Z is an output under its name, and the last is
Y. If onnxruntime has no float64 kernel, or the operator is newer than the opset, an activation is
written as a group of simpler operators.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from netrunner.activations.activation import Array
from netrunner.exchange.counterparts import Counterpart, Expression
from netrunner.exchange.verify import counterpart_of
from netrunner.files.writing import writing
from netrunner.format.save import Weights
from netrunner.network.layer import Layer
from netrunner.network.network import Network
from netrunner.problems.problem import Fault, missing_package

if TYPE_CHECKING:
    import onnx

OPSET = 17
IR_VERSION = 8
MAX_BYTES = 2**31 - 2**20  # protobuf's limit, with room for the names


def write(network: Network, path: Path, weights: Weights = "auto") -> list[Path]:
    """Write the network as an .onnx file. Raises Fault."""
    data = model_bytes(network)
    with writing(path, binary=True) as stream:
        stream.write(data)
    return [path]


def model_bytes(network: Network) -> bytes:
    """The network as the bytes of an .onnx file.

    Its input X has shape (rows, inputs), with any number of rows. Raises Fault, also where an
    activation has no counterpart in ONNX.
    """
    size = sum(layer.weights.nbytes + layer.biases.nbytes for layer in network.layers)
    if size > MAX_BYTES:
        raise Fault("too-large", f"{size:,} bytes of weights, but .onnx holds at most 2 GiB")
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
    # A node is named after the layer's title, made legible, and cut if it is long.
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
        raise missing_package("ONNX files need", "onnx", "onnx") from None
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
        """The name of a number or an array in the graph."""
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
        """Add a node; its inputs are names of values, or numbers. Returns its output's name."""
        gives = gives or f"value {len(self.nodes)}"
        names = [each if isinstance(each, str) else self.constant(each) for each in inputs]
        name = name or f"{operator} to {gives}"
        self.nodes.append(self.onnx.helper.make_node(operator, names, [gives], name, **attributes))
        return gives

    def expression(
        self,
        expression: Expression,
        values: dict[Expression, str],
        parameters: Mapping[str, Any],
        gives: str = "",
    ) -> str:
        """Add the nodes of an expression, each only once; returns the name of its value.

        `values` has the names of the values so far; new ones are added to it.
        """
        if expression not in values:
            if isinstance(expression, tuple):
                operator, *operands = expression
                names = [self.expression(each, values, parameters) for each in operands]
                values[expression] = self.node(operator, *names, gives=gives)
            else:
                values[expression] = self.constant(parameters.get(expression, expression))
        return values[expression]

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
    """Add the layer's activation, from A to Z. Raises Fault if ONNX has none like it."""
    counterpart = counterpart_of(layer, "ONNX", lambda known, a: _evaluate(known, layer, a))
    _compose(graph, counterpart, layer, A, Z)


def _compose(graph: _Graph, counterpart: Counterpart, layer: Layer, A: str, Z: str) -> None:
    operator = counterpart.onnx
    if operator and operator.opset <= OPSET and (graph.single or operator.float64):
        attributes = {operator.attributes[key]: value for key, value in layer.parameters.items()}
        if not layer.activation.elementwise:
            attributes["axis"] = -1
        graph.node(operator.name, A, gives=Z, **attributes)
        return
    parameters = {**counterpart.defaults, **layer.parameters}
    group = next(
        each
        for each in counterpart.groups
        if (graph.single or each.float64) and each.parameters.items() <= parameters.items()
    )
    graph.expression(group.expression, {"a": A}, parameters, gives=Z)


def _evaluate(counterpart: Counterpart, layer: Layer, a: Array) -> Array:
    """The layer's activation of `a`, as ONNX's reference implementation runs its nodes."""
    from onnx.reference import ReferenceEvaluator

    graph = _Graph(a.dtype, layer.weights.dtype == np.float32)
    _compose(graph, counterpart, layer, "A", "Z")
    model = graph.model("activation", [graph.value("A", None)], [graph.value("Z", None)])
    results: Any = ReferenceEvaluator(model).run(None, {"A": a})
    z: Array = results[0]
    return z
