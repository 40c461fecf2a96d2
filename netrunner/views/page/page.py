"""A run as one page of HTML that is complete in itself.

The page makes no requests: a policy in its head forbids them, and all scripts and styles but its
own, by their hashes. Whatever comes from a file is text in it, never markup.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from string import Template

import numpy as np

from netrunner.lesson.notation import texts
from netrunner.network.network import Network
from netrunner.network.trace import LayerTrace, Trace
from netrunner.problems.words import count
from netrunner.views.assets import asset, hash_of, policy
from netrunner.views.html import Markup, element, escaped, fragment
from netrunner.views.page.answer import answer_html
from netrunner.views.page.curve import curve_svg, points
from netrunner.views.page.data import State, data_script, is_live, not_computed, states
from netrunner.views.page.inputs import inputs_html, picture_html
from netrunner.views.page.layers import layer_html, neuron_labels
from netrunner.views.page.numbers import symbol
from netrunner.views.page.parts import MOST_FIELDS, scrolling, unfolding, weights_fit
from netrunner.views.page.sums import sums_html
from netrunner.views.pictures import diagram
from netrunner.views.pictures.layout import DRAWN_AT_MOST
from netrunner.views.pictures.marks import Drawing, Group
from netrunner.views.pictures.svg import inline
from netrunner.views.render.explain_html import element_id

SCALE = 4 / 3  # pixels a point
# Points of a sheet of paper within its margins, as in page.css: upright, and across.
UPRIGHT = 510
ACROSS = (807, 525)
MOST_ROWS_OF_BATCH = 20
_SCRIPTS = (
    "numbers.js", "model.js", "doors.js", "elements.js", "sums.js", "answer.js", "figures.js",
    "portrait.js", "dock.js", "page.js",
)  # fmt: skip
_asset = partial(asset, "page")


def page(network: Network, batch: Trace, *, row: int = 1, made_by: Sequence[str] = ()) -> str:
    """The report of a run, of one row of its input: of a batch, row `row`, counted from 1.

    `made_by` are the lines of its footer. Raises NetrunnerError if there is no such row, or
    if a plugin misbehaves.
    """
    style, script = _asset("page.css"), "\n".join(map(_asset, _SCRIPTS))
    return Template(_asset("page.html")).substitute(
        policy=escaped(policy(hash_of(style), hash_of(script))),
        name=escaped(network.name),
        nonce="",
        style=style,
        script=script,
        served="",
        desk="",
        about="",
        content=content(network, batch, row=row, made_by=made_by),
    )


def served_page(name: str, content: str, key: str, nonce: str) -> str:
    """The page that netrunner serves beside an editor, without content if the file has errors.

    `key` is that of the content's network. `nonce` marks the scripts and styles of this page,
    among them those that its editor adds.
    """
    mark = f"'nonce-{nonce}'"
    return Template(_asset("page.html")).substitute(
        policy=escaped(f"{policy(mark, mark)}; connect-src 'self'"),
        name=escaped(name),
        nonce=f' nonce="{nonce}"',
        style=_asset("page.css"),
        script="\n".join(map(_asset, [*_SCRIPTS, "editor.js", "serve.js"])),
        served=' class="served"',
        desk=_asset("desk.html"),
        about=f' data-key="{key}"' if key else "",
        content=content,
    )


def content(
    network: Network,
    batch: Trace,
    *,
    row: int = 1,
    made_by: Sequence[str] = (),
    served: bool = False,
) -> str:
    """What a page says about a run, with its data; `served` says that netrunner answers changes.

    Errors as for `page`.
    """
    trace = batch.row(row)
    sampled = [points(step) for step in trace.layers]
    choices, heights = states(network, batch, row, sampled)
    curves = [
        curve_svg(step, a, z) if len(a) else None
        for step, a, z in zip(trace.layers, sampled, heights, strict=True)
    ]
    # Who answers a change: the page, netrunner, or nobody.
    door = "page" if is_live(network) else "netrunner" if served else "states"
    labels = neuron_labels(trace)
    which = "" if batch.rows is None else f"Row {row} of {batch.rows}."
    drawing = diagram.draw(network, trace, title=False, most=ACROSS[0])
    is_broad = UPRIGHT < drawing.width <= ACROSS[0] and drawing.height <= ACROSS[1]
    return Template(_asset("content.html")).substitute(
        broad=' class="broad"' if is_broad else "",
        data=data_script(network, trace, choices, row, door),
        name=escaped(network.name),
        description=_paragraph("description", network.description),
        warning=_warning(trace.not_finite),
        chain=_chain(network),
        row=_paragraph("row", which),
        picture=picture_html(trace) or "",
        answer=answer_html(trace),
        controls=_controls(network, choices, door),
        inputs=inputs_html(network, trace, [state.x for state in choices]),
        batch=_batch(batch, row),
        diagram=_diagram(drawing, labels),
        layers=fragment(*_layers(network, trace, labels, curves)),
        foot=fragment(*(element("p", None, line) for line in made_by)),
    )


def _paragraph(kind: str, text: str) -> Markup | str:
    return element("p", {"class": kind}, text) if text else ""


def _warning(not_finite: object | None) -> Markup:
    """Where the first NaN or infinity arose; the script hides it if there is none."""
    text = "" if not_finite is None else str(not_finite)
    about = {"class": "warning", "id": "warning", "hidden": not text}
    return element("p", about, element("b", None, "Not finite."), " ", element("span", None, text))


def _chain(network: Network) -> Markup:
    """The shapes from the inputs to the outputs, each a link to its part of the page."""
    links = [("#inputs", "inputs", "", network.input_size)]
    for layer in network.layers:
        name = layer.name or f"layer {layer.index}"
        links.append((f"#layer-{layer.index}", name, layer.activation_text, layer.size))
    items = [
        element("li", None, element(
            "a", {"href": place}, element("b", None, name), " ",
            element("span", None, h) if h else None, " ", element("code", None, f"({size},)"),
        ))
        for place, name, h, size in links
    ]  # fmt: skip
    return element("ol", {"class": "chain"}, *items)


def _controls(network: Network, choices: Sequence[State], door: str) -> Markup:
    """The controls that choose an input and that undo all changes."""
    options = [
        element("option", {"value": place}, state.label) for place, state in enumerate(choices)
    ]
    mine = {"disabled": True, "hidden": True}  # is selected if the input is none of them
    options.append(element("option", mine, "your own"))
    choose = element(
        "label", None, "Input: ", element("select", {"id": "states", "disabled": True}, *options)
    )
    reset = element("button", {"id": "reset", "type": "button", "disabled": True}, "Reset")
    says = None
    if door == "states":
        says = (
            f"This page cannot compute {', '.join(not_computed(network))}: choose one of "
            f"the {count(len(choices), 'input')} that netrunner has computed."
        )
    elif not weights_fit(network):
        says = f"More than {MOST_FIELDS} weights cannot be changed here: change the inputs."
    if door == "page" and network.dtype == np.float32:
        says = " ".join(filter(None, [says, "In float32, the last digits of a change may differ."]))
    note = None if says is None else element("p", {"class": "hint"}, says)
    return fragment(element("p", {"class": "controls"}, choose, " ", reset), note)


def _batch(trace: Trace, row: int) -> Markup | str:
    """Y of each row of a batch, the one that the page shows marked."""
    if trace.rows is None:
        return ""
    first = max(0, min(row - 1 - MOST_ROWS_OF_BATCH // 2, trace.rows - MOST_ROWS_OF_BATCH))
    shown = range(first, min(first + MOST_ROWS_OF_BATCH, trace.rows))
    size = trace.output.shape[1]
    names = (
        [symbol("y", k) for k in range(1, size + 1)]
        if trace.output_names is None
        else trace.output_names
    )
    heads = [element("th", {"scope": "col", "class": "number"}, name) for name in names]
    body = []
    for each in shown:
        cells = [element("td", {"class": "number"}, text) for text in texts(trace.output[each])]
        mark = {"data-row": each + 1, "class": "shown" if each == row - 1 else None}
        body.append(element("tr", mark, element("th", {"scope": "row"}, str(each + 1)), *cells))
    head = element(
        "thead", None, element("tr", None, element("th", {"scope": "col"}, "row"), *heads)
    )
    more = trace.rows - len(shown)
    note = f"{more} of the {trace.rows} rows are not on this page." if more else ""
    title = element("h2", {"id": "batch-title"}, "All rows")
    table = element("table", {"id": "rows"}, head, element("tbody", None, *body))
    about = {"id": "batch", "aria-labelledby": "batch-title"}
    return element(
        "section",
        about,
        title,
        scrolling("Output of each row", table),
        _paragraph("hint", note) or None,
    )


def _diagram(drawing: Drawing, labels: dict[str, str]) -> Markup:
    """The diagram, whose neurons are links to their sums, for mouse, finger and keys.

    The rest is hidden from screen readers, which find it in the tables and sums.
    """

    def opening(group: Group) -> tuple[str, dict[str, str | None]]:
        if group.kind == "neuron":
            key = group.data["neuron"]
            layer, neuron = map(int, key.split("-"))
            return "a", {"href": f"#{element_id(layer, neuron)}", "aria-label": labels[key]}
        return "g", {"aria-hidden": "true"}

    label = "The network, with its values. The arrow keys go from neuron to neuron."
    about = {"id": "diagram", "class": "figure", "role": "group", "aria-label": label}
    return inline(drawing, SCALE, about, opening)


def _layers(
    network: Network, trace: Trace, labels: dict[str, str], curves: Sequence[Markup | None]
) -> list[Markup]:
    """A section for each layer: its numbers, its curve, and its sums."""
    (explained,) = trace.explain().rows
    sections = []
    for step, explanation, curve in zip(trace.layers, explained.layers, curves, strict=True):
        names = trace.output_names if step is trace.layers[-1] else None
        sums = sums_html(explanation, names)
        if step.size > DRAWN_AT_MOST:
            sums = unfolding(f"The sums of all {step.size} neurons", sums)
        about = {"class": "layer", "id": f"layer-{step.index}"}
        section = element(
            "section",
            about | {"aria-labelledby": f"layer-{step.index}-title"},
            *_heading(step),
            None if curve is None else element("figure", {"class": "curve"}, curve),
            layer_html(network, trace, step, labels),
            sums,
        )
        sections.append(section)
    return sections


def _heading(step: LayerTrace) -> tuple[Markup, Markup]:
    """The layer's title, its h and its shapes."""
    title = step.layer.title.replace("layer", "Layer", 1)
    activation = step.layer.activation
    parameters = {**activation.parameters, **step.layer.parameters}.items()
    of = ", ".join(f"{key}={value}" for key, value in parameters)
    h = f" is {activation.name}" + (f"({of})" if of else "")
    h += f": {activation.formula}" if activation.formula else ""
    product = (symbol("A"), " = ", symbol("X"), "·", symbol("W"), " + ", symbol("B"), ": ")
    shapes = element("code", None, step.shapes)
    return (
        element("h2", {"id": f"layer-{step.index}-title"}, title),
        element("p", {"class": "shapes"}, symbol("h"), h, element("br"), *product, shapes),
    )
