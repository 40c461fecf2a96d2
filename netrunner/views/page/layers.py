"""The numbers of the report: tables of A and Z, heat strips, and each neuron's sum, as HTML."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from netrunner.activations.activation import Array
from netrunner.lesson.explain import LayerExplanation
from netrunner.lesson.notation import Line, Symbol
from netrunner.lesson.shares import percentages, winner
from netrunner.network.trace import Trace
from netrunner.problems.words import printable
from netrunner.views.pictures.layout import DRAWN_AT_MOST, grid
from netrunner.views.pictures.notation import number
from netrunner.views.render.explain_html import element_id, escaped, expression_html, symbol_html
from netrunner.views.render.html import numbers

ROWS = 10  # of a table; a wide layer has several, side by side
MOST_OPEN = 100  # values that are on the page at once; more of them have to be unfolded
CELL, STRIP = 24, 320  # pixels of a strip's cell, and of the whole, at most
MOST_ROWS_OF_BATCH = 20
_MOST_PAD = 14  # characters, for which page.css has classes


def neuron_labels(trace: Trace) -> dict[str, str]:
    """What a screen reader says of each neuron, by its key: "1-2" is neuron 2 of layer 1."""
    labels = {}
    for step in trace.layers:
        names = trace.output_names if step is trace.layers[-1] else None
        pairs = zip(numbers(step.A), numbers(step.Z), strict=True)
        for k, (a, z) in enumerate(pairs, 1):
            name = "" if names is None else f"{printable(names[k - 1])}: "
            labels[f"{step.index}-{k}"] = (
                f"{name}neuron {k} of layer {step.index}, a = {a}, z = {z}"
            )
    return labels


def inputs_html(trace: Trace) -> str:
    """The inputs as a table, and as a strip where they are many."""
    columns = [(symbol_html(Symbol("x")), numbers(trace.input))]
    return _strips([(Symbol("x"), trace.input)], 0) + _tables(0, trace.input_names, columns, {})


def layer_html(trace: Trace, index: int, labels: dict[str, str]) -> str:
    """A and Z of a layer as a table, and as strips where they are many."""
    step = trace.layers[index - 1]
    last = step is trace.layers[-1]
    values = [(Symbol("a", (), index), step.A), (Symbol("z", (), index), step.Z)]
    columns = [(symbol_html(symbol), numbers(array)) for symbol, array in values]
    shares = step.Z if step.makes_shares else None
    names = trace.output_names if last else None
    return _strips(values, index) + _tables(index, names, columns, labels, shares)


def sums_html(layer: LayerExplanation, names: Sequence[str] | None) -> str:
    """Each neuron's arithmetic, and first what all neurons of the layer share."""
    parts = []
    neurons = dict.fromkeys(line.neuron for line in layer.lines)
    for neuron in sorted(neurons, key=lambda neuron: neuron or 0):
        who = f"All of layer {layer.index}"
        if neuron is not None:
            who = f"Neuron {neuron} of layer {layer.index}"
            who += "" if names is None else f": <b>{escaped(names[neuron - 1])}</b>"
        lines = "".join(_line(line) for line in layer.lines if line.neuron == neuron)
        id_ = element_id(layer.index, neuron)
        parts.append(f'<div class="sum" id="{id_}">\n<p class="who">{who}</p>\n{lines}</div>\n')
    return "".join(parts)


def batch_html(trace: Trace, row: int) -> str:
    """Y of each row of a batch, the one that the page shows marked."""
    count = len(trace.output)
    first = max(0, min(row - 1 - MOST_ROWS_OF_BATCH // 2, count - MOST_ROWS_OF_BATCH))
    shown = range(first, min(first + MOST_ROWS_OF_BATCH, count))
    names = trace.output_names or [f"y{k}" for k in range(1, trace.output.shape[1] + 1)]
    head = "".join(f'<th scope="col" class="number">{escaped(name)}</th>' for name in names)
    body = []
    for each in shown:
        mark = ' class="on"' if each == row - 1 else ""
        cells = "".join(f"<td>{text}</td>" for text in numbers(trace.output[each]))
        body.append(f'<tr{mark}><th scope="row">{each + 1}</th>{cells}</tr>\n')
    more = count - len(shown)
    note = f"<p>{more} of the {count} rows are not on this page.</p>\n" if more else ""
    return (
        '<div class="scroll" role="region" aria-label="Output of each row" tabindex="0">\n'
        f'<table>\n<thead><tr><th scope="col">row</th>{head}</tr></thead>\n'
        f"<tbody>\n{''.join(body)}</tbody>\n</table>\n</div>\n{note}"
    )


def _tables(
    layer: int,
    names: Sequence[str] | None,
    columns: Sequence[tuple[str, list[str]]],
    labels: dict[str, str],
    shares: Array | None = None,
) -> str:
    """Columns of numbers, a row for each neuron, cut into tables that stand side by side."""
    size = len(columns[0][1])
    rows = ROWS if size <= MOST_OPEN else 2 * ROWS
    heads = "".join(f'<th scope="col" class="number">{head}</th>' for head, _ in columns)
    if names is not None:
        heads = f'<th scope="col">name</th>{heads}'
    heads = f'<th scope="col">{"input" if layer == 0 else "neuron"}</th>{heads}'
    if shares is not None:
        heads += '<th scope="col" class="number">share</th><td class="bar"></td>'
    percents = [] if shares is None else percentages(shares)
    padded = [_padded(texts) for _, texts in columns]
    tables = []
    for start in range(0, size, rows):
        body = []
        for k in range(start, min(start + rows, size)):
            key = f"{layer}-{k + 1}"
            cells = "".join(column[k] for column in padded)
            if names is not None:
                cells = f'<td class="name">{escaped(names[k])}</td>{cells}'
            if shares is not None:
                cells += _share(shares, k, percents[k])
            who = str(k + 1)
            if layer:
                link = f'href="#{element_id(layer, k + 1)}" data-neuron="{key}"'
                who = f'<a class="neuron" {link} aria-label="{escaped(labels[key])}">{who}</a>'
            body.append(f'<tr data-neuron="{key}"><th scope="row">{who}</th>{cells}</tr>\n')
        tables.append(
            f"<table>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{''.join(body)}</tbody>\n</table>\n"
        )
    all_ = f'<div class="tables">\n{"".join(tables)}</div>\n'
    return all_ if size <= MOST_OPEN else unfolding(f"All {size} values", all_)


def unfolding(summary: str, content: str) -> str:
    return f"<details>\n<summary>{summary}</summary>\n{content}</details>\n"


def _padded(texts: list[str]) -> list[str]:
    """Cells of numbers whose points stand below each other: each is padded to the longest."""
    after = [len(text) - len(text.partition(".")[0]) for text in texts]
    pads = [min(max(after) - each, _MOST_PAD) for each in after]
    return [
        f'<td class="p{pad}">{text}</td>' if pad else f"<td>{text}</td>"
        for text, pad in zip(texts, pads, strict=True)
    ]


def _share(shares: Array, k: int, percent: str) -> str:
    """A share in percent, as a bar, and whether it is the largest."""
    width = f"{100 * shares[k]:.2f}" if np.isfinite(shares[k]) else "0"
    bar = (
        '<svg viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect width="100" height="1"/><rect width="{width}" height="1"/></svg>'
    )
    if k == winner(shares):
        return f'<td><b>{escaped(percent)}</b></td><td class="bar">{bar} ← largest</td>'
    return f'<td>{escaped(percent)}</td><td class="bar">{bar}</td>'


def _strips(values: Iterable[tuple[Symbol, Array]], layer: int) -> str:
    """A cell for each value; dark where it is large, with a tick where it is negative."""
    strips = []
    for symbol, array in values:
        if len(array) > DRAWN_AT_MOST:
            strips.append(_strip(symbol, array, layer))
    return f'<div class="strips">\n{"".join(strips)}</div>\n' if strips else ""


def _strip(symbol: Symbol, values: Array, layer: int) -> str:
    rows, columns = grid(len(values))
    finite = np.isfinite(values)
    largest = float(np.abs(values[finite]).max(initial=0.0)) or 1.0
    cells, ticks = [], []
    for k, value in enumerate(values.tolist()):
        row, column = divmod(k, columns)
        look = 'class="unknown"'
        if finite[k]:
            sign = "negative" if value < 0 else "positive"
            look = f'class="{sign}" fill-opacity="{abs(value) / largest:.3f}"'
        place = f'x="{column}" y="{row}" width="1" height="1"'
        cells.append(f'<rect {place} {look} data-neuron="{layer}-{k + 1}"/>')
        if value < 0:
            ticks.append(f"M{column + 0.3:g} {row + 0.5:g}h.4")
    what = f"{len(values)} values"
    if finite.any():
        low, high = float(values[finite].min()), float(values[finite].max())
        what += f" from {number(low, 4)} to {number(high, 4)}"
    letters = f"{symbol.letter} of layer {layer}" if layer else "the inputs"
    cell = min(CELL, STRIP / max(rows, columns))
    size = f'width="{columns * cell:.0f}" height="{rows * cell:.0f}"'
    return (
        f'<figure class="strip"><svg viewBox="0 0 {columns} {rows}" {size} role="img" '
        f'aria-label="Heat strip of {letters}: {what}">{"".join(cells)}'
        f'<path d="{"".join(ticks)}"/></svg>\n'
        f"<figcaption>{symbol_html(symbol)}: {what}</figcaption></figure>\n"
    )


def _line(line: Line) -> str:
    """`left = step = step`, each step in one piece where the page is wide enough for it."""
    first, *others = (f"= {expression_html(step)}" for step in line.steps)
    pieces = [f"{symbol_html(line.left)} {first}", *others]
    steps = " ".join(f"<span>{piece}</span>" for piece in pieces)
    notes = "".join(f'<p class="note">{expression_html(note)}</p>\n' for note in line.notes)
    return f'<p class="line">{steps}</p>\n{notes}'
