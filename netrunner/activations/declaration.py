"""Checks what an activation declares about itself."""

from __future__ import annotations

import inspect
import math
from collections.abc import Mapping
from numbers import Real
from string import Formatter
from typing import TYPE_CHECKING, Any

from netrunner.problems.words import printable, quote

if TYPE_CHECKING:
    from netrunner.activations.activation import Activation

# The only formulas of a whole row that explain can work out.
SOFTMAX_WORKED = "exp({a})/Σ exp({a})"
LOG_SOFTMAX_WORKED = "{a} - log(Σ exp({a}))"
_FLAGS = ("elementwise", "shares", "finite", "in_place", "thread_safe")


def check(activation: Activation) -> None:
    """Raises ValueError or TypeError if a declaration makes no sense."""
    for name in _FLAGS:
        if type(value := getattr(activation, name)) is not bool:
            raise TypeError(f"{name} must be True or False, not {_shown(value)}")
    if not isinstance(activation.formula, str):
        raise TypeError(f"formula must be text, not {_shown(activation.formula)}")
    _check_worked(activation)
    if activation.range is not None:
        _check_range(activation.range)
    if activation.monotonic is not None:
        _check_monotonic(activation.monotonic, activation.elementwise)
    if activation.shares and activation.elementwise:
        raise ValueError("shares belong to a whole row, so elementwise must be False")
    if activation.in_place and not _takes_out(activation.function):
        raise ValueError("in_place is for a function that takes out=, as numpy's own do")


def _shown(value: Any) -> str:
    return printable(repr(value)[:80])


def _check_worked(activation: Activation) -> None:
    worked = activation.worked
    templates = list(worked.values()) if isinstance(worked, Mapping) else [worked]
    for template in templates:
        if not isinstance(template, str):
            raise TypeError(f"worked must be text, not {_shown(template)}")
        if template:
            _check_template(activation, template)


def _check_template(activation: Activation, template: str) -> None:
    """Allow only plain names: {a.__class__} would give more than a number."""
    if not activation.elementwise:
        if template not in (SOFTMAX_WORKED, LOG_SOFTMAX_WORKED):
            message = "worked is for a function of one neuron, so elementwise must be True"
            allowed = f"{quote(SOFTMAX_WORKED)} or {quote(LOG_SOFTMAX_WORKED)}"
            raise ValueError(f"{message}; of a whole row, it can only be {allowed}")
        return
    shown = f"worked {quote(template)}"
    try:
        fields = [part for part in Formatter().parse(template) if part[1] is not None]
    except ValueError as error:
        raise ValueError(f"{shown} is not a template: {error}") from None
    known = ["a", *activation.parameters]
    for _, name, spec, conversion in fields:
        if name not in known or spec or conversion:
            given = f"{name}{f'!{conversion}' if conversion else ''}{f':{spec}' if spec else ''}"
            may = ", ".join(f"{{{each}}}" for each in known)
            raise ValueError(f"{shown} has {{{printable(given)}}} in it, where it may have {may}")


def _check_range(given: Any) -> None:
    shown = f"range must be (lowest, highest), not {_shown(given)}"
    if not isinstance(given, tuple) or len(given) != 2:
        raise TypeError(shown)
    for end in given:
        if end is not None and (isinstance(end, bool) or not isinstance(end, Real)):
            raise TypeError(f"{shown}: an end is a number, or None where there is no bound")
        try:
            float(end or 0)
        except OverflowError:
            raise ValueError(f"{shown}: an end is larger than the largest float") from None
    low, high = (
        -math.inf if given[0] is None else given[0],
        math.inf if given[1] is None else given[1],
    )
    if not low <= high:
        raise ValueError(f"{shown}: the smaller number comes first")


def _check_monotonic(given: Any, elementwise: bool) -> None:
    if given not in ("increasing", "decreasing"):
        raise ValueError(f"monotonic must be 'increasing' or 'decreasing', not {_shown(given)}")
    if not elementwise:
        raise ValueError("monotonic is for a function of one neuron, so elementwise must be True")


def _takes_out(function: Any) -> bool:
    if hasattr(function, "nin"):  # a numpy ufunc
        return True
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # a function written in C may have no signature
        return True
    return any(each.name == "out" or each.kind == each.VAR_KEYWORD for each in parameters)
