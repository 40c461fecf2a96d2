"""The weights in a Keras file, which are HDF5: the arrays of each layer. Links are not followed."""

from __future__ import annotations

import math
import mmap
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import numpy as np

from netrunner.problems.problem import Fault, damaged, missing_package
from netrunner.problems.words import quote
from netrunner.process.session import memory_limited

MAX_TEXTS = 100_000  # in all heaps of a file
MAX_SEARCHED = 64 * 2**20  # bytes of a file, up to which the lengths of its texts are checked
MAX_ARRAYS = 2000  # of a model in an .h5 file's model
MAX_ARRAYS_OF_A_LAYER = 16
MAX_TEXT_MEMORY = 192 * 2**20  # bytes for the texts of an attribute
BY_ONNX = "export it to ONNX, which netrunner import reads: model.export('m.onnx', format='onnx')"


def check_heaps(data: bytes | mmap.mmap) -> None:
    """Raises Fault for a heap of texts whose parts do not fill it: HDF5 would read it for ever."""
    beginning, parts = b"GCOL\x01\x00\x00\x00", 0
    heaps = []
    at = data.find(beginning)
    while at >= 0:
        heaps.append(at)
        part, end = at + 16, at + int.from_bytes(data[at + 8 : at + 16], "little")
        while end - part >= 16:
            size = int.from_bytes(data[part + 8 : part + 16], "little")
            is_free = data[part : part + 2] == bytes(2)
            taken = size if is_free else 16 + size + -size % 8
            part, parts = part + taken, parts + 1
            if not (taken >= 16 and part <= end <= len(data)) or parts > MAX_TEXTS:
                raise damaged("the texts in it are not as HDF5 keeps them")
        at = data.find(beginning, at + 16)
    if len(data) <= MAX_SEARCHED and _claims_too_much(data, heaps):
        raise damaged("a text in it claims more bytes than the file has")


def _claims_too_much(data: bytes | mmap.mmap, heaps: list[int]) -> bool:
    """Whether a text in a heap claims to be longer than the file: HDF5 would take that memory.

    What leads to a text is its length, the heap's address, and a number: 4, 8 and 4 bytes.
    """
    words = np.frombuffer(data, "<u4", len(data) // 4)
    length, address, rest, number = (words[i : len(words) - 3 + i] for i in range(4))
    at = np.flatnonzero((rest == 0) & (length > len(data)) & (number > 0) & (number < 2**16))
    return bool(np.isin(address[at], heaps).any())


@contextmanager
def hdf5(file: Any) -> Iterator[Any]:
    try:
        import h5py  # type: ignore[import-untyped]
    except ImportError:
        raise missing_package("Keras's files need", "h5py", "keras") from None
    try:
        opened = h5py.File(file, "r")
    except (OSError, ValueError, RuntimeError):
        raise Fault("damaged-file", "not an HDF5 file, or a damaged one") from None
    with opened:
        yield opened


def as_text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def texts(item: Any, name: str, default: Any = None) -> Any:
    """The attribute of this name: a text, or an array of them. Raises Fault for any other type.

    HDF5 crashes where a text's type is changed to that of a list, and takes the memory that a text
    claims before it looks for the text.
    """
    import h5py

    if name not in item.attrs:
        return default
    attribute = item.attrs.get_id(name)
    size = math.prod(attribute.shape)
    if size > MAX_TEXTS or not (
        size == 0 or isinstance(attribute.get_type(), h5py.h5t.TypeStringID)
    ):
        raise damaged(f"its {quote(name)} is not a text")
    if not size:
        return []
    with memory_limited(MAX_TEXT_MEMORY):
        return item.attrs[name]


def item(group: Any, path: str) -> Any:
    """The item at a path in a group. A link in the path is a Fault: links are not followed."""
    import h5py

    for name in filter(None, path.split("/")):
        link = group.get(name, getlink=True) if isinstance(group, h5py.Group) else None
        if link is None:
            raise damaged(f"it has no {quote(path)}")
        if not isinstance(link, h5py.HardLink):
            raise Fault("outside-folder", f"{quote(path)} is a link, which is not followed")
        group = group[name]
    return group


class Numbered:
    """The weights in a .keras file: layers/dense_1/vars/0, …

    Newer versions name the layer that a group is for; in older ones, the number counts the layers
    of a kind in their order.
    """

    def __init__(self, stored: Any, path: str = "layers") -> None:
        self._stored, self._path = stored, path
        self._seen: dict[str, int] = {}

    @cached_property
    def _layers(self) -> Any:
        layers = item(self._stored, self._path)
        for group in layers:
            if match := re.fullmatch("(.+)_([1-9][0-9]{0,5})", group):
                kind, number = match[1], int(match[2])
                if (f"{kind}_{number - 1}" if number > 1 else kind) not in layers:
                    message = f"before {quote(group)}, a layer is used twice, which Keras loses"
                    raise Fault("not-dense", message, BY_ONNX)
        return layers

    @cached_property
    def _by_name(self) -> dict[str, str]:
        names = {
            group: texts(item(self._layers, f"{group}/vars"), "name") for group in self._layers
        }
        return {as_text(name): group for group, name in names.items() if name is not None}

    def of(self, name: str, kind: str) -> list[Any]:
        """The arrays of a layer. Raises Fault."""
        group = self._group(name, kind)
        if self._layers.get(group, getlink=True) is None:
            return []
        variables = item(self._layers, f"{group}/vars")
        count = min(len(variables), MAX_ARRAYS_OF_A_LAYER)
        return [item(variables, str(index)) for index in range(count)]

    def inside(self, name: str, kind: str) -> Numbered:
        """The weights of a model in the model."""
        return Numbered(self._layers, f"{self._group(name, kind)}/layers")

    def _group(self, name: str, kind: str) -> str:
        snake = re.sub("([a-z])([A-Z])", r"\1_\2", re.sub("(.)([A-Z][a-z]+)", r"\1_\2", kind))
        snake = snake.lower()
        count = self._seen[snake] = self._seen.get(snake, -1) + 1
        return self._by_name.get(name) or (f"{snake}_{count}" if count else snake)


class Named:
    """The weights in an .h5 file: model_weights/NAME, whose attribute weight_names lists them."""

    def __init__(self, stored: Any) -> None:
        self._stored = stored

    def of(self, name: str, kind: str) -> list[Any]:
        """The arrays of a layer."""
        if self._stored.get(name, getlink=True) is None:
            return []
        group = item(self._stored, name)
        names = texts(group, "weight_names", [])[:MAX_ARRAYS_OF_A_LAYER]
        return [item(group, as_text(each)) for each in names]

    def inside(self, name: str, kind: str) -> Named:
        """The weights of a model in the model."""
        return _Inside(item(self._stored, name), [name])


class _Inside(Named):
    """The weights of a model in an .h5 file's model: its group has those of all its layers.

    A weight's name has its layer's before it, and often those of the models around the layer.
    """

    def __init__(
        self, stored: Any, models: list[str], names: list[list[str]] | None = None
    ) -> None:
        super().__init__(stored)
        self._models = models
        if names is None:
            names = [as_text(each).split("/") for each in texts(stored, "weight_names", [])]
        self._names = names
        if len(names) > MAX_ARRAYS:
            raise Fault("too-large", f"more than {MAX_ARRAYS:,} arrays in a model")

    def of(self, name: str, kind: str) -> list[Any]:
        """The arrays of a layer. A layer of another model in this one may have the same name."""
        for start in range(len(self._models) + 1):
            path = [*self._models[start:], name]
            if found := [each for each in self._names if each[-1 - len(path) : -1] == path]:
                return [item(self._stored, "/".join(each)) for each in found]
        return []

    def inside(self, name: str, kind: str) -> Named:
        """Those of a model in it, of which the group has all as well."""
        return _Inside(self._stored, [*self._models, name], self._names)
