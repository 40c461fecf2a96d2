"""From the values of a network file to a Network: arrays are fetched, and shapes must chain."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from netrunner.document import Node, Scalar, Sequence, parse
from netrunner.errors import Fault, NetrunnerError, Problem, Related, in_file_order
from netrunner.files import problem_with_file, read_text
from netrunner.kinds import ActivationChoice, Reader, Values
from netrunner.layer import Array, Layer, layer_title, read_only
from netrunner.network import Example, Network, check_finite, to_dtype
from netrunner.network_file import NETWORK
from netrunner.numerals import are_numbers
from netrunner.plugins import Registry
from netrunner.source import Source, count, nearest, quote

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from netrunner.arrays import StoredArray

MAX_OPEN_FILES = 8
MAX_STORED_VALUES = 2**27  # in one array: 1 GiB of float64

Shape = tuple[int | None, ...]  # None where a number is not known, because something was wrong


@dataclass(frozen=True)
class NetworkFile:
    """A network as it was read, with what the checks need to point into its file."""

    network: Network
    source: Source
    values: Values
    stored: dict[str, StoredFile]

    @property
    def layers(self) -> list[Values]:
        """The values of each layer, in order."""
        return [layer.value for layer in self.values["layers"].value]

    @property
    def examples(self) -> list[Values]:
        examples = self.values.get("examples")
        return [example.value for example in examples.value] if examples else []


@dataclass
class StoredFile:
    """A parameter file: where it is first named, which arrays it has, and which are used."""

    node: Node
    members: tuple[str, ...]
    used: set[str] = field(default_factory=set)


def read_network(path: str | os.PathLike[str], registry: Registry) -> NetworkFile:
    """The network in a file. Raises NetrunnerError with all the problems of the file."""
    name = os.fspath(path)
    try:
        source = read_text(Path(path), name)
    except Fault as fault:
        raise NetrunnerError(problem_with_file(fault, name)) from None
    reader = Reader(source, registry)
    root = parse(source, reader.problems)
    assembled = None
    if root is None:
        message = "the file is empty: a network needs inputs and layers"
        reader.problems.append(Problem("missing-key", source.place(0), message))
    else:
        values = NETWORK.read(root, reader)
        if values is not None:
            assembled = _Assembly(reader, values, Path(path)).assemble()
    if reader.problems or assembled is None:
        raise NetrunnerError(in_file_order(reader.problems))
    return assembled


@dataclass
class _Link:
    """What the next layer meets: how many values come, from what, and where that is said."""

    name: str
    size: int | None
    says: str = ""
    node: Node | None = None


class _Assembly:
    def __init__(self, reader: Reader, values: Values, path: Path) -> None:
        self.reader = reader
        self.values = values
        self.path = path
        self.dtype = np.dtype(self._get("dtype", "float64"))
        self.stored: dict[str, StoredFile] = {}
        self.open_files: dict[Path, dict[str, StoredArray]] = {}
        self.files = ExitStack()

    def _get(self, key: str, default: Any = None) -> Any:
        return self.values[key].value if key in self.values else default

    def assemble(self) -> NetworkFile | None:
        inputs = self._get("inputs")
        names = inputs if isinstance(inputs, tuple) else None
        input_size = len(inputs) if isinstance(inputs, tuple) else inputs
        says = f"inputs has {count(len(names), 'name')}" if names else f"inputs is {input_size}"
        node = self.values["inputs"].node if "inputs" in self.values else None
        self.chain = [_Link("x", input_size, says, node)]
        given = [layer.value for layer in self._get("layers", ())]
        try:
            layers = [
                self._layer(index, values, after)
                for index, (values, after) in enumerate(zip_longest(given, given[1:]), 1)
            ]
        finally:
            self._close_files()
        self._check_outputs()
        examples = [
            self._example(index, value.value, input_size)
            for index, value in enumerate(self._get("examples", ()), 1)
        ]
        if self.reader.problems:
            return None
        network = Network(
            self._get("name", self.path.stem),
            self._get("description", "").strip(),
            input_size,
            names,
            tuple(layer for layer in layers if layer is not None),
            self._get("outputs"),
            self.dtype,
            tuple(example for example in examples if example is not None),
        )
        return NetworkFile(network, self.reader.source, self.values, self.stored)

    def _layer(self, index: int, values: Values | None, after: Values | None) -> Layer | None:
        if values is None:
            self.chain.append(_Link(f"layer {index}", None))
            return None
        name = values["name"].value if "name" in values else None
        with self.reader.within(layer_title(index, name)):
            rows, size = self.chain[-1].size, values["size"].value if "size" in values else None
            columns: int | None = self._size_meant(values, after)
            if columns is not None:
                self._report_size(values, columns)
                weights, biases = None, None
            else:
                weights = self._weights(values, (rows, size))
                columns = weights.shape[1] if size is None and weights is not None else size
                biases = self._biases(values, columns)
            choice = values["activation"].value if "activation" in values else None
            if choice is not None:
                self._try_parameters(choice, columns or 1)
        says = f"{layer_title(index, name)} has size {columns}"
        said_at = values["size"].node if "size" in values else None
        self.chain.append(_Link(name or f"layer {index}", columns, says, said_at))
        if weights is None or biases is None or choice is None or size is None:
            return None
        return Layer(
            index,
            name,
            read_only(np.ascontiguousarray(weights)),
            read_only(np.ascontiguousarray(biases)),
            choice.registered.activation,
            choice.registered.origin,
            MappingProxyType(dict(choice.parameters)),
        )

    def _size_meant(self, values: Values, after: Values | None) -> int | None:
        """The size that all else in and after a layer agrees on, where `size` is another."""
        weights = values["weights"].value if "weights" in values else None
        if "size" not in values or not isinstance(weights, np.ndarray) or weights.ndim != 2:
            return None
        rows, meant = weights.shape
        biases = values["biases"].value if "biases" in values else None
        following = after["weights"].value if after and "weights" in after else None
        others = [
            len(one)
            for one in (biases, following)
            if isinstance(one, np.ndarray) and one.ndim and one.size
        ]
        if after is None and "outputs" in self.values:
            others.append(len(self.values["outputs"].value))
        agreed = others and all(other == meant for other in others)
        chained = self.chain[-1].size in (None, rows)
        if not agreed or not chained or meant == values["size"].value:
            return None
        return meant if _decimal_commas(values["weights"].node) is None else None

    def _report_size(self, values: Values, meant: int) -> None:
        size, weights = values["size"], values["weights"]
        rows = weights.value.shape[0]
        message = (
            f"weights are {_shown((rows, meant))}, expected {_shown((rows, size.value))}:"
            f" size is {size.value}"
        )
        related = [Related(self.reader.place(size.node), f"size is {size.value} here")]
        if "biases" in values and np.ndim(values["biases"].value) == 1:
            there = self.reader.place(values["biases"].node)
            related.append(Related(there, f"biases are {_shown((meant,))}"))
        hint = f"write size: {meant}, then all else fits"
        self.reader.report(
            "shape-mismatch", weights.node, message, hint=hint, related=tuple(related)
        )

    def _try_parameters(self, choice: ActivationChoice, size: int) -> None:
        if choice.parameters:
            try:
                choice.registered.try_parameters(choice.parameters, size)
            except Fault as fault:
                named = [key for key in choice.nodes if key in fault.message.split()]
                at = choice.nodes[named[0]] if named else next(iter(choice.nodes.values()))
                self.reader.report_fault(fault, at)

    def _weights(self, values: Values, expected: Shape) -> Array | None:
        if "weights" not in values:
            return None
        given = values["weights"]
        if isinstance(given.value, np.ndarray):
            if not _fits(given.value.shape, expected):
                hint = _hint_for_weights(given.value, given.node, expected)
                self._report_weights(given.node, values, given.value.shape, expected, hint)
                return None
            return self._converted(given.value, given.node, "weights: ")
        transpose = "transpose" in given.value and given.value["transpose"].value

        def check(array: StoredArray) -> NDArray[Any] | None:
            shape = array.shape[::-1] if transpose else array.shape
            if _fits(shape, expected):
                return array.read().T if transpose else array.read()
            hint = None
            if len(shape) == 2 and _fits(shape[::-1], expected):
                hint = "remove transpose" if transpose else "add transpose: true, then it fits"
            file = given.value["file"]
            self._report_weights(file.node, values, shape, expected, hint, file.value)
            return None

        return self._from_file(given.value, check)

    def _report_weights(
        self,
        node: Node,
        values: Values,
        shape: Shape,
        expected: Shape,
        hint: str | None,
        file: str | None = None,
    ) -> None:
        before, related, reasons = self.chain[-1], [], []
        wrong_rows = len(shape) != 2 or not _fits(shape[:1], expected[:1])
        wrong_columns = len(shape) != 2 or not _fits(shape[1:], expected[1:])
        if wrong_rows and before.node is not None:
            index = len(self.chain) - 1
            noun = "neuron" if index else "input"
            who = (
                f"layer {index} has" if index else "there " + ("is" if before.size == 1 else "are")
            )
            reasons.append(f"{who} {count(before.size or 0, noun)}")
            related.append(Related(self.reader.place(before.node), before.says))
        if wrong_columns and "size" in values:
            size = values["size"]
            reasons.append(f"size is {size.value}")
            related.append(Related(self.reader.place(size.node), f"size is {size.value} here"))
        message = f"weights{_in_file(file)} are {_shown(shape)}, expected {_shown(expected)}"
        message += f": {' and '.join(reasons)}" if reasons else ""
        context = None
        if wrong_rows and len(shape) == 2:
            name = values["name"].value if "name" in values else f"layer {len(self.chain)}"
            links = [f"{link.name} {_shown((link.size,))}" for link in self.chain[-5:]]
            start = ["…"] if len(self.chain) > len(links) else []
            context = " → ".join([*start, *links, f"{name} expects {shape[0]}"])
        elif len(shape) != 2:
            context = "weights have one row for each input, and one column for each neuron"
        self.reader.report(
            "shape-mismatch", node, message, hint=hint, related=tuple(related), context=context
        )

    def _biases(self, values: Values, size: int | None) -> Array | None:
        if "biases" not in values:
            return None
        given = values["biases"]
        if isinstance(given.value, dict):

            def check(array: StoredArray) -> NDArray[Any] | None:
                shape = array.shape
                if given.value["file"].value.lower().endswith(".csv") and 1 in shape:
                    shape = (shape[0] * shape[1],)
                file = given.value["file"]
                if not self._check_biases(file.node, values, shape, size, file=file.value):
                    return None
                return array.read().reshape(-1)

            return self._from_file(given.value, check)
        if given.value.ndim:
            hint = _hint_for_biases(given.value, given.node, size)
            if not self._check_biases(given.node, values, given.value.shape, size, hint):
                return None
        biases = self._converted(given.value, given.node, "biases: ")
        if biases is None or size is None:
            return None
        return biases if biases.ndim else np.broadcast_to(biases, (size,))

    def _check_biases(
        self,
        node: Node,
        values: Values,
        shape: Shape,
        size: int | None,
        hint: str | None = None,
        file: str | None = None,
    ) -> bool:
        if _fits(shape, (size,)):
            return True
        message = f"biases{_in_file(file)} are {_shown(shape)}, expected {_shown((size,))}"
        related = []
        if "size" in values:
            message += f": size is {size}"
            place = self.reader.place(values["size"].node)
            related.append(Related(place, f"size is {size} here"))
        if file is not None and len(shape) != 1:
            csv = file.lower().endswith(".csv")
            has = "one row or one column" if csv else "one dimension"
            message += f"; a bias file has {has}"
        self.reader.report("shape-mismatch", node, message, hint=hint, related=tuple(related))
        return False

    def _from_file(self, record: Values, check: Any) -> Array | None:
        """The array that a record names, if `check` accepts its shape and gives its values."""
        file, key = record.get("file"), record.get("key")
        if file is None:
            return None
        node = file.node
        try:
            path = _inside(self.path.parent, file.value)
            arrays = self._arrays(path, node)
            if key is not None:
                node = key.node
            name = _member(arrays, key.value if key else None)
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
        from netrunner.arrays import stored_arrays  # only networks with weight files need it

        if path not in self.open_files:
            if not path.exists():
                raise Fault("file-not-found", "no such file", _near_file(path, self.path.parent))
            if len(self.open_files) >= MAX_OPEN_FILES:
                self._close_files()
            arrays = self.open_files[path] = self.files.enter_context(stored_arrays(path))
            self.stored.setdefault(str(path), StoredFile(node, tuple(arrays)))
        return self.open_files[path]

    def _close_files(self) -> None:
        self.open_files.clear()
        self.files.close()

    def _converted(self, array: NDArray[Any], node: Node, what: str) -> Array | None:
        """Numbers of the file in the network's dtype; each that does not fit is reported."""
        if array.dtype == self.dtype:
            return array
        with np.errstate(all="ignore"):
            converted = array.astype(self.dtype)
        overflows = ~np.isfinite(converted)
        vanishes = (converted == 0) & (array != 0)
        for index in np.argwhere(overflows | vanishes).tolist():
            number = _element(node, index)
            shown = quote(number.text) if isinstance(number, Scalar) else "a number"
            if overflows[tuple(index)]:
                message = f"{what}{shown} overflows in {self.dtype}"
                self.reader.report("not-finite", number, message)
            else:
                message = f"{what}{shown} vanishes in {self.dtype}"
                hint = "write 0 if that is meant"
                self.reader.report("vanishing-number", number, message, hint=hint)
        return None if overflows.any() or vanishes.any() else converted

    def _check_outputs(self) -> None:
        if "outputs" not in self.values or len(self.chain) < 2:
            return
        names, last = self.values["outputs"], self.chain[-1]
        if last.size is not None and len(names.value) != last.size:
            with self.reader.within("outputs"):
                message = (
                    f"{count(len(names.value), 'name')}, but layer {len(self.chain) - 1}, the last,"
                    f" has {count(last.size, 'neuron')}"
                )
                related = (Related(self.reader.place(last.node), last.says),) if last.node else ()
                self.reader.report("shape-mismatch", names.node, message, related=related)

    def _example(self, index: int, values: Values | None, inputs: int | None) -> Example | None:
        if values is None or "input" not in values or "output" not in values:
            return None
        given, wanted = values["input"], values["output"]
        with self.reader.within(f"example {index}"):
            ends = (("input", given, self.chain[0]), ("output", wanted, self.chain[-1]))
            fitting = True
            for key, value, link in ends:
                if not value.value.ndim:
                    message = f"{key} is a single number, expected a list of numbers"
                    hint = f"write [{_short(value.value)}]" if link.size == 1 else None
                    self.reader.report("wrong-type", value.node, message, hint=hint)
                    return None
                width = value.value.shape[-1]
                if link.size is not None and len(self.chain) > 1 and width != link.size:
                    related = (
                        (Related(self.reader.place(link.node), link.says),) if link.node else ()
                    )
                    message = f"{key} has {count(width, 'number')}, expected {link.size}"
                    self.reader.report("shape-mismatch", value.node, message, related=related)
                    fitting = False
            if given.value.shape[:-1] != wanted.value.shape[:-1]:
                message = (
                    f"output has {_rows(wanted.value)}, input has {_rows(given.value)}: "
                    "each row of inputs needs its row of outputs"
                )
                there = self.reader.place(given.node)
                related = (Related(there, f"input has {_rows(given.value)}"),)
                self.reader.report("shape-mismatch", wanted.node, message, related=related)
                fitting = False
            x = self._converted(given.value, given.node, "input: ")
        if not fitting or x is None:
            return None
        tolerance = values["tolerance"].value if "tolerance" in values else None
        return Example(x, wanted.value, tolerance)


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
        if not path.resolve().is_relative_to(folder.resolve()):
            raise outside
    except (OSError, RuntimeError) as error:  # a loop of symbolic links
        loop = "it is a symbolic link to itself"
        reason = (error.strerror or loop) if isinstance(error, OSError) else loop
        raise Fault("unreadable-file", f"cannot be read: {reason}") from None
    return path


def _unreadable(error: OSError) -> Fault:
    return Fault("unreadable-file", f"cannot be read: {error.strerror or error}")


def _near_file(path: Path, folder: Path) -> str | None:
    """The hint with the array file beside `path` that is called most like it."""
    from netrunner.arrays import SUFFIXES

    try:
        names = sorted(each.name for each in path.parent.iterdir() if each.suffix in SUFFIXES)
    except OSError:
        return None
    stems = {Path(name).stem: name for name in names}
    near = path.name if path.name in names else stems.get(nearest(path.stem, stems) or "")
    if near is None:
        return None
    return f"did you mean {quote((path.parent / near).relative_to(folder).as_posix(), 100)}?"


def _member(arrays: Iterable[str], key: str | None) -> str:
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
        raise Fault("unknown-member", f"key is missing: the file holds {known or 'no arrays'}")
    if key not in names:
        near = nearest(key, names, 0.5)
        hint = f"did you mean {quote(near)}?" if near else None
        raise Fault("unknown-member", f"no array {quote(key)}; it holds {known or 'none'}", hint)
    return key


def _fits(shape: Shape, expected: Shape) -> bool:
    return len(shape) == len(expected) and all(
        a == b or a is None or b is None for a, b in zip(shape, expected, strict=True)
    )


def _hint_for_weights(weights: NDArray[Any], node: Node, expected: Shape) -> str | None:
    """What would make weights in the file fit, if that is known."""
    rows, columns = expected
    if rows is None or columns is None:
        return None
    if weights.ndim == 1:
        if weights.size == rows * columns and 1 in expected:
            return _written("write", weights.reshape(rows, columns))
        return None
    if weights.shape == (columns, rows):
        return _written("transposed they fit, one row per input: write", weights.T)
    if weights.shape == (rows, 2 * columns):
        return _decimal_commas(node)
    return None


def _hint_for_biases(biases: NDArray[Any], node: Node, size: int | None) -> str | None:
    if size is None:
        return None
    if biases.ndim > 1 and biases.size == size and 1 in biases.shape:
        return _written("write", biases.reshape(-1))
    return _decimal_commas(node) if biases.shape == (2 * size,) else None


def _decimal_commas(node: Node) -> str | None:
    """The hint for a row such as [0,1, 0,3], where blanks tell the two kinds of comma apart."""
    while isinstance(node, Sequence) and not isinstance(node.items[0], str):
        node = node.node(0)
    if not isinstance(node, Sequence):
        return None
    texts, offsets = [str(item) for item in node.items], node.offsets
    ends = [offset + len(text) for offset, text in zip(offsets, texts, strict=True)]
    gaps = [after - end for after, end in zip(offsets[1:], ends, strict=False)]
    numbers = [f"{whole}.{part}" for whole, part in zip(texts[::2], texts[1::2], strict=False)]
    if set(gaps[::2]) != {1} or 1 in gaps[1::2] or not are_numbers(numbers):
        return None
    row = f"[{', '.join(numbers)}]"
    return "numbers have a decimal point, no comma: write " + (row if len(row) < 60 else numbers[0])


def _written(lead: str, array: NDArray[Any]) -> str:
    """A hint with an array as YAML where it is short enough, and without where it is not."""
    rows = [f"[{', '.join(map(_short, row))}]" for row in np.atleast_2d(array)]
    text = rows[0] if array.ndim == 1 else f"[{', '.join(rows)}]"
    return f"{lead} {text if len(text) <= 120 else f'{text[:60]} ...'}"


def _in_file(file: str | None) -> str:
    return "" if file is None else f" in {quote(file, 100)}"


def _short(number: float) -> str:
    return repr(float(number)).removesuffix(".0")


def _shown(shape: Shape) -> str:
    dims = ["?" if dim is None else str(dim) for dim in shape]
    return f"({dims[0]},)" if len(dims) == 1 else f"({', '.join(dims)})"


def _rows(array: NDArray[Any]) -> str:
    return "a single row" if array.ndim == 1 else count(len(array), "row")


def _element(node: Node, index: Iterable[int]) -> Node:
    """The node of the number at an index into an array."""
    for i in index:
        if isinstance(node, Sequence):
            node = node.node(i)
    return node
