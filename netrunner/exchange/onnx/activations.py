"""Which activation an ONNX operator is, and which one several simple operators make together.

PyTorch and others write what an older opset has no operator for as a few simple ones: swish as
x · Sigmoid(x), gelu by Erf.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from netrunner.exchange.onnx.exporter import ERFC
from netrunner.exchange.onnx.graph import Node

Pattern = Any  # (operator, *operands), X, a constant's letter, or a number
Parameters = Callable[[dict[str, Any]], dict[str, Any]]  # from what a pattern's letters stand for

# An operator's activation, and what its attributes are called there.
OPERATORS: dict[str, tuple[str, dict[str, str]]] = {
    "Relu": ("relu", {}),
    "Sigmoid": ("sigmoid", {}),
    "Tanh": ("tanh", {}),
    "LeakyRelu": ("leaky_relu", {"alpha": "alpha"}),
    "Elu": ("elu", {"alpha": "alpha"}),
    "Selu": ("selu", {"alpha": "alpha", "gamma": "gamma"}),
    "Celu": ("celu", {"alpha": "alpha"}),
    "Gelu": ("gelu", {"approximate": "approximate"}),
    "Softplus": ("softplus", {}),
    "Softsign": ("softsign", {}),
    "Mish": ("mish", {}),
    "HardSigmoid": ("hard_sigmoid", {"alpha": "alpha", "beta": "beta"}),
    "HardSwish": ("hard_swish", {}),
    "Swish": ("swish", {"alpha": "beta"}),
    "ThresholdedRelu": ("thresholded_relu", {"alpha": "alpha"}),
    "Softmax": ("softmax", {}),
    "LogSoftmax": ("log_softmax", {}),
}

_DENSE = "needed are dense layers: Gemm, or MatMul and Add"
_QUANTISED = "a quantised network; needed are float weights: export it before quantising"
_REFUSED = {
    "Clip": "it cuts values off; needed is an activation such as Relu",
    **dict.fromkeys(("Conv", "ConvTranspose"), f"a convolution; {_DENSE}"),
    **dict.fromkeys(("MaxPool", "AveragePool", "GlobalAveragePool"), f"a pooling layer; {_DENSE}"),
    **dict.fromkeys(("LSTM", "GRU", "RNN"), f"a recurrent layer; {_DENSE}"),
    **dict.fromkeys(
        ("QuantizeLinear", "DequantizeLinear", "QLinearMatMul", "MatMulInteger"), _QUANTISED
    ),
}


def what_is_needed(op: str) -> str:
    """What to say of an operator that is neither a dense layer nor an activation."""
    return _REFUSED.get(op, f"neither a dense layer nor an activation; {_DENSE}, with activations")


X = "X"  # the value that the activation is applied to
C, D = "C", "D"  # constants

_COMPOSED: dict[str, list[tuple[str, Parameters, Pattern]]] = {}


def _add(activation: str, *patterns: Pattern, parameters: Parameters = lambda found: {}) -> None:
    for pattern in patterns:
        _COMPOSED.setdefault(pattern[0], []).append((activation, parameters, pattern))


def _half_of_x_times_1_plus(rest: Pattern) -> list[Pattern]:
    """x/2 · (1 + rest), multiplied in any order."""
    sum_ = ("Add", rest, 1)
    return [
        ("Mul", ("Mul", X, sum_), 0.5),
        ("Mul", ("Mul", X, 0.5), sum_),
        ("Mul", X, ("Mul", sum_, 0.5)),
    ]


def _add_gelu() -> None:
    for quotient in (("Div", X, 2**0.5), ("Mul", X, 0.5**0.5)):
        _add("gelu", *_half_of_x_times_1_plus(("Erf", quotient)))
    for cube in (("Pow", X, 3), ("Mul", ("Mul", X, X), X)):
        inner = ("Add", X, ("Mul", cube, 0.044715))
        tanh = ("Tanh", ("Mul", inner, math.sqrt(2 / math.pi)))
        sigmoid = ("Sigmoid", ("Mul", inner, 2 * math.sqrt(2 / math.pi)))
        patterns = [*_half_of_x_times_1_plus(tanh), ("Mul", X, sigmoid)]
        _add("gelu", *patterns, parameters=lambda found: {"approximate": "tanh"})


def _add_hard_swish() -> None:
    cut = ("Clip", ("Add", X, 3), 0, 6)
    _add("hard_swish", ("Mul", X, ("HardSigmoid", X, {"alpha": 1 / 6, "beta": 0.5})))
    _add("hard_swish", ("Div", ("Mul", X, cut), 6), ("Mul", ("Mul", X, cut), 1 / 6))
    _add("hard_swish", ("Mul", X, ("Div", cut, 6)), ("Mul", X, ("Mul", cut, 1 / 6)))


def _add_what_netrunner_exports() -> None:
    """Where onnxruntime has no float64 kernel, `export` writes these."""
    positive, negative = ("Relu", X), ("Min", X, 0)

    def exp_minus_1(a: Pattern) -> Pattern:
        """D/2 · (exp(a) - 1)."""
        tanh = ("Tanh", ("Mul", a, 0.5))
        return ("Div", ("Mul", tanh, D), ("Sub", 1, tanh))

    _add(
        "leaky_relu",
        ("Add", positive, ("Mul", negative, C)),
        parameters=lambda found: {"alpha": found[C]},
    )
    _add(
        "elu",
        ("Add", positive, exp_minus_1(negative)),
        parameters=lambda found: {"alpha": found[D] / 2},
    )
    _add(
        "celu",
        ("Add", positive, exp_minus_1(("Div", negative, C))),
        parameters=lambda found: {"alpha": found[C]},
    )
    _add(
        "selu",
        ("Add", ("Mul", positive, C), exp_minus_1(negative)),
        parameters=lambda found: {"gamma": found[C], "alpha": found[D] / 2 / found[C]},
    )
    _add("softplus", ("Add", positive, ("Log", ("Add", ("Exp", ("Neg", ("Abs", X))), 1))))
    _add(
        "hard_sigmoid",
        ("Clip", ("Add", ("Mul", X, C), D), 0, 1),
        parameters=lambda found: {"alpha": found[C], "beta": found[D]},
    )
    _add(
        "thresholded_relu",
        ("Where", ("Greater", X, C), X, 0),
        ("Where", ("Less", C, X), X, 0),
        parameters=lambda found: {"alpha": found[C]},
    )
    w = ("Exp", ("Min", X, 20))
    n = ("Mul", w, ("Add", w, 2))
    _add("mish", ("Mul", X, ("Div", n, ("Add", n, 2))))

    z = ("Div", ("Abs", X), 2**0.5)
    t = ("Div", 1, ("Add", ("Mul", z, 0.5), 1))
    u = ("Sub", ("Mul", t, 2), 1)
    polynomial: Pattern = ERFC[-1]
    for coefficient in reversed(ERFC[:-1]):
        # u first: no node matches it and a polynomial, so the orders to try do not multiply.
        polynomial = ("Add", ("Mul", u, polynomial), coefficient)
    erfc = ("Mul", t, ("Exp", ("Sub", polynomial, ("Mul", z, z))))
    below = ("Mul", erfc, 0.5)
    _add("gelu", ("Mul", X, ("Where", ("Greater", X, 0), ("Sub", 1, below), below)))


_add_gelu()
_add_hard_swish()
_add("swish", ("Mul", X, ("Sigmoid", X)))
_add("swish", ("Mul", X, ("Sigmoid", ("Mul", X, C))), parameters=lambda found: {"beta": found[C]})
_add("mish", ("Mul", X, ("Tanh", ("Softplus", X))))
_add("softplus", ("Log", ("Add", ("Exp", X), 1)))
_add("softsign", ("Div", X, ("Add", ("Abs", X), 1)))
_add("relu", ("Max", X, 0))
_add(
    "celu",
    ("Mul", ("Elu", ("Div", X, C), {"alpha": 1}), C),
    parameters=lambda found: {"alpha": found[C]},
)
_add("leaky_relu", ("PRelu", X, C), parameters=lambda found: {"alpha": found[C]})
_add("step", ("Cast", ("Greater", X, 0)), ("Where", ("Greater", X, 0), 1, 0))
_add_what_netrunner_exports()

_COMMUTATIVE = ("Add", "Mul", "Max", "Min")
_CLOSE = 1e-6  # the constants were rounded to float32 on their way


class Surroundings(Protocol):
    """What the search for a pattern asks of the graph around a node."""

    def producer(self, name: str) -> Node | None:
        """The node that gives a value."""

    def constant(self, name: str) -> NDArray[Any] | None:
        """A value, if it does not depend on the input."""


def composed(node: Node, graph: Surroundings) -> tuple[str, dict[str, Any], str] | None:
    """The activation that ends in this node: its name, parameters, and the value it is of."""
    for activation, parameters, pattern in _COMPOSED.get(node.op, ()):
        for found in _match_node(pattern, node, graph, {}):
            if X in found:
                return activation, parameters(found), found[X]
    return None


def _match(
    pattern: Pattern, operand: str | float, graph: Surroundings, found: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    """What X, C and D stand for, in each way in which the operand matches the pattern."""
    if pattern == X:
        if (
            isinstance(operand, str)
            and found.get(X, operand) == operand
            and graph.constant(operand) is None
        ):
            yield {**found, X: operand}
    elif isinstance(pattern, tuple):
        node = graph.producer(operand) if isinstance(operand, str) else None
        if node is not None and node.op == pattern[0]:
            yield from _match_node(pattern, node, graph, found)
    else:
        value = graph.constant(operand) if isinstance(operand, str) else np.float64(operand)
        if value is not None and value.size and np.all(value == value.flat[0]):
            number = float(value.flat[0])
            if pattern in (C, D):
                if found.get(pattern, number) == number:
                    yield {**found, pattern: number}
            elif math.isclose(number, pattern, rel_tol=_CLOSE):
                yield found


def _match_node(
    pattern: Pattern, node: Node, graph: Surroundings, found: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    wanted = pattern[1:]
    if wanted and isinstance(wanted[-1], dict):
        *wanted, attributes = wanted
        if any(
            not math.isclose(node.attributes[key], value, rel_tol=_CLOSE)
            for key, value in attributes.items()
        ):
            return
    operands: list[str | float] = list(node.inputs)
    if node.op == "Clip" and "min" in node.attributes:  # before opset 11
        operands += [node.attributes["min"], node.attributes["max"]]
    orders = [operands]
    if node.op in _COMMUTATIVE and len(operands) == 2:
        orders.append(operands[::-1])
    for order in orders:
        if len(order) == len(wanted):
            yield from _match_all(wanted, order, graph, found)


def _match_all(
    wanted: Any, operands: list[str | float], graph: Surroundings, found: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    if not wanted:
        yield found
        return
    for first in _match(wanted[0], operands[0], graph, found):
        yield from _match_all(wanted[1:], operands[1:], graph, first)
