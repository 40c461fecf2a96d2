"""A network as a readable file: YAML, with large weights in an .npz beside it.

Every number is written with the fewest digits that restore it exactly, and text that YAML could
misread is quoted. So loading gives the same network, bit for bit.
"""

from __future__ import annotations

import json
import os
import re
import textwrap
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from netrunner.activations.activation import Array
from netrunner.files.opening import NETWORK_SUFFIXES, resolved
from netrunner.files.pairs import write_pair
from netrunner.files.writing import writing
from netrunner.format.document import MAX_NODES, MAX_VALUES
from netrunner.format.network_file import modeline
from netrunner.network.layer import Layer
from netrunner.network.network import Example, Network
from netrunner.problems.problem import Fault, about
from netrunner.problems.words import display_width, printable, quote

INLINE_AT_MOST = 2_000  # weights; more are not for reading
WIDTH = 96

Weights = Literal["auto", "inline", "file"]


def save(
    network: Network,
    path: str | os.PathLike[str],
    *,
    weights: Weights = "auto",
    example: bool = True,
) -> list[Path]:
    """Write a network to a YAML file; returns the files written.

    Weights are in the file ("inline"), or under the names W1, B1, … in an .npz of the same name
    beside it ("file"); "auto" takes the .npz for more than 2,000. A network without examples gets
    one, computed for an input of 0.5 everywhere, unless `example` is False. Existing files are
    replaced, but only after everything new is written. An .npz that the earlier file does not name
    is never replaced. Raises NetrunnerError.
    """
    path = Path(path)
    with about(str(path)):
        check_suffix(path)
        stored = weights_file(network, path, weights)
        if stored is not None:
            _check_can_be_named(stored)

        def text(stored: str | None) -> str:
            return modeline(path.parent) + network_text(network, stored, example=example)

        return write_with_arrays(path, text, stored, network)


def check_suffix(path: Path) -> None:
    """Raises Fault if the name is not that of a network file."""
    if path.suffix.lower() not in NETWORK_SUFFIXES:
        raise Fault("unknown-file-type", f"its name must end in {' or '.join(NETWORK_SUFFIXES)}")


def takes_a_file(network: Network, weights: Weights) -> bool:
    """Whether the weights go into a separate file. Raises Fault."""
    if weights not in ("auto", "inline", "file"):
        raise Fault("unknown-value", f"weights must be auto, inline or file, not {weights!r:.40}")
    count = sum(layer.weights.size for layer in network.layers)
    return weights == "file" or (weights == "auto" and count > INLINE_AT_MOST)


def weights_file(network: Network, path: Path, weights: Weights) -> Path | None:
    """The .npz that goes beside `path`, a network file or a script, if any. Raises Fault."""
    if not takes_a_file(network, weights):
        return None
    if path.suffix.lower() == ".py":
        # Not NAME.npz: the network file NAME.yaml may name that.
        return path.with_name(f"{path.stem}_weights.npz")
    return path.with_suffix(".npz")


def write_with_arrays(
    path: Path, text: Callable[[str | None], str], stored: Path | None, network: Network
) -> list[Path]:
    """Write a text, and the network's arrays to `stored`, which the text names.

    The two always match. Raises Fault.
    """
    if stored is None:
        with writing(path) as stream:
            stream.write(text(None))
        return [path]
    arrays = arrays_of(network)
    write_pair(
        path,
        text,
        stored,
        lambda archive: np.savez(archive, **arrays),
        lambda file: _has_the_same(file, arrays),
    )
    return [path, stored]


def _has_the_same(file: Path, arrays: dict[str, Any]) -> bool:
    """Whether an .npz holds exactly these arrays."""
    from netrunner.files.arrays import stored_arrays

    try:
        with stored_arrays(file) as stored:
            return stored.keys() == arrays.keys() and all(
                stored[name].shape == array.shape and np.array_equal(stored[name].read(), array)
                for name, array in arrays.items()
            )
    except Fault:
        return False


def arrays_of(network: Network) -> dict[str, Any]:
    """The weights and biases by their names in files: W1, B1, W2, B2, …"""
    arrays: dict[str, Any] = {}
    for layer in network.layers:
        arrays |= {f"W{layer.index}": layer.weights, f"B{layer.index}": layer.biases}
    return arrays


def _resolved(path: Path) -> Path:
    """The path without symbolic links. Raises Fault."""
    try:
        return resolved(path)
    except OSError as error:
        message = f"cannot be written: {quote(str(path), 200)}: {error.strerror}"
        raise Fault("unwritable-output", message) from None


def _check_can_be_named(stored: Path) -> None:
    """Raises Fault if a network file must not name this file."""
    try:
        stored.name.encode()
    except UnicodeEncodeError:
        raise Fault("not-text", "this name is not UTF-8, so YAML cannot name its .npz") from None
    if "\\" in stored.name:
        raise Fault("outside-folder", "a network file cannot name an .npz with a \\ in its name")
    if not _resolved(stored).is_relative_to(_resolved(stored.parent)):
        message = f"{stored.name} is a link out of this folder, where no network file may reach"
        raise Fault("outside-folder", message)


def network_text(network: Network, stored: str | None = None, *, example: bool = True) -> str:
    """The network as the text of a YAML file; `stored` names the .npz that holds its weights.

    Raises Fault if the text would be too large to read again.
    """
    examples = network.examples or ((_computed_example(network),) if example else ())
    arrays = [] if stored else [*arrays_of(network).values()]
    inline = sum(array.size for array in arrays)
    shown = [*arrays, *(array for each in examples for array in (each.input, each.output))]
    rows = sum(len(array) for array in shown if array.ndim > 1)
    if sum(array.size for array in shown) > MAX_VALUES * 0.9 or rows > MAX_NODES * 0.9:
        raise Fault("too-many-values", f"{inline:,} weights are too many for text: use an .npz")
    lines = _needed_plugins(network)
    lines += [f"name: {scalar(network.name)}", *_description(network.description)]
    if network.input_names is None:
        lines.append(f"inputs: {network.input_size}")
    else:
        lines += _words("inputs: ", network.input_names)
    lines.append("layers:")
    for layer in network.layers:
        lines += _layer(layer, stored)
    if network.output_names is not None:
        lines += _words("outputs: ", network.output_names)
    if network.dtype != np.float64:
        lines.append(f"dtype: {network.dtype}")
    if examples:
        lines.append("examples:")
        for each in examples:
            lines += _example(each)
    return "\n".join(lines) + "\n"


def _computed_example(network: Network) -> Example:
    """The example with `made_up_input`; no warning if its output is not finite."""
    x = made_up_input(network)
    return Example(x, network.silent_output(x)[0])


def made_up_input(network: Network) -> Array:
    """One-digit numbers from 0 to 1, mixed so that swapped inputs show."""
    golden = (5**0.5 - 1) / 2
    x = np.arange(1, network.input_size + 1) * golden % 1
    return x.round(1).astype(network.dtype)


def _needed_plugins(network: Network) -> list[str]:
    plugins = {
        layer.activation.name: layer.origin.plugin
        for layer in network.layers
        if layer.origin.kind != "built-in"
    }
    return [
        f"# The activation {printable(name)} comes from the plugin {printable(plugin)}."
        for name, plugin in plugins.items()
    ]


def _description(text: str) -> list[str]:
    """A description on one line, or as a block if it is long and a block can hold it."""
    if not text:
        return []
    lines = text.split("\n")
    if all(line.isprintable() for line in lines):
        if len(lines) > 1:
            return ["description: |-", *(f"  {line}" if line else "" for line in lines)]
        wrapped = textwrap.wrap(
            text, WIDTH - 2, break_long_words=False, break_on_hyphens=False, tabsize=1
        )
        if len(wrapped) > 1 and " ".join(wrapped) == text:
            return ["description: >-", *(f"  {line}" for line in wrapped)]
    return [f"description: {scalar(text)}"]


def _layer(layer: Layer, stored: str | None) -> list[str]:
    lines = [] if layer.name is None else [f"name: {scalar(layer.name)}"]
    lines.append(f"size: {layer.size}")
    if stored is None:
        lines += matrix("weights: ", layer.weights)
        lines += matrix("biases: ", layer.biases)
    else:
        file = scalar(stored)
        lines.append(
            f"weights: {{file: {file}, key: W{layer.index}}}   # {layer.weights.shape}",
        )
        lines.append(f"biases: {{file: {file}, key: B{layer.index}}}")
    lines.append(f"activation: {_activation(layer)}")
    return _item(lines)


def _activation(layer: Layer) -> str:
    name = scalar(layer.activation.name)
    if not layer.parameters:
        return name
    entries = {"name": name}
    for key, value in layer.parameters.items():
        if isinstance(value, bool):
            entries[scalar(key)] = "true" if value else "false"
        else:
            entries[scalar(key)] = scalar(value) if isinstance(value, str) else number(value)
    return f"{{{', '.join(f'{key}: {value}' for key, value in entries.items())}}}"


def _example(example: Example) -> list[str]:
    lines = [*matrix("input: ", example.input), *matrix("output: ", example.output)]
    if example.tolerance is not None:
        lines.append(f"tolerance: {number(example.tolerance)}")
    return _item(lines)


def _item(lines: list[str]) -> list[str]:
    """The lines of a mapping, as an item of a list."""
    return [("  - " if i == 0 else "    ") + line for i, line in enumerate(lines)]


def _flow(label: str, rows: Sequence[Sequence[str]], nested: bool = False) -> list[str]:
    """`label` with the cells of a row in brackets, or of several rows in nested brackets."""
    indent = " " * (len(label) + 1 + nested)
    lines: list[str] = []
    for row in rows:
        filled = _filled(row, WIDTH - len(indent))
        filled[-1] = filled[-1].removesuffix(",") + ("]," if nested else "]")
        begin = indent[:-1] + "["
        lines += [(indent if i else begin) + line for i, line in enumerate(filled)]
    lines[0] = label + "[" * nested + lines[0].lstrip(" ")
    lines[-1] = lines[-1].removesuffix(",") + "]" * nested
    return lines


def _filled(cells: Iterable[str], room: int) -> list[str]:
    """Cells in lines of at most `room` columns."""
    lines = [""]
    for cell in cells:
        if lines[-1] and display_width(lines[-1] + cell) > room:
            lines.append("")
        lines[-1] += cell
    return [line.rstrip() for line in lines]


def matrix(label: str, array: Array) -> list[str]:
    """`label` with an array of one or two dimensions, its columns aligned at the points."""
    texts = [numbers(row) for row in (array if array.ndim == 2 else [array])]
    columns = list(map(_aligned, zip(*texts, strict=True)))
    if sum(len(column[0]) for column in columns) > WIDTH - 20:  # each row takes several lines
        every = iter(_aligned([text for row in texts for text in row]))
        return _flow(label, [[next(every) for _ in row] for row in texts], array.ndim == 2)
    return _flow(label, list(zip(*columns, strict=True)), array.ndim == 2)


def _aligned(column: Sequence[str]) -> list[str]:
    """Numbers as cells of one width, aligned at the points."""
    before = max(text.find(".") for text in column)
    cells = [" " * (before - text.find(".")) + text + ", " for text in column]
    width = max(map(len, cells))
    return [cell.ljust(width) for cell in cells]


def _words(label: str, words: Iterable[str]) -> list[str]:
    return _flow(label, [[f"{scalar(word)}, " for word in words]])


def numbers(row: Iterable[Any]) -> list[str]:
    """Numbers of one type, float64 or float32, as text."""
    return list(map(number, row))


def number(value: Any) -> str:
    """The fewest digits that restore a float64 or float32 exactly, with a decimal point."""
    text = str(value)
    if "n" in text:  # nan, inf
        return text.replace("inf", ".inf").replace("nan", ".nan")
    if isinstance(value, np.float32) and np.float32(float(text)) != value:
        text = str(float(value))  # rounding twice gave another number
    # Many readers use YAML 1.1, where 1e-05 is text, and 1.0e-05 is a number.
    return text if "." in text else text.replace("e", ".0e")


_PLAIN = re.compile(r"[^\W\d_](?:[\w ()/+-]|\.(?! ))*(?<! )")
_NOT_TEXT = {"true", "false", "yes", "no", "on", "off", "y", "n", "null", "nan", "inf", "infinity"}


def scalar(text: str) -> str:
    """Text as YAML: plain if it cannot be misread, otherwise quoted."""
    if _PLAIN.fullmatch(text) and text.isprintable() and text.lower() not in _NOT_TEXT:
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(char if char.isprintable() else _escape(ord(char)) for char in quoted)


def _escape(code: int) -> str:
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
