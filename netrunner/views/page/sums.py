"""The arithmetic of each neuron, as `explain` writes it."""

from __future__ import annotations

from collections.abc import Sequence

from netrunner.lesson.explain import LayerExplanation
from netrunner.lesson.notation import Line
from netrunner.views.html import Markup, element, fragment, joined
from netrunner.views.render.explain_html import element_id, expression_html, symbol_html


def sums_html(layer: LayerExplanation, names: Sequence[str] | None) -> Markup:
    """What all neurons of the layer share, then each neuron's arithmetic."""
    parts = []
    for neuron, lines in layer.by_neuron.items():
        who: list[Markup | str] = [f"All of layer {layer.index}"]
        if neuron is not None:
            who = [f"Neuron {neuron} of layer {layer.index}"]
            if names is not None:
                who += [": ", element("b", None, names[neuron - 1])]
        about = {"class": "sum", "id": element_id(layer.index, neuron)}
        shown = element("div", {"class": "lines"}, *map(line_html, lines))
        parts.append(element("div", about, element("p", {"class": "who"}, *who), shown))
    return element("div", {"class": "sums"}, *parts)


def line_html(line: Line) -> Markup:
    """`left = step = step`, each step in one piece where the page is wide enough for it."""
    pieces = [fragment("= ", expression_html(step)) for step in line.steps]
    pieces[0] = fragment(symbol_html(line.left), " ", pieces[0])
    steps = joined((element("span", None, piece) for piece in pieces), " ")
    notes = (element("p", {"class": "note"}, expression_html(note)) for note in line.notes)
    return fragment(element("p", {"class": "line"}, steps), *notes)
