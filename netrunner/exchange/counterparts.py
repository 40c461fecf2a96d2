# mypy: allow-untyped-defs
"""What each activation is called in other tools, and how to write it where it has no name.

Each function is the activation in plain numpy, and needs nothing else: `export` copies its text,
with its docstring as the formula, into scripts that import `math` and `numpy as np`. The decorator
above it names its counterparts. Before one is used, its numbers are compared with those of the
activation that it replaces (`verify`).

A `Group` is an expression in ONNX's operators: ("Mul", "a", ("Sigmoid", "a")). An operand
that is text is the input "a" or a parameter; a number is a constant; a dictionary at the end holds
attributes. If a runtime lacks the operator itself, `export` writes the first group that fits; the
others are what other exporters write.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Expression = Any  # (operator, *operands), "a", the name of a parameter, or a number


@dataclass(frozen=True)
class Operator:
    """An operator of ONNX; `attributes` are its names for our parameters.

    `opset` is the first that has it. `float64` says that onnxruntime computes it in float64, too.
    """

    name: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    float64: bool = False
    opset: int = 1


@dataclass(frozen=True)
class Group:
    """Several operators of ONNX that make the activation with some of its `parameters` fixed."""

    expression: Expression
    parameters: Mapping[str, Any] = field(default_factory=dict)
    float64: bool = True  # accurate enough, in operators that onnxruntime has for float64


@dataclass(frozen=True)
class Module:
    """A module of PyTorch; `parameters` has the module's attribute, or a number, for each of ours.

    `needs` has the values that other attributes must have.
    """

    name: str
    parameters: Mapping[str, str | float] = field(default_factory=dict)
    needs: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Counterpart:
    """An activation elsewhere: in plain numpy, in ONNX, PyTorch, scikit-learn and Keras.

    `keras` lists its functions in Keras, each with our parameters for it.
    """

    function: Callable[..., Any]
    onnx: Operator | None
    groups: tuple[Group, ...]
    torch: Module | None
    sklearn: str | None
    keras: Mapping[str, Mapping[str, float]]

    @property
    def name(self) -> str:
        return self.function.__name__

    @property
    def defaults(self) -> dict[str, Any]:
        """The parameters, with their defaults."""
        _, *parameters = inspect.signature(self.function).parameters.values()
        return {each.name: each.default for each in parameters}

    @property
    def source(self) -> str:
        """The function's text, without the lines above it."""
        text = inspect.getsource(self.function)
        return text[text.index("def ") :].strip()


COUNTERPARTS: dict[str, Counterpart] = {}


def counterpart(
    *groups: Group,
    onnx: Operator | None = None,
    torch: Module | None = None,
    sklearn: str | None = None,
    keras: str | Mapping[str, Mapping[str, float]] = "",
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorates an activation with its counterparts."""

    def add(function: Callable[..., Any]) -> Callable[..., Any]:
        functions = {name: {} for name in keras.split()} if isinstance(keras, str) else keras
        COUNTERPARTS[function.__name__] = Counterpart(
            function, onnx, groups, torch, sklearn, functions
        )
        return function

    return add


@counterpart(
    Group(("Where", ("Greater", "a", 0), 1, 0)),
    Group(("Cast", ("Greater", "a", 0))),
)
def step(a):
    """1 where a > 0, otherwise 0."""
    return np.heaviside(a, 0)


@counterpart(
    onnx=Operator("Sigmoid", float64=True),
    torch=Module("Sigmoid"),
    sklearn="logistic",
    keras="sigmoid",
)
def sigmoid(a):
    """1 / (1 + exp(-a)), multiplied through by exp(a) where a < 0: exp cannot overflow."""
    e = np.exp(-np.abs(a))
    return np.where(a >= 0, 1, e) / (1 + e)


@counterpart(
    Group(("Max", "a", 0)),
    Group(("Clip", "a", 0)),
    onnx=Operator("Relu", float64=True),
    torch=Module("ReLU"),
    sklearn="relu",
    keras="relu",
)
def relu(a):
    """max(a, 0)"""
    return np.maximum(a, 0)


@counterpart(onnx=Operator("Identity", float64=True), sklearn="identity", keras="linear")
def identity(a):
    """a, as it is."""
    return a


OVER_NEURONS = {"dim": (None, 1, -1)}


@counterpart(
    onnx=Operator("Softmax", float64=True),
    torch=Module("Softmax", needs=OVER_NEURONS),
    sklearn="softmax",
    keras="softmax",
)
def softmax(a):
    """exp(a_k) / Σ exp(a_i): subtracting the largest a changes nothing, and exp cannot overflow."""
    e = np.exp(a - a.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


@counterpart(
    onnx=Operator("LogSoftmax", float64=True),
    torch=Module("LogSoftmax", needs=OVER_NEURONS),
    keras="log_softmax",
)
def log_softmax(a):
    """a_k - log(Σ exp(a_i)), with the largest a subtracted first."""
    shifted = a - a.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


@counterpart(
    onnx=Operator("Tanh", float64=True), torch=Module("Tanh"), sklearn="tanh", keras="tanh"
)
def tanh(a):
    """(exp(a) - exp(-a)) / (exp(a) + exp(-a))"""
    return np.tanh(a)


POSITIVE, NEGATIVE = ("Relu", "a"), ("Min", "a", 0)


@counterpart(
    Group(("Add", POSITIVE, ("Mul", NEGATIVE, "alpha"))),
    Group(("PRelu", "a", "alpha")),
    Group(("Where", ("Greater", "a", 0), "a", ("Mul", "a", "alpha"))),
    onnx=Operator("LeakyRelu", {"alpha": "alpha"}),
    torch=Module("LeakyReLU", {"alpha": "negative_slope"}),
    keras={"leaky_relu": {"alpha": 0.2}},
)
def leaky_relu(a, alpha=0.01):
    """a where a ≥ 0, alpha·a where a < 0."""
    return np.maximum(a, 0) + alpha * np.minimum(a, 0)


def _expm1(a: Expression) -> Expression:
    """exp(a) - 1 for a ≤ 0: as 2t / (1 - t), t = tanh(a/2), it keeps all digits."""
    t = ("Tanh", ("Mul", a, 0.5))
    return ("Div", ("Mul", t, 2), ("Sub", 1, t))


@counterpart(
    Group(("Add", POSITIVE, ("Mul", _expm1(NEGATIVE), "alpha"))),
    onnx=Operator("Elu", {"alpha": "alpha"}),
    torch=Module("ELU", {"alpha": "alpha"}),
    keras="elu",
)
def elu(a, alpha=1.0):
    """a where a ≥ 0, alpha·(exp(a) - 1) where a < 0."""
    return np.maximum(a, 0) + alpha * np.expm1(np.minimum(a, 0))


# PyTorch and Keras have these constants in full, ONNX has them rounded to float32.
SELU = {"alpha": 1.6732632423543772, "gamma": 1.0507009873554805}


@counterpart(
    Group(("Mul", ("Add", POSITIVE, ("Mul", _expm1(NEGATIVE), "alpha")), "gamma")),
    onnx=Operator("Selu", {"alpha": "alpha", "gamma": "gamma"}),
    torch=Module("SELU", SELU),
    keras={"selu": SELU},
)
def selu(a, alpha=1.67326319217681884765625, gamma=1.05070102214813232421875):
    """gamma·a where a > 0, gamma·alpha·(exp(a) - 1) where a ≤ 0."""
    return gamma * np.maximum(a, 0) + gamma * alpha * np.expm1(np.minimum(a, 0))


@counterpart(
    Group(("Add", POSITIVE, ("Mul", _expm1(("Div", NEGATIVE, "alpha")), "alpha"))),
    Group(("Mul", ("Elu", ("Div", "a", "alpha"), {"alpha": 1}), "alpha")),
    onnx=Operator("Celu", {"alpha": "alpha"}),
    torch=Module("CELU", {"alpha": "alpha"}),
    keras="celu",
)
def celu(a, alpha=1.0):
    """max(a, 0) + min(0, alpha·(exp(a/alpha) - 1))"""
    return np.maximum(a, 0) + alpha * np.expm1(np.minimum(a, 0) / alpha)


# log(erfc(z) / t) + z² as a polynomial in 2t - 1, where t = 1 / (1 + z/2) and z ≥ 0: interpolated
# at 24 Chebyshev nodes in 60-digit arithmetic. The resulting erfc is within 1e-14.
ERFC = [
    -0.6717940840566905, 0.6726432239776567, 0.04734330684139575, -0.04689561023118345,
    -0.009872689342023714, 0.008824938557318043, 0.0017589330988850738, -0.0023458125029206384,
    -0.0001462423779783492, 0.0006736787892286757, -9.376103922042785e-05, -0.0001743026777415729,
    7.149729347132242e-05, 3.174303989125886e-05, -3.0424804196234133e-05, 1.4671892565573574e-07,
    8.957141043157235e-06, -2.9712581178582877e-06, -1.7161931348241182e-06, 1.2889414656295187e-06,
    1.611507277019833e-07, -2.918140093107583e-07, 5.453996235874533e-10, 3.020180971825513e-08,
]  # fmt: skip


def _normal_cdf() -> Expression:
    """Φ(a) = erfc(-a/√2) / 2 in float64, for which onnxruntime has no Erf."""
    z = ("Div", ("Abs", "a"), math.sqrt(2))
    t = ("Div", 1, ("Add", ("Mul", z, 0.5), 1))
    u = ("Sub", ("Mul", t, 2), 1)
    polynomial: Expression = ERFC[-1]
    for coefficient in reversed(ERFC[:-1]):
        # u comes first: no node matches both u and a polynomial, so there are few orders to try.
        polynomial = ("Add", ("Mul", u, polynomial), coefficient)
    erfc = ("Mul", t, ("Exp", ("Sub", polynomial, ("Mul", z, z))))
    below = ("Mul", erfc, 0.5)  # Φ(-|a|)
    return ("Where", ("Greater", "a", 0), ("Sub", 1, below), below)


def _half_of_a_times_1_plus(rest: Expression) -> list[Expression]:
    """a/2 · (1 + rest), multiplied in any order."""
    total = ("Add", rest, 1)
    return [
        ("Mul", ("Mul", "a", total), 0.5),
        ("Mul", ("Mul", "a", 0.5), total),
        ("Mul", "a", ("Mul", total, 0.5)),
    ]


def _gelu_by_erf() -> list[Group]:
    quotients = (("Div", "a", math.sqrt(2)), ("Mul", "a", math.sqrt(0.5)))
    exact = [
        Group(each, {"approximate": "none"}, float64=False)
        for quotient in quotients
        for each in _half_of_a_times_1_plus(("Erf", quotient))
    ]
    return [*exact, Group(("Mul", "a", _normal_cdf()), {"approximate": "none"})]


def _gelu_by_tanh() -> list[Group]:
    """(1 + tanh(u)) / 2 is the sigmoid of 2u."""
    expressions: list[Expression] = []
    for cube in (("Mul", ("Mul", "a", "a"), "a"), ("Pow", "a", 3)):
        inner = ("Add", "a", ("Mul", cube, 0.044715))
        expressions.append(("Mul", "a", ("Sigmoid", ("Mul", inner, 2 * math.sqrt(2 / math.pi)))))
        tanh = ("Tanh", ("Mul", inner, math.sqrt(2 / math.pi)))
        expressions += _half_of_a_times_1_plus(tanh)
    return [Group(each, {"approximate": "tanh"}) for each in expressions]


@counterpart(
    *_gelu_by_erf(),
    *_gelu_by_tanh(),
    onnx=Operator("Gelu", {"approximate": "approximate"}, opset=20),
    torch=Module("GELU", {"approximate": "approximate"}),
    keras="gelu",
)
def gelu(a, approximate="none"):
    """a·Φ(a), where Φ is the normal distribution function; or the approximation with tanh."""
    a64 = a.astype(np.float64)
    if approximate == "tanh":
        # The sigmoid of 2u is (1 + tanh(u)) / 2.
        u = math.sqrt(2 / math.pi) * (a64 + 0.044715 * a64**3)
        e = np.exp(-2 * np.abs(u))
        phi = np.where(u >= 0, 1, e) / (1 + e)
    else:
        phi = np.vectorize(math.erfc, otypes=[np.float64])(-a64 / math.sqrt(2)) / 2
    return (a64 * phi).astype(a.dtype)


@counterpart(
    Group(("Mul", "a", ("Sigmoid", "a")), {"beta": 1.0}),
    Group(("Mul", "a", ("Sigmoid", ("Mul", "a", "beta")))),
    onnx=Operator("Swish", {"beta": "alpha"}, opset=24),
    torch=Module("SiLU"),
    keras="silu swish",
)
def swish(a, beta=1.0):
    """a·sigmoid(beta·a)"""
    e = np.exp(-np.abs(beta * a))
    return a * (np.where(beta * a >= 0, 1, e) / (1 + e))


def _tanh_of_softplus() -> Expression:
    """tanh(log(1 + w)) = n / (n + 2), n = w·(w + 2), w = exp(a): it is 1 from a = 20 on."""
    w = ("Exp", ("Min", "a", 20))
    n = ("Mul", w, ("Add", w, 2))
    return ("Div", n, ("Add", n, 2))


@counterpart(
    Group(("Mul", "a", _tanh_of_softplus())),
    Group(("Mul", "a", ("Tanh", ("Softplus", "a")))),
    onnx=Operator("Mish", opset=18),
    torch=Module("Mish"),
    keras="mish",
)
def mish(a):
    """a·tanh(log(1 + exp(a)))"""
    return a * np.tanh(np.maximum(a, 0) + np.log1p(np.exp(-np.abs(a))))


@counterpart(
    Group(("Add", POSITIVE, ("Log", ("Add", ("Exp", ("Neg", ("Abs", "a"))), 1)))),
    Group(("Log", ("Add", ("Exp", "a"), 1))),
    Group(("Where", ("Greater", "a", 20), "a", ("Softplus", "a"))),  # off by 2e-9 at most
    onnx=Operator("Softplus"),
    keras="softplus",
)
def softplus(a):
    """log(1 + exp(a)), in a form in which exp cannot overflow."""
    return np.maximum(a, 0) + np.log1p(np.exp(-np.abs(a)))


@counterpart(
    Group(("Div", "a", ("Add", ("Abs", "a"), 1))),
    onnx=Operator("Softsign"),
    torch=Module("Softsign"),
    keras="softsign",
)
def softsign(a):
    """a / (1 + |a|)"""
    return a / (1 + np.abs(a))


CUT = ("Clip", ("Add", "a", 3), 0, 6)


@counterpart(
    Group(("Clip", ("Add", ("Mul", "a", "alpha"), "beta"), 0, 1)),
    Group(("Div", CUT, 6), {"alpha": 1 / 6, "beta": 0.5}),
    Group(("Mul", CUT, 1 / 6), {"alpha": 1 / 6, "beta": 0.5}),
    onnx=Operator("HardSigmoid", {"alpha": "alpha", "beta": "beta"}),
    torch=Module("Hardsigmoid", {"alpha": 1 / 6, "beta": 0.5}),
    keras={
        "hard_sigmoid": {"alpha": 1 / 6, "beta": 0.5},
        "sparse_sigmoid": {"alpha": 0.5, "beta": 0.5},
    },
)
def hard_sigmoid(a, alpha=0.2, beta=0.5):
    """max(0, min(1, alpha·a + beta))"""
    return np.clip(alpha * a + beta, 0, 1)


@counterpart(
    Group(("Mul", "a", ("Div", CUT, 6))),
    Group(("Mul", "a", ("Mul", CUT, 1 / 6))),
    Group(("Div", ("Mul", "a", CUT), 6)),
    Group(("Mul", ("Mul", "a", CUT), 1 / 6)),
    Group(("Mul", "a", ("HardSigmoid", "a", {"alpha": 1 / 6, "beta": 0.5}))),
    onnx=Operator("HardSwish", opset=14),
    torch=Module("Hardswish"),
    keras="hard_silu hard_swish",
)
def hard_swish(a):
    """a·max(0, min(1, a/6 + 1/2))"""
    return a * (np.clip(a + 3, 0, 6) / 6)


@counterpart(
    Group(("Where", ("Greater", "a", "alpha"), "a", 0)),
    Group(("Where", ("Less", "alpha", "a"), "a", 0)),
    Group(("Where", ("LessOrEqual", "a", "alpha"), 0, "a")),
    onnx=Operator("ThresholdedRelu", {"alpha": "alpha"}),
    torch=Module("Threshold", {"alpha": "threshold"}, needs={"value": (0,)}),
)
def thresholded_relu(a, alpha=1.0):
    """a where a > alpha, otherwise 0."""
    return np.where(a <= alpha, 0, a)
