"""A trace as readable text: every A and Z as in the book, beside the shapes of the product."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TextIO

import numpy as np

from netrunner.activations.activation import Array
from netrunner.network.trace import Trace
from netrunner.problems.words import display_width, printable
from netrunner.views.render import array_text
from netrunner.views.render.array_text import Printed
from netrunner.views.render.lines import fits, width

INDENT = "\n     "  # of shapes that do not fit beside their heading
SHARE_WIDTH = len("100.0 %")
Bold = Callable[[str], str]


def write_blocks(
    traces: Iterable[Trace], stream: TextIO, precision: int = 8, bold: Bold = str
) -> None:
    """Write the whole trace, which comes in one block: numpy formats all rows of an array alike.

    `precision` is the number of digits after the point.
    """
    (trace,) = traces
    stream.write(bold(printable(trace.network)) + "\n")
    _write_array(stream, "X", trace.input, precision)
    _write_names(stream, trace.input_names)
    for layer in trace.layers:
        heading = printable(layer.heading)
        gap = "   " if fits(f"{heading}   {layer.shapes}") else INDENT
        stream.write(f"\n{bold(heading)}{gap}{layer.shapes}\n")
        _write_array(stream, f"A{layer.index}", layer.A, precision)
        _write_array(stream, f"Z{layer.index}", layer.Z, precision)
    stream.write("\n")
    _write_array(stream, "Y", trace.output, precision)
    if trace.layers[-1].makes_shares:
        _write_shares(stream, trace, bold)
    else:
        _write_names(stream, trace.output_names)


def write_output(
    network: str,
    names: Sequence[str] | None,
    outputs: Iterable[Array],
    stream: TextIO,
    precision: int = 8,
    printed: Printed | None = None,
) -> None:
    """Write Y alone, in blocks of rows; `printed(rows, total)` is called as rows are printed."""
    array_text.write_blocks(outputs, stream, precision, printed)
    stream.write("\n")


def _write_array(stream: TextIO, symbol: str, array: Array, precision: int) -> None:
    label = f"{symbol:<2} = "
    stream.write(label + array_text.array_text(array, precision, len(label)) + "\n")


def _write_names(stream: TextIO, names: Iterable[str] | None) -> None:
    if names is not None:
        names = list(map(printable, names))
        words = [name + "," * (i + 1 < len(names)) for i, name in enumerate(names)]
        _write_wrapped(stream, "     ", words, " ")


def _write_wrapped(stream: TextIO, first: str, words: list[str], gap: str) -> None:
    """Write words in lines that fit; later lines have the indent of the first."""
    indent, line = " " * display_width(first), first
    for word in words:
        if line.strip() and display_width(line) + display_width(gap + word) > width():
            stream.write(line.rstrip() + "\n")
            line = indent
        line += word if line in (first, indent) else gap + word
    stream.write(line.rstrip() + "\n")


def _write_shares(stream: TextIO, trace: Trace, bold: Bold) -> None:
    """Write each class with its percentage; the largest is marked, or each of the largest."""
    from netrunner.lesson.shares import percentages  # it imports decimal

    Y = np.atleast_2d(trace.output)
    names = trace.output_names or tuple(f"class {k}" for k in range(Y.shape[1]))
    names = tuple(map(printable, names))
    rows = [percentages(shares) for shares in Y]
    share_width = max(SHARE_WIDTH, *(len(share) for shares in rows for share in shares))
    if trace.rows is None:
        name_width = max(map(display_width, names))
        for k, (name, share) in enumerate(zip(names, rows[0], strict=True)):
            padded = name + " " * (name_width - display_width(name))
            line = f"{padded}  {share:>{share_width}}"
            line = bold(line + "  ← largest") if Y[0, k] == Y[0].max() else line
            stream.write(f"     {line}\n")
        return
    rows_width = len(str(trace.rows))
    for row, shares in enumerate(rows, 1):
        largest = Y[row - 1].max()
        cells = [
            f"{name} {share:>{share_width}} {'←' if Y[row - 1, k] == largest else ' '}"
            for k, (name, share) in enumerate(zip(names, shares, strict=True))
        ]
        _write_wrapped(stream, f"     row {row:>{rows_width}}:  ", cells, "  ")
