"""Networks from Python: from arrays, and from models trained in scikit-learn or PyTorch."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from netrunner.activations.activation import Array, read_only
from netrunner.activations.plugins import load_registry
from netrunner.activations.registry import Registered, Registry
from netrunner.network.layer import Layer
from netrunner.network.network import Network, check_finite, has_masked, to_dtype
from netrunner.problems.problem import Fault, NetrunnerError, Problem
from netrunner.problems.source import Place
from netrunner.problems.words import count, no_name, quote

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, DTypeLike

ActivationLike: TypeAlias = str | tuple[str, Mapping[str, Any]] | Mapping[str, Any]
LayerLike: TypeAlias = (
    "tuple[ArrayLike, ArrayLike, ActivationLike]"
    " | tuple[ArrayLike, ArrayLike, ActivationLike, str | None]"
)


def from_arrays(
    layers: Iterable[LayerLike],
    *,
    name: str = "network",
    description: str = "",
    inputs: int | Sequence[str] | None = None,
    outputs: Sequence[str] | None = None,
    dtype: DTypeLike = "float64",
    plugins: Iterable[str | os.PathLike[str]] = (),
    registry: Registry | None = None,
) -> Network:
    """A network from (W, B, activation) or (W, B, activation, name) for each layer.

    W has shape (inputs, size). B has shape (size,), or is one number for all neurons. The
    activation is a name, or a name with parameters: ("leaky_relu", {"alpha": 0.1}) or {"name":
    "leaky_relu", "alpha": 0.1}. `inputs` is the names of the input neurons, or their number. The
    arrays are copied. Pass `registry` if you have one, so that the plugins are not loaded again.

    Raises NetrunnerError with all problems, by the same rules as for a network file.
    """
    known = load_registry(plugins) if registry is None else registry
    checks = _Checks()
    float_type = np.dtype(np.float64)
    with checks.at("dtype"):
        float_type = _float_type(dtype)
    with checks.at("name"):
        _check_name(name)
    with checks.at("description"):
        _check_text(description)
    input_names = None
    input_size = int(inputs) if isinstance(inputs, (int, np.integer)) else None
    with checks.at("inputs"):
        if inputs is not None and not isinstance(inputs, (int, np.integer)):
            input_names = _names(inputs)
            input_size = len(input_names)
        elif input_size is not None and input_size < 1:
            raise Fault("out-of-range", f"{input_size} is too small: at least 1")
    before = [("the network", "input", input_size)]
    given = list(layers) if _is_iterable(layers) else []
    built = [
        _layer(index, layer, before, float_type, known, checks)
        for index, layer in enumerate(given, 1)
    ]
    if not built:
        checks.add("layers", Fault("wrong-type", "expected at least one layer"))
    output_names = None
    with checks.at("outputs"):
        if outputs is not None:
            output_names = _names(outputs)
            size = before[-1][-1]
            if built and size not in (None, len(output_names)):
                neurons = count(size, "neuron")
                message = f"{count(len(output_names), 'name')}, but the last layer has {neurons}"
                raise Fault("shape-mismatch", message)
    if checks.problems:
        raise NetrunnerError(_with_all_transposed(checks.problems, given, input_size, output_names))
    complete = tuple(layer for layer in built if layer is not None)
    return Network(
        name,
        description.strip(),
        complete[0].weights.shape[0],
        input_names,
        complete,
        output_names,
        float_type,
    )


def _with_all_transposed(
    problems: list[Problem],
    layers: list[Any],
    input_size: int | None,
    output_names: tuple[str, ...] | None,
) -> list[Problem]:
    """The problems; if all matrices would fit when transposed, the first one says so."""
    if any(each.code != "shape-mismatch" for each in problems):
        return problems
    shapes = [(np.shape(each[0])[::-1], np.shape(each[1])) for each in layers]
    rows = input_size
    for W, B in shapes:
        if len(W) != 2 or 0 in W or rows not in (None, W[0]) or B not in ((), W[1:]):
            return problems
        rows = W[1]
    if all(W[0] == W[1] for W, _ in shapes) or len(output_names or range(rows or 0)) != rows:
        return problems
    hint = "transposed they fit: give W.T" + " for each W" * (len(layers) > 1)
    return [replace(problems[0], hint=hint), *problems[1:]]


class _Checks:
    """The problems found so far, each at the part of the network where it was found."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def add(self, part: str, fault: Fault) -> None:
        self.problems.append(fault.at(Place(part)))

    @contextmanager
    def at(self, part: str) -> Iterator[None]:
        """Report a Fault that the body raises, and continue after it."""
        try:
            yield
        except Fault as fault:
            self.add(part, fault)


def _layer(
    index: int,
    given: Any,
    before: list[tuple[str, str, int | None]],
    dtype: np.dtype[Any],
    registry: Registry,
    checks: _Checks,
) -> Layer | None:
    """Layer `index`, or None if something is wrong with it; its size is added to `before`."""
    part = f"layer {index}"
    who, noun, rows = before[-1]
    W = B = registered = None
    parameters: dict[str, Any] = {}
    if not isinstance(given, (tuple, list)) or len(given) not in (3, 4):
        before.append((part, "neuron", None))
        message = "expected (W, B, activation), or (W, B, activation, name)"
        checks.add(part, Fault("wrong-type", message))
        return None
    name = given[3] if len(given) == 4 else None
    with checks.at(part):
        if name is not None:
            _check_name(name)
    with checks.at(part):
        W = _numbers(given[0], "weights", 2, dtype)
        if rows is not None and W.shape[0] != rows:
            expected = f"({rows}, {W.shape[1]})"
            why = f"{who} has {count(rows, noun)}"
            hint = "transposed they fit: give W.T" if W.shape[1] == rows else None
            message = f"weights are {W.shape}, expected {expected}: {why}"
            raise Fault("shape-mismatch", message, hint)
    size = None if W is None else W.shape[1]
    before.append((part, "neuron", size))
    with checks.at(part):
        biases = _numbers(given[1], "biases", 1, dtype)
        if size is not None:
            if biases.shape not in ((), (size,)):
                raise Fault("shape-mismatch", f"biases are {biases.shape}, expected ({size},)")
            B = np.broadcast_to(biases, (size,))
    with checks.at(part):
        registered, parameters = _activation(given[2], registry)
        if parameters:
            registered.try_parameters(parameters, size or 1)
    if W is None or B is None or registered is None:
        return None
    return Layer(
        index,
        name,
        read_only(np.array(W, order="C")),
        read_only(np.array(B, order="C")),
        registered.activation,
        registered.origin,
        MappingProxyType(parameters),
    )


def _numbers(given: Any, what: str, dims: int, dtype: np.dtype[Any]) -> Array:
    """An array of `dims` dimensions, or also a single number if `dims` is 1. Raises Fault."""
    if has_masked(given):
        raise Fault("not-real-numbers", f"{what} hold masked values, which are not numbers")
    try:
        array = np.asarray(given)
    except Exception as error:  # numpy's error, or anything that the object's __array__ raises
        message = f"{what} are not an array: {' '.join(str(error).split())}"
        raise Fault("ragged-rows", message) from None
    if array.dtype.kind not in "fiu":
        message = f"{what} are values of type {array.dtype}, not real numbers"
        raise Fault("not-real-numbers", message)
    if array.ndim != dims and not (dims == 1 and array.ndim == 0):
        expected = "(inputs, size)" if dims == 2 else "(size,) or a number"
        raise Fault("shape-mismatch", f"{what} are {array.shape}, expected {expected}")
    if array.size == 0:
        raise Fault("shape-mismatch", f"{what} are {array.shape}: there are no numbers in it")
    try:
        check_finite(array)
        return to_dtype(array, dtype)
    except Fault as fault:
        fault.message = f"{what}: {fault.message}"
        raise


def _activation(given: Any, registry: Registry) -> tuple[Registered, dict[str, Any]]:
    """An activation with its parameters, checked against its defaults. Raises Fault."""
    name, parameters = name_and_parameters(given)
    registered = registry.get(name)
    if registered is None:
        raise registry.unknown(name)
    return registered, {
        key: _parameter(name, key, value, registered.default_of(key))
        for key, value in parameters.items()
    }


def name_and_parameters(given: Any) -> tuple[str, dict[str, Any]]:
    """An activation as it may be given in Python. Raises Fault."""
    name, parameters = given, {}
    if isinstance(given, Mapping):
        parameters = dict(given)
        name = parameters.pop("name", None)
    elif isinstance(given, tuple) and len(given) == 2 and isinstance(given[1], Mapping):
        name, parameters = given[0], dict(given[1])
    if not isinstance(name, str):
        message = "the activation must be a name, (name, {parameter: value}) or {'name': name}"
        raise Fault("wrong-type", message)
    return name, parameters


def _parameter(activation: str, key: str, value: Any, default: Any) -> Any:
    """A parameter's value in the type that a network file would give it. Raises Fault."""
    what = f"activation {quote(activation)}: {key}"
    if isinstance(default, bool):
        if isinstance(value, (bool, np.bool_)):
            return bool(value)
        raise Fault("wrong-type", f"{what}: expected true or false, found {value!r:.40}")
    if isinstance(default, str):
        if isinstance(value, str):
            _check_text(value)
            return str(value)
        raise Fault("wrong-type", f"{what}: expected text, found {value!r:.40}")
    if isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool):
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            raise Fault("not-finite", f"{what}: {value!r:.40} is not a finite number")
        return number
    raise Fault("wrong-type", f"{what}: expected a number, found {value!r:.40}")


def _float_type(dtype: DTypeLike) -> np.dtype[Any]:
    try:
        float_type = np.dtype(dtype)
    except TypeError:
        float_type = None
    if float_type not in (np.float64, np.float32):
        raise Fault("unknown-value", f"expected float64 or float32, found {dtype!r:.40}")
    assert float_type is not None
    return float_type


def _is_iterable(given: Any) -> bool:
    try:
        iter(given)
    except TypeError:  # an array without dimensions is an Iterable by its type, but iter() raises
        return False
    return True


def _names(given: Any) -> tuple[str, ...]:
    if isinstance(given, str) or not _is_iterable(given):
        raise Fault("wrong-type", f"expected a list of names, found {given!r:.40}")
    names = tuple(given)
    if not names:
        raise Fault("wrong-type", "expected a list of names, found an empty list")
    for name in names:
        _check_name(name)
    return tuple(map(str, names))


def _check_name(name: Any) -> None:
    """Raises Fault for what could not be a name in a network file."""
    _check_text(name)
    if message := no_name(name):
        raise Fault("wrong-type", message)


def _check_text(text: Any) -> None:
    """Raises Fault for anything that cannot be written to a file as text."""
    if not isinstance(text, str):
        raise Fault("wrong-type", f"expected text, found {text!r:.40}")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Fault("not-text", f"{quote(text)} holds half a character (a surrogate)") from None
