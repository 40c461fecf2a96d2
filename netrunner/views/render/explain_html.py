"""An explanation as a fragment of HTML, for a page of one's own or netrunner's report.

Each neuron's lines are in an element with a stable id: explain-1-2 is neuron 2 of layer 1, and
explain-3-1-2 the same in row 3 of a batch. Nothing is styled; the classes are there for that.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TextIO

from netrunner.lesson.explain import Explanation, LayerExplanation
from netrunner.lesson.notation import Expression, Line, Symbol, index_text
from netrunner.problems.words import printable


def write(explanation: Explanation, stream: TextIO) -> None:
    """The whole explanation, as one section element."""
    stream.write('<section class="explain">\n')
    stream.write(f"<h2>{escaped(explanation.network)}</h2>\n")
    if explanation.names:
        stream.write('<dl class="explain-names">\n')
        for symbol, name in explanation.names:
            stream.write(f"<dt>{symbol_html(symbol)}</dt><dd>{escaped(name)}</dd>\n")
        stream.write("</dl>\n")
    for row in explanation.rows:
        if row.number is not None:
            stream.write(f'<section class="explain-row">\n<h3>row {row.number}</h3>\n')
        for layer in row.layers:
            _write_layer(layer, row.number, stream)
        if row.number is not None:
            stream.write("</section>\n")
    stream.write("</section>\n")


def _write_layer(layer: LayerExplanation, row: int | None, stream: TextIO) -> None:
    level = 3 if row is None else 4
    stream.write('<section class="explain-layer">\n')
    stream.write(f"<h{level}>{escaped(layer.title)}</h{level}>\n")
    neurons = dict.fromkeys(line.neuron for line in layer.lines)
    for neuron in sorted(neurons, key=lambda neuron: neuron or 0):  # what is shared comes first
        lines = [line for line in layer.lines if line.neuron == neuron]
        place = element_id(layer.index, neuron, row)
        kind = "shared" if neuron is None else "neuron"
        stream.write(f'<div class="explain-{kind}" id="{place}">\n{lines_html(lines)}</div>\n')
    stream.write("</section>\n")


def element_id(layer: int, neuron: int | None, row: int | None = None) -> str:
    """The id of a neuron's element; without a neuron, of what the whole layer shares."""
    parts = [row, layer, "shared" if neuron is None else neuron]
    return "-".join(["explain", *(str(part) for part in parts if part is not None)])


def lines_html(lines: Iterable[Line]) -> str:
    """Lines as paragraphs, with their notes."""
    paragraphs = []
    for line in lines:
        steps = " = ".join([symbol_html(line.left), *map(expression_html, line.steps)])
        paragraphs.append(f'<p class="explain-line">{steps}</p>\n')
        for note in line.notes:
            paragraphs.append(f'<p class="explain-note">{expression_html(note)}</p>\n')
    return "".join(paragraphs)


def expression_html(expression: Expression) -> str:
    return "".join(
        symbol_html(token)
        if isinstance(token, Symbol)
        else escaped(token if isinstance(token, str) else token.text)
        for token in expression
    )


def symbol_html(symbol: Symbol) -> str:
    """<i>w</i><sub>12</sub><sup>(1)</sup>"""
    indices = f"<sub>{index_text(symbol.indices)}</sub>" if symbol.indices else ""
    layer = "" if symbol.layer is None else f"<sup>({symbol.layer})</sup>"
    return f"<i>{symbol.letter}</i>{indices}{layer}"


def escaped(text: str) -> str:
    return escape(printable(text))
