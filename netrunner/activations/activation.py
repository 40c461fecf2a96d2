"""Activation: the function h that a layer applies, and what is declared of it."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from numbers import Real
from string import Formatter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias

from netrunner.activations.guard import call_plugin
from netrunner.problems.words import printable, quote

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Array: TypeAlias = "NDArray[np.floating[Any]]"
Function = Callable[..., Any]


def read_only(array: Array) -> Array:
    """The array itself, which can no longer be written to."""
    array.setflags(write=False)
    return array


@dataclass(frozen=True)
class Activation:
    """An activation function h, as a plugin gives it to netrunner.

    `function(a, **parameters)` takes an array of shape (neurons,) or (rows, neurons) that it must
    not change, and returns one of the same shape. Its keyword parameters with defaults are the
    parameters that a network file may set. `elementwise=False` says that an output depends on
    its whole row, as in softmax. `formula` is the function in a line of text, for people.

    `worked` is the formula with places for the numbers, as `netrunner explain` puts them in:
    "1/(1 + exp(-{a}))", with {a} and the parameters by name, · for multiplication, and the rest
    as Python writes it.

    `range=(lowest, highest)` and `monotonic="increasing"` or `"decreasing"` declare, for the
    defaults of the parameters, where all results lie (an end without a bound is None), and, of an
    element-wise function, that it never turns back. A run does not use them; the check kit
    (`netrunner.testing`) holds the function to them.

    Raises ValueError or TypeError where one of these makes no sense.
    """

    name: str
    function: Function
    elementwise: bool = field(default=True, kw_only=True)
    formula: str = field(default="", kw_only=True)
    worked: str = field(default="", kw_only=True)
    range: tuple[float | None, float | None] | None = field(default=None, kw_only=True)
    monotonic: str | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        _check_kinds(self)
        if self.worked:
            _check_worked(self.worked, ["a", *parameters_of(self.function)], self.elementwise)
        if self.range is not None:
            _check_range(self.range)
        if self.monotonic is not None:
            _check_monotonic(self.monotonic, self.elementwise)


def _check_kinds(activation: Activation) -> None:
    for name, kind, words in (("elementwise", bool, "True or False"), ("formula", str, "text")):
        if type(value := getattr(activation, name)) is not kind:
            raise TypeError(f"{name} must be {words}, not {printable(repr(value)[:80])}")


def _check_range(given: Any) -> None:
    shown = f"range must be (lowest, highest), not {printable(repr(given)[:80])}"
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
        raise ValueError(f"{shown}: the first number is the smaller one")


def _check_monotonic(given: Any, elementwise: bool) -> None:
    if given not in ("increasing", "decreasing"):
        may = "'increasing' or 'decreasing'"
        raise ValueError(f"monotonic must be {may}, not {printable(repr(given)[:80])}")
    if not elementwise:
        raise ValueError("monotonic is for a function of one neuron, so elementwise must be True")


def _check_worked(template: str, known: list[str], elementwise: bool) -> None:
    """Refuse all but plain names: {a.__class__} would hand out more than a number."""
    if not isinstance(template, str):
        raise TypeError(f"worked must be text, not {type(template).__name__}")
    if not elementwise:
        raise ValueError("worked is for a function of one neuron, so elementwise must be True")
    shown = f"worked {quote(template)}"
    try:
        fields = [part for part in Formatter().parse(template) if part[1] is not None]
    except ValueError as error:
        raise ValueError(f"{shown} is no template: {error}") from None
    for _, name, spec, conversion in fields:
        if name not in known or spec or conversion:
            given = f"{name}{f'!{conversion}' if conversion else ''}{f':{spec}' if spec else ''}"
            may = ", ".join(f"{{{each}}}" for each in known)
            raise ValueError(f"{shown} has {{{printable(given)}}} in it, where it may have {may}")


def parameters_of(function: Any) -> Mapping[str, Any]:
    """The parameters of an activation function after its first, with their defaults.

    Raises TypeError where it cannot be called with an array alone.
    """
    kinds = inspect.Parameter
    if hasattr(function, "nin"):  # one of numpy's ufuncs, whose signature says too much
        if function.nin != 1 or function.nout != 1:
            raise TypeError("it must take one array and return one")
        return MappingProxyType({})
    try:
        signature = inspect.signature(function)
    except ValueError:  # a function written in C may not tell
        return MappingProxyType({})
    parameters = list(signature.parameters.values())
    if not parameters or parameters[0].kind in (kinds.KEYWORD_ONLY, kinds.VAR_KEYWORD):
        raise TypeError("its function must take an array as its first argument")
    named = [
        each
        for each in parameters[1:]
        if each.kind not in (kinds.VAR_POSITIONAL, kinds.VAR_KEYWORD)
    ]
    for each in named:
        if each.default is kinds.empty:
            raise TypeError(f"parameter {quote(each.name)} has no default")
    settable = [each for each in named if each.kind is not kinds.POSITIONAL_ONLY]
    return MappingProxyType({each.name: _plain(each.default) for each in settable})


def _plain(default: Any) -> Any:
    """A default, which may be a number of numpy's, as a number of Python's."""
    return default.item() if hasattr(default, "dtype") and default.shape == () else default


@dataclass(frozen=True)
class Origin:
    """Where an activation comes from.

    `kind` is 'built-in', 'installed' or 'file'; `plugin` is the plugin's name; `file` and `line`
    are where its function stands. `path` is the plugin's own file, in full. `moves` says that
    loading it changes the working directory.
    """

    kind: str
    plugin: str
    file: str
    line: int | None
    path: str
    moves: bool = False

    def __str__(self) -> str:
        return self.file if self.line is None else f"{self.file}:{self.line}"


def guarded(
    activation: Activation, origin: Origin, parameters: Mapping[str, Any], where: str = ""
) -> Function:
    """An activation function with its parameters put in; a plugin's is called with care.

    What a plugin does wrong is a problem whose message begins with `where`.
    """
    function = activation.function
    if parameters:
        function = partial(function, **parameters)
    if origin.kind == "built-in":
        return function
    return partial(call_plugin, function, culprit(activation, origin, where), origin)


def culprit(activation: Activation, origin: Origin, where: str) -> str:
    return f"{where}activation {quote(activation.name)} of plugin {quote(origin.plugin)}"
