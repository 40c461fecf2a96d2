"""The files that hold a network's weights and biases: in its folder, opened once, checked."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import numpy as np

from netrunner.activations.activation import Array
from netrunner.files.opening import ARRAY_SUFFIXES, resolved
from netrunner.format.document import Node
from netrunner.format.reading import Reader, Values
from netrunner.network.network import check_finite, to_dtype
from netrunner.problems.problem import Fault
from netrunner.problems.words import nearest, quote

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from netrunner.files.arrays import StoredArray

KEYED_SUFFIXES = (".npz", ".safetensors")
MAX_OPEN_FILES = 8
MAX_MEMBERS_TRIED = 100  # of a file, for a hint
MAX_KEYS_SHOWN = 8
MAX_STORED_VALUES = 2**27  # in one array: 1 GiB of float64


@dataclass
class StoredFile:
    """A parameter file: where it is first named, which arrays it has, and which are used."""

    node: Node
    members: tuple[str, ...]
    used: set[str] = field(default_factory=set)


class ParameterFiles:
    """The files that a network in `folder` names, for as long as it is read."""

    def __init__(self, folder: Path, reader: Reader, dtype: np.dtype[Any]) -> None:
        self.folder, self.reader, self.dtype = folder, reader, dtype
        self.stored: dict[str, StoredFile] = {}
        self._open: dict[Path, dict[str, StoredArray]] = {}
        self._files = ExitStack()

    def close(self) -> None:
        self._open.clear()
        self._files.close()

    def array(
        self,
        record: Values,
        fits: Callable[[tuple[int, ...]], bool],
        check: Callable[[StoredArray], NDArray[Any] | None],
    ) -> Array | None:
        """The array that a record names, if `check` accepts its shape and gives its values.

        `fits` says of a shape whether it will, so that a key that is missing can be proposed.
        """
        file, key = record.get("file"), record.get("key")
        if file is None:
            return None
        node = file.node
        try:
            path = _inside(self.folder, file.value)
            arrays = self._arrays(path, node)
            if key is not None:
                node = key.node
            name = _member(arrays, key.value if key else None, fits)
            node = file.node
            self.stored[str(path)].used.add(name)
            stored = arrays[name]
            if math.prod(stored.shape) > MAX_STORED_VALUES:
                raise Fault("too-large", f"more than {MAX_STORED_VALUES:,} values")
            array = check(stored)
            if array is None:
                return None
            check_finite(array)
            return to_dtype(array, self.dtype)
        except (Fault, OSError) as error:
            fault = error if isinstance(error, Fault) else _unreadable(error)
            what = quote(file.value, 100)
            if key is not None and fault.code != "unknown-member":
                what += f", {quote(key.value)}"
            if fault.place is not None and fault.place.line is not None:
                what += f", line {fault.place.line}"
            self.reader.report(fault.code, node, f"{what}: {fault.message}", hint=fault.hint)
            return None

    def _arrays(self, path: Path, node: Node) -> dict[str, StoredArray]:
        """The arrays of a file, which stays open, since other layers may name it too."""
        from netrunner.files.arrays import stored_arrays  # only networks with weight files need it

        if path not in self._open:
            try:
                path.stat()
            except FileNotFoundError:
                hint = _near_file(path, self.folder)
                raise Fault("file-not-found", "no such file", hint) from None
            if len(self._open) >= MAX_OPEN_FILES:
                self.close()
            arrays = self._open[path] = self._files.enter_context(stored_arrays(path))
            self.stored.setdefault(str(path), StoredFile(node, tuple(arrays)))
        return self._open[path]


def _inside(folder: Path, name: str) -> Path:
    """The path of a file that a network names, which must lie in the network's folder."""
    parts = PurePosixPath(name)
    outside = Fault("outside-folder", "the file must lie in the network file's folder or below it")
    if not name or "\0" in name:
        raise Fault("file-not-found", "no such file")
    if "\\" in name:
        outside.hint = "write / between folders"
        raise outside
    if parts.is_absolute() or ".." in parts.parts or Path(name).is_absolute():
        raise outside
    path = folder / parts
    try:
        if not resolved(path).is_relative_to(folder.resolve()):
            raise outside
    except OSError as error:
        raise _unreadable(error) from None
    return path


def _unreadable(error: OSError) -> Fault:
    return Fault("unreadable-file", f"cannot be read: {error.strerror or error}")


def _near_file(path: Path, folder: Path) -> str | None:
    """The hint with the array file beside `path` that is called most like it."""
    try:
        names = sorted(each.name for each in path.parent.iterdir() if each.suffix in ARRAY_SUFFIXES)
    except OSError:
        return None
    # W.npz is like w.npz, although no letter of the stem is the same.
    stems = {Path(name).stem.lower(): name for name in names}
    whole = {name.lower(): name for name in names} | {name: name for name in names}
    like = stems.get(nearest(path.stem.lower(), stems) or "")
    near = whole.get(path.name) or whole.get(path.name.lower()) or like
    if near is None:
        return None
    return f"did you mean {quote((path.parent / near).relative_to(folder).as_posix(), 100)}?"


def naming(folder: Path, name: str, dims: int) -> str | None:
    """The hint to name a file as the place of an array: by a key too, where it has several."""
    keys = [""]
    if name.lower().endswith(KEYED_SUFFIXES):
        from netrunner.files.arrays import stored_arrays

        # What is wrong with the file is told when the help is followed.
        with suppress(Fault), stored_arrays(_inside(folder, name)) as arrays:
            if len(arrays) > 1:
                keys = _keys(arrays, lambda shape: len(shape) == dims)
    if not keys or not name.isprintable():
        return None
    key = f", key: {_in_yaml(keys[0])}" if keys[0] else ""
    others = f", or another key: {', '.join(map(_in_yaml, keys[1:]))}" if keys[1:] else ""
    return f"write {{file: {_in_yaml(name)}{key}}}{others}"


def _keys(arrays: Mapping[str, StoredArray], fits: Callable[[tuple[int, ...]], bool]) -> list[str]:
    """The first few arrays whose shapes fit, of the first few that there are."""
    legible = [key for key in arrays if 0 < len(key) <= 40 and key.isprintable()]
    tried = legible[:MAX_MEMBERS_TRIED]
    return [key for key in tried if fits(arrays[key].shape)][:MAX_KEYS_SHOWN]


def _in_yaml(text: str) -> str:
    plain = re.fullmatch(r"\w[\w./-]*", text) and text.lower() != "null"
    return text if plain else "'" + text.replace("'", "''") + "'"


def _member(
    arrays: Mapping[str, StoredArray], key: str | None, fits: Callable[[tuple[int, ...]], bool]
) -> str:
    """The name of the array in a file that a key asks for. Raises Fault."""
    names = list(arrays)
    if names == [""]:
        if key is not None:
            raise Fault("unknown-member", "key is for .npz and .safetensors files: remove it")
        return ""
    if key is None and len(names) == 1:
        return names[0]
    known = ", ".join(map(quote, names[:20])) + (", ..." if len(names) > 20 else "")
    if key is None:
        hint = None
        with suppress(Fault):  # of a damaged member, which is told when it is meant
            keys = [f"key: {_in_yaml(each)}" for each in _keys(arrays, fits)]
            hint = f"add {' or '.join(keys)}" if keys else None
        message = f"key is missing: the file holds {known or 'no arrays'}"
        raise Fault("unknown-member", message, hint)
    if key not in names:
        near = nearest(key, names, 0.5)
        hint = f"did you mean {quote(near)}?" if near else None
        raise Fault("unknown-member", f"no array {quote(key)}; it holds {known or 'none'}", hint)
    return key
