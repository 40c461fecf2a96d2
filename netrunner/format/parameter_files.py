"""The files with a network's weights and biases, in its folder; each array is read once."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from netrunner.activations.activation import Array, read_only
from netrunner.files.opening import near_file, open_inside, path_inside, unreadable
from netrunner.format.nodes import Node, end_of
from netrunner.format.reading import Help, Reader, Values
from netrunner.network.network import check_finite, to_dtype
from netrunner.problems.problem import Fault
from netrunner.problems.suggestions import did_you_mean, nearest
from netrunner.problems.words import listed, quote
from netrunner.process import session
from netrunner.process.dataclass import dataclass

if TYPE_CHECKING:
    from netrunner.files.arrays import StoredArray
    from netrunner.problems.fixes import Fix

KEYED_SUFFIXES = (".npz", ".safetensors")
MAX_OPEN_FILES = 8
MAX_MEMBERS_TRIED = 100  # arrays of a file, to consider for a hint
MAX_KEYS_SHOWN = 8
MAX_NEAR_TRIED = 4  # missing files for which a similar name is looked for
MAX_STORED_VALUES = 2**27  # in one array: 1 GiB of float64
MAX_UNFOLDED = 64 * 2**20  # bytes beyond what a good compression explains, in all arrays together

Shape = tuple[int, ...]


class StoredFile:
    """A parameter file: where it is first named, which arrays it has, and which are used."""

    def __init__(self, name: str, node: Node, members: tuple[str, ...]) -> None:
        self.name, self.node, self.members = name, node, members
        self.used: set[str] = set()


@dataclass(frozen=True)
class Parameter:
    """An array in a file, as a layer names it; its values are still in the file."""

    record: Values
    file: Path
    member: str
    shape: Shape

    @property
    def node(self) -> Node:
        """Where the file is named."""
        return self.record["file"].node

    @property
    def name(self) -> str:
        """The file's name, as the network has it."""
        name: str = self.record["file"].value
        return name


class ParameterFiles:
    """The files that a network in `folder` names, for as long as it is read."""

    def __init__(self, folder: Path | None, reader: Reader, dtype: np.dtype[Any]) -> None:
        self.folder = folder or Path()
        self.may_name_files = folder is not None
        self.reader, self.dtype = reader, dtype
        self.stored: dict[Path, StoredFile] = {}
        self._open: dict[Path, dict[str, StoredArray]] = {}
        self._files = ExitStack()
        self._faults: dict[tuple[Path, str | None], Fault] = {}
        self._values: dict[tuple[Path, str, bool], Array] = {}
        self._unfolded = self._near_tried = 0

    def close(self) -> None:
        self._open.clear()
        self._files.close()

    def find(self, record: Values, fits: Callable[[Shape], bool]) -> Parameter | None:
        """The array that a record names; reports what is wrong.

        `fits` tests whether a shape would fit, so that a missing key can be suggested.
        """
        file, key = record.get("file"), record.get("key")
        if file is None:
            return None
        try:
            if not self.may_name_files:
                message = "a text without a folder cannot name a file: give the folder"
                raise Fault("outside-folder", message)
            path = path_inside(self.folder, file.value, WHOSE)
            arrays = self._arrays(path, file.value, file.node)
            member = _member(arrays, key.value if key else None, fits)
            self.stored[path].used.add(member)
            shape = arrays[member].shape
            if math.prod(shape) > MAX_STORED_VALUES:
                raise Fault("too-large", f"more than {MAX_STORED_VALUES:,} values")
        except (Fault, OSError) as error:
            self._report(error, record)
            return None
        return Parameter(record, path, member, shape)

    def values(self, parameter: Parameter, transpose: bool = False) -> Array | None:
        """The values of an array, finite and in the network's dtype; reports what is wrong.

        Even if an array is named several times, it is read once, and its fault is reported once.
        """
        file, member = parameter.file, parameter.member
        try:
            if (fault := self._faults.get((file, member))) is not None:
                raise fault
            if (file, member, transpose) not in self._values:
                array = self._read(parameter)
                array = np.ascontiguousarray(array.T if transpose else array)
                self._values[file, member, transpose] = read_only(array)
        except (Fault, OSError) as error:
            self._faults[file, member] = self._report(error, parameter.record)
            return None
        return self._values[file, member, transpose]

    def _read(self, parameter: Parameter) -> Array:
        arrays = self._arrays(parameter.file, parameter.name, parameter.node)
        stored = arrays[parameter.member]
        self._unfolded += stored.unfolds
        if stored.unfolds and self._unfolded > MAX_UNFOLDED:
            message = f"more than {MAX_UNFOLDED // 2**20} MiB of highly compressed arrays"
            raise Fault("too-large", message)
        array = stored.read()
        check_finite(array)
        return to_dtype(array, self.dtype)

    def _arrays(self, path: Path, name: str, node: Node) -> dict[str, StoredArray]:
        """The arrays of a file, which stays open because other layers may name it, too."""
        from netrunner.files.arrays import stored_arrays  # only for weight files

        known_fault = self._faults.get((path, None))
        if known_fault is not None:
            raise known_fault

        opened = partial(open_inside, self.folder, name, WHOSE)
        if path not in self._open:
            if len(self._open) >= MAX_OPEN_FILES:
                self.close()
            try:
                if not path.exists():
                    session.note_file(path)
                    raise self._not_found(name)
                arrays = self._files.enter_context(stored_arrays(path, opened))
            except Fault as fault:
                self._faults[path, None] = fault
                raise
            self._open[path] = arrays
            self.stored.setdefault(path, StoredFile(name, node, tuple(arrays)))
        return self._open[path]

    def _not_found(self, name: str) -> Fault:
        """The fault of a missing file, with the most similar name as a hint."""
        self._near_tried += 1
        near = near_file(self.folder / name) if self._near_tried <= MAX_NEAR_TRIED else None
        if near is None:
            return Fault("file-not-found", "no such file")
        shown = near.relative_to(self.folder).as_posix()
        hint = did_you_mean(shown, 100)
        return Fault("file-not-found", "no such file", hint, instead=_in_yaml(shown))

    def _report(self, error: Fault | OSError, record: Values) -> Fault:
        fault = error if isinstance(error, Fault) else unreadable(error)
        file, key = record["file"], record.get("key")
        node, what = file.node, quote(file.value, 100)
        if key is not None and fault.code == "unknown-member":
            node = key.node
        elif key is not None:
            what += f", {quote(key.value)}"
        if fault.place is not None and fault.place.line is not None:
            what += f", line {fault.place.line}"
        message = f"{what}: {fault.message}"
        fixes: tuple[Fix, ...] = ()
        if fault.code == "unknown-member" and key is None and fault.instead:
            fixes = self.adding(f"key: {fault.instead}", record)
        if fixes or fault.code not in ("file-not-found", "unknown-member"):
            self.reader.report(fault.code, node, message, fault.hint, fixes=fixes)
        else:
            self.reader.report(fault.code, node, message, fault.hint, fault.instead)
        return fault

    def adding(self, entry: str, record: Values) -> tuple[Fix, ...]:
        """The fix that adds an entry to a record in braces."""
        offset = max(end_of(value.node, self.reader.source.text) for value in record.values())
        edit = self.reader.edit_between(offset, offset, f", {entry}")
        return (self.reader.fix(f"add {entry}", edit),)


WHOSE = "network file"


def naming(folder: Path, name: str, dims: int) -> Help:
    """How to name a file that holds an array; with a key, if it holds several."""
    keys = [""]
    if name.lower().endswith(KEYED_SUFFIXES):
        from netrunner.files.arrays import stored_arrays

        opened = partial(open_inside, folder, name, WHOSE)
        # If something is wrong with the file, that is reported once the help is followed.
        with suppress(Fault), stored_arrays(Path(name), opened) as arrays:
            if len(arrays) > 1:
                keys = _keys(arrays, lambda shape: len(shape) == dims)
    if not keys or not name.isprintable():
        return None, None
    key = f", key: {_in_yaml(keys[0])}" if keys[0] else ""
    record = f"{{file: {_in_yaml(name)}{key}}}"
    if not keys[1:]:
        return None, record
    return f"write {record}, or another key: {', '.join(map(_in_yaml, keys[1:]))}", None


def _keys(arrays: Mapping[str, StoredArray], fits: Callable[[tuple[int, ...]], bool]) -> list[str]:
    """The first few arrays whose shapes fit, among the first few in the file."""
    legible = [key for key in arrays if 0 < len(key) <= 40 and key.isprintable()]
    tried = legible[:MAX_MEMBERS_TRIED]
    return [key for key in tried if fits(arrays[key].shape)][:MAX_KEYS_SHOWN]


def _in_yaml(text: str) -> str:
    plain = re.fullmatch(r"\w[\w./-]*", text) and text.lower() != "null"
    return text if plain else "'" + text.replace("'", "''") + "'"


def _member(
    arrays: Mapping[str, StoredArray], key: str | None, fits: Callable[[tuple[int, ...]], bool]
) -> str:
    """The name of the array that a key selects in a file. Raises Fault."""
    names = list(arrays)
    if names == [""]:
        if key is not None:
            raise Fault("unknown-member", "key is for .npz and .safetensors files: remove it")
        return ""
    if key is None and len(names) == 1:
        return names[0]
    known = listed(map(quote, names), 20)
    if key is None:
        hint, keys = None, []
        with suppress(Fault):  # a damaged member, which is reported when it is used
            keys = [_in_yaml(each) for each in _keys(arrays, fits)]
            hint = f"add {' or '.join(f'key: {each}' for each in keys)}" if keys else None
        only = keys[0] if len(keys) == 1 else None
        message = f"key is missing: the file holds {known or 'no arrays'}"
        raise Fault("unknown-member", message, hint, instead=only)
    if key not in names:
        near = nearest(key, names, 0.5)
        message = f"no array {quote(key)}; it holds {known or 'none'}"
        instead = _in_yaml(near) if near else None
        raise Fault("unknown-member", message, did_you_mean(near), instead=instead)
    return key
