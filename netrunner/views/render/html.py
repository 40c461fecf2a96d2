"""Networks and traces as fragments of HTML, which a notebook shows below a cell.

Text from a file is always escaped. The colours are the notebook's, so light and dark themes both
work.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from netrunner.activations.activation import Array
from netrunner.lesson.notation import Symbol, texts
from netrunner.lesson.shares import percentages
from netrunner.network.network import Network
from netrunner.network.trace import Trace
from netrunner.views.html import Markup, element
from netrunner.views.pictures.diagram import draw
from netrunner.views.pictures.marks import Group
from netrunner.views.pictures.svg import inline
from netrunner.views.render.explain_html import symbol_html

MOST_NEURONS = 12  # neurons of a layer, up to which all are shown
MOST_ROWS = 10  # rows of a batch, up to which all are shown
MOST_COLUMNS = 8
SMALL = 10  # neurons in the widest layer, up to which a diagram is shown
ENDS = 3

_STYLE = """
.netrunner{font-size:13px;line-height:1.4}
.netrunner h4{margin:0 0 .2em;font-size:1.15em}
.netrunner p{margin:.2em 0}
.netrunner-figure{display:inline-block;max-width:100%;overflow-x:auto;margin-top:.6em;
background:#fff;color-scheme:light;border-radius:6px}
.netrunner-figure svg{display:block}
.netrunner-layers{display:flex;flex-wrap:wrap;gap:.6em 1.6em;align-items:flex-start}
.netrunner table.netrunner-table{border-collapse:collapse;margin:.4em 0;color:inherit}
.netrunner-table caption{text-align:left;font-weight:600;padding:.1em 0;white-space:nowrap}
.netrunner-table th,.netrunner-table td{padding:.15em .6em;border:0;background:none;
border-bottom:1px solid rgba(128,128,128,.35);text-align:right;font-variant-numeric:tabular-nums}
.netrunner-table th{font-weight:600}
.netrunner-table .netrunner-text{text-align:left}
"""
Cell = Markup | str


def _is_small(network: Network) -> bool:
    """Whether the network's diagram is small enough to show below a cell."""
    return max(network.input_size, *(layer.size for layer in network.layers)) <= SMALL


def network_html(network: Network) -> str:
    """Name, description, a table of the layers, and the diagram of a small network."""
    rows: list[list[Cell]] = []
    for layer in network.layers:
        size, name = str(layer.size), layer.name or ""
        rows.append([str(layer.index), name, size, layer.activation_text, layer.shapes])
    head = ["layer", "name", "neurons", "activation", "A = X·W + B"]
    figure = None
    if _is_small(network):
        svg = inline(draw(network), 1.0, {}, _without_id)
        figure = element("div", {"class": "netrunner-figure"}, svg)
    return _whole(
        network.name,
        element("p", {}, network.description) if network.description else None,
        _table("", head, rows, text_columns={1, 3, 4}),
        figure,
    )


def trace_html(trace: Trace) -> str:
    """X, and every layer's A and Z, as tables; only the ends of wide or long ones."""
    warning = None
    if trace.not_finite is not None:
        strong = element("strong", {}, "Not finite.")
        warning = element("p", {}, strong, f" {trace.not_finite}")
    tables = _of_one_row(trace) if trace.rows is None else _of_a_batch(trace)
    return _whole(trace.network, warning, element("div", {"class": "netrunner-layers"}, *tables))


def _without_id(group: Group) -> tuple[str, dict[str, str | None]]:
    """The SVG without ids: a notebook may show one network several times."""
    return "g", {"id": None}


def _of_one_row(trace: Trace) -> Iterator[Markup]:
    """A table for the inputs and for each layer, with a row for each neuron."""
    yield _neurons("inputs", trace.input_names, [("x", texts(trace.input))])
    for step in trace.layers:
        last = step is trace.layers[-1]
        columns: list[tuple[Cell, list[str]]] = [
            (symbol_html(Symbol(letter, (), step.index)), texts(values))
            for letter, values in (("a", step.A), ("z", step.Z))
        ]
        if last and step.makes_shares:
            columns.append(("share", percentages(step.Z)))
        yield _neurons(step.heading, trace.output_names if last else None, columns)


def _neurons(
    title: str, names: Sequence[str] | None, columns: Sequence[tuple[Cell, list[str]]]
) -> Markup:
    size = len(columns[0][1])
    head = ["", *(["name"] if names else []), *(symbol for symbol, _ in columns)]
    rows: list[list[Cell]] = []
    for k in _shown_indices(size, MOST_NEURONS):
        if k is None:
            rows.append(_dots(size, head))
        else:
            named = [names[k]] if names else []
            rows.append([str(k + 1), *named, *(column[k] for _, column in columns)])
    return _table(title, head, rows, text_columns={1} if names else set())


def _of_a_batch(trace: Trace) -> Iterator[Markup]:
    """A table for X and for each A and Z, with a row for each row of the batch."""
    yield _matrix("X", trace.input)
    for step in trace.layers:
        yield _matrix(f"A{step.index}, {step.heading}", step.A)
        yield _matrix(f"Z{step.index}, {step.heading}", step.Z)


def _matrix(title: str, values: Array) -> Markup:
    columns = _shown_indices(values.shape[1], MOST_COLUMNS)
    head = ["", *("⋯" if k is None else str(k + 1) for k in columns)]
    rows: list[list[Cell]] = []
    for row in _shown_indices(len(values), MOST_ROWS):
        if row is None:
            rows.append(_dots(len(values), head))
        else:
            kept = texts(values[row, [k for k in columns if k is not None]])
            cells = iter(kept)
            rows.append([str(row + 1), *("⋯" if k is None else next(cells) for k in columns)])
    return _table(f"{title}: {values.shape}", head, rows)


def _shown_indices(size: int, most: int) -> list[int | None]:
    """All indices, or the first and the last ones with None for the gap."""
    if size <= most:
        return list(range(size))
    return [*range(ENDS), None, *range(size - ENDS, size)]


def _dots(size: int, head: Sequence[Cell]) -> list[Cell]:
    return ["⋮", f"{size - 2 * ENDS} more", *[""] * (len(head) - 2)]


def _table(
    title: str,
    head: Iterable[Cell],
    rows: Iterable[Iterable[Cell]],
    text_columns: Collection[int] = (),
) -> Markup:
    def row(tag: str, cells: Iterable[Cell]) -> Markup:
        left = {"class": "netrunner-text"}
        each = (
            element(tag, left if i in text_columns else {}, cell) for i, cell in enumerate(cells)
        )
        return element("tr", {}, *each)

    return element(
        "table",
        {"class": "netrunner-table"},
        element("caption", {}, title) if title else None,
        element("thead", {}, row("th", head)),
        element("tbody", {}, *(row("td", cells) for cells in rows)),
    )


def _whole(name: str, *parts: Markup | None) -> str:
    style = element("style", {}, Markup(_STYLE))
    return str(element("div", {"class": "netrunner"}, style, element("h4", {}, name), *parts))
