"""PyTorch's .pt and .pth files: a state dict, read without PyTorch and without executing anything.

Since PyTorch 1.6 such a file is a zip archive: ARCHIVE/data.pkl is a pickle of the tensors' shapes
and strides; their numbers are in the members ARCHIVE/data/0, ARCHIVE/data/1, …
"""

from __future__ import annotations

import math
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netrunner.exchange.array_files import layers_of
from netrunner.exchange.dense import Imported
from netrunner.exchange.formats import Options
from netrunner.files.arrays import StoredArray, from_bfloat16, member_bytes, open_archive
from netrunner.files.opening import open_regular, size_of
from netrunner.files.pickles import MAX_BYTES, OrderedDict, unpickled
from netrunner.problems.problem import Fault, damaged
from netrunner.problems.words import listed, quote, shortened

MAX_DIMS = 8
SPARE_BYTES = 2**24  # that may be read beyond four times the file's size

# By their names in PyTorch.
_STORAGES = {
    "DoubleStorage": "f8", "FloatStorage": "f4", "HalfStorage": "f2", "BFloat16Storage": "u2",
    "LongStorage": "i8", "IntStorage": "i4", "ShortStorage": "i2", "CharStorage": "i1",
    "ByteStorage": "u1", "BoolStorage": "?",
}  # fmt: skip
_SAVE_DICT = "save its state_dict: torch.save(model.state_dict(), 'model.pt')"


def read(path: Path, options: Options) -> Imported:
    """The layers of the state dict in a .pt or .pth file. Raises Fault."""
    with open_regular(path) as file:
        if file.read(4) != b"PK\x03\x04":
            hint = "load it and save it again with PyTorch 1.6 or later"
            raise Fault("damaged-file", "not a zip archive, as PyTorch writes since 1.6", hint)
        with open_archive(file) as archive:
            tensors = _state_dict(_contents(archive, size_of(file)))
            arrays = {name: StoredArray(each.shape, each.read) for name, each in tensors.items()}
            options = replace(options, transpose=True)  # Linear.weight is (size, inputs)
            return layers_of(arrays, size_of(file), options, "PyTorch")


class _Members:
    """The members of the archive that hold numbers; the last one is kept for the next tensor."""

    def __init__(self, archive: zipfile.ZipFile, file_size: int) -> None:
        self._archive = archive
        self._left = SPARE_BYTES + 4 * file_size  # several tensors may share a member
        self._last = ("", b"")

    def read(self, name: str, size: int) -> bytes:
        """The bytes of a member, which must be `size` of them. Raises Fault."""
        info = self._archive.NameToInfo.get(name)
        if info is None or info.file_size < size:
            raise damaged("a tensor claims more numbers than there are")
        if info.compress_type != zipfile.ZIP_STORED:
            raise damaged("its numbers are compressed, as torch.save never does")
        if self._last[0] != name:
            self._left -= info.file_size
            if self._left < 0:
                raise Fault("too-large", "its tensors take more numbers than the file has")
            self._last = name, member_bytes(self._archive, name, info.file_size)
        return self._last[1]


@dataclass(frozen=True)
class _Storage:
    """The numbers of tensors: a member of the archive, and their type, one of _STORAGES."""

    members: _Members
    member: str
    kind: str
    byte_order: str

    def read(self, first: int, count: int) -> NDArray[Any]:
        """`count` of the numbers, from index `first` on. Raises Fault."""
        dtype = np.dtype(self.byte_order + _STORAGES[self.kind])
        data = self.members.read(self.member, (first + count) * dtype.itemsize)
        return np.frombuffer(data, dtype, count, first * dtype.itemsize)


@dataclass(frozen=True)
class _Tensor:
    """Stands in for a tensor: a view of the numbers of a storage."""

    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    def read(self) -> NDArray[Any]:
        """The values; those of half precision as float32. Raises Fault."""
        last = sum((size - 1) * step for size, step in zip(self.shape, self.strides, strict=True))
        flat = self.storage.read(self.offset, last + 1 if math.prod(self.shape) else 0)
        values = np.lib.stride_tricks.as_strided(
            flat,
            self.shape,
            [step * flat.itemsize for step in self.strides],
            writeable=False,
        )
        if self.storage.kind == "BFloat16Storage":
            return from_bfloat16(values)
        return values.astype(np.float32) if self.storage.kind == "HalfStorage" else values


def _contents(archive: zipfile.ZipFile, file_size: int) -> Any:
    """What the pickle in the archive holds, with stand-ins for tensors. Raises Fault."""
    names = [name for name in archive.namelist() if name.count("/") == 1]
    pickles = [name for name in names if name.endswith("/data.pkl")]
    if len(pickles) != 1:
        raise Fault("damaged-file", "not an archive that torch.save wrote", _SAVE_DICT)
    folder = pickles[0].removesuffix("data.pkl")
    if folder + "constants.pkl" in names:
        raise Fault("not-an-array", "this is TorchScript, which holds code", _SAVE_DICT)
    order = "<"
    if folder + "byteorder" in names:
        order = ">" if member_bytes(archive, folder + "byteorder", 16) == b"big" else "<"

    members = _Members(archive, file_size)

    def storage(key: Any) -> _Storage:
        _, kind, name, *_ = key
        if kind not in _STORAGES or type(name) is not str:
            raise damaged("a tensor whose numbers are not in the archive")
        return _Storage(members, f"{folder}data/{name}", kind, order)

    def tensor(numbers: Any, offset: Any, shape: Any, strides: Any, *more: Any) -> _Tensor:
        if type(numbers) is not _Storage:
            raise damaged("a tensor without numbers")
        sizes = (offset, *shape, *strides)
        if len(shape) > MAX_DIMS or not all(type(n) is int and 0 <= n < 2**48 for n in sizes):
            raise damaged("a tensor of an absurd shape")
        if len(shape) != len(strides):
            raise damaged("a tensor with other strides than its shape has")
        if any(more[2:]):  # requires_grad, backward_hooks, and what else there is to know
            message = "a tensor whose numbers are still to be negated (PyTorch's negative bit)"
            raise Fault("not-dense", message, "save its resolve_neg()")
        return _Tensor(numbers, offset, tuple(shape), tuple(strides))

    def parameter(data: Any, *_: Any) -> Any:
        return data

    known: dict[tuple[str, str], Any] = {
        ("collections", "OrderedDict"): OrderedDict,
        ("torch._utils", "_rebuild_tensor_v2"): tensor,
        ("torch._utils", "_rebuild_parameter"): parameter,
        **{("torch", name): name for name in _STORAGES},
    }
    data = member_bytes(archive, pickles[0], MAX_BYTES)
    try:
        return unpickled(data, known, "state dicts", storage)
    except Fault as fault:
        if fault.code == "not-an-array":
            raise Fault(fault.code, fault.message, _SAVE_DICT) from None
        raise


def _state_dict(content: Any) -> dict[str, _Tensor]:
    """The only state dict in what was saved, however deep inside. Raises Fault."""
    found = _dicts_of_tensors(content)
    if len(found) == 1 and all(name.isdigit() for name in found[0][1]):  # a list
        found = []
    if len(found) != 1:
        names = listed(quote(_path(keys)) if keys else "its own" for keys, _ in found)
        what = f"{len(found)} state dicts: {names}" if found else "no state dict"
        raise Fault("not-dense", f"the file holds {what}", _SAVE_DICT)
    return found[0][1]


def _path(keys: tuple[str, ...]) -> str:
    return ".".join(shortened(key, 20) for key in keys[:8])


def _dicts_of_tensors(content: Any) -> list[tuple[tuple[str, ...], dict[str, _Tensor]]]:
    """The dicts and lists with weights or biases in them, each with the keys that lead to it.

    Those of an optimizer, which also keeps tensors of these shapes, are left out.
    """
    found: list[tuple[tuple[str, ...], dict[str, _Tensor]]] = []
    seen: set[int] = set()
    left: list[tuple[tuple[str, ...], Any]] = [((), content)]
    while left:
        path, each = left.pop()
        if id(each) in seen or not isinstance(each, (dict, list, tuple)):
            continue
        seen.add(id(each))
        items = each.items() if isinstance(each, dict) else enumerate(each)
        named = [(_name(key), value) for key, value in items]
        tensors = {name: value for name, value in named if type(value) is _Tensor}
        if "param_groups" in each:
            continue
        if any(len(value.shape) > 1 or _is_parameter(name) for name, value in tensors.items()):
            found.append((path, tensors))
        left += [((*path, name), value) for name, value in reversed(named)]
    return found


def _name(key: Any) -> str:
    return key if type(key) is str else f"{key:d}" if type(key) is int and 0 <= key < 10**9 else "?"


def _is_parameter(name: str) -> bool:
    return name.rpartition(".")[2] in ("weight", "bias")
