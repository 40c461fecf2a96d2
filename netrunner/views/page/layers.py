"""The numbers of a layer: X·W + B = A and Z = h(A) if it is small, otherwise A and Z."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from netrunner.activations.activation import Array
from netrunner.lesson.notation import name_of, texts
from netrunner.lesson.shares import percentages, winner
from netrunner.network.network import Network
from netrunner.network.trace import LayerTrace, Trace
from netrunner.views.html import Markup, element, fragment
from netrunner.views.page.numbers import exact, symbol, value
from netrunner.views.page.parts import (
    field,
    scrolling,
    side_by_side,
    strip,
    unfolding,
    weights_fit,
)
from netrunner.views.pictures.layout import DRAWN_AT_MOST
from netrunner.views.pictures.notation import number
from netrunner.views.render.explain_html import element_id

MOST_OPEN = 100  # values of a layer that are shown at once; more of them have to be unfolded
MOST_COLUMNS = 12  # of a matrix that is shown as a matrix


def neuron_labels(trace: Trace) -> dict[str, str]:
    """What a screen reader says about each neuron, by its key: "1-2" is neuron 2 of layer 1."""
    labels = {}
    for step in trace.layers:
        names = trace.output_names if step is trace.layers[-1] else None
        for k in range(1, len(step.A) + 1):
            name = "" if names is None else f"{names[k - 1]}: "
            labels[f"{step.index}-{k}"] = f"{name}neuron {k} of layer {step.index}"
    return labels


def layer_html(network: Network, trace: Trace, step: LayerTrace, labels: dict[str, str]) -> Markup:
    """The layer's numbers: the whole product if it is small, otherwise A and Z in tables."""
    letters = (("a", step.A), ("z", step.Z))
    strips = [
        strip(letter, each, step.index) for letter, each in letters if len(each) > DRAWN_AT_MOST
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
    note = None
    if i == 1 and inputs > 1:
        says = " goes to neuron 1 from input 2: it is in column 1 and row 2."
        note = element("p", {"class": "caption"}, symbol("w", 1, 2), says)
    return fragment(scrolling(f"The numbers of layer {i}", table), note)


def _product_head(trace: Trace, step: LayerTrace, labels: dict[str, str]) -> Markup:
    """The head, with the neuron of each column."""
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
    name = name_of(network.input_names, "x", j)
    return symbol("x", j), element("span", {"class": "name"}, name) if name else None


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
    inside = field(kind, key, text, label) if fields else number(float(weight))
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
    tables = element("div", {"class": "tables"}, *side_by_side(body, row))
    return tables if len(body) <= MOST_OPEN else unfolding(f"All {len(body)} values", tables)


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
