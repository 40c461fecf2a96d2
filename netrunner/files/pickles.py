"""Pickles of numpy arrays, such as the book's sample_weight.pkl, read without executing anything.

A pickle is a program. Its operations are listed first, so that none can claim more memory than
the file has bytes, and then run with stand-ins for the few functions that numpy's arrays are made
by. Whatever else a pickle asks for is refused by its name.
"""

from __future__ import annotations

import io
import math
import pickle
import pickletools
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netrunner.files.arrays import StoredArray
from netrunner.files.opening import contents, open_regular, size_of
from netrunner.problems.problem import Fault
from netrunner.problems.words import quote

MAX_BYTES = 32 * 2**20
MAX_OPERATIONS = 20_000

_FLOAT = re.compile("[fiu][248]")


def arrays_in_pickle(path: Path) -> dict[str, StoredArray]:
    """The arrays of a pickled dict by name; no code that the pickle names is run. Raises Fault."""
    with open_regular(path) as file:
        if size_of(file) > MAX_BYTES:
            message = f"larger than {MAX_BYTES // 2**20} MiB: save its arrays as .npz instead"
            raise Fault("too-large", message)
        data = contents(file)
    _check_operations(data)
    try:
        loaded = _Unpickler(data).load()
    except Fault:
        raise
    except Exception as error:  # whatever nonsense does to the pickle machine
        raise _damaged(f"{type(error).__name__}: {error}") from None
    if type(loaded) is not dict or not all(type(key) is str for key in loaded):
        raise Fault("not-dense", "the pickle holds no dict of arrays by name, such as W1, b1")
    for name, value in loaded.items():
        if type(value) is not _Array or value.values is None:
            what = type(value).__name__.lstrip("_")
            raise Fault("not-real-numbers", f"{quote(name)} is {what}, not an array")
    return {name: _stored(array.values) for name, array in loaded.items()}


def _stored(values: NDArray[Any]) -> StoredArray:
    return StoredArray(values.shape, lambda: values)


def _damaged(why: str) -> Fault:
    return Fault("damaged-file", f"this is no pickle of arrays, or a damaged one ({why:.200})")


def _check_operations(data: bytes) -> None:
    """Raises Fault for a pickle that is cut off, very long, or greedy."""
    try:
        for count, (operation, argument, _) in enumerate(pickletools.genops(data)):
            if count > MAX_OPERATIONS:
                raise Fault("too-large", f"more than {MAX_OPERATIONS:,} operations in the pickle")
            if (
                "PUT" in operation.name and int(argument or 0) > count
            ):  # the memo grows to twice this index
                raise _damaged("a memo beyond its operations")
            if operation.name in ("INST", "OBJ", "PERSID", "BINPERSID", "NEXT_BUFFER") or (
                operation.name.startswith("EXT")
            ):
                raise _damaged(f"it uses {operation.name}, which arrays do not need")
    except Fault:
        raise
    except Exception as error:
        raise _damaged(str(error)) from None


class _Unpickler(pickle.Unpickler):
    """Knows how numpy writes arrays, and nothing else."""

    def __init__(self, data: bytes) -> None:
        super().__init__(io.BytesIO(data), encoding="latin-1")
        self._spare = 2 * len(data)
        self._known: dict[tuple[str, str], Callable[..., Any]] = {
            ("numpy", "ndarray"): _Array,
            ("numpy", "dtype"): _DType,
            ("_codecs", "encode"): self.encoded,
        }
        for core in ("numpy.core", "numpy._core"):
            self._known[f"{core}.multiarray", "_reconstruct"] = self._reconstruct
            self._known[f"{core}.numeric", "_frombuffer"] = self._from_buffer

    def find_class(self, module: str, name: str) -> Any:
        known = self._known.get((module, name))
        if known is None:
            asked = quote(f"{module}.{name}", 100)
            message = f"the pickle asks for {asked}; only numpy arrays are read, and nothing is run"
            raise Fault("not-an-array", message)
        return known

    def encoded(self, text: Any, encoding: Any = "latin1") -> bytes:
        """The bytes that protocol 2 writes as text, of which one may be used again and again."""
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
    """Stands in for numpy.dtype: the code of a real number, such as f4, and its byte order."""

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
    """Stands in for numpy.ndarray, whose claims are checked against the bytes that are there."""

    def __init__(self, unpickler: Any) -> None:
        self.unpickler = unpickler
        self.values: NDArray[Any] | None = None

    def __setstate__(self, state: Any) -> None:
        _, shape, dtype, is_fortran, data = state
        self.fill(data, dtype, shape, "F" if is_fortran else "C")

    def fill(self, data: Any, dtype: Any, shape: Any, order: Any) -> None:
        """Take in the values. Raises Fault."""
        if isinstance(data, str):  # as Python 2 wrote bytes
            data = self.unpickler.encoded(data)
        sizes = tuple(shape)
        if type(dtype) is not _DType or not isinstance(data, (bytes, bytearray)):
            raise _damaged("an array without its type or bytes")
        if len(sizes) > 8 or not all(type(size) is int and size >= 0 for size in sizes):
            raise _damaged("an array of an absurd shape")
        claimed = math.prod(sizes) * dtype.dtype.itemsize
        if claimed != len(data):
            message = f"an array of shape {sizes} takes {claimed:,} bytes, and has {len(data):,}"
            raise _damaged(message)
        flat = np.frombuffer(data, dtype.dtype)
        self.values = flat.reshape(sizes, order="F" if order == "F" else "C")
