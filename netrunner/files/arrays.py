"""Arrays in files: .npy, .npz, .safetensors and .csv, for weights and for inputs.

A file's claims are checked in Python integers before anything is allocated. The header is read
before the data, so that a caller can refuse a wrong shape without reading the data. Nothing is ever
unpickled.
"""

from __future__ import annotations

import math
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from netrunner.files.csv_tables import read_csv
from netrunner.files.opening import ARRAY_SUFFIXES, open_regular, size_of, unreadable
from netrunner.problems.problem import Fault, damaged
from netrunner.problems.words import printable, quote

MAX_DIMENSIONS = 32  # numpy 1's limit
MAX_ELEMENTS = 2**48
MAX_HEADER_BYTES = 10_000  # numpy's limit
MAX_SAFETENSORS_HEADER_BYTES = 4 * 2**20
MAX_ZIP_DIRECTORY = 4 * 2**20
MAX_UNFOLDED_MEMBER = 64 * 2**20  # for a compressed member of more than ...
MAX_RATIO = 20  # ... this many times its size in the file; weights compress tenfold at best


@dataclass(frozen=True, slots=True)
class StoredArray:
    """An array whose shape is known and whose values are still in the file.

    `blocks(rows)`, if not None, reads it in blocks of `rows` rows. `unfolds` is the number of bytes
    beyond what good compression explains.
    """

    shape: tuple[int, ...]
    read: Callable[[], NDArray[Any]]
    blocks: Callable[[int], Iterator[NDArray[Any]]] | None = None
    unfolds: int = 0

    @classmethod
    def of(cls, array: NDArray[Any]) -> StoredArray:
        """An array that is in memory already."""
        return cls(array.shape, lambda: array)


@contextmanager
def stored_arrays(
    path: Path, opened: Callable[[], BinaryIO] | None = None
) -> Iterator[dict[str, StoredArray]]:
    """The arrays of a file by name; the one array of a .npy or .csv file is named ''.

    They can be read until the context ends, as float64, float32 or whatever real type they have.
    Raises Fault.
    """
    if path.suffix.lower() not in _READERS:
        raise Fault(
            "unknown-file-type", f"its name does not end in one of {', '.join(ARRAY_SUFFIXES)}"
        )
    with open_regular(path) if opened is None else opened() as file:
        try:
            yield arrays_in(file, path.suffix.lower())
        except OSError as error:
            raise unreadable(error) from None


def arrays_in(file: BinaryIO, suffix: str) -> dict[str, StoredArray]:
    """The arrays of an open file by name; the suffix selects the format. Raises Fault."""
    return _READERS[suffix](file)


def _read_npy(file: BinaryIO) -> dict[str, StoredArray]:
    return {"": _npy_array(file, size_of(file))}


def _npy_array(file: BinaryIO, size: int) -> StoredArray:
    """The array in a stream of `size` bytes in numpy's format (NEP 1)."""
    dims, by_columns, dtype, begin = _npy_header(file)
    data_size = size - begin
    _check_size(dims, dtype, data_size)

    def read() -> NDArray[Any]:
        file.seek(begin)
        flat = np.frombuffer(_exactly(file, data_size), dtype)
        return flat.reshape(dims, order="F" if by_columns else "C")

    def blocks(rows: int) -> Iterator[NDArray[Any]]:
        for first in range(0, dims[0], rows):
            shape = (min(rows, dims[0] - first), *dims[1:])
            if by_columns:
                yield _read_columns(file, begin, dims, dtype, first, shape[0])
            else:
                values = np.empty(shape, dtype)
                _fill(values, file, begin + first * math.prod(dims[1:]) * dtype.itemsize)
                yield values

    return StoredArray(dims, read, blocks if len(dims) == 2 else None)


def _npy_header(file: BinaryIO) -> tuple[tuple[int, ...], bool, np.dtype[Any], int]:
    """The shape, whether the order is Fortran's, the type, and where the data begins."""
    magic = file.read(8)
    if len(magic) < 8 or magic[:6] != npy.MAGIC_PREFIX or magic[6] not in (1, 2, 3):
        raise damaged("it is not in numpy's format")
    width = 2 if magic[6] == 1 else 4
    claim = _exactly(file, width)
    length = int.from_bytes(claim, "little")
    if length > MAX_HEADER_BYTES:  # before numpy allocates that much
        raise damaged(f"its header claims {length:,} bytes")
    header = BytesIO(claim + _exactly(file, length))
    read = npy.read_array_header_1_0 if width == 2 else npy.read_array_header_2_0
    try:
        with warnings.catch_warnings():  # about numbers as Python 2 wrote them
            warnings.simplefilter("ignore")
            shape, by_columns, dtype = read(header, MAX_HEADER_BYTES)
    except Exception:  # nonsense makes numpy's reader raise anything
        raise damaged("its header is not in numpy's format") from None
    if min(shape, default=0) < 0:
        raise damaged("its header claims an absurd shape")
    _check_real(dtype)
    return tuple(map(int, shape)), by_columns, dtype, 8 + width + length


def _read_columns(
    file: BinaryIO, begin: int, dims: tuple[int, ...], dtype: np.dtype[Any], first: int, rows: int
) -> NDArray[Any]:
    """Some rows of an array in Fortran order, which is stored column by column."""
    values = np.empty((dims[1], rows), dtype)
    for number, column in enumerate(values):
        _fill(column, file, begin + (number * dims[0] + first) * dtype.itemsize)
    return values.T


def _fill(values: NDArray[Any], file: BinaryIO, offset: int) -> None:
    """Fill an array in C order from an offset. Raises Fault if the file ends too early."""
    file.seek(offset)
    if values.size and file.readinto(values.view(np.uint8)) < values.nbytes:  # type: ignore[attr-defined]
        raise damaged("it ends too early")


_KINDS = {
    "b": "truth values", "c": "complex numbers", "O": "pickled objects", "U": "text", "S": "text",
    "M": "dates", "m": "durations", "V": "raw bytes",
}  # fmt: skip


def _check_real(dtype: np.dtype[Any]) -> None:
    """Raises Fault if the type is not one of real numbers."""
    if dtype.kind not in "fiu":
        kind = "structures" if dtype.names else _KINDS.get(dtype.kind, f"values of type {dtype}")
        raise Fault("not-real-numbers", f"it holds {kind}, not real numbers")


def _check_size(shape: tuple[int, ...], dtype: np.dtype[Any], available: int) -> None:
    """Raises Fault for a shape that numpy cannot have, or that does not fit the file."""
    claimed = math.prod(shape) * dtype.itemsize
    if claimed != available:
        raise damaged(
            f"an array of shape {shape} takes {claimed:,} bytes, but it has {available:,}"
        )
    largest = math.prod(dim for dim in shape if dim)  # a 0 makes it empty, but it is still absurd
    if len(shape) > MAX_DIMENSIONS or largest > MAX_ELEMENTS:
        raise damaged("its header claims an absurd shape")


def _exactly(file: BinaryIO, count: int) -> bytes:
    data = file.read(count)
    if len(data) < count:
        raise damaged("it ends too early")
    return data


# The module raises RuntimeError for zip features that it lacks.
_ZIP_ERRORS = (
    zipfile.BadZipFile, zlib.error, EOFError, OverflowError, RuntimeError, ValueError, struct.error,
)  # fmt: skip


def open_archive(file: BinaryIO) -> zipfile.ZipFile:
    """A zip archive; a directory of absurd size is not read. Raises Fault.

    Members that share their bytes are an attack, of which some versions of Python only warn.
    """
    directory = _SmallReads(file)
    try:
        archive = zipfile.ZipFile(directory)
    except Fault:
        raise
    except _ZIP_ERRORS as error:
        raise damaged(f"it is not a zip archive ({printable(str(error))})") from None
    directory.most = None
    members = archive.infolist()
    if len({member.header_offset for member in members}) < len(members):
        raise damaged("two of its members are the same bytes")
    return archive


def member_bytes(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    """The bytes of a member, up to a limit. Raises Fault."""
    try:
        member = archive.getinfo(name)
        if member.file_size > most:
            raise Fault("too-large", f"its member {quote(name)} has {member.file_size:,} bytes")
        with archive.open(member) as stream:
            data = stream.read()
        if len(data) < member.file_size:
            raise damaged(f"its member {quote(name)} ends too early")
        return data
    except KeyError:
        raise damaged(f"it has no member {quote(name)}") from None
    except (*_ZIP_ERRORS, OSError) as error:  # OSError for a position before the file
        if isinstance(error, Fault):
            raise
        raise damaged(printable(str(error))) from None


def _read_npz(file: BinaryIO) -> dict[str, StoredArray]:
    archive = open_archive(file)
    size = size_of(file)
    arrays: dict[str, StoredArray] = {}
    for member in archive.infolist():
        if member.compress_size > size:
            raise damaged("a member claims to be larger than the file")
        name = member.filename.removesuffix(".npy")
        if name in arrays:
            raise damaged(f"it has two members {quote(name)}")
        if not member.filename.endswith("/"):  # a folder; is_dir fails for an empty name
            arrays[name] = _Member(archive, member)  # type: ignore[assignment]
    return arrays


class _SmallReads:
    """A file from which at most `most` bytes are read at once; None for no limit.

    zipfile reads the whole directory of an archive, and of a member, however large it claims to be;
    Python makes room for that much before it reads.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._size = file, size_of(file)
        self.most: int | None = MAX_ZIP_DIRECTORY

    def read(self, size: int = -1) -> bytes:
        if self.most is not None and size > self.most:
            raise Fault("too-large", f"the directory of the archive takes {size:,} bytes")
        return self._file.read(min(size, self._size))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


class _Member:
    """An array in an .npz; its header is read when its shape is first needed."""

    def __init__(self, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
        self.archive, self.member = archive, member

    @property
    def shape(self) -> tuple[int, ...]:
        shape: tuple[int, ...] = self._with_array(lambda stored: stored.shape)
        return shape

    @property
    def unfolds(self) -> int:
        return max(0, self.member.file_size - MAX_RATIO * self.member.compress_size)

    def read(self) -> NDArray[Any]:
        if self.unfolds and self.member.file_size > MAX_UNFOLDED_MEMBER:
            size, folded = self.member.file_size, self.member.compress_size
            raise Fault("too-large", f"{folded:,} bytes would unfold to {size:,}")
        values: NDArray[Any] = self._with_array(lambda stored: stored.read())
        return values

    def _with_array(self, use: Callable[[StoredArray], Any]) -> Any:
        if self.member.flag_bits & 1:
            raise Fault("unreadable-file", "the archive is encrypted")
        if self.member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Fault("unreadable-file", "the archive is not compressed as numpy does it")
        try:
            with self.archive.open(self.member) as stream:
                return use(_npy_array(stream, self.member.file_size))  # type: ignore[arg-type]
        except _ZIP_ERRORS as error:
            if isinstance(error, Fault):
                raise
            raise damaged(printable(str(error))) from None


_SAFETENSORS_TYPES = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2",
    "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "<i1",
    "U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "<u1",
}  # fmt: skip


def _read_safetensors(file: BinaryIO) -> dict[str, StoredArray]:
    """The format of https://github.com/huggingface/safetensors: a JSON header, then the bytes."""
    (length,) = struct.unpack("<Q", _exactly(file, 8))
    if length > min(size_of(file) - 8, MAX_SAFETENSORS_HEADER_BYTES):
        raise damaged(f"its header claims {length:,} bytes")
    try:
        import json

        header = json.loads(_exactly(file, length).decode(), object_pairs_hook=_no_key_twice)
    except (ValueError, RecursionError) as error:
        if isinstance(error, Fault):
            raise
        raise damaged("its header is not JSON") from None
    if not isinstance(header, dict):
        raise damaged("its header is not a JSON object")
    metadata = header.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(type(text) is str for text in metadata.values()):
        raise damaged("its metadata are not texts by name")
    begin = 8 + length
    size = size_of(file) - begin
    tensors = {name: _tensor(file, entry, begin, size) for name, entry in header.items()}
    end = 0  # the tensors must cover each byte of the file once
    for first, last in sorted(entry["data_offsets"] for entry in header.values()):
        if first != end:
            raise damaged("its tensors overlap, or leave a gap")
        end = last
    if end != size:
        raise damaged(f"its tensors take {end:,} bytes, but it has {size:,}")
    return tensors


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    entries = dict(pairs)
    if len(entries) < len(pairs):
        raise damaged("a key is given twice in its header")
    return entries


def _tensor(file: BinaryIO, entry: Any, begin: int, size: int) -> StoredArray:
    try:
        type_name, shape = entry["dtype"], tuple(entry["shape"])
        start, end = entry["data_offsets"]
        numbers = (*shape, start, end)
        if type(type_name) is not str or any(type(n) is not int or n < 0 for n in numbers):
            raise ValueError
        if len(shape) > MAX_DIMENSIONS or max(numbers) > MAX_ELEMENTS:
            raise ValueError
    except (TypeError, KeyError, ValueError):
        raise damaged("its header is not in the format of safetensors") from None
    if type_name not in _SAFETENSORS_TYPES:
        known = ", ".join(_SAFETENSORS_TYPES)
        what = f"it holds values of type {quote(str(type_name))}, which is not one of {known}"

        def refuse() -> NDArray[Any]:
            raise Fault("not-real-numbers", what)

        return StoredArray(shape, refuse)
    dtype = np.dtype(_SAFETENSORS_TYPES[type_name])
    if end > size:
        raise damaged("it ends too early")
    _check_size(shape, dtype, end - start)

    def read() -> NDArray[Any]:
        file.seek(begin + start)
        values = np.frombuffer(_exactly(file, end - start), dtype).reshape(shape)
        return from_bfloat16(values) if type_name == "BF16" else values

    return StoredArray(shape, read)


def from_bfloat16(bits: NDArray[Any]) -> NDArray[Any]:
    """Numbers whose bits are the upper half of a float32's."""
    values: NDArray[Any] = (bits.astype("<u4") << 16).view("<f4")
    return values


def _read_csv(file: BinaryIO) -> dict[str, StoredArray]:
    rows = read_csv(file)
    return {"": StoredArray.of(rows)}


_READERS: dict[str, Callable[[BinaryIO], dict[str, StoredArray]]] = {
    ".npy": _read_npy,
    ".npz": _read_npz,
    ".safetensors": _read_safetensors,
    ".csv": _read_csv,
}
