"""From the values of a network file to a Network: arrays are fetched, and shapes must chain."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from netrunner.document import Mapping, Node, Scalar, parse
from netrunner.errors import Fault, NetrunnerError, Problem, Related, in_file_order
from netrunner.files import problem_with_file, read_text
from netrunner.kinds import ActivationChoice, Reader, Values, count
from netrunner.layer import Array, Layer, layer_title
from netrunner.network import Example, Network, check_finite, to_dtype
from netrunner.network_file import NETWORK
from netrunner.plugins import Registry
from netrunner.source import Source, nearest, quote

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from netrunner.arrays import StoredArray

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
        return [example.value for example in self.values["examples"].value]


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

    def _get(self, key: str, default: Any = None) -> Any:
        return self.values[key].value if key in self.values else default

    def assemble(self) -> NetworkFile | None:
        inputs = self._get("inputs")
        names = inputs if isinstance(inputs, tuple) else None
        input_size = len(inputs) if isinstance(inputs, tuple) else inputs
        says = f"inputs names {input_size}" if names else f"inputs is {input_size}"
        node = self.values["inputs"].node if "inputs" in self.values else None
        self.chain = [_Link("x", input_size, says, node)]
        layers = [
            self._layer(index, value.value, value.node)
            for index, value in enumerate(self._get("layers", ()), 1)
        ]
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

    def _layer(self, index: int, values: Values | None, node: Node) -> Layer | None:
        if values is None:
            self.chain.append(_Link(f"layer {index}", None))
            return None
        name = values["name"].value if "name" in values else None
        with self.reader.within(layer_title(index, name)):
            rows, size = self.chain[-1].size, values["size"].value if "size" in values else None
            weights = self._weights(values, (rows, size))
            columns = size if size is not None or weights is None else weights.shape[1]
            biases = self._biases(values, columns)
            choice = values["activation"].value if "activation" in values else None
            if choice is not None:
                self._try_parameters(choice, columns or 1, values["activation"].node)
        says = f"{layer_title(index, name)} has size {columns}"
        said_at = values["size"].node if "size" in values else None
        self.chain.append(_Link(name or f"layer {index}", columns, says, said_at))
        if weights is None or biases is None or choice is None or size is None:
            return None
        return Layer(
            index,
            name,
            _read_only(weights),
            _read_only(biases),
            choice.registered.activation,
            choice.registered.origin,
            MappingProxyType(dict(choice.parameters)),
        )

    def _try_parameters(self, choice: ActivationChoice, size: int, node: Node) -> None:
        if choice.parameters:
            try:
                choice.registered.try_parameters(choice.parameters, size)
            except Fault as fault:
                named = [key for key in choice.nodes if key in fault.message.split()]
                at = choice.nodes[named[0]] if named else next(iter(choice.nodes.values()), node)
                self.reader.report_fault(fault, at)

    def _weights(self, values: Values, expected: Shape) -> Array | None:
        if "weights" not in values:
            return None
        given = values["weights"]
        if isinstance(given.value, np.ndarray):
            if not _fits(given.value.shape, expected):
                hint = _transposed_hint(given.value, expected)
                self._report_weights(given.node, values, given.value.shape, expected, hint)
                return None
            return self._converted(given.value, given.node)
        transpose = "transpose" in given.value and given.value["transpose"].value

        def check(array: StoredArray) -> NDArray[Any] | None:
            shape = array.shape[::-1] if transpose else array.shape
            if _fits(shape, expected):
                return array.read().T if transpose else array.read()
            hint = None
            if len(shape) == 2 and _fits(shape[::-1], expected):
                hint = "remove transpose" if transpose else "add transpose: true, then it fits"
            self._report_weights(given.value["file"].node, values, shape, expected, hint)
            return None

        return self._from_file(given.value, check)

    def _report_weights(
        self, node: Node, values: Values, shape: Shape, expected: Shape, hint: str | None
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
        message = f"weights are {_shown(shape)}, expected {_shown(expected)}"
        message += f": {' and '.join(reasons)}" if reasons else ""
        context = None
        if wrong_rows and len(shape) == 2:
            name = values["name"].value if "name" in values else f"layer {len(self.chain)}"
            links = [f"{link.name} {_shown((link.size,))}" for link in self.chain]
            context = " → ".join([*links, f"{name} expects {shape[0]}"])
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
                if not self._check_biases(given.value["file"].node, values, shape, size):
                    return None
                return array.read().reshape(-1)

            return self._from_file(given.value, check)
        if given.value.ndim and not self._check_biases(given.node, values, given.value.shape, size):
            return None
        biases = self._converted(given.value, given.node)
        if biases is None or size is None:
            return None
        return biases if biases.ndim else np.broadcast_to(biases, (size,))

    def _check_biases(self, node: Node, values: Values, shape: Shape, size: int | None) -> bool:
        if _fits(shape, (size,)):
            return True
        message, related = f"biases are {_shown(shape)}, expected {_shown((size,))}", []
        if "size" in values:
            message += f": size is {size}"
            place = self.reader.place(values["size"].node)
            related.append(Related(place, f"size is {size} here"))
        self.reader.report("shape-mismatch", node, message, related=tuple(related))
        return False

    def _from_file(self, record: Values, check: Any) -> Array | None:
        """The array that a record names, if `check` accepts its shape and gives its values."""
        file, key = record.get("file"), record.get("key")
        if file is None:
            return None
        from netrunner.arrays import stored_arrays  # only networks with weight files need it

        node = file.node
        try:
            path = _inside(self.path.parent, file.value)
            with stored_arrays(path) as arrays:
                stored = self.stored.setdefault(str(path), StoredFile(node, tuple(arrays)))
                if key is not None:
                    node = key.node
                name = _member(arrays, key.value if key else None, file.value)
                stored.used.add(name)
                node = file.node
                array = check(arrays[name])
            if array is None:
                return None
            check_finite(array)
            return to_dtype(array, self.dtype)
        except Fault as fault:
            what = quote(file.value, 100)
            if key is not None and fault.code != "unknown-member":
                what += f", {quote(key.value)}"
            if fault.place is not None and fault.place.line is not None:
                what += f", line {fault.place.line}"
            self.reader.report(fault.code, node, f"{what}: {fault.message}", hint=fault.hint)
            return None

    def _converted(self, array: NDArray[Any], node: Node) -> Array | None:
        try:
            return to_dtype(array, self.dtype)
        except Fault as fault:
            self.reader.report(fault.code, _element(node, fault), fault.message, hint=fault.hint)
            return None

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
                related = (Related(self.reader.place(given.node), "input"),)
                self.reader.report("shape-mismatch", wanted.node, message, related=related)
                fitting = False
            x = self._converted(given.value, given.node)
        if not fitting or x is None:
            return None
        tolerance = values["tolerance"].value if "tolerance" in values else None
        return Example(_read_only(x), _read_only(wanted.value), tolerance)


def _inside(folder: Path, name: str) -> Path:
    """The path of a file that a network names, which must lie in the network's folder."""
    parts = PurePosixPath(name)
    outside = Fault("outside-folder", "the file must lie in the network file's folder or below it")
    if not name or "\0" in name:
        raise Fault("file-not-found", "no such file")
    if parts.is_absolute() or ".." in parts.parts or "\\" in name or Path(name).is_absolute():
        raise outside
    path = folder / parts
    try:
        if not path.resolve().is_relative_to(folder.resolve()):
            raise outside
    except (OSError, RuntimeError) as error:  # a loop of symbolic links
        raise Fault("unreadable-file", f"cannot be read: {error}") from None
    return path


def _member(arrays: Iterable[str], key: str | None, file: str) -> str:
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


def _transposed_hint(weights: NDArray[np.float64], expected: Shape) -> str | None:
    if not _fits(weights.shape[::-1], expected):
        return None
    hint = "transposed they fit: one row per input, one column per neuron"
    rows = ", ".join(f"[{', '.join(map(_short, row))}]" for row in weights.T)
    return f"{hint}: weights: [{rows}]" if len(rows) <= 120 else hint


def _short(number: float) -> str:
    return repr(float(number)).removesuffix(".0")


def _shown(shape: Shape) -> str:
    dims = ["?" if dim is None else str(dim) for dim in shape]
    return f"({dims[0]},)" if len(dims) == 1 else f"({', '.join(dims)})"


def _rows(array: NDArray[Any]) -> str:
    return "a single row" if array.ndim == 1 else count(len(array), "row")


def _element(node: Node, fault: Fault) -> Node:
    """The node of the number that a fault in an array speaks of."""
    for index in fault.index or ():
        if isinstance(node, (Scalar, Mapping)):
            break
        node = node.node(index)
    return node


def _read_only(array: Array) -> Array:
    array = np.ascontiguousarray(array)
    array.setflags(write=False)
    return array
