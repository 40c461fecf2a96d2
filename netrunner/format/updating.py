"""Writing into the examples what the network gives."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from netrunner.activations.registry import Registry
from netrunner.format.assembly import NetworkFile
from netrunner.format.checks import Checker, allowed_error, mismatch
from netrunner.format.document import Mapping, Sequence, element_at, end_of, last_of, parse
from netrunner.format.kinds import Tolerance
from netrunner.format.matrices import RowOrRows
from netrunner.format.network_text import network_of
from netrunner.format.reading import Reader
from netrunner.format.save import number
from netrunner.network.network import Example, Network
from netrunner.problems.fixes import Edit, edited
from netrunner.problems.problem import Fault, NetrunnerError
from netrunner.problems.source import Source

if TYPE_CHECKING:
    from numpy.typing import NDArray


def with_outputs(checker: Checker, text: str) -> str:
    """The text with the outputs that the network gives in those examples that fail.

    An output of another shape, or of no numbers at all, is replaced too.
    """
    if (file := checker.check(text).file) is None:
        source = Source(checker.name, text)
        text = _with_shapes_of_outputs(source, checker.folder, checker.registry)
        file = checker.check(text).file
    return text if file is None else edited(text, _edits_of_outputs(file))


def _edits_of_outputs(file: NetworkFile) -> list[Edit]:
    """The edits that correct failing examples, with as many digits as the tolerance needs."""
    edits: dict[tuple[int, int], Edit] = {}  # by place, because aliases may share one
    for i, example in enumerate(file.network.examples):
        output = file.network.silent_output(example.input)[0].astype(np.float64)
        if mismatch(file, i, output) is None:
            continue
        allowed = allowed_error(replace(example, output=output), file.network.dtype)
        for index in np.ndindex(output.shape):
            place = file.place(element_at(file.examples[i]["output"].node, index))
            begin = (place.line or 0, place.column or 0)
            end = (place.end_line or 0, place.end_column or 0)
            text = _digits(float(output[index]), float(allowed[index]))
            edits.setdefault(begin, Edit(*begin, *end, text))
    return list(edits.values())


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
    edits = []
    for example in given.nodes():
        wanted = example.get("output") if isinstance(example, Mapping) else None
        if not isinstance(example, Mapping) or wanted is None:
            continue
        written = _output(network, example, Reader(source, registry))
        last = last_of(wanted, text)
        if written is not None and last is not None:
            place = source.place(wanted.offset), source.place(last)
            (begin, end) = ((each.line or 0, each.column or 0) for each in place)
            edits.append(Edit(*begin, *end, written))
    return edited(text, edits)


def _without(source: Source, root: Mapping, key: str) -> Source:
    """The text without one of its top keys."""
    keys = [*root.entries]
    following = keys[keys.index(key) + 1 :]
    begin, text = root.entries[key][0].offset, source.text
    end = len(text) if not root.end else end_of(root.entries[key][1], text)
    end = root.entries[following[0]][0].offset if following else end
    return Source(source.file, text[:begin] + text[end:])


def _output(network: Network, example: Mapping, reader: Reader) -> str | None:
    """What the network gives for an example whose output has another shape."""
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
    errors = allowed_error(Example(x, y, allowed), network.dtype)
    return _text(y, errors)


def _text(values: NDArray[Any], allowed: NDArray[Any]) -> str:
    if values.ndim == 0:
        return _digits(float(values), float(allowed))
    return f"[{', '.join(map(_text, values, allowed))}]"
