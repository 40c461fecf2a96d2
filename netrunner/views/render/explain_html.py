"""An explanation as a fragment of HTML, for your own page or a notebook.

Each neuron's lines are in an element with a stable id: explain-1-2 is neuron 2 of layer 1, and
explain-3-1-2 the same in row 3 of a batch. The few CSS rules apply only to its own classes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

from netrunner.lesson.explain import Explanation, LayerExplanation
from netrunner.lesson.notation import Expression, Line, Symbol, index_text
from netrunner.views.html import Markup, element, fragment, joined

_STYLE = """
.explain{line-height:1.5}
.explain-line{margin:.15em 0 .15em 1.5em;text-indent:-1.5em}
.explain-note{margin:.1em 0 .3em 1.5em;font-size:.9em;opacity:.8}
.explain-neuron,.explain-shared{margin:.5em 0}
.explain-names{display:grid;grid-template-columns:max-content 1fr;gap:0 .8em}
.explain-names dd{margin:0}
"""


def write(explanation: Explanation, stream: TextIO) -> None:
    """The whole explanation, as one section element, layer by layer."""
    stream.write('<section class="explain">\n')
    stream.write(f"{element('style', {}, Markup(_STYLE))}\n")
    stream.write(str(element("h2", {}, explanation.network)))
    if explanation.names:
        names = [
            fragment(element("dt", {}, symbol_html(symbol)), element("dd", {}, name))
            for symbol, name in explanation.names
        ]
        stream.write(str(element("dl", {"class": "explain-names"}, *names)))
    for row in explanation.rows:
        if row.number is not None:
            stream.write(f'<section class="explain-row">\n<h3>row {row.number}</h3>\n')
        for layer in row.layers:
            stream.write(str(_layer(layer, row.number)))
        if row.number is not None:
            stream.write("</section>\n")
    stream.write("</section>\n")


def _layer(layer: LayerExplanation, row: int | None) -> Markup:
    parts = []
    for neuron, lines in layer.by_neuron.items():
        kind = "explain-shared" if neuron is None else "explain-neuron"
        attributes = {"class": kind, "id": element_id(layer.index, neuron, row)}
        parts.append(element("div", attributes, lines_html(lines)))
    heading = element("h3" if row is None else "h4", {}, layer.title)
    return element("section", {"class": "explain-layer"}, heading, *parts)


def element_id(layer: int, neuron: int | None, row: int | None = None) -> str:
    """The id of a neuron's element, or of the lines that the whole layer shares."""
    parts = [row, layer, "shared" if neuron is None else neuron]
    return "-".join(["explain", *(str(part) for part in parts if part is not None)])


def lines_html(lines: Iterable[Line]) -> Markup:
    """Lines as paragraphs, with their notes."""
    paragraphs = []
    for line in lines:
        steps = joined([symbol_html(line.left), *map(expression_html, line.steps)], " = ")
        paragraphs.append(element("p", {"class": "explain-line"}, steps))
        paragraphs += [
            element("p", {"class": "explain-note"}, expression_html(note)) for note in line.notes
        ]
    return fragment(*paragraphs)


def expression_html(expression: Expression) -> Markup:
    """An expression, with its symbols set as in the book."""
    return fragment(
        *(
            symbol_html(token)
            if isinstance(token, Symbol)
            else token
            if isinstance(token, str)
            else token.text
            for token in expression
        )
    )


def symbol_html(symbol: Symbol) -> Markup:
    """<i>w</i><sub>12</sub><sup>(1)</sup>"""
    return fragment(
        element("i", {}, symbol.letter),
        element("sub", {}, index_text(symbol.indices)) if symbol.indices else None,
        None if symbol.layer is None else element("sup", {}, f"({symbol.layer})"),
    )
