"""From the values of a network file to a Network: reads arrays, and checks that shapes fit."""

from __future__ import annotations

import math
from itertools import zip_longest
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from netrunner.activations.activation import Array, read_only
from netrunner.format.activation_kind import ActivationChoice
from netrunner.format.nodes import Node, Scalar, element_at, end_of
from netrunner.format.parameter_files import ParameterFiles, StoredFile
from netrunner.format.reading import Help, Reader, Value, Values
from netrunner.format.shapes import (
    Shape,
    decimal_commas,
    fits,
    help_for_biases,
    help_for_weights,
    row_count,
    short,
    shown,
    written,
)
from netrunner.network.layer import Layer, layer_title, more_keys
from netrunner.network.network import Example, Network
from netrunner.problems.problem import Fault, Related
from netrunner.problems.source import Place, Source
from netrunner.problems.words import count, quote
from netrunner.process.dataclass import dataclass

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from netrunner.problems.fixes import Fix


_FULL_WIDTH_COMMAS = str.maketrans("，、", "  ")


@dataclass(frozen=True)
class NetworkFile:
    """A network from a file, with what the checks need to point into that file."""

    network: Network
    source: Source
    values: Values
    stored: list[StoredFile]

    def place(self, node: Node) -> Place:
        return self.source.place(node.offset, end_of(node, self.source.text))

    @property
    def layers(self) -> list[Values]:
        """The values of each layer, in order."""
        layers: list[Values] = self.values["layers"].value
        return layers

    @property
    def examples(self) -> list[Values]:
        examples = self.values.get("examples")
        return examples.value if examples else []


class _Link:
    """The input of the next layer: how many values, from what, and its place in the file."""

    __slots__ = ("name", "node", "says", "size")

    def __init__(self, name: str, size: int | None, says: str = "", node: Node | None = None):
        self.name, self.size, self.says, self.node = name, size, says, node


class Assembly:
    """Makes a network from the values of the file `name`, with weight files in `folder`."""

    def __init__(self, reader: Reader, values: Values, name: str, folder: Path | None) -> None:
        self.reader = reader
        self.values = values
        self.name = name
        self.dtype = np.dtype(self._get("dtype", "float64"))
        self.files = ParameterFiles(folder, reader, self.dtype)

    def _get(self, key: str, default: Any = None) -> Any:
        return self.values[key].value if key in self.values else default

    def assemble(self) -> NetworkFile | None:
        inputs = self._get("inputs")
        names = inputs if isinstance(inputs, tuple) else None
        input_size = len(inputs) if isinstance(inputs, tuple) else inputs
        says = f"inputs has {count(len(names), 'name')}" if names else f"inputs is {input_size}"
        node = self.values["inputs"].node if "inputs" in self.values else None
        self.chain = [_Link("x", input_size, says, node)]
        given = self._get("layers", [])
        try:
            layers = [
                self._layer(index, values, after)
                for index, (values, after) in enumerate(zip_longest(given, given[1:]), 1)
            ]
        finally:
            self.files.close()
        self._check_outputs()
        examples = [
            self._example(index, values)
            for index, values in enumerate(self._get("examples", ()), 1)
        ]
        if self.reader.problems:
            return None
        network = Network(
            self._get("name", self.name),
            self._get("description", "").strip(),
            input_size,
            names,
            tuple(layer for layer in layers if layer is not None),
            self._get("outputs"),
            self.dtype,
            tuple(example for example in examples if example is not None),
        )
        return NetworkFile(network, self.reader.source, self.values, [*self.files.stored.values()])

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
                self._try_parameters(choice, 1 if weights is None else weights.shape[1])
        says = f"{layer_title(index, name)} has size {columns}"
        said_at = values["size"].node if "size" in values else None
        self.chain.append(_Link(name or f"layer {index}", columns, says, said_at))
        if weights is None or biases is None or choice is None or size is None:
            return None
        return Layer(
            index,
            name,
            read_only(np.ascontiguousarray(weights)),
            read_only(np.ascontiguousarray(biases) if biases.ndim else np.full(size, biases)),
            choice.registered.activation,
            choice.registered.origin,
            MappingProxyType(dict(choice.parameters)),
            **{key: values[key].value for key in more_keys() if key in values},
        )

    def _size_meant(self, values: Values, after: Values | None) -> int | None:
        """The size on which all else in and after a layer agrees, if `size` differs."""
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
        return meant if decimal_commas(values["weights"].node)[0] is None else None

    def _report_size(self, values: Values, meant: int) -> None:
        size, weights = values["size"], values["weights"]
        rows = weights.value.shape[0]
        message = (
            f"weights are {shown((rows, meant))}, expected {shown((rows, size.value))}:"
            f" size is {size.value}"
        )
        related = [Related(self.reader.place(size.node), f"size is {size.value} here")]
        if "biases" in values and np.ndim(values["biases"].value) == 1:
            there = self.reader.place(values["biases"].node)
            related.append(Related(there, f"biases are {shown((meant,))}"))
        hint = (
            f"write size: {meant}, then all else fits; for {count(size.value, 'neuron')},"
            f" weights need {count(size.value, 'column')} and biases {count(size.value, 'number')}"
        )
        self.reader.report("shape-mismatch", weights.node, message, hint, related=tuple(related))

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
            if not fits(given.value.shape, expected):
                help_ = help_for_weights(given.value, given.node, expected)
                self._report_weights(given.node, values, given.value.shape, expected, help_)
                return None
            return self._converted(given.value, given.node, "weights: ")
        transpose = "transpose" in given.value and given.value["transpose"].value

        def will_fit(shape: tuple[int, ...]) -> bool:
            return fits(shape[::-1] if transpose else shape, expected)

        stored = self.files.find(given.value, will_fit)
        if stored is None:
            return None
        if will_fit(stored.shape):
            return self.files.values(stored, transpose)
        shape = stored.shape[::-1] if transpose else stored.shape
        hint: str | None = None
        fixes: tuple[Fix, ...] = ()
        if len(shape) == 2 and fits(shape[::-1], expected):
            if "transpose" in given.value:
                instead = "false" if transpose else "true"
                hint = f"write transpose: {instead}, then it fits"
                fixes = self.reader.fix_by_writing(instead, given.value["transpose"].node)
            else:
                hint = "add transpose: true, then it fits"
                fixes = self.files.adding("transpose: true", given.value)
        self._report_weights(stored.node, values, shape, expected, (hint, None), stored.name, fixes)
        return None

    def _report_weights(
        self,
        node: Node,
        values: Values,
        shape: Shape,
        expected: Shape,
        help_: Help,
        file: str | None = None,
        fixes: tuple[Fix, ...] = (),
    ) -> None:
        before, related, reasons = self.chain[-1], [], []
        wrong_rows = len(shape) != 2 or not fits(shape[:1], expected[:1])
        wrong_columns = len(shape) != 2 or not fits(shape[1:], expected[1:])
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
        message = f"weights{_in_file(file)} are {shown(shape)}, expected {shown(expected)}"
        message += f": {' and '.join(reasons)}" if reasons else ""
        context = None
        if wrong_rows and len(shape) == 2:
            name = values["name"].value if "name" in values else f"layer {len(self.chain)}"
            links = [f"{link.name} {shown((link.size,))}" for link in self.chain[-5:]]
            start = ["…"] if len(self.chain) > len(links) else []
            context = " → ".join([*start, *links, f"{name} expects {shape[0]}"])
        elif len(shape) != 2:
            context = "weights have one row for each input, and one column for each neuron"
        unexplained = help_ == (None, None) and not fixes
        if wrong_rows and shape and len(self.chain) == 1 and unexplained:
            hint, fixes = self._names_apart("inputs", shape[0])
            help_ = hint, None
        self.reader.report(
            "shape-mismatch", node, message, *help_, fixes, related=tuple(related), context=context
        )

    def _names_apart(self, key: str, expected: int | None) -> tuple[str | None, tuple[Fix, ...]]:
        """The help for [x1 x2] or [x1、x2], if that many names are expected."""
        given = self.values.get(key)
        if given is None or not isinstance(given.value, tuple):
            return None, ()
        names = " ".join(given.value).translate(_FULL_WIDTH_COMMAS).split()
        if len(names) != expected or len(names) == len(given.value):
            return None, ()
        written = f"[{', '.join(names)}]"
        fixes = self.reader.fix_by_writing(written, given.node)
        return f"write {key}: {written}, with commas between the names", fixes

    def _biases(self, values: Values, size: int | None) -> Array | None:
        """The biases, or the single one of all neurons."""
        if "biases" not in values:
            return None
        given = values["biases"]
        if isinstance(given.value, dict):
            stored = self.files.find(given.value, lambda shape: fits(shape, (size,)))
            if stored is None:
                return None
            shape = stored.shape
            if stored.file.suffix.lower() == ".csv" and 1 in shape:
                shape = (math.prod(shape),)
            if not self._check_biases(stored.node, values, shape, size, file=stored.name):
                return None
            biases = self.files.values(stored)
            return None if biases is None else biases.reshape(-1)
        if given.value.ndim:
            help_ = help_for_biases(given.value, given.node, size)
            if not self._check_biases(given.node, values, given.value.shape, size, help_):
                return None
        return self._converted(given.value, given.node, "biases: ")

    def _check_biases(
        self,
        node: Node,
        values: Values,
        shape: Shape,
        size: int | None,
        help_: Help = (None, None),
        file: str | None = None,
    ) -> bool:
        if fits(shape, (size,)):
            return True
        message = f"biases{_in_file(file)} are {shown(shape)}, expected {shown((size,))}"
        related = []
        if "size" in values:
            message += f": size is {size}"
            place = self.reader.place(values["size"].node)
            related.append(Related(place, f"size is {size} here"))
        if file is not None and len(shape) != 1:
            csv = file.lower().endswith(".csv")
            has = "one row or one column" if csv else "one dimension"
            message += f"; a bias file has {has}"
        self.reader.report("shape-mismatch", node, message, *help_, related=tuple(related))
        return False

    def _converted(self, array: NDArray[Any], node: Node, what: str) -> Array | None:
        """Numbers of the file in the network's dtype; reports each that does not fit."""
        if self.reader.problems and np.isnan(array).any():  # of a number that could not be read
            return None
        if array.dtype == self.dtype:
            return array
        with np.errstate(all="ignore"):
            converted = array.astype(self.dtype)
        overflows = ~np.isfinite(converted)
        vanishes = (converted == 0) & (array != 0)
        for index in np.argwhere(overflows | vanishes).tolist():
            number = element_at(node, index)
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
                hint, fixes = self._names_apart("outputs", last.size)
                self.reader.report(
                    "shape-mismatch", names.node, message, hint, None, fixes, related=related
                )

    def _example(self, index: int, values: Values | None) -> Example | None:
        if values is None or "input" not in values or "output" not in values:
            return None
        given, wanted = values["input"], values["output"]
        with self.reader.within(f"example {index}"):
            ends = (("input", given, self.chain[0]), ("output", wanted, self.chain[-1]))
            fitting = True
            for key, value, link in ends:
                if not value.value.ndim:
                    message = f"{key} is a single number, expected a list of numbers"
                    row = f"[{short(value.value)}]" if link.size == 1 else None
                    self.reader.report("wrong-type", value.node, message, instead=row)
                    return None
                width = value.value.shape[-1]
                if key == "output" and given.value.shape[:-1] != wanted.value.shape[:-1]:
                    self._report_rows(given, wanted)
                    return None
                if link.size is not None and len(self.chain) > 1 and width != link.size:
                    related = (
                        (Related(self.reader.place(link.node), link.says),) if link.node else ()
                    )
                    message = f"{key} has {count(width, 'number')}, expected {link.size}"
                    self.reader.report("shape-mismatch", value.node, message, related=related)
                    fitting = False
            x = self._converted(given.value, given.node, "input: ")
        if not fitting or x is None:
            return None
        tolerance = values["tolerance"].value if "tolerance" in values else None
        return Example(x, wanted.value, tolerance)

    def _report_rows(self, given: Value, wanted: Value) -> None:
        message = (
            f"output has {row_count(wanted.value)}, input has {row_count(given.value)}: "
            "each row of inputs needs its row of outputs"
        )
        help_: Help = (None, None)
        if self.chain[-1].size == 1 and wanted.value.shape == given.value.shape[:-1]:
            help_ = written("write", wanted.value.reshape(-1, 1))
        there = self.reader.place(given.node)
        related = (Related(there, f"input has {row_count(given.value)}"),)
        self.reader.report("shape-mismatch", wanted.node, message, *help_, related=related)


def _in_file(file: str | None) -> str:
    return "" if file is None else f" in {quote(file, 100)}"
