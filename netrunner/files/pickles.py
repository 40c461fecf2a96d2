"""Pickles of numpy arrays, such as the book's sample_weight.pkl, read without executing anything.

A pickle is a program. Its operations are first listed, so that none can claim more memory than the
file has bytes. Then they run with stand-ins for the few functions that make numpy arrays. Anything
else that a pickle asks for is refused, and named in the message.
"""

from __future__ import annotations

import io
import itertools
import math
import pickle
import pickletools
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netrunner.files.arrays import StoredArray
from netrunner.files.opening import contents, open_regular
from netrunner.problems.problem import Fault
from netrunner.problems.words import quote

MAX_BYTES = 32 * 2**20
MAX_OPERATIONS = 20_000

_FLOAT = re.compile("[fiu][248]")


def arrays_in_pickle(path: Path) -> dict[str, StoredArray]:
    """The arrays of a pickled dict or list by name; no code in the pickle is run. Raises Fault.

    Arrays in lists are named W1, b1, W2, … in order.
    """
    with open_regular(path) as file:
        data = contents(file, MAX_BYTES, ": save its arrays as .npz instead")
    _check_beginning(data)
    loaded = unpickled(data, _NumpyArrays(2 * len(data)).known, "numpy arrays")
    named = _by_name(loaded)
    for name, value in named.items():
        if type(value) is not _Array or value.values is None:
            what = type(value).__name__.lstrip("_")
            raise Fault("not-real-numbers", f"{quote(name)} is {what}, not an array")
    return {name: StoredArray.of(array.values) for name, array in named.items()}


def _check_beginning(data: bytes) -> None:
    """Raises Fault for a file of another kind with a pickle's suffix."""
    if data.startswith(b"PK\x03\x04"):
        hint = "if PyTorch wrote it, its name should end in .pt; if numpy, in .npz"
        raise Fault("damaged-file", "this is a zip archive, not a pickle", hint)


def _by_name(loaded: Any) -> dict[str, Any]:
    """The arrays of a dict, or of lists, named as they would be in a dict. Raises Fault."""
    if isinstance(loaded, dict) and all(type(key) is str for key in loaded):
        is_lists = all(type(value) in (list, tuple) for value in loaded.values())
        return _numbered(loaded) if is_lists and len(loaded) == 2 else loaded
    if type(loaded) in (list, tuple) and loaded:
        if all(type(each) is _Array for each in loaded):
            return _in_turn(loaded)
        if all(type(each) in (list, tuple) for each in loaded):
            by_layer = all(len(row) == 2 and _is_pair(*row) for row in loaded)
            by_kind = len(loaded) == 2 and all(
                itertools.starmap(_is_pair, zip(*loaded, strict=False))
            )
            if by_layer != by_kind:
                Ws, bs = zip(*loaded, strict=True) if by_layer else loaded
                return _numbered({"W": Ws, "b": bs})
    message = "the pickle does not hold a dict of arrays, such as W1, b1, or a list W1, b1, W2, b2"
    raise Fault("not-dense", message)


def _is_pair(W: Any, b: Any) -> bool:
    """Whether two arrays may be the weights and the biases of a layer."""
    arrays = [each.values for each in (W, b) if type(each) is _Array and each.values is not None]
    return len(arrays) == 2 and arrays[0].ndim == 2 and arrays[1].ndim == 1


def _numbered(lists: dict[str, Any]) -> dict[str, Any]:
    """The arrays of lists, named by their list and their number in it."""
    return {f"{name}{i}": each for name, row in lists.items() for i, each in enumerate(row, 1)}


def _in_turn(arrays: Any) -> dict[str, Any]:
    """W1, b1, W2, b2, …; a vector belongs to the matrix before it. Raises Fault."""
    named: dict[str, Any] = {}
    count = 0
    for array in arrays:
        is_matrix = array.values is not None and array.values.ndim == 2
        count += is_matrix
        name = f"{'W' if is_matrix else 'b'}{count}"
        if name in named:
            raise Fault("not-dense", "its list has two vectors after one matrix")
        named[name] = array
    return named


def unpickled(
    data: bytes,
    known: Mapping[tuple[str, str], Any],
    what: str,
    persistent: Callable[[Any], Any] | None = None,
) -> Any:
    """The object that a pickle makes with only the `known` functions and classes. Raises Fault.

    `what` names the allowed content in messages. `persistent` looks up data stored elsewhere.
    """
    _check_operations(data, persistent is not None)
    try:
        return _Unpickler(data, known, what, persistent).load()
    except Fault:
        raise
    except Exception as error:  # nonsense makes the unpickler raise anything
        why, _, _ = f"{type(error).__name__}: {error}".partition(";")  # and Python's own advice
        raise _damaged(why) from None


def _damaged(why: str) -> Fault:
    return Fault("damaged-file", f"not a pickle of arrays, or a damaged one ({why:.200})")


def _check_operations(data: bytes, persistent: bool) -> None:
    """Raises Fault for a pickle that is cut off, very long, or asks for too much memory."""
    unneeded = {"INST", "OBJ", "NEXT_BUFFER", "EXT1", "EXT2", "EXT4", "PERSID"}
    unneeded |= set() if persistent else {"BINPERSID"}
    try:
        for count, (operation, argument, _) in enumerate(pickletools.genops(data)):
            if count > MAX_OPERATIONS:
                raise Fault("too-large", f"more than {MAX_OPERATIONS:,} operations in the pickle")
            # The memo grows to twice the index.
            if "PUT" in operation.name and int(argument or 0) > count:
                raise _damaged("a memo beyond its operations")
            if operation.name in unneeded:
                raise _damaged(f"it uses {operation.name}, which arrays do not need")
    except Fault:
        raise
    except Exception as error:
        raise _damaged(str(error)) from None


class _Unpickler(pickle._Unpickler):
    """An unpickler that knows a few functions and classes, and nothing else.

    The version in Python, not in C, because tuples must be weighed: a tuple that holds the same
    tuple twice, nested forty deep, would take years to hash.
    """

    dispatch = pickle._Unpickler.dispatch.copy()

    def __init__(
        self,
        data: bytes,
        known: Mapping[tuple[str, str], Any],
        what: str,
        persistent: Callable[[Any], Any] | None,
    ) -> None:
        super().__init__(io.BytesIO(data), encoding="latin-1")
        self._known, self._what = known, what
        self._tuples: dict[int, tuple[Any, int]] = {}  # with the number of values in each
        if persistent is not None:
            self.persistent_load = persistent  # type: ignore[assignment,method-assign]

    def weigh(self) -> None:
        """Refuse the tuple just made if it holds too many values. Raises Fault."""
        made = self.stack[-1]  # type: ignore[attr-defined]
        size = 1 + sum(self._tuples.get(id(each), (None, 1))[1] for each in made)
        if size > MAX_OPERATIONS:
            raise _damaged("a tuple of too many values")
        self._tuples[id(made)] = made, size

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in self._known:
            return self._known[module, name]
        asked = quote(f"{module}.{name}", 100)
        message = f"the pickle asks for {asked}; only {self._what} are read, and nothing is run"
        raise Fault("not-an-array", message)


def _weighed(load: Callable[[Any], None]) -> Callable[[Any], None]:
    def then_weighed(unpickler: Any) -> None:
        load(unpickler)
        unpickler.weigh()

    return then_weighed


for _operation in (pickle.TUPLE, pickle.TUPLE1, pickle.TUPLE2, pickle.TUPLE3):
    _Unpickler.dispatch[_operation[0]] = _weighed(_Unpickler.dispatch[_operation[0]])


class OrderedDict(dict[Any, Any]):
    """A stand-in for collections.OrderedDict, without attributes."""

    def __setstate__(self, state: Any) -> None:
        pass


class _NumpyArrays:
    """The functions with which numpy pickles arrays; texts become at most `spare` bytes."""

    def __init__(self, spare: int) -> None:
        self._spare = spare
        self.known: dict[tuple[str, str], Callable[..., Any]] = {
            ("numpy", "ndarray"): _Array,
            ("numpy", "dtype"): _DType,
            ("_codecs", "encode"): self.encoded,
            ("collections", "OrderedDict"): OrderedDict,
        }
        for core in ("numpy.core", "numpy._core"):
            self.known[f"{core}.multiarray", "_reconstruct"] = self._reconstruct
            self.known[f"{core}.numeric", "_frombuffer"] = self._from_buffer

    def encoded(self, text: Any, encoding: Any = "latin1") -> bytes:
        """The bytes that protocol 2 writes as text; a pickle may use the same text many times."""
        if not isinstance(text, str) or encoding != "latin1":
            raise _damaged("bytes in an encoding that numpy does not use")
        self._spare -= len(text)
        if self._spare < 0:
            raise Fault("too-large", "it holds too many numbers for its size")
        return text.encode("latin-1")

    def _reconstruct(self, *_: Any) -> _Array:
        return _Array(self)

    def _from_buffer(self, data: Any, dtype: Any, shape: Any, order: Any) -> _Array:
        array = _Array(self)
        array.fill(data, dtype, shape, order)
        return array


class _DType:
    """A stand-in for numpy.dtype: the code of a real type, such as f4, and its byte order."""

    def __init__(self, code: Any = "", *_: Any) -> None:
        text = code.lstrip("<=|") if isinstance(code, str) else str(type(code))
        order, text = (">", text[1:]) if text.startswith(">") else ("<", text)
        if not _FLOAT.fullmatch(text):
            raise Fault("not-real-numbers", f"it holds values of type {quote(text)}, not numbers")
        self.dtype = np.dtype(order + text)

    def __setstate__(self, state: Any) -> None:
        order = state[1]
        if order in ("<", ">"):
            self.dtype = self.dtype.newbyteorder(order)


class _Array:
    """A stand-in for numpy.ndarray, whose claims are checked against the actual bytes."""

    # NEWOBJ makes an object without calling __init__.
    encoder: _NumpyArrays | None = None
    values: NDArray[Any] | None = None

    def __init__(self, encoder: Any) -> None:
        self.encoder = encoder

    def __setstate__(self, state: Any) -> None:
        _, shape, dtype, is_fortran, data = state
        self.fill(data, dtype, shape, "F" if is_fortran else "C")

    def fill(self, data: Any, dtype: Any, shape: Any, order: Any) -> None:
        """Set the values. Raises Fault."""
        if isinstance(data, str) and isinstance(self.encoder, _NumpyArrays):
            data = self.encoder.encoded(data)  # Python 2 wrote bytes like this
        sizes = tuple(shape)
        if type(dtype) is not _DType or not isinstance(data, (bytes, bytearray)):
            raise _damaged("an array without its type or bytes")
        if len(sizes) > 8 or not all(type(size) is int and size >= 0 for size in sizes):
            raise _damaged("an array of an absurd shape")
        claimed = math.prod(sizes) * dtype.dtype.itemsize
        if claimed != len(data):
            message = f"an array of shape {sizes} takes {claimed:,} bytes, but has {len(data):,}"
            raise _damaged(message)
        flat = np.frombuffer(data, dtype.dtype)
        self.values = flat.reshape(sizes, order="F" if order == "F" else "C")
