"""What several parts of the page are made of: fields, heat strips, and tables side by side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from netrunner.activations.activation import Array
from netrunner.network.network import Network
from netrunner.views.html import Markup, element
from netrunner.views.page.numbers import symbol
from netrunner.views.pictures import colors
from netrunner.views.pictures.layout import grid
from netrunner.views.pictures.notation import number

MOST_FIELDS = 100  # weights and biases of a network that are all shown in fields
ROWS = 20  # of a table of a wide layer, which has several side by side
CELL, STRIP = 24, 320  # pixels of a strip's cell, and of the whole, at most


def unfolding(summary: str, *content: Markup) -> Markup:
    return element("details", None, element("summary", None, summary), *content)


def scrolling(label: str, *content: Markup) -> Markup:
    """Content that may be wider than the page, and scrolls by itself."""
    about = {"class": "scroll", "role": "region", "aria-label": label, "tabindex": 0}
    return element("div", about, *content)


def weights_fit(network: Network) -> bool:
    """Whether all weights and biases have fields to change them in."""
    return sum(layer.weights.size + layer.biases.size for layer in network.layers) <= MOST_FIELDS


def field(kind: str, key: str, number_: str, label: str) -> Markup:
    attributes = {
        f"data-{kind}": key,
        "value": number_.removesuffix(".0"),
        "aria-label": label,
        "type": "text",
        "inputmode": "decimal",
        "autocomplete": "off",
        "disabled": True,  # until the script can answer
    }
    return element("input", attributes)


def side_by_side(rows: Sequence[Markup], head: Markup | None = None) -> list[Markup]:
    """Rows cut into tables."""
    above = None if head is None else element("thead", None, head)
    return [
        element("table", None, above, element("tbody", None, *rows[start : start + ROWS]))
        for start in range(0, len(rows), ROWS)
    ]


def strip(letter: str, values: Array, layer: int) -> Markup:
    """A cell for each value: dark where it is large, orange where it is negative."""
    rows, columns = grid(len(values))
    finite = values[np.isfinite(values)]
    largest = colors.largest([values])
    cells = []
    for k, each in enumerate(values.tolist()):
        row, column = divmod(k, columns)
        place = {"x": column, "y": row, "width": 1, "height": 1}
        opacity = f"{colors.tint(each, largest, 1.0)[1]:.3f}"
        look = {"class": _sign(each), "fill-opacity": opacity}
        cells.append(element("rect", {**place, **look, "data-neuron": f"{layer}-{k + 1}"}))
    of = f"{letter} of layer {layer}" if layer else "the inputs"
    cell = min(CELL, STRIP / max(rows, columns))
    view = {
        "viewBox": f"0 0 {columns} {rows}",
        "width": f"{columns * cell:.0f}",
        "height": f"{rows * cell:.0f}",
        "role": "img",
        "aria-label": f"Heat strip of {of}",
        "data-strip": f"{letter}-{layer}",
    }
    ends = (
        (number(float(end(finite)), 4) for end in (np.min, np.max))
        if len(finite)
        else ["not finite"]
    )
    range_ = element("span", {"data-range": f"{letter}-{layer}"}, " … ".join(ends))
    says = f": {len(values)} values, "
    caption = element("figcaption", None, symbol(letter, layer=layer or None), says, range_)
    return element("figure", {"class": "strip"}, element("svg", view, *cells), caption)


def _sign(each: float) -> str:
    return "unknown" if not np.isfinite(each) else "negative" if each < 0 else "positive"
