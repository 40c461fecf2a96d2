"""The numbers of the page: the inputs, and each layer's X·W + B = A, Z = h(A), with its sums."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from netrunner.activations.activation import Array
from netrunner.lesson.explain import LayerExplanation
from netrunner.lesson.notation import Line
from netrunner.lesson.shares import percentages, winner
from netrunner.network.network import Network
from netrunner.network.trace import LayerTrace, Trace
from netrunner.views.html import Markup, element, fragment, joined
from netrunner.views.page.numbers import exact, symbol, texts, value
from netrunner.views.pictures import colors
from netrunner.views.pictures.layout import DRAWN_AT_MOST, grid
from netrunner.views.pictures.notation import number
from netrunner.views.render.explain_html import element_id, expression_html, symbol_html

MOST_OPEN = 100  # values of a layer that are shown at once; more of them have to be unfolded
MOST_COLUMNS = 12  # of a matrix that is shown as one
MOST_FIELDS = 100  # weights and biases of a network that are all shown in fields
MOST_SLIDERS = 12
ROWS = 20  # of a table of a wide layer, which has several side by side
CELL, STRIP = 24, 320  # pixels of a strip's cell, and of the whole, at most


def unfolding(summary: str, *content: Markup) -> Markup:
    return element("details", None, element("summary", None, summary), *content)


def scrolling(label: str, *content: Markup) -> Markup:
    """What may be wider than the page, to be scrolled by itself."""
    about = {"class": "scroll", "role": "region", "aria-label": label, "tabindex": 0}
    return element("div", about, *content)


def weights_fit(network: Network) -> bool:
    """Whether all weights and biases are shown in fields, to be changed."""
    return sum(layer.weights.size + layer.biases.size for layer in network.layers) <= MOST_FIELDS


def neuron_labels(trace: Trace) -> dict[str, str]:
    """What a screen reader says of each neuron, by its key: "1-2" is neuron 2 of layer 1."""
    labels = {}
    for step in trace.layers:
        names = trace.output_names if step is trace.layers[-1] else None
        for k in range(1, len(step.A) + 1):
            name = "" if names is None else f"{names[k - 1]}: "
            labels[f"{step.index}-{k}"] = f"{name}neuron {k} of layer {step.index}"
    return labels


# The inputs


def inputs_html(network: Network, trace: Trace, rows: Sequence[Array]) -> Markup:
    """A field for each input, with a slider where they are few, and a picture where they are one.

    `rows` are the inputs that can be chosen; the sliders reach as far as they do.
    """
    size = network.input_size
    named = any(input_name(network, j) for j in range(1, size + 1))
    lows, highs = np.min(rows, axis=0), np.max(rows, axis=0)
    body = []
    for j, (z, text) in enumerate(zip(exact(trace.input), texts(trace.input), strict=True), 1):
        label = input_name(network, j) or f"x{j}"
        ends = (min(0.0, float(lows[j - 1])), max(1.0, float(highs[j - 1])))
        cells = [
            element("th", {"scope": "row"}, symbol("x", j)),
            element("td", {"class": "name"}, input_name(network, j)) if named else None,
            element("td", None, _field("input", str(j), z, f"input {label}")),
            element("td", None, _slider(j, z, ends, label)) if size <= MOST_SLIDERS else None,
            _number(value(f"z-0-{j}", text)),
        ]
        body.append(element("tr", {"data-neuron": f"0-{j}", "data-z": z}, *cells))
    if size <= DRAWN_AT_MOST:
        return element("table", {"class": "inputs"}, element("tbody", None, *body))
    tables = element("div", {"class": "tables"}, *_side_by_side(body))
    if not weights_fit(network):
        tables = unfolding(f"All {size} inputs", tables)
    if _is_picture(size):  # which is shown with the answer
        return tables
    return fragment(element("div", {"class": "strips"}, _strip("x", trace.input, 0)), tables)


def picture_html(trace: Trace) -> Markup | None:
    """The inputs as a picture to draw on, where they are one."""
    if not _is_picture(len(trace.input)):
        return None
    erase = element("input", {"type": "checkbox", "id": "erase"})
    says = "Draw on the picture to change the inputs. "
    hint = element("p", {"class": "hint live"}, says, element("label", None, erase, " erase"))
    return element("div", {"class": "picture"}, _strip("x", trace.input, 0), hint)


def _is_picture(size: int) -> bool:
    return size > DRAWN_AT_MOST and grid(size)[0] == grid(size)[1]


def _field(kind: str, key: str, number_: str, label: str) -> Markup:
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


def _slider(j: int, z: str, ends: tuple[float, float], label: str) -> Markup:
    low, high = ends
    attributes = {
        "type": "range", "data-slider": j, "min": f"{low:g}", "max": f"{high:g}",
        "step": f"{(high - low) / 200:g}", "value": z, "aria-label": f"slider for {label}",
        "disabled": True,
    }  # fmt: skip
    return element("input", attributes)


# The layers


def layer_html(network: Network, trace: Trace, step: LayerTrace, labels: dict[str, str]) -> Markup:
    """The layer's numbers: the whole product where it is small, or else A and Z in tables."""
    letters = (("a", step.A), ("z", step.Z))
    strips = [
        _strip(letter, each, step.index) for letter, each in letters if len(each) > DRAWN_AT_MOST
    ]
    if weights_fit(network) or max(step.layer.weights.shape) <= MOST_COLUMNS:
        table = _product(network, trace, step, labels, weights_fit(network))
    else:
        table = _tables(trace, step, labels)
    return fragment(element("div", {"class": "strips"}, *strips) if strips else None, table)


def _product(
    network: Network, trace: Trace, step: LayerTrace, labels: dict[str, str], fields: bool
) -> Markup:
    """X·W + B = A and Z = h(A): W with a row for each input and a column for each neuron."""
    i, layer = step.index, step.layer
    inputs, size = layer.weights.shape
    x = texts(step.X)
    rows = []
    for j in range(1, inputs + 1):
        key = f"{i - 1}-{j}"
        head = element("th", {"scope": "row", "data-neuron": key}, *_origin(network, i, j))
        cells = (
            _parameter("weight", f"{i}-{k}-{j}", layer.weights[j - 1, k - 1], fields,
                       f"weight to neuron {k} of layer {i} from {j}")
            for k in range(1, size + 1)
        )  # fmt: skip
        rows.append(element("tr", None, head, _number(value(f"z-{key}", x[j - 1])), *cells))
    biases = (
        _parameter("bias", f"{i}-{k}", bias, fields, f"bias of neuron {k} of layer {i}")
        for k, bias in enumerate(layer.biases.tolist(), 1)
    )
    plus = element("th", {"scope": "row"}, "+ ", symbol("B"))
    rows.append(element("tr", {"class": "bias"}, plus, _number("1"), *biases))
    equals_a = ("= ", symbol("A", layer=i))
    equals_z = (symbol("Z", layer=i), " = ", symbol("h"), "(", symbol("A", layer=i), ")")
    rows.append(_result(step, "a", step.A, equals_a))
    rows.append(_result(step, "z", step.Z, equals_z))
    if step.makes_shares:
        rows.append(_shares_row(step))
    head = element("thead", None, _product_head(trace, step, labels))
    table = element("table", {"class": "product"}, head, element("tbody", None, *rows))
    return scrolling(f"The numbers of layer {i}", table)


def _product_head(trace: Trace, step: LayerTrace, labels: dict[str, str]) -> Markup:
    """Which column is which neuron's."""
    names = trace.output_names if step is trace.layers[-1] else None
    heads = []
    for k in range(1, step.size + 1):
        key = f"{step.index}-{k}"
        about = {"scope": "col", "class": "number", "data-neuron": key}
        name = None if names is None else element("span", {"class": "name"}, names[k - 1])
        heads.append(element("th", about, "to ", _link(key, labels, str(k)), name))
    origin = element("th", {"scope": "col"}, "from")
    return element(
        "tr", None, origin, element("th", {"scope": "col", "class": "number"}, "X"), *heads
    )


def _origin(network: Network, layer: int, j: int) -> tuple[Markup, Markup | None]:
    """What row j of a layer's weights comes from."""
    if layer > 1:
        return symbol("z", j, layer=layer - 1), None
    name = input_name(network, j)
    return symbol("x", j), None if name is None else element("span", {"class": "name"}, name)


def input_name(network: Network, j: int) -> str | None:
    """The name of an input, where it says more than x1."""
    name = None if network.input_names is None else network.input_names[j - 1]
    return None if name == f"x{j}" else name


def _number(content: Markup | str) -> Markup:
    return element("td", {"class": "number"}, content)


def _result(step: LayerTrace, letter: str, values: Array, equals: Sequence[Markup | str]) -> Markup:
    """A row of the product's table with A or Z."""
    cells = []
    numbers = zip(texts(values), exact(step.A), exact(step.Z), strict=True)
    for k, (text, a, z) in enumerate(numbers, 1):
        key = f"{step.index}-{k}"
        about = {"class": "number", "data-neuron": key, "data-a": a, "data-z": z}
        cells.append(element("td", about, value(f"{letter}-{key}", text)))
    head = element("th", {"scope": "row", "colspan": 2}, *equals)
    return element("tr", {"class": f"result {letter}"}, head, *cells)


def _shares_row(step: LayerTrace) -> Markup:
    largest = winner(step.Z)
    cells = (
        _share(f"{step.index}-{k + 1}", text, k == largest)
        for k, text in enumerate(percentages(step.Z))
    )
    head = element("th", {"scope": "row", "colspan": 2}, "share")
    return element("tr", {"class": "shares"}, head, *cells)


def _share(key: str, text: str, is_largest: bool) -> Markup:
    kind = "number largest" if is_largest else "number"
    return element("td", {"class": kind, "data-share": key}, text)


def _parameter(kind: str, key: str, weight: float, fields: bool, label: str) -> Markup:
    """A cell with a weight or a bias, in a field or as a number."""
    sign = "negative" if weight < 0 else "positive" if weight > 0 else "zero"
    text = repr(float(weight))
    inside = _field(kind, key, text, label) if fields else number(float(weight))
    return element("td", {"class": f"number {sign}", "data-edge": key}, inside)


def _tables(trace: Trace, step: LayerTrace, labels: dict[str, str]) -> Markup:
    """A and Z, a row for each neuron, in tables side by side."""
    i = step.index
    names = trace.output_names if step is trace.layers[-1] else None
    shares = percentages(step.Z) if step.makes_shares else None
    largest = winner(step.Z)
    body = []
    columns = zip(exact(step.A), texts(step.A), exact(step.Z), texts(step.Z), strict=True)
    for k, (a, a_text, z, z_text) in enumerate(columns, 1):
        key = f"{i}-{k}"
        cells = [
            element("th", {"scope": "row"}, _link(key, labels, str(k))),
            None if names is None else element("td", {"class": "name"}, names[k - 1]),
            _number(value(f"a-{key}", a_text)),
            _number(value(f"z-{key}", z_text)),
        ]
        if shares is not None:
            cells.append(_share(key, shares[k - 1], k - 1 == largest))
            cells.append(element("td", {"class": "bar"}, share_bar(float(step.Z[k - 1]), key)))
        body.append(element("tr", {"data-neuron": key, "data-a": a, "data-z": z}, *cells))
    heads: list[str | Markup] = ["neuron", *(["name"] if names else [])]
    heads += [symbol("a", layer=i), symbol("z", layer=i), *(["share"] if shares else [])]
    head = [element("th", {"scope": "col"}, each) for each in heads]
    row = element("tr", None, *head, element("td") if shares else None)
    tables = element("div", {"class": "tables"}, *_side_by_side(body, row))
    return tables if len(body) <= MOST_OPEN else unfolding(f"All {len(body)} values", tables)


def _side_by_side(rows: Sequence[Markup], head: Markup | None = None) -> list[Markup]:
    """Rows cut into tables."""
    above = None if head is None else element("thead", None, head)
    return [
        element("table", None, above, element("tbody", None, *rows[start : start + ROWS]))
        for start in range(0, len(rows), ROWS)
    ]


def _link(key: str, labels: dict[str, str], text: str) -> Markup:
    layer, neuron = map(int, key.split("-"))
    href = f"#{element_id(layer, neuron)}"
    about = {"class": "neuron", "href": href, "data-neuron": key, "aria-label": labels[key]}
    return element("a", about, text)


def share_bar(share: float, key: str | None = None) -> Markup:
    """A share as a bar; one with a key follows the run."""
    width = f"{100 * share:.2f}" if np.isfinite(share) else "0"
    view = {"viewBox": "0 0 100 1", "preserveAspectRatio": "none", "aria-hidden": "true"}
    rails = element("rect", {"width": 100, "height": 1})
    return element(
        "svg", view, rails, element("rect", {"width": width, "height": 1, "data-bar": key})
    )


def _strip(letter: str, values: Array, layer: int) -> Markup:
    """A cell for each value: dark where it is large, orange where it is negative."""
    rows, columns = grid(len(values))
    finite = values[np.isfinite(values)]
    largest = float(np.abs(finite).max(initial=0.0))
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


# The sums


def sums_html(layer: LayerExplanation, names: Sequence[str] | None) -> Markup:
    """Each neuron's arithmetic, and first what all neurons of the layer share."""
    parts = []
    by_neuron: dict[int | None, list[Line]] = {}
    for line in layer.lines:
        by_neuron.setdefault(line.neuron, []).append(line)
    for neuron in sorted(by_neuron, key=lambda neuron: neuron or 0):
        who: list[Markup | str] = [f"All of layer {layer.index}"]
        if neuron is not None:
            who = [f"Neuron {neuron} of layer {layer.index}"]
            if names is not None:
                who += [": ", element("b", None, names[neuron - 1])]
        lines = element("div", {"class": "lines"}, *map(line_html, by_neuron[neuron]))
        about = {"class": "sum", "id": element_id(layer.index, neuron)}
        parts.append(element("div", about, element("p", {"class": "who"}, *who), lines))
    return element("div", {"class": "sums"}, *parts)


def line_html(line: Line) -> Markup:
    """`left = step = step`, each step in one piece where the page is wide enough for it."""
    pieces = [fragment("= ", Markup(str(expression_html(step)))) for step in line.steps]
    pieces[0] = fragment(Markup(str(symbol_html(line.left))), " ", pieces[0])
    steps = joined((element("span", None, piece) for piece in pieces), " ")
    notes = (
        element("p", {"class": "note"}, Markup(str(expression_html(note)))) for note in line.notes
    )
    return fragment(element("p", {"class": "line"}, steps), *notes)
