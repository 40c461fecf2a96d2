"""A network: layers whose shapes fit together, the names of inputs and outputs, and examples."""

from __future__ import annotations

import contextlib
import warnings
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from netrunner.activations.activation import Array, read_only
from netrunner.network.engine import PIECE, NotFinite, all_finite, first_not_finite, forward
from netrunner.network.layer import Layer
from netrunner.network.trace import Subject, Trace
from netrunner.problems.problem import Fault, NetrunnerError, NetrunnerWarning
from netrunner.problems.rows import RowName, row_name
from netrunner.problems.source import Place
from netrunner.problems.words import count, quote
from netrunner.process.dataclass import dataclass

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike, NDArray

    from netrunner.lesson.explain import Explanation
    from netrunner.lesson.why import Why
    from netrunner.network.blocks import Arrays, Plan
    from netrunner.problems.codes import Code
    from netrunner.views.page.live_widget import LiveWidget
    from netrunner.views.page.notebook import Widget


@dataclass(frozen=True, eq=False)
class Example:
    """An input, and the output that the network should give for it.

    `tolerance` is absolute; None means the dtype's default, absolute plus relative.
    """

    input: Array
    output: NDArray[Any]
    tolerance: float | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "input", read_only(self.input))
        object.__setattr__(self, "output", read_only(self.output))

    def __reduce__(self) -> tuple[Any, ...]:  # so that unpickled arrays are read-only, too
        return Example, (self.input, self.output, self.tolerance)


@dataclass(frozen=True, eq=False)
class Network:
    """A network of dense layers, ready to run; immutable, its arrays read-only.

    `network(x)` gives the output alone, `network.trace(x)` every A and Z; x has shape (inputs,)
    or (rows, inputs). `input_names` and `output_names` are None where the file gives only a
    number, or nothing.
    """

    name: str
    description: str
    input_size: int
    input_names: tuple[str, ...] | None
    layers: tuple[Layer, ...]
    output_names: tuple[str, ...] | None
    dtype: np.dtype[Any]
    examples: tuple[Example, ...] = ()

    @property
    def output_size(self) -> int:
        return self.layers[-1].size

    def __repr__(self) -> str:
        sizes = "".join(f" → {layer.size} {layer.activation.name}" for layer in self.layers)
        return f"<Network {quote(self.name)}: {self.input_size}{sizes}, {self.dtype}>"

    def _repr_html_(self) -> str:
        """What a notebook shows: the layers as a table, and the diagram of a small network."""
        from netrunner.views.render.html import network_html

        return network_html(self)

    def __call__(self, x: ArrayLike) -> Array:
        """The output Y for x of shape (inputs,) or (rows, inputs).

        Raises NetrunnerError if x is not such an array of finite numbers, or a plugin misbehaves.
        Warns with NetrunnerWarning if a value in the network is not finite.
        """
        Y, not_finite = self.silent_output(x)
        if not_finite is not None:
            warnings.warn(str(not_finite), NetrunnerWarning, stacklevel=2)
        return Y

    def trace(self, x: ArrayLike) -> Trace:
        """Everything that happens between x and the output; errors as for a call."""
        if (found := self._plan.small_arrays(x)) is not None:
            return Trace(self._subject, *found)
        trace = self.silent_trace(x)
        if trace.not_finite is not None:
            warnings.warn(str(trace.not_finite), NetrunnerWarning, stacklevel=2)
        return trace

    def explain(
        self,
        x: ArrayLike,
        *,
        layer: int | str | None = None,
        neuron: int | str | None = None,
        all_terms: bool = False,
        precision: int = 8,
    ) -> Explanation:
        """The arithmetic of every neuron for x, as `Trace.explain`; also errors as for a call."""
        trace = self.trace(x)
        return trace.explain(layer=layer, neuron=neuron, all_terms=all_terms, precision=precision)

    def why(self, x: ArrayLike, neuron: int | str, *, top: int = 5) -> Why:
        """Why an output has its value for x, as by `Trace.why`; also errors as for a call."""
        return self.trace(x).why(neuron, top=top)

    def diagram(self, x: ArrayLike | None = None, ax: Axes | None = None) -> Axes:
        """Draw the network on `ax` or a new figure; if x is given, with the values of its run.

        For a batch, the first row is drawn. Errors as for a call.
        """
        from netrunner.views.pictures.axes import drawn, known_to_pyplot
        from netrunner.views.pictures.diagram import draw

        with known_to_pyplot():
            return drawn(draw(self, None if x is None else self.trace(x)), ax)

    def widget(self, x: ArrayLike | None = None) -> Widget | LiveWidget:
        """The page of a run for a notebook, where every number follows your changes.

        Without x, it shows the first example. Where anywidget is installed, its attribute `x` is
        the input. Errors as for a call; ValueError where there is neither an input nor an example.
        """
        from netrunner.views.page.notebook import widget

        if x is None and not self.examples:
            raise ValueError("the network has no example: give an input")
        return widget(self, self.trace(self.examples[0].input if x is None else x))

    def silent_output(
        self, x: ArrayLike, name: RowName = row_name
    ) -> tuple[Array, NotFinite | None]:
        """As a call, but instead of a warning, it returns where a value is not finite.

        `name` gives the name of a row in that description.
        """
        if (Y := self._plan.small(x)) is not None:
            return Y, None
        X = self._as_array(x)
        if X.ndim == 2 and len(X):
            return self._rows(X, name)
        X = self._checked(X)
        not_finite = None
        with np.errstate(all="ignore"):
            for layer, A, Z in forward(self.layers, X):
                not_finite = not_finite or first_not_finite(layer, A, Z)
        return Z, not_finite

    def silent_trace(self, x: ArrayLike, name: RowName = row_name) -> Trace:
        """As `trace`, without the warning: the trace itself says where a value is not finite.

        `name` gives the name of a row in that description.
        """
        X = self._as_array(x)
        if X.size > PIECE and X.ndim == 2:
            return self._trace_of_many(X, name)
        given, X = X, self._checked(X)
        if X is given and not isinstance(x, (list, tuple)):
            X = X.copy()  # the trace is read-only, and these arrays may be the caller's
        arrays, not_finite = [], None
        with np.errstate(all="ignore"):
            for layer, A, Z in forward(self.layers, X):
                not_finite = not_finite or first_not_finite(layer, A, Z, name)
                arrays.append((A, Z))
        return Trace(self._subject, X, arrays, not_finite)

    def _trace_of_many(self, X: NDArray[Any], name: RowName = row_name) -> Trace:
        arrays = self._plan.arrays_for(len(X))
        not_finite = self._rows(X, name, arrays)[1]
        A_and_Z = list(zip(arrays.A, arrays.Z, strict=True))
        return Trace(self._subject, arrays.X, A_and_Z, not_finite)

    @cached_property
    def _subject(self) -> Subject:
        return Subject(self.name, self.input_names, self.output_names, self.layers)

    @cached_property
    def _plan(self) -> Plan:
        """How to run the layers fast."""
        from netrunner.network.blocks import Plan  # a trace, as learners run it, needs no plan

        return Plan(self.layers)

    def __getstate__(self) -> dict[str, Any]:
        from dataclasses import fields

        # Cached values are made again after a pickle is loaded.
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def as_input(self, x: ArrayLike) -> Array:
        """x as an array of the network's dtype, checked. Raises NetrunnerError."""
        return self._checked(self._as_array(x))

    def _as_array(self, x: ArrayLike) -> NDArray[Any]:
        """x as numbers of the right shape, finite or not."""
        try:
            return as_array(x, self.input_size, self.input_names)
        except Fault as fault:
            raise NetrunnerError(fault.at(Place("input"))) from None

    def _checked(self, array: NDArray[Any]) -> Array:
        """Numbers of the right shape, checked to be finite, in the network's dtype."""
        try:
            return as_floats(array, self.dtype)
        except Fault as fault:
            raise NetrunnerError(fault.at(Place("input"))) from None

    def _rows(
        self, X: NDArray[Any], name: RowName = row_name, arrays: Arrays | None = None
    ) -> tuple[Array, NotFinite | None]:
        try:
            return self._plan.rows(X, lambda block: as_floats(block, self.dtype), name, arrays)
        except Fault:
            return self._checked(X), None  # raises the same, with the row in the whole of X


def as_input(x: ArrayLike, network: Network, name: RowName = row_name) -> Array:
    """x as (inputs,) or (rows, inputs) finite numbers in the network's dtype. Raises Fault.

    `name` gives the name of a row in the message.
    """
    return as_floats(as_array(x, network.input_size, network.input_names), network.dtype, name)


def as_array(x: ArrayLike, size: int, names: tuple[str, ...] | None = None) -> NDArray[Any]:
    """x as (size,) or (rows, size) numbers, finite or not. Raises Fault."""
    if has_masked(x):
        raise Fault("not-real-numbers", "masked values are not numbers")
    try:
        array = np.asarray(x)
    except Exception as error:  # numpy's error, or anything that the object's __array__ raises
        if "inhomogeneous" in str(error):
            raise Fault("input-shape", "the rows are not equally long") from None
        raise Fault("not-real-numbers", f"no array of numbers: {error}") from None
    if array.ndim not in (1, 2) or array.shape[-1] != size:
        alone = array.ndim == 0 and array.dtype.kind not in "fiu"
        kind = type(array.item()).__name__ if alone else None
        raise _wrong_shape(array.shape, size, names, kind)
    if array.dtype.kind not in "fiu":
        array = _numbers(array)
    return array


def has_masked(x: object) -> bool:
    """Whether some values of x are masked; imports numpy.ma only if x may be a masked array."""
    return isinstance(x, np.ndarray) and type(x) is not np.ndarray and np.ma.is_masked(x)


def as_floats(array: NDArray[Any], dtype: np.dtype[Any], name: RowName = row_name) -> Array:
    """Numbers in `dtype`, checked to be finite. Raises Fault."""
    check_finite(array, name)
    return to_dtype(array, dtype, name)


def _wrong_shape(
    given: tuple[int, ...], size: int, names: tuple[str, ...] | None, kind: str | None
) -> Fault:
    """The Fault of a wrong shape; `kind` is the type of a single value that is not a number."""
    takes = count(size, "number")
    if names is not None and len(names) <= 8:
        takes += f" ({', '.join(quote(name) for name in names)})"
    if kind is not None:
        gives = f"a value of type {kind}"
    elif len(given) == 0:
        gives = "a single number"
    elif len(given) <= 2:
        gives = count(given[-1], "number") + " a row" * (len(given) - 1)
    else:
        gives = f"an array of shape {given}"
    return Fault("input-shape", f"{gives}, but the network takes {takes}")


def _numbers(array: NDArray[Any]) -> NDArray[Any]:
    """The numbers in an array whose dtype is not numeric. Raises Fault."""
    if array.size == 0:
        return np.empty(array.shape)
    if all(type(value) is int for value in array.flat):  # too large for any integer dtype
        with contextlib.suppress(OverflowError):
            return array.astype(np.float64)
    raise Fault("not-real-numbers", f"values of type {array.dtype}, not numbers")


def check_finite(array: NDArray[Any], name: RowName = row_name) -> None:
    """Raises Fault for the first value that is NaN or infinite."""
    if not all_finite(array):
        where = np.argwhere(~np.isfinite(array))[0]
        message = f"{_position(where, name)} is {array[tuple(where)]}, not a finite number"
        raise Fault("not-finite", message, index=tuple(where.tolist()))


def to_dtype(array: NDArray[Any], dtype: np.dtype[Any], name: RowName = row_name) -> Array:
    """Finite numbers in the network's dtype. Raises Fault if one overflows or vanishes."""
    if array.dtype == dtype:
        return array
    with np.errstate(all="ignore"):
        converted = array.astype(dtype)
    faults: tuple[tuple[Any, Code, str], ...] = (
        (~np.isfinite(converted), "not-finite", "overflows"),
        ((converted == 0) & (array != 0), "vanishing-number", "vanishes"),
    )
    for bad, code, what in faults:
        if bad.any():
            where = np.argwhere(bad)[0]
            message = f"{_position(where, name)}, {array[tuple(where)]}, {what} in {dtype}"
            raise Fault(code, message, index=tuple(where.tolist()))
    return converted


def _position(where: NDArray[np.intp], name: RowName) -> str:
    if len(where) == 0:
        return "the value"
    if len(where) == 1:
        return f"value {where[0] + 1}"
    return f"{name(int(where[0]))}, column {where[1] + 1}"
