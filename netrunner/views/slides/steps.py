"""What is on the slides: the network, the input, each neuron, each layer as a whole, the answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from netrunner.activations.activation import Array
from netrunner.lesson.explain import LayerExplanation
from netrunner.lesson.notation import Line, name_of, texts, written
from netrunner.lesson.shares import percentages, winner
from netrunner.network.network import Network
from netrunner.network.trace import LayerTrace, Trace
from netrunner.problems.words import count
from netrunner.views.html import Child, Markup, element, fragment
from netrunner.views.page.answer import says_html
from netrunner.views.page.curve import curve_svg, points
from netrunner.views.page.layers import share_bar
from netrunner.views.page.numbers import symbol
from netrunner.views.page.sums import line_html
from netrunner.views.pictures import diagram
from netrunner.views.pictures.layout import DRAWN_AT_MOST, KEY
from netrunner.views.pictures.marks import Drawing
from netrunner.views.pictures.sampling import Applied
from netrunner.views.pictures.svg import inline
from netrunner.views.slides.pictures import large, map_of, one_neuron, strip, without_ids

ROW = 60  # letters
LINES = 10  # of a slide
MOST_ROWS = 7  # of a matrix that is written out


class Slide(NamedTuple):
    kind: str
    content: Markup


def slides(network: Network, trace: Trace, which: str, precision: int) -> list[Slide]:
    """The slides of a run of one input; `which` says which row of a batch it is."""
    return list(_Deck(network, trace, which, precision).slides())


class _Deck:
    def __init__(self, network: Network, trace: Trace, which: str, precision: int) -> None:
        self.network, self.trace, self.which, self.precision = network, trace, which, precision
        self.drawing = diagram.draw(network, trace, title=False)
        self.chosen = diagram.decisive(trace)

    def slides(self) -> Iterator[Slide]:
        yield self._first()
        yield self._input()
        (explained,) = self.trace.explain(precision=self.precision).rows
        for step, explanation in zip(self.trace.layers, explained.layers, strict=True):
            yield self._layer(step)
            yield from self._neurons(step, explanation)
            if any(line.neuron is None for line in explanation.lines):
                yield from self._softmax(step, explanation)
            yield self._whole(step)
        yield self._answer()

    # The ends

    def _first(self) -> Slide:
        """The network, before anything has run."""
        return Slide(
            "first",
            fragment(
                element("h1", None, self.network.name),
                element("p", None, self.network.description) if self.network.description else None,
                _whole_network(diagram.draw(self.network, title=False), "The network"),
            ),
        )

    def _input(self) -> Slide:
        x = self.trace.input
        names = self.network.input_names
        says = f"{count(len(x), 'number')}" + (f", {self.which}" if self.which else "")
        parts: list[Markup] = [element("p", {"class": "says"}, says)]
        if len(x) <= DRAWN_AT_MOST:
            rows = [
                element(
                    "tr", None,
                    element("th", None, symbol("x", j)),
                    element("td", {"class": "name"}, name_of(names, "x", j)),
                    element("td", {"class": "number"}, text),
                )
                for j, text in enumerate(self._texts(x), 1)
            ]  # fmt: skip
            parts.append(element("table", {"class": "values"}, element("tbody", None, *rows)))
        else:
            parts.append(_picture(strip(x), "The inputs"))
        return Slide("input", fragment(self._head("The input", 0, None), *parts))

    def _answer(self) -> Slide:
        warning = None
        if self.trace.not_finite is not None:
            warning = element("p", {"class": "warning"}, str(self.trace.not_finite))
        return Slide(
            "answer",
            fragment(
                element("h2", None, "The answer"),
                element("p", {"class": "says"}, says_html(self.trace)),
                warning,
                _whole_network(self.drawing, "The network, with all values of the run"),
            ),
        )

    # A layer

    def _layer(self, step: LayerTrace) -> Slide:
        """What the layer computes, and with which numbers."""
        layer, i = step.layer, step.index
        formula = f": {layer.activation.formula}" if layer.activation.formula else ""
        before = symbol("X") if i == 1 else symbol("Z", layer=i - 1)
        A, W, B = (symbol(letter, layer=i) for letter in "AWB")
        product = (A, " = ", before, "·", W, " + ", B, "   ", element("code", None, step.shapes))
        parts: list[Markup | None] = [
            element("p", {"class": "line"}, *product),
            element("p", {"class": "line"}, symbol("Z", layer=i), " = ", symbol("h"), "(", A, "), ",
                    symbol("h"), f" is {step.activation_text}{formula}"),
        ]  # fmt: skip
        if layer.weights.size <= MOST_ROWS * ROW:
            X = [self._texts(step.X)]
            arrays = {before: X, W: written(layer.weights), B: written(layer.biases)}
            if all(map(_fits, arrays.values())):
                matrices = (_matrix(name, rows) for name, rows in arrays.items())
                parts.append(element("div", {"class": "matrices"}, *matrices))
        few = self.chosen[i]
        if len(few) < step.size:
            numbers = ", ".join(map(str, few))
            says = (
                f"{step.size} neurons: here come the {len(few)} that counted most for the answer, "
                f"{numbers}, and then the layer as a whole."
            )
            parts.append(element("p", {"class": "says"}, says))
        return Slide("layer", fragment(self._head(_title(step), i, None), *parts))

    def _neurons(self, step: LayerTrace, explanation: LayerExplanation) -> Iterator[Slide]:
        """One neuron after the other: its sum, and the curve with its dot."""
        a = points(step)
        z = Applied(step.layer)(a) if len(a) else a
        names = self.trace.output_names if step is self.trace.layers[-1] else None
        for k in self.chosen[step.index]:
            lines = [line for line in explanation.lines if line.neuron == k]
            if len(lines) > 2:
                lines = lines[:1]  # e and z come with those of all neurons
            name = name_of(names, "y", k)
            title = f"{_title(step)}, neuron {k} of {step.size}" + (f": {name}" if name else "")
            pictures = [_picture(one_neuron(self.network, step, k), "The neuron and what feeds it")]
            if len(a):
                figure = element("figure", None, curve_svg(step, a, z, lit=k))
                pictures.append(figure)
            content = fragment(
                self._head(title, step.index, k),
                _lines(lines, LINES // 3),
                element("div", {"class": "pictures"}, *pictures),
            )
            yield Slide("neuron", content)

    def _whole(self, step: LayerTrace) -> Slide:
        """All numbers of a layer."""
        i, parts = step.index, []
        A, Z = self._texts(step.A), self._texts(step.Z)
        if step.size > DRAWN_AT_MOST:
            parts = [self._strip("A", step.A, i), self._strip("Z", step.Z, i)]
            whole = element("div", {"class": "strips"}, *parts)
        elif step.makes_shares or not (_fits([A]) and _fits([Z])):
            whole = self._table(step, A, Z)
        else:
            parts = [_matrix(symbol("A", layer=i), [A]), _matrix(symbol("Z", layer=i), [Z])]
            whole = element("div", {"class": "matrices"}, *parts)
        is_last = step is self.trace.layers[-1]
        says = " is Y, the output." if is_last else f" goes into layer {i + 1}."
        content = fragment(
            self._head(f"{_title(step)}, all neurons", i, None),
            whole,
            element("p", {"class": "says"}, symbol("Z", layer=i), says),
        )
        return Slide("whole", content)

    def _strip(self, letter: str, values: Array, layer: int) -> Markup:
        finite = values[np.isfinite(values)]
        says = f": {len(values)} values"
        if len(finite):
            says += " from {} to {}".format(*self._texts(np.array([finite.min(), finite.max()])))
        picture = _picture(strip(values), f"The values of {letter}")
        caption = element("figcaption", None, symbol(letter, layer=layer), says)
        return element("figure", {"class": "strip"}, picture, caption)

    def _table(self, step: LayerTrace, A: list[str], Z: list[str]) -> Markup:
        """A row for each neuron; a share in percent, too, and the largest marked."""
        i, shares = step.index, step.makes_shares
        names = self.trace.output_names if step is self.trace.layers[-1] else None
        percents = percentages(step.Z) if shares else None
        largest = winner(step.Z) if shares else None
        heads: list[Child] = ["neuron", symbol("a", layer=i), symbol("z", layer=i)]
        head = element("tr", None, *(element("th", None, each) for each in heads))
        rows = []
        for k, (a, z) in enumerate(zip(A, Z, strict=True)):
            cells = [element("td", {"class": "number"}, each) for each in (a, z)]
            if percents is not None:
                cells.append(element("td", {"class": "bar"}, share_bar(float(step.Z[k]))))
                cells.append(element("td", {"class": "number"}, percents[k]))
            mark = {"class": "largest" if k == largest else None}
            name = element("th", None, names[k] if names else str(k + 1))
            rows.append(element("tr", mark, name, *cells))
        kind = "neurons many" if step.size > MOST_ROWS else "neurons"
        body = element("tbody", None, *rows)
        return element("table", {"class": kind}, element("thead", None, head), body)

    def _softmax(self, step: LayerTrace, explanation: LayerExplanation) -> Iterator[Slide]:
        """Softmax in the steps of the chapter: c, the exponentials, their sum s, the shares."""
        few = {None, *self.chosen[step.index]}
        by_letter: dict[str, list[Line]] = {}
        for line in explanation.lines:
            if line.neuron in few:
                by_letter.setdefault(line.left.letter, []).append(line)
        z = "logarithms" if step.layer.activation.is_log_softmax else "shares"
        names = {"c": "the largest a", "e": "exponentials", "s": "their sum", "z": z}
        title = f"{_title(step)}, {step.layer.activation.name}"
        left_out = step.size - len(self.chosen[step.index])
        for letter, name in names.items():
            more = None
            if left_out and letter in "ez":
                more = element("p", {"class": "says"}, f"and {left_out} others, which counted less")
            content = fragment(
                self._head(f"{title}: {name}", step.index, None),
                _lines(by_letter[letter], LINES),
                more,
            )
            yield Slide("softmax", content)

    # What slides have in common

    def _head(self, title: str, layer: int, neuron: int | None) -> Markup:
        """The title, and where in the network this is."""
        where = map_of(self.drawing, layer, neuron)
        picture = inline(where, 1, {"class": "figure map lit", "aria-hidden": "true"} | _RIGHT)
        return element("header", None, element("h2", None, title), picture)

    def _texts(self, values: Array) -> list[str]:
        return texts(values, self.precision)


_RIGHT = {"preserveAspectRatio": "xMaxYMid meet"}


def _title(step: LayerTrace) -> str:
    return step.title.replace("layer", "Layer", 1)


def _whole_network(drawing: Drawing, label: str) -> Markup:
    """The diagram without the key below it, in large letters."""
    marks = without_ids(mark for mark in drawing.marks if getattr(mark, "kind", "") != "key")
    return _picture(large(Drawing(drawing.width, drawing.height - KEY, "", marks)), label)


def _picture(drawing: Drawing, label: str) -> Markup:
    return inline(drawing, 1, {"class": "figure", "role": "img", "aria-label": label})


def _lines(lines: list[Line], room: int) -> Markup:
    """Sums in large letters; in smaller ones if they take more than `room` rows."""
    rows = sum(map(_rows, lines))
    kind = "lines longer" if rows > 1.7 * room else "lines long" if rows > room else "lines"
    return element("div", {"class": kind}, *map(line_html, lines))


def _rows(line: Line) -> int:
    """About how many rows of a slide a line takes: a step that does not fit begins a new one."""
    lengths = [
        4 + sum(len(token) if isinstance(token, str) else 4 for token in step)
        for step in line.steps
    ]
    return 1 if sum(lengths) < ROW else sum(-(-length // ROW) for length in lengths)


def _fits(rows: list[list[str]]) -> bool:
    """Whether an array can be read on a slide."""
    return len(rows) <= MOST_ROWS and all(sum(map(len, row)) + 3 * len(row) < ROW for row in rows)


def _matrix(name: Child, rows: list[list[str]]) -> Markup:
    """An array between its brackets."""
    body = [element("tr", None, *(element("td", None, each) for each in row)) for row in rows]
    table = element("table", {"class": "matrix"}, element("tbody", None, *body))
    return element("div", None, element("span", None, name, " ="), table)
