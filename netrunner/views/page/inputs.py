"""The inputs: a field for each, a slider if they are few, a picture if they form one."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from netrunner.activations.activation import Array
from netrunner.lesson.notation import name_of
from netrunner.network.network import Network
from netrunner.network.trace import Trace
from netrunner.views.html import Markup, element, fragment
from netrunner.views.page.numbers import exact, symbol
from netrunner.views.page.parts import (
    field,
    side_by_side,
    strip,
    unfolding,
    weights_fit,
)
from netrunner.views.pictures.layout import DRAWN_AT_MOST, grid
from netrunner.views.pictures.sampling import Values

MOST_SLIDERS = 12


def inputs_html(network: Network, trace: Trace, rows: Sequence[Array]) -> Markup:
    """A field for each input, with a slider if they are few, and a picture if they form one.

    `rows` are the inputs that can be chosen; the sliders reach beyond their values.
    """
    size = network.input_size
    names = [name_of(network.input_names, "x", j) for j in range(1, size + 1)]
    named = any(names)
    columns = np.array(rows, np.float64).T
    body = []
    for j, z in enumerate(exact(trace.input), 1):
        label = names[j - 1] or f"x{j}"
        slider = None
        if size <= MOST_SLIDERS:
            slider = element("td", {"class": "live"}, _slider(j, z, reach(columns[j - 1]), label))
        cells = [
            element("th", {"scope": "row"}, symbol("x", j)),
            element("td", {"class": "name"}, names[j - 1]) if named else None,
            element("td", None, field("input", str(j), z, f"input {label}")),
            slider,
        ]
        body.append(element("tr", {"data-neuron": f"0-{j}", "data-z": z}, *cells))
    if size <= DRAWN_AT_MOST:
        return element("table", {"class": "inputs"}, element("tbody", None, *body))
    tables = element("div", {"class": "tables"}, *side_by_side(body))
    if not weights_fit(network):
        tables = unfolding(f"All {size} inputs", tables)
    if _is_picture(size):  # the picture is shown with the answer
        return tables
    return fragment(element("div", {"class": "strips"}, strip("x", trace.input, 0)), tables)


def picture_html(trace: Trace) -> Markup | None:
    """The inputs as a picture to draw on, if they form one."""
    if not _is_picture(len(trace.input)):
        return None
    erase = element("input", {"type": "checkbox", "id": "erase"})
    says = "Draw on the picture to change the inputs. "
    hint = element("p", {"class": "hint live"}, says, element("label", None, erase, " erase"))
    return element("div", {"class": "picture"}, strip("x", trace.input, 0), hint)


def _is_picture(size: int) -> bool:
    return size > DRAWN_AT_MOST and grid(size)[0] == grid(size)[1]


def reach(values: Values) -> tuple[float, float]:
    """The ends of a slider for an input: round numbers beyond its values, and 0.

    They are 0 and 1 if the values reach both and lie between them.
    """
    low, high = min(0.0, float(values.min())), max(0.0, float(values.max()))
    if ((low, high) == (0, 1) and values.min() == 0) or low == high:
        return 0.0, 1.0
    return -_beyond(-low), _beyond(high)


def _beyond(end: float) -> float:
    """1, 2 or 5 times a power of 10, and at least 1.5 times `end`."""
    if not 0 < end < 1e300:
        return end
    power = 10.0 ** math.floor(math.log10(1.5 * end))
    return next(step * power for step in (1, 2, 5, 10, 20) if step * power >= 1.5 * end)


def _slider(j: int, z: str, ends: tuple[float, float], label: str) -> Markup:
    low, high = ends
    attributes = {
        "type": "range", "data-slider": j, "min": f"{low:g}", "max": f"{high:g}",
        "step": f"{(high - low) / 200:g}", "value": z, "aria-label": f"slider for {label}",
        "disabled": True,
    }  # fmt: skip
    return element("input", attributes)
