"""A run as one page of HTML that needs nothing but itself.

The page asks for nothing: a policy in its head forbids every request, and all scripts and styles
but its own two, by their hashes. What a file says is text in it, never markup.
"""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING

from netrunner.network.network import Network
from netrunner.network.trace import Trace
from netrunner.views.page.figures import curve_svg, diagram_svg
from netrunner.views.page.layers import (
    batch_html,
    inputs_html,
    layer_html,
    neuron_labels,
    sums_html,
    unfolding,
)
from netrunner.views.pictures.layout import DRAWN_AT_MOST
from netrunner.views.render.explain_html import escaped

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def page(network: Network, x: ArrayLike, *, row: int = 1) -> str:
    """The report of a run, for x of shape (inputs,) or (rows, inputs).

    Of a batch, it shows row `row`, counted from 1, and the outputs of the others. Raises Fault
    where there is no such row, and NetrunnerError where the run or a plugin goes wrong.
    """
    batch = network.trace(x)
    rows, trace = batch.rows, batch.row(row)
    single = rows is None
    style, script = _asset("page.css"), _asset("page.js")
    labels = neuron_labels(trace)
    return Template(_asset("page.html")).substitute(
        policy=_policy(style, script),
        style=style,
        script=script,
        name=escaped(network.name),
        description=_paragraph(network.description),
        warning=_warning(batch.not_finite),
        chain=_chain(network),
        row="" if single else f"<p>Row {row} of {rows}.</p>\n",
        inputs=inputs_html(trace),
        batch="" if single else _batch(batch, row),
        diagram=diagram_svg(network, trace, labels),
        layers=_layers(network, trace, labels),
    )


def _asset(name: str) -> str:
    return (files("netrunner.views.page") / name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> str:
    """What the page may load: nothing but itself, with pixels of its pictures in their places."""
    return (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _paragraph(text: str) -> str:
    return f'<p class="description">{escaped(text)}</p>\n' if text else ""


def _warning(not_finite: object) -> str:
    if not_finite is None:
        return ""
    return f'<p class="warning"><b>Not finite.</b> {escaped(str(not_finite))}</p>\n'


def _chain(network: Network) -> str:
    """The shapes from the inputs to the outputs, each a link to its part of the page."""
    links = [("#inputs", "inputs", "", network.input_size)]
    for layer in network.layers:
        title = f"layer {layer.index}" if layer.name is None else layer.name
        links.append((f"#layer-{layer.index}", title, layer.activation_text, layer.size))
    items = [
        f'<li><a href="{place}"><b>{escaped(title)}</b>'
        f"{f' <span>{escaped(h)}</span>' if h else ''} <code>({size},)</code></a></li>\n"
        for place, title, h, size in links
    ]
    return f'<ol class="chain">\n{"".join(items)}</ol>\n'


def _batch(trace: Trace, row: int) -> str:
    return (
        '<section aria-labelledby="batch-title">\n<h2 id="batch-title">All rows</h2>\n'
        f"{batch_html(trace, row)}</section>\n"
    )


def _layers(network: Network, trace: Trace, labels: dict[str, str]) -> str:
    """A section for each layer: its numbers, its curve, and its sums."""
    (explained,) = trace.explain().rows
    sections = []
    for step, explanation in zip(trace.layers, explained.layers, strict=True):
        i, layer = step.index, step.layer
        title = layer.title.replace("layer", "Layer", 1)
        sums = sums_html(explanation, trace.output_names if step is trace.layers[-1] else None)
        if layer.size > DRAWN_AT_MOST:
            sums = unfolding(f"The sums of all {layer.size} neurons", sums)
        h = f"<i>h</i> is {escaped(layer.activation_text)}"
        if layer.activation.formula:
            h += f": {escaped(layer.activation.formula)}"
        sections.append(
            f'<section class="layer" id="layer-{i}" aria-labelledby="layer-{i}-title">\n'
            f'<h2 id="layer-{i}-title">{escaped(title)}</h2>\n'
            f'<p class="shapes">{h}<br>\n'
            f"<i>A</i> = <i>X</i>·<i>W</i> + <i>B</i>: <code>{step.shapes}</code></p>\n"
            f'<figure class="curve">{curve_svg(trace, step)}</figure>\n'
            f"{layer_html(trace, i, labels)}"
            f'<div class="sums">\n{sums}</div>\n</section>\n'
        )
    return "".join(sections)
