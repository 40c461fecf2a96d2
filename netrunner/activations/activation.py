"""Activation: the function h that a layer applies, and what is declared about it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import cached_property
from threading import RLock
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias

from netrunner.activations import declaration
from netrunner.problems.words import quote
from netrunner.process.dataclass import dataclass

if TYPE_CHECKING:
    from dataclasses import KW_ONLY

    import numpy as np
    from numpy.typing import NDArray

Array: TypeAlias = "NDArray[np.floating[Any]]"
Function = Callable[..., Any]


def read_only(array: Array) -> Array:
    """The array, made read-only, as a view, which numpy does not let anybody make writable.

    A view of memory that is writable is copied.
    """
    owner: Any = array.base
    if hasattr(owner, "flags") and owner.flags.writeable:
        array = array.copy()
    array.setflags(write=False)
    return array.view()


@dataclass(frozen=True)
class Activation:
    """An activation function h, as a plugin gives it to netrunner.

    `function(a, **parameters)` takes an array of shape (neurons,) or (rows, neurons) that it must
    not change, and returns one of the same shape. Its keyword parameters with defaults are the
    parameters that a network file may set. `elementwise=False` says that an output depends on
    its whole row, as in softmax.

    For people: `formula` is the function in a line of text. `worked` is the formula into which
    `netrunner explain` puts the numbers: "1/(1 + exp(-{a}))", with {a} and the parameters by name,
    · for multiplication, and otherwise Python's notation. Where a parameter that is text chooses
    the formula, it is a dict with one for each text. For a function of a whole row, it can only be
    softmax's, "exp({a})/Σ exp({a})", or its logarithm, "{a} - log(Σ exp({a}))".

    For the engine, which relies on these, and checks the results where they are not declared:

    - `range=(lowest, highest)`: all results are in it, with the default parameters; None means no
      bound. `monotonic="increasing"` or `"decreasing"`: an element-wise function that never turns
      back, with the default parameters.
    - `shares=True`: the results of a row are shares of a whole: none below 0, and the sum is 1.
      They are shown as percentages.
    - `finite=True`: whatever the parameters, finite numbers never give NaN or infinity.
    - `in_place=True`: the function also takes `out=`, as numpy's own do: an array to write the
      results to, and to return. It may be `a` itself.
    - `thread_safe=True`: several threads may call the function at once.

    The check kit (`netrunner.testing`) tests these declarations. Raises ValueError or TypeError if
    one makes no sense.
    """

    name: str
    function: Function
    _: KW_ONLY
    elementwise: bool = True
    formula: str = ""
    worked: str | Mapping[str, str] = ""
    range: tuple[float | None, float | None] | None = None
    monotonic: str | None = None
    shares: bool = False
    finite: bool = False
    in_place: bool = False
    thread_safe: bool = False

    def __post_init__(self) -> None:
        declaration.check(self)

    def __hash__(self) -> int:  # `worked` may have no hash
        return hash((self.name, self.function))

    @property
    def parameters(self) -> Mapping[str, Any]:
        """The parameters that a network file may set, with their defaults.

        Raises TypeError if the function cannot be called with only an array.
        """
        found = parameters_of(self.function)
        if self.in_place:
            found = MappingProxyType({key: found[key] for key in found if key != "out"})
        return found

    @property
    def largest(self) -> float | None:
        """The largest absolute value of a result with the default parameters, if declared."""
        if self.shares:
            return 1.0
        low, high = self.range or (None, None)
        return None if low is None or high is None else max(abs(float(low)), abs(float(high)))

    @cached_property
    def lock(self) -> RLock:
        """The lock to hold while calling the function, unless it is thread-safe."""
        return RLock()

    @cached_property
    def tried(self) -> set[object]:
        """The widths and parameters for which the function has had its trial."""
        return set()

    def __getstate__(self) -> dict[str, Any]:  # what is declared, for pickle
        from dataclasses import fields

        return {each.name: getattr(self, each.name) for each in fields(self)}

    def worked_with(self, parameters: Mapping[str, Any]) -> str:
        """The formula of `worked` where a network sets these parameters; empty if there is none."""
        if isinstance(self.worked, str):
            return self.worked
        texts = (each for each in {**self.parameters, **parameters}.values() if type(each) is str)
        return next((self.worked[each] for each in texts if each in self.worked), "")

    @property
    def is_softmax(self) -> bool:
        """Whether `worked` is softmax's formula, or that of its logarithm."""
        return self.worked == declaration.SOFTMAX_WORKED or self.is_log_softmax

    @property
    def is_log_softmax(self) -> bool:
        """Whether `worked` is the formula of softmax's logarithm."""
        return self.worked == declaration.LOG_SOFTMAX_WORKED


def parameters_of(function: Any) -> Mapping[str, Any]:
    """The parameters of an activation function after its first, with their defaults.

    Raises TypeError if it cannot be called with only an array.
    """
    kinds = inspect.Parameter
    if hasattr(function, "nin"):  # a numpy ufunc, whose signature has more than parameters of h
        if function.nin != 1 or function.nout != 1:
            raise TypeError("it must take one array and return one")
        return MappingProxyType({})
    try:
        signature = inspect.signature(function)
    except ValueError:  # a function written in C may have no signature
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
    """A default, as a Python number if it is a numpy number."""
    return default.item() if hasattr(default, "dtype") and default.shape == () else default


@dataclass(frozen=True)
class Origin:
    """Where an activation comes from.

    `kind` is 'built-in', 'installed' or 'file'; `plugin` is the plugin's name; `file` and `line`
    are where its function is defined. `path` is the full path of the plugin's own file.
    """

    kind: str
    plugin: str
    file: str
    line: int | None
    path: str

    def __str__(self) -> str:
        return self.file if self.line is None else f"{self.file}:{self.line}"
