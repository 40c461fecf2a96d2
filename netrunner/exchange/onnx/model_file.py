"""ONNX files, read with suspicion: sizes are checked before the onnx package gets to see them.

A protobuf of 2 MB can unfold to 100 MB of tiny objects, and a tensor may claim any shape or name
any file. So the bytes are walked first, field by field, and tensors are read here.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netrunner.files.arrays import from_bfloat16
from netrunner.files.opening import contents, open_inside, open_regular, size_of
from netrunner.problems.problem import Fault, damaged, missing_package
from netrunner.problems.words import quote

MAX_BYTES = 100 * 2**20
MAX_FIELDS = 200_000
MAX_DEPTH = 32
MAX_STRING_BYTES = 2**20
MAX_DIMS = 8

_STRING = 9  # protobuf's numbers for types of fields
_AS_LARGE_IN_MEMORY = (1, 2, 12)  # double, float, bytes


def read_model(path: Path) -> Any:
    """The onnx.ModelProto in a file. Raises Fault."""
    try:
        import onnx
        from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
    except ImportError:
        raise missing_package("ONNX files need", "onnx", "onnx") from None
    with open_regular(path) as file:
        data = contents(file, MAX_BYTES, ": store its weights as external data")
    _walk(data, onnx.ModelProto.DESCRIPTOR)
    try:
        model = onnx.ModelProto.FromString(data)
    except DecodeError:
        raise damaged("it is not an ONNX model") from None
    if not model.HasField("graph") or not model.graph.node:
        raise damaged("it is not an ONNX model, or one without a node")
    return model


def _walk(data: bytes, descriptor: Any) -> None:
    """Raises Fault if the bytes are not a message of this kind, or have too many parts.

    A false length ends the walk at once; no memory is allocated for what the file only claims.
    """
    ends = [(len(data), descriptor.fields_by_number)]
    at = parts = 0
    while ends:
        end, fields = ends[-1]
        if at == end:
            ends.pop()
            continue
        parts += 1
        tag, at = _varint(data, at, end)
        wire = tag & 7
        if wire == 0:
            _, at = _varint(data, at, end)
        elif wire == 2:
            length, at = _varint(data, at, end)
            if length > end - at:
                raise damaged("a part of it claims more bytes than there are")
            field = fields.get(tag >> 3)
            if field is None:
                pass
            elif field.message_type is not None:
                if len(ends) == MAX_DEPTH:
                    raise Fault("too-large", f"nested deeper than {MAX_DEPTH} levels")
                ends.append((at + length, field.message_type.fields_by_number))
                length = 0
            elif field.type == _STRING:
                if length > MAX_STRING_BYTES:
                    what = f"{field.name} has {length:,} bytes, more than {MAX_STRING_BYTES:,}"
                    raise Fault("too-large", what)
                _check_utf8(data[at : at + length])
            elif field.type not in _AS_LARGE_IN_MEMORY:
                parts += length // 64  # whole numbers, each up to 8 times as large in memory
            at += length
        elif wire in (1, 5):
            at += 8 if wire == 1 else 4
        else:
            raise damaged("it is not an ONNX model")
        if at > end:
            raise damaged("it ends too early")
        if parts > MAX_FIELDS:
            message = f"more than {MAX_FIELDS:,} parts, too many for a chain of dense layers"
            raise Fault("too-large", message)


def _varint(data: bytes, at: int, end: int) -> tuple[int, int]:
    """The number of variable length at `at`, and where it ends."""
    value = shift = 0
    while at < end and shift < 70:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:
            return value, at
        shift += 7
    raise damaged("it ends too early" if at >= end else "it is not an ONNX model")


def _check_utf8(text: bytes) -> None:
    try:
        text.decode()
    except UnicodeDecodeError:
        raise damaged("a name in it is not UTF-8") from None


class Tensors:
    """Reads tensors, those in the file and those in files beside it.

    `bytes_read` counts their bytes, for limits that depend on it.
    """

    def __init__(self, folder: Path) -> None:
        from onnx import TensorProto

        self.folder = folder
        self.bytes_read = 0
        self._kind = TensorProto
        self._external = TensorProto.EXTERNAL
        self._type_name: Callable[[int], str] = TensorProto.DataType.Name
        self._types: dict[int, tuple[str, str]] = {
            TensorProto.FLOAT: ("<f4", "float_data"),
            TensorProto.DOUBLE: ("<f8", "double_data"),
            TensorProto.FLOAT16: ("<f2", "int32_data"),
            TensorProto.BFLOAT16: ("<u2", "int32_data"),
            TensorProto.INT64: ("<i8", "int64_data"),
            TensorProto.INT32: ("<i4", "int32_data"),
            TensorProto.BOOL: ("?", "int32_data"),
        }
        self._bfloat16 = TensorProto.BFLOAT16

    def read(self, tensor: Any) -> NDArray[Any]:
        """The values; both types of half precision as float32. Raises Fault."""
        if not isinstance(tensor, self._kind):
            raise Fault("damaged-file", "it holds no tensor")
        what = f"tensor {quote(tensor.name)}" if tensor.name else "a tensor"
        shape = tuple(tensor.dims)
        if len(shape) > MAX_DIMS or min(shape, default=0) < 0 or tensor.HasField("segment"):
            raise Fault("damaged-file", f"{what} has an absurd shape, {shape!s:.60}")
        if tensor.data_type not in self._types:
            raise Fault("not-real-numbers", f"{what} holds {self.type_name(tensor.data_type)}")
        code, field = self._types[tensor.data_type]
        dtype, count = np.dtype(code), math.prod(shape)
        if tensor.data_location == self._external:
            data = self._external_data(tensor, what, count * dtype.itemsize)
        elif tensor.HasField("raw_data"):
            data = tensor.raw_data
        else:
            data = _packed(getattr(tensor, field), code, what)
        if len(data) != count * dtype.itemsize:
            message = f"{what} of shape {shape} takes {count * dtype.itemsize:,} bytes"
            raise Fault("damaged-file", f"{message}, but there are {len(data):,}")
        self.bytes_read += len(data)
        array = np.frombuffer(data, dtype).reshape(shape)
        if tensor.data_type == self._bfloat16:
            return from_bfloat16(array)
        return array.astype(np.float32) if code == "<f2" else array

    def type_name(self, data_type: int) -> str:
        """The name of a type of ONNX's, such as INT8."""
        try:
            return self._type_name(data_type)
        except ValueError:
            return f"values of an unknown type, {data_type}"

    def _external_data(self, tensor: Any, what: str, size: int) -> bytes:
        entries = {entry.key: entry.value for entry in tensor.external_data}
        location = entries.get("location", "")
        offset = _whole_number(entries.get("offset", "0"))
        length = _whole_number(entries.get("length", str(size)))
        if offset is None or length != size:
            raise Fault("damaged-file", f"{what} claims absurd bytes of its external data")
        try:
            with open_inside(self.folder, location, "model") as file:
                if offset + size > size_of(file):
                    raise Fault("damaged-file", "it ends too early")
                file.seek(offset)
                return file.read(size)
        except Fault as fault:
            message = f"{what}: its external data {quote(location, 100)}: {fault.message}"
            raise Fault(fault.code, message, fault.hint) from None
        except OSError as error:
            message = f"{what}: its external data cannot be read: {error.strerror}"
            raise Fault("unreadable-file", message) from None


def _packed(values: Any, code: str, what: str) -> bytes:
    try:
        return np.array(values, "<u2" if code == "<f2" else code).tobytes()  # bits, as they are
    except (OverflowError, ValueError):
        raise Fault("damaged-file", f"{what} holds numbers beyond its type") from None


def _whole_number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None
