"""Writing into the examples what the network gives."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from netrunner.activations.registry import Registry
from netrunner.format.assembly import NetworkFile
from netrunner.format.checks import Checker, allowed_error, mismatch
from netrunner.format.document import parse
from netrunner.format.kinds import Tolerance
from netrunner.format.matrices import RowOrRows
from netrunner.format.network_text import network_of
from netrunner.format.nodes import (
    Mapping,
    Node,
    NumberRow,
    Scalar,
    Sequence,
    element_at,
    end_of,
    last_of,
)
from netrunner.format.reading import Reader
from netrunner.format.save import number
from netrunner.network.network import Example, Network
from netrunner.problems.fixes import Edit, edited
from netrunner.problems.problem import Fault, NetrunnerError, Problem
from netrunner.problems.source import Source

if TYPE_CHECKING:
    from numpy.typing import NDArray


def with_outputs(checker: Checker, text: str) -> str:
    """The text with the outputs that the network gives in those examples that fail.

    An output of another shape, or of no numbers at all, is replaced too. Raises NetrunnerError if
    something else would change, such as an alias of a wrong output, or a comment would be lost.
    """
    source = Source(checker.name, text)
    if (file := checker.check(text).file) is None:
        text = _with_shapes_of_outputs(source, checker.folder, checker.registry)
        file = checker.check(text).file
    if file is not None:
        text = edited(text, _edits_of_outputs(file))
    if text != source.text and _without_outputs(source) != _without_outputs(Source("", text)):
        message = "the outputs are not updated, because that would change something else"
        raise NetrunnerError(Problem("example-mismatch", source.place(0), message))
    return text


def _without_outputs(source: Source) -> object:
    """All the values of a text but the outputs of its examples; None if it cannot be read."""
    try:
        values = _values(parse(source, []))
    except NetrunnerError:
        return None
    examples = values.get("examples") if isinstance(values, dict) else None
    for example in examples or ():
        if isinstance(example, dict) and "output" in example:
            example["output"] = None
    return values


def _values(node: Node | None) -> Any:
    """Dictionaries, lists and texts; a row of plain values is one text."""
    if isinstance(node, Mapping):
        return {key: _values(value) for key, (_, value) in node.entries.items()}
    if isinstance(node, NumberRow):
        return "".join(node.text.split())
    if isinstance(node, Sequence):
        values = [item if isinstance(item, str) else _values(item) for item in node.items]
        return ",".join(values) if all(isinstance(each, str) for each in values) else values
    return None if node is None else node.text


def _edits_of_outputs(file: NetworkFile) -> list[Edit]:
    """The edits that correct failing examples, with as many digits as the tolerance needs."""
    root = parse(file.source, [])
    assert isinstance(root, Mapping)
    outputs = _Outputs(file.source, root)
    for i, example in enumerate(file.network.examples):
        output = file.network.silent_output(example.input)[0].astype(np.float64)
        if mismatch(file, i, output) is None:
            continue
        allowed = allowed_error(replace(example, output=output), file.network.dtype)
        outputs.write(i, output, allowed)
    return outputs.edits()


class _Outputs:
    """Writes outputs into examples, so that nothing else changes that is an alias of them."""

    def __init__(self, source: Source, root: Mapping) -> None:
        self.source = source
        examples = root.get("examples")
        self.examples = [*examples.nodes()] if isinstance(examples, Sequence) else []
        self.uses = _uses(root)
        self._edits: dict[int, Edit] = {}  # by offset, because two examples may be one
        self._written: list[tuple[int, Node]] = []

    def write(
        self, index: int, output: NDArray[Any], allowed: NDArray[Any], anew: bool = False
    ) -> None:
        """Write an output in place of its alias, of its numbers, or `anew` of whatever is there."""
        text, example = self.source.text, self.examples[index]
        assert isinstance(example, Mapping)
        key, node = example.entries["output"]
        if self.uses[id(key)] == 1 and node.offset < key.offset:  # the anchor's, which is earlier
            alias = re.compile(r"(?:[\s:]|#[^\r\n]*)*(\*[\w-]+)").match(text, end_of(key, text))
            assert alias
            if alias.start(1) not in self._edits:
                self.uses[id(node)] -= 1
                self._edit(*alias.span(1), _text(output, allowed))
            return
        self._written.append((index, node))
        if anew:
            if (last := last_of(node, text)) is not None:
                if re.search(r"(?<![^\s,\[\]])#", text[node.offset : last]):
                    raise self._not_updated(
                        index, node, "there is a comment in it: move the comment"
                    )
                before = self._before(key, node)
                self._edit(node.offset, last, before + _text(output, allowed))
            return
        for at in np.ndindex(output.shape):
            place = element_at(node, at)
            digits = _digits(float(output[at]), float(allowed[at]))
            self._edit(place.offset, end_of(place, text), digits)

    def _before(self, key: Scalar, node: Node) -> str:
        """What is missing before a list in brackets in place of a value: ': ', or indentation."""
        between = self.source.text[end_of(key, self.source.text) : node.offset]
        if ":" not in between:
            return ": "
        (line, column), (last, at) = map(self.source.position, (key.offset, node.offset))
        if last > line and at <= column:
            return " " * (column - at + 2)
        return "" if between[-1].isspace() else " "

    def _edit(self, begin: int, end: int, text: str) -> None:
        edit = Edit(*self.source.position(begin), *self.source.position(end), text)
        self._edits.setdefault(begin, edit)

    def edits(self) -> list[Edit]:
        """All the edits. Raises NetrunnerError if one of them would change something else too."""
        for index, node in self._written:
            if any(self.uses[id(part)] > 1 for part in _parts(node)):
                why = "an alias shares its numbers: write them out in place of the alias"
                raise self._not_updated(index, node, why)
        return list(self._edits.values())

    def _not_updated(self, index: int, node: Node, why: str) -> NetrunnerError:
        message = f"example {index + 1}: the output is not updated, because {why}"
        place = self.source.place(node.offset, end_of(node, self.source.text))
        return NetrunnerError(Problem("example-mismatch", place, message))


def _parts(node: Node) -> Iterator[Node]:
    """A node and all that is in it, which an alias may have put there a second time."""
    yield node
    for each in _children(node):
        yield from _parts(each)


def _uses(root: Node) -> Counter[int]:
    """How often each node is in a document: more than once, if there is an alias of it."""
    uses: Counter[int] = Counter()
    rest = [root]
    while rest:
        node = rest.pop()
        uses[id(node)] += 1
        if uses[id(node)] == 1:
            rest += _children(node)
    return uses


def _children(node: Node) -> list[Node]:
    if isinstance(node, Mapping):
        return [each for entry in node.entries.values() for each in entry]
    if isinstance(node, Sequence) and not isinstance(node, NumberRow):
        return [item for item in node.items if not isinstance(item, str)]
    return []


def _digits(value: float, allowed: float) -> str:
    """A number with the fewest digits that are within the allowed error."""
    exact = number(value)
    if not np.isfinite(value) or not 1e-17 < allowed < np.inf:
        return exact
    digits = max(1, math.ceil(-math.log10(allowed)))
    rounded = f"{value:.{digits}f}".rstrip("0")
    rounded += "0" * rounded.endswith(".")
    return min(exact, rounded, key=len)


def _with_shapes_of_outputs(source: Source, folder: Path | None, registry: Registry) -> str:
    """The text with outputs of the right shape in its examples, if nothing else is wrong."""
    text = source.text
    try:
        root = parse(source, [])
        given = root.get("examples") if isinstance(root, Mapping) else None
        if not isinstance(root, Mapping) or not isinstance(given, Sequence):
            return text
        network = network_of(_without(source, root, "examples"), folder, registry).network
    except NetrunnerError:
        return text
    outputs = _Outputs(source, root)
    for i, example in enumerate(outputs.examples):
        if isinstance(example, Mapping) and "output" in example.entries:
            written = _output(network, example, Reader(source, registry))
            if written is not None:
                outputs.write(i, *written, anew=True)
    return edited(text, outputs.edits())


def _without(source: Source, root: Mapping, key: str) -> Source:
    """The text without one of its top keys."""
    keys = [*root.entries]
    following = keys[keys.index(key) + 1 :]
    begin, text = root.entries[key][0].offset, source.text
    end = len(text) if not root.end else end_of(root.entries[key][1], text)
    end = root.entries[following[0]][0].offset if following else end
    return Source(source.file, text[:begin] + text[end:])


def _output(
    network: Network, example: Mapping, reader: Reader
) -> tuple[NDArray[Any], NDArray[Any]] | None:
    """What the network gives for an example whose output has another shape; and its tolerances."""
    given, wanted, tolerance = map(example.get, ("input", "output", "tolerance"))
    x = None if given is None else RowOrRows().read(given, reader)
    allowed = None if tolerance is None else Tolerance().read(tolerance, reader)
    if x is None or reader.problems:
        return None
    try:
        y = network.silent_output(x)[0].astype(np.float64)
    except (Fault, NetrunnerError):
        return None
    there = None if wanted is None else RowOrRows(special=True).read(wanted, reader)
    if there is not None and there.shape == y.shape and not reader.problems:
        return None
    return y, allowed_error(Example(x, y, allowed), network.dtype)


def _text(values: NDArray[Any], allowed: NDArray[Any]) -> str:
    if values.ndim == 0:
        return _digits(float(values), float(allowed))
    return f"[{', '.join(map(_text, values, allowed))}]"
