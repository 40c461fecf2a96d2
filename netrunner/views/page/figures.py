"""The pictures of the report: the diagram, whose neurons can be pointed at, and the curves."""

from __future__ import annotations

import re
from itertools import groupby
from xml.etree.ElementTree import Element, SubElement

from matplotlib.axes import Axes

from netrunner.network.network import Network
from netrunner.network.trace import LayerTrace, Trace
from netrunner.problems.words import printable
from netrunner.views.pictures import colors, diagram, dots, layout
from netrunner.views.pictures.saving import svg_text
from netrunner.views.render.explain_html import element_id
from netrunner.views.render.svg import crop, parse, written

# The page has headings of its own, so the pictures go without theirs, so many points high.
_DIAGRAM_TITLE = (layout.MARGIN + layout.TITLE) * 72 - 10
_CURVE_TITLE = (dots.TITLE + 0.05 * dots.PANEL[1]) * 72 + 6

_KEPT = re.compile(r"(node|edge|bias|strip)-").match
_NODE = re.compile(r"node-([1-9]\d*-\d+)")
_SOURCE = re.compile(r"node-(0-\d+)")
_STRIP = re.compile(r"strip-(\d+)")


def diagram_svg(network: Network, trace: Trace, labels: dict[str, str]) -> str:
    """The diagram of a run. `labels` say of each neuron, by its key "1-2", what it is and has.

    Neurons are links to their sums, so that they can be had by mouse, finger and keyboard; the
    rest is hidden from screen readers, which have it in the tables and sums.
    """
    root = _page_figure(diagram.draw(network, trace), "diagram-", _DIAGRAM_TITLE, 1.5)
    root.attrib |= {"id": "diagram", "role": "group"}
    root.set("aria-label", "The network, with its values. The arrow keys go from neuron to neuron.")
    axes = root[0][0]
    parts = list(axes)
    for part in parts:
        axes.remove(part)
    for is_neuron, run in groupby(parts, lambda part: bool(_NODE.fullmatch(_id(part)))):
        if is_neuron:
            axes.extend([_neuron(node, labels) for node in run])
        else:
            SubElement(axes, "g", {"aria-hidden": "true"}).extend([_other(part) for part in run])
    return written(root)


def curve_svg(trace: Trace, step: LayerTrace) -> str:
    """The activation of one layer, with this run's A on it."""
    last = step is trace.layers[-1]
    alone = Trace(trace.network, None, trace.output_names if last else None, trace.input, (step,))
    root = _page_figure(dots.plot_trace(alone), f"curve-{step.index}-", _CURVE_TITLE, 4 / 3)
    root.set("role", "img")
    label = f"The activation of {printable(step.heading)}, with the values of the run on it"
    root.set("aria-label", label)
    return written(root)


def _page_figure(ax: Axes, prefix: str, top: float, scale: float) -> Element:
    """The figure of `ax` as an <svg>, without its background and the uppermost points.

    Its first element holds one for the axes, and that the artists in their order.
    """
    root = parse(svg_text(ax.figure), prefix, lambda id_: bool(_KEPT(id_)))
    figure = root[0]
    figure.remove(figure[0])
    crop(root, top, scale)
    root.set("class", "figure")
    return root


def _id(element: Element) -> str:
    return element.get("id", "")


def _neuron(node: Element, labels: dict[str, str]) -> Element:
    """The link that a neuron's circle becomes."""
    found = _NODE.fullmatch(_id(node))
    assert found
    key = found[1]
    layer, neuron = map(int, key.split("-"))
    node.tag = "a"
    node.attrib |= {"href": f"#{element_id(layer, neuron)}", "class": "neuron"}
    node.attrib |= {"data-neuron": key, "aria-label": labels[key]}
    _tint_circle(node)
    return node


def _other(element: Element) -> Element:
    """A part of the diagram that is no neuron: an input, an edge, a strip, a text."""
    if found := _SOURCE.fullmatch(_id(element)):
        element.set("data-neuron", found[1])
        _tint_circle(element)
    elif found := _STRIP.fullmatch(_id(element)):
        for neuron, cell in enumerate(element.findall("path"), 1):
            cell.set("data-neuron", f"{found[1]}-{neuron}")
            _tint(cell, colors.DARKEST[True])
    return element


def _tint_circle(node: Element) -> None:
    """Tint the circle, above one that hides the edges behind it."""
    circle = node.find("path")
    assert circle is not None
    node.insert(0, Element("path", {"d": circle.attrib["d"], "fill": "#ffffff"}))
    _tint(circle, colors.POSITIVE)


def _tint(element: Element, positive: str) -> None:
    """A shade between white and a colour as this colour, more or less opaque.

    So it suits a dark page, too, where 0 is as dark as the page.
    """
    red, green, blue = (int(element.get("fill", "")[i : i + 2], 16) for i in (1, 3, 5))
    if red == green == blue:
        return
    color = positive if blue > red else colors.NEGATIVE
    channel = 1 if blue > red else 5  # of the colour, the one that differs most from white
    opacity = (255 - min(red, blue)) / (255 - int(color[channel : channel + 2], 16))
    element.attrib |= {"fill": color.lower(), "fill-opacity": f"{opacity:.3f}"}
