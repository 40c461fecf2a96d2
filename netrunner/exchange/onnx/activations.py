"""Finds the activation that an ONNX operator, or a group of simple operators, stands for.

If an older opset has no operator for an activation, exporters write a group: swish as
x · Sigmoid(x), gelu with Erf.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from netrunner.exchange.counterparts import COUNTERPARTS, Expression, Group
from netrunner.exchange.onnx.constants import broadcast
from netrunner.exchange.onnx.graph import Node
from netrunner.exchange.recast import LOG_SIGMOID, Recast, clipped, softplus

QUANTISED = (
    "QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear", "QLinearMatMul", "QLinearConv",
    "MatMulInteger", "ConvInteger",
)  # fmt: skip
# By operator: the activation that it is, and the groups that end in it, with their activations.
OPERATORS = {each.onnx.name: each for each in COUNTERPARTS.values() if each.onnx}
GROUPS: dict[str, list[tuple[str, Group]]] = {}
for _name, _counterpart in COUNTERPARTS.items():
    for _group in _counterpart.groups:
        GROUPS.setdefault(_group.expression[0], []).append((_name, _group))

_BY_BETA = ("Mul", "a", "beta")

# By operator: a group that is one of our activations with a scale and a shift, and which one.
RECASTS: dict[str, tuple[Expression, Callable[..., Recast | None]]] = {
    "Log": (("Log", ("Sigmoid", "a")), lambda: LOG_SIGMOID),
    "Clip": (("Clip", "a", "low", "high"), clipped),
    "Where": (  # of PyTorch, off by 2e-9 / beta at most
        ("Where", ("Greater", _BY_BETA, 20), "a", ("Div", ("Softplus", _BY_BETA), "beta")),
        softplus,
    ),
    "Max": (
        ("Max", "a", ("Mul", "a", "alpha")),
        lambda alpha: Recast("leaky_relu", {"alpha": alpha}) if 0 <= alpha <= 1 else None,
    ),
}

_DENSE = "expected dense layers: Gemm, or MatMul and Add"
_REFUSED = {
    "Clip": "expected two limits, the first of them less than the second, or 0 alone",
    "PRelu": "its slopes differ from neuron to neuron; expected one for all, as of LeakyRelu",
    "ConvTranspose": f"a convolution; {_DENSE}",
    **dict.fromkeys(
        ("ArgMax", "Binarizer"),
        "it picks a class; the scores before it may be another output: --output-name",
    ),
    **dict.fromkeys(
        ("Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Where"),
        "a comparison, other than in step, thresholded_relu, or a softplus of threshold 20",
    ),
    **dict.fromkeys(("MaxPool", "AveragePool", "GlobalAveragePool"), f"a pooling layer; {_DENSE}"),
    **dict.fromkeys(
        ("LayerNormalization", "InstanceNormalization", "GroupNormalization", "RMSNormalization"),
        "it scales each row by the row's own spread, which no dense layer does",
    ),
    **dict.fromkeys(
        ("Split", "GatherND"),
        f"it picks some of the values, which netrunner does not follow; {_DENSE}",
    ),
    **dict.fromkeys(
        ("ReduceMean", "ReduceSum", "ReduceMax", "ReduceL2"),
        f"it brings the values of a row together, as a normalisation does; {_DENSE}",
    ),
    **dict.fromkeys(("LSTM", "GRU", "RNN"), f"a recurrent layer; {_DENSE}"),
    **dict.fromkeys(QUANTISED, "a quantised network; expected float weights, as before quantising"),
}


def what_is_needed(op: str) -> str:
    """What to say about an operator that is neither a dense layer nor an activation."""
    return _REFUSED.get(op, f"neither a dense layer nor an activation; {_DENSE}, with activations")


_SHAPE = "the shape that the constants broadcast to"
_COMMUTATIVE = ("Add", "Mul", "Max", "Min")
_CLOSE = 1e-6  # exporters may have rounded the constants to float32


class Surroundings(Protocol):
    """What the search for a group asks of the graph around a node."""

    def producer(self, name: str) -> Node | None:
        """The node that gives a value."""

    def source(self, name: str) -> str:
        """The first name of a value, before operators that change nothing."""

    def constant(self, name: str) -> NDArray[Any] | None:
        """A value, if it does not depend on the input."""


class Composed(NamedTuple):
    """An activation, the value that it is of, and the shape that its constants broadcast to."""

    recast: Recast
    of: str
    shape: tuple[int, ...]


def composed(node: Node, graph: Surroundings) -> Composed | None:
    """The activation that ends in this node."""
    for activation, group in GROUPS.get(node.op, ()):
        for found in _match_node(group.expression, node, graph, {}):
            if "a" in found:
                of, shape = found.pop("a"), found.pop(_SHAPE, ())
                return Composed(Recast(activation, {**group.parameters, **found}), of, shape)
    if node.op in RECASTS:
        expression, recast = RECASTS[node.op]
        for found in _match_node(expression, node, graph, {}):
            of, shape = found.pop("a"), found.pop(_SHAPE, ())
            if meant := recast(**found):
                return Composed(meant, of, shape)
    return None


_DIVIDED = ("Div", "a", ("ReduceSum", ("Abs", "a"), 1))


def divided_by_sum(node: Node, graph: Surroundings) -> str | None:
    """The value that a node divides by the sum of its absolute values, as skl2onnx writes it."""
    if node.op != "Div":
        return None
    return next((found["a"] for found in _match_node(_DIVIDED, node, graph, {})), None)


def _match(
    expression: Expression, operand: str | float, graph: Surroundings, found: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    """What "a" and the parameters stand for, in each way in which an expression can match."""
    if isinstance(operand, str):
        operand = graph.source(operand)
    if isinstance(expression, tuple):
        node = graph.producer(operand) if isinstance(operand, str) else None
        if node is not None and node.op == expression[0]:
            yield from _match_node(expression, node, graph, found)
        return
    value = graph.constant(operand) if isinstance(operand, str) else np.float64(operand)
    if expression == "a":
        if value is None and found.get("a", operand) == operand:
            yield {**found, "a": operand}
    elif value is not None and value.size and np.all(value == value.flat[0]):
        number = float(value.flat[0])
        shape = broadcast(found.get(_SHAPE, ()), np.shape(value))
        if shape is None:
            return
        found = {**found, _SHAPE: shape}
        if isinstance(expression, str):
            if found.get(expression, number) == number:
                yield {**found, expression: number}
        elif math.isclose(number, expression, rel_tol=_CLOSE):
            yield found


def _match_node(
    expression: Expression, node: Node, graph: Surroundings, found: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    _, *wanted = expression
    if "axis" in node.attributes and node.attributes.get("broadcast"):  # before opset 7
        return
    if wanted and isinstance(wanted[-1], dict):
        *wanted, attributes = wanted
        if any(
            not math.isclose(node.attributes[key], value, rel_tol=_CLOSE)
            for key, value in attributes.items()
        ):
            return
    operands: list[str | float] = list(node.inputs)
    if node.op == "Clip":
        operands = _limits(node, operands, graph)
    orders = [operands]
    if node.op in _COMMUTATIVE and len(operands) == 2:
        orders.append(operands[::-1])
    for order in orders:
        if len(order) == len(wanted):
            yield from _match_all(wanted, order, graph, found)


def _limits(node: Node, operands: list[str | float], graph: Surroundings) -> list[str | float]:
    """What a Clip clips, and its limits, without an upper limit that nothing exceeds."""
    if "min" in node.attributes:  # before opset 11
        operands = [*operands, node.attributes["min"], node.attributes["max"]]
    if len(operands) == 3:
        largest = operands[2]
        value = graph.constant(largest) if isinstance(largest, str) and largest else largest
        has_none, largest_float = isinstance(value, str), np.finfo(np.float32).max
        if has_none or (value is not None and np.size(value) and np.all(value >= largest_float)):
            operands = operands[:2]
    return operands


def _match_all(
    wanted: list[Expression],
    operands: list[str | float],
    graph: Surroundings,
    found: dict[str, Any],
) -> Iterator[dict[str, Any]]:
    if not wanted:
        yield found
        return
    for first in _match(wanted[0], operands[0], graph, found):
        yield from _match_all(wanted[1:], operands[1:], graph, first)
