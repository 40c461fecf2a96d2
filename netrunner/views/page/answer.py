"""The answer first: what the network says about the input, and the terms that decided it."""

from __future__ import annotations

import numpy as np

from netrunner.lesson.notation import factor, name_of, texts
from netrunner.lesson.shares import percentages, winner
from netrunner.lesson.why import Part, Step, Term
from netrunner.network.trace import Trace
from netrunner.problems.words import count
from netrunner.views.html import Markup, element, fragment
from netrunner.views.page.numbers import symbol
from netrunner.views.pictures.notation import number

TOP = 5
MOST_SHARES = 3
MOST_OUTPUTS = 8
MOST_STEPS = 6  # of the walk back; the neurons' sums on the page show the rest


def answer_html(trace: Trace) -> Markup:
    """What the network says about one row, how sure it is, and what decided it."""
    decided = int(np.argmax(np.where(np.isnan(trace.output), -np.inf, trace.output))) + 1
    steps = trace.why(decided, top=TOP).walks[0].steps[:MOST_STEPS]
    because = [_step(step, trace) for step in steps]
    return fragment(
        element("p", {"id": "says"}, says_html(trace)),
        element("h3", None, "What decided it"),
        element("ol", {"id": "because"}, *because),
    )


def says_html(trace: Trace) -> Markup:
    """What the network says about one row, in a line."""
    return _shares(trace) if trace.layers[-1].makes_shares else _outputs(trace)


def _name(trace: Trace, k: int) -> Markup:
    """An output's name, or its symbol if the name says no more."""
    name = name_of(trace.output_names, "y", k)
    return element("b", None, name) if name else symbol("y", k)


def _shares(trace: Trace) -> Markup:
    percents, first = percentages(trace.output), winner(trace.output)
    if first is None:
        return fragment("no class: a share is not a number")
    order = sorted(range(len(percents)), key=lambda k: -float(trace.output[k]))
    parts: list[Markup | str] = [_name(trace, first + 1), f", {percents[first]}"]
    for place, k in enumerate([k for k in order if k != first][: MOST_SHARES - 1]):
        parts += [" · " if place else "; then ", _name(trace, k + 1), f" {percents[k]}"]
    return fragment(*parts)


def _outputs(trace: Trace) -> Markup:
    parts: list[Markup | str] = []
    for k, text in enumerate(texts(trace.output)[:MOST_OUTPUTS], 1):
        name, y = _name(trace, k), symbol("y", k)
        parts += ["; " if parts else "", fragment(name, ": ") if name != y else "", y, f" = {text}"]
    more = len(trace.output) - MOST_OUTPUTS
    return fragment(*parts, f"; and {more} more" if more > 0 else None)


def _step(step: Step, trace: Trace) -> Markup:
    """A neuron with its terms as signed bars, the largest first."""
    i, k = step.layer.index, step.neuron
    largest = max((abs(float(each.value)) for each in step.parts), default=0.0) or 1.0
    rows = [_term(step, part, largest) for part in step.parts]
    is_output = i == len(trace.layers) and trace.output_names is not None
    who = _name(trace, k) if is_output else symbol("a", k, layer=i)
    head = element(
        "p", None, element("a", {"href": f"#explain-{i}-{k}", "data-neuron": f"{i}-{k}"}, who),
        f": a = {number(float(step.a))}, z = {number(float(step.z))}, from",
    )  # fmt: skip
    return element(
        "li", None, head, element("table", {"class": "terms"}, element("tbody", None, *rows))
    )


def _term(step: Step, part: Term | Part, largest: float) -> Markup:
    i, value = step.layer.index, float(part.value)
    key: str | None = None
    if isinstance(part, Term):
        key = f"{i}-{step.neuron}-{part.neuron}"
        before = symbol("x", part.neuron) if i == 1 else symbol("z", part.neuron, layer=i - 1)
        product = "·".join(factor(number(float(each))) for each in (part.weight, part.input))
        named = None
        if part.name not in (None, f"x{part.neuron}"):
            named = element("span", {"class": "name"}, f" {part.name}")
        what = fragment(symbol("w", step.neuron, part.neuron, layer=i), "·", before, named)
    else:
        product = ""
        what = fragment(count(part.count, "more term"))
        if part is step.bias:
            what, key = symbol("b", step.neuron, layer=i), f"{i}-{step.neuron}"
    return element(
        "tr", {"data-edge": key}, element("th", {"scope": "row"}, what),
        element("td", {"class": "number"}, product),
        element("td", {"class": "number"}, number(value)),
        element("td", {"class": "bar"}, signed_bar(value, largest)),
    )  # fmt: skip


def signed_bar(value: float, largest: float) -> Markup:
    """A bar to the right of the middle for a positive value, to the left for a negative one."""
    share = 50 * min(1.0, abs(value) / largest) if np.isfinite(value) else 0.0
    left = 50 - share if value < 0 else 50
    view = {"viewBox": "0 0 100 1", "preserveAspectRatio": "none", "aria-hidden": "true"}
    bar = {"x": f"{left:.2f}", "width": f"{share:.2f}", "height": 1}
    rails = element("rect", {"width": 100, "height": 1})
    return element(
        "svg",
        view,
        rails,
        element("rect", bar | {"class": "negative" if value < 0 else "positive"}),
    )
