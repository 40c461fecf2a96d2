"""The `worked` formula of an activation: puts its numbers in, and works it out."""

from __future__ import annotations

import ast
import math
import operator
import re
import warnings
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import numpy as np

from netrunner.activations.activation import Activation
from netrunner.lesson.notation import factor, spelled
from netrunner.problems.words import printable

_FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{"abs": abs, "max": max, "min": min},
    **{name: getattr(np, name) for name in ("exp", "expm1", "log", "log1p", "sqrt")},
    **{name: getattr(np, name) for name in ("sin", "cos", "tan", "arctan")},
    **{name: getattr(np, name) for name in ("sinh", "cosh", "tanh", "arcsinh")},
    "erf": lambda x: np.float64(math.erf(x)),
    "erfc": lambda x: np.float64(math.erfc(x)),
}
_CONSTANTS = {"pi": np.pi, "e": np.e}
_OPERATORS: dict[type, Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
    ast.Not: np.logical_not,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.And: min,
    ast.Or: max,
}


class NotWorkedOut(Exception):  # noqa: N818 - nothing is wrong
    """A formula has something in it that cannot be worked out here."""


def filled(activation: Activation, parameters: Mapping[str, Any], a: str) -> str:
    """The formula with the digits of `a` put in, and the parameters that are not their defaults."""
    known = {**activation.parameters, **parameters}
    numbers = {key: factor(_digits(value)) for key, value in known.items()}
    text = activation.worked_with(parameters).format(**{**numbers, "a": factor(a)})
    # An expression alone between parentheses or commas needs no parentheses of its own.
    return re.sub(r"(^|\(|, )\((-[^()]*)\)(?=$|\)|,)", r"\1\2", text)


def _digits(parameter: Any) -> str:
    is_number = isinstance(parameter, int | float) and not isinstance(parameter, bool)
    return spelled(Decimal(repr(parameter))) if is_number else printable(str(parameter))


def worked_out(text: str) -> float:
    """The value of a formula with its numbers put in, in float64; NaN if it is not a number.

    Raises NotWorkedOut.
    """
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")  # Python warns about `2if 2 > 0 else 0`
            return float(_value(ast.parse(text.strip().replace("·", "*"), mode="eval").body))
    except (SyntaxError, ValueError, TypeError, OverflowError, RecursionError, MemoryError):
        raise NotWorkedOut(text) from None


def _value(node: ast.AST) -> Any:
    # The branch that is not taken is worked out too: whether that is possible must not depend on
    # the numbers. numpy's arithmetic may give NaN there, and raises nothing.
    match node:
        case ast.Constant(value=int() | float() as number):
            return np.float64(number)
        case ast.Name(id=name) if name in _CONSTANTS:
            return np.float64(_CONSTANTS[name])
        case ast.UnaryOp(op, operand):
            return _operator(op)(_value(operand))
        case ast.BinOp(left, op, right):
            return _operator(op)(_value(left), _value(right))
        case ast.BoolOp(op, operands):
            return _operator(op)(bool(_value(each)) for each in operands)
        case ast.Compare(left, ops, others):
            values = [_value(left), *map(_value, others)]
            pairs = zip(ops, values, values[1:], strict=False)
            return min(bool(_operator(op)(x, y)) for op, x, y in pairs)
        case ast.IfExp(test, yes, no):
            chosen = [_value(no), _value(yes)]
            return chosen[bool(_value(test))]
        case ast.Call(ast.Name(id=name), arguments, keywords=[]) if name in _FUNCTIONS:
            return _FUNCTIONS[name](*map(_value, arguments))
    raise NotWorkedOut(ast.dump(node))


def _operator(op: ast.AST) -> Callable[..., Any]:
    if type(op) not in _OPERATORS:
        raise NotWorkedOut(ast.dump(op))
    return _OPERATORS[type(op)]
