"""The pictures of a slide: a neuron with what feeds it, and where it is in the network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from netrunner.lesson.notation import name_of
from netrunner.network.network import Network
from netrunner.network.trace import LayerTrace
from netrunner.views.pictures import colors
from netrunner.views.pictures.boxes import Point
from netrunner.views.pictures.layout import grid
from netrunner.views.pictures.marks import Circle, Drawing, Group, Line, Mark, Rect, Text
from netrunner.views.pictures.notation import cut, ems, fitting, indexed

# A neuron and what feeds it, in pixels of a picture 640 wide, which is half of a slide.
WIDTH = 640.0
HEIGHT = 400.0
PITCH = (66.0, 110.0)  # from one source down to the next: at least, at most
RADIUS, NEURON = 34.0, 66.0  # at most, and of the neuron itself
LETTERS, SMALL = 21.0, 18.0
NAME_ROOM = 7.0  # ems
MOST_SOURCES = 6  # of a wide layer, those whose terms are the largest


def one_neuron(network: Network, step: LayerTrace, k: int) -> Drawing:
    """Neuron k, counted from 1, as the book draws one: its sources, its weights, a and z.

    Of many sources, those with the largest terms.
    """
    weights, X = step.layer.weights[:, k - 1], step.X
    sources = _sources(weights, X)
    names = [_name(network.input_names, "x", j) if step.index == 1 else "" for j in sources]
    left = max(map(ems, names), default=0.0) * SMALL + 12
    left_out = len(X) - len(sources)
    pitch = min(max(HEIGHT / (len(sources) + 1), PITCH[0]), PITCH[1])
    height = (len(sources) + 1) * pitch + 30 * bool(left_out)
    radius = min(RADIUS, pitch / 2 - 3)
    x = left + radius
    output = ""
    if step.index == len(network.layers) and step.layer.activation.elementwise:
        output = _name(network.output_names, "y", k)
    right = WIDTH - 12 - (30 + ems(output) * LETTERS if output else 0)
    end = (right - NEURON, max(height / 2, NEURON + 4))
    marks: list[Mark] = []
    rows = [(0, float(step.layer.biases[k - 1]))]
    rows += [(j, float(weights[j - 1])) for j in sources]
    for place, (j, weight) in enumerate(rows):
        y = (place + 0.5) * pitch
        marks += _edge((x, y), radius, end, weight, step.index, k, j)
    for place, (j, _) in enumerate(rows):
        y = (place + 0.5) * pitch
        if j:
            letter, value = _letter(step, j), float(X[j - 1])
            marks += _source((x, y), radius, value, letter, names[place - 1])
        else:
            marks.append(Circle(x, y, 0.7 * radius, colors.BIAS, 1, colors.INK, 1.2))
            marks.append(Text(x, y, "1", SMALL))
    if left_out:
        words = f"⋮ {left_out} smaller terms"
        marks.append(Text(0, height - 18, words, SMALL, colors.GREY, anchor="start"))
    marks += _neuron(end, step, k)
    if output:
        marks.append(Line([[(right, end[1]), (right + 26, end[1])]], colors.INK, 1.5, arrow=True))
        marks.append(Text(right + 32, end[1], output, LETTERS, anchor="start", bold=True))
    height = max(height, end[1] + NEURON + 4)
    return Drawing(WIDTH, height, "", marks)


def _sources(weights: np.ndarray, X: np.ndarray) -> list[int]:
    """Which sources are drawn, from 1."""
    if len(X) <= MOST_SOURCES:
        return list(range(1, len(X) + 1))
    with np.errstate(all="ignore"):
        terms = np.abs(weights.astype(np.float64) * X)
    ranked = np.argsort(-np.where(np.isnan(terms), np.inf, terms), kind="stable")
    return sorted(int(j) + 1 for j in ranked[: MOST_SOURCES - 1])


def _name(names: tuple[str, ...] | None, letter: str, number: int) -> str:
    return cut(name_of(names, letter, number), NAME_ROOM)


def _letter(step: LayerTrace, j: int) -> str:
    return indexed("x", j) if step.index == 1 else indexed("z", j, layer=step.index - 1)


def _edge(
    start: Point, radius: float, end: Point, weight: float, layer: int, k: int, j: int
) -> Iterator[Mark]:
    """A line from a source into the neuron, with its weight."""
    length = float(np.hypot(end[0] - start[0], end[1] - start[1]))
    dx, dy = (end[0] - start[0]) / length, (end[1] - start[1]) / length
    symbol = indexed("w", k, j, layer=layer) if j else indexed("b", k, layer=layer)
    text = f"{symbol} = {fitting(weight, 4.5)}"
    half = ems(text) * SMALL / 2 / dx
    middle = (length + radius - NEURON) / 2

    def at(way: float) -> Point:
        return start[0] + way * dx, start[1] + way * dy

    parts = [(at(radius), at(middle - half)), (at(middle + half), at(length - NEURON))]
    dashes = (9.0, 5.0) if weight < 0 else (2.0, 5.0) if weight == 0 else ()
    yield Line(parts, colors.of_sign(weight), 2.5, dashes, arrow=True)
    yield Text(*at(middle), text, SMALL, colors.of_sign_text(weight))


def _source(centre: Point, radius: float, value: float, symbol: str, name: str) -> Iterator[Mark]:
    x, y = centre
    yield Circle(x, y, radius, colors.WHITE, 1, colors.INK, 1.5)
    yield Text(x, y - 0.42 * radius, symbol, 15, colors.GREY)
    yield Text(x, y + 0.3 * radius, fitting(value, 1.75 * radius / SMALL / 1.06), SMALL, bold=True)
    if name:
        yield Text(x - radius - 8, y, name, SMALL, anchor="end")


def _neuron(centre: Point, step: LayerTrace, k: int) -> Iterator[Mark]:
    """The neuron, as the book draws it: a, then z = h(a)."""
    x, y = centre
    a, z = float(step.A[k - 1]), float(step.Z[k - 1])
    yield Circle(x, y, NEURON, colors.WHITE, 1, colors.INK, 2.5)
    if not step.layer.activation.elementwise:  # z depends on other neurons, which come later
        yield Text(x, y - 16, indexed("a", k, layer=step.index), SMALL, colors.GREY)
        yield Text(x, y + 10, fitting(a, 4.8), LETTERS, bold=True)
        return
    yield Text(x, y - 38, indexed("a", k, layer=step.index), 15, colors.GREY)
    yield Text(x, y - 17, fitting(a, 4.8), LETTERS)
    yield Text(x, y, "↓", 13, colors.GREY)
    yield Text(x, y + 18, fitting(z, 4.6), LETTERS, bold=True)
    yield Text(x, y + 40, indexed("z", k, layer=step.index), 15, colors.GREY)


# The whole network, in letters that can be read from the back row

FIGURE = 1240.0, 470.0  # pixels for it, of a slide with 1280 × 720
READABLE, LARGEST = 17.0, 16.0  # pixels that letters should have, points that they may have


def large(drawing: Drawing) -> Drawing:
    """The diagram in large letters, for which it has fewer words and digits."""
    scale = min(FIGURE[0] / drawing.width, FIGURE[1] / drawing.height)
    size = min(READABLE / scale, LARGEST)
    columns = sorted({m.x for g in _groups(drawing, "heading") for m in _texts(g)})
    step = columns[1] - columns[0]
    marks = [replace(g, marks=_enlarged(g, size, step)) for g in _groups(drawing)]
    texts = [text for group in marks for text in _texts(group)]
    left = min(0.0, *(text.x - _reach(text, "end") for text in texts)) - 4
    right = max(drawing.width, *(text.x + _reach(text, "start") for text in texts)) + 4
    bottom = max(drawing.height, *(text.y + size for text in texts))
    return Drawing(right - left, bottom, drawing.title, marks, left)


def _groups(drawing: Drawing, kind: str = "") -> list[Group]:
    groups = [mark for mark in drawing.marks if isinstance(mark, Group)]
    return [group for group in groups if kind in ("", group.kind)]


def _texts(group: Group) -> list[Text]:
    return [mark for mark in group.marks if isinstance(mark, Text)]


def _reach(text: Text, anchor: str) -> float:
    """How far a text reaches to the right of its x; to the left, for the other anchor."""
    parts = {anchor: 1.0, "middle": 0.5}
    return parts.get(text.anchor, 0.0) * ems(text.text) * text.size


def _enlarged(group: Group, size: float, step: float) -> list[Mark]:
    """The marks of a group with texts of this size; columns are `step` apart."""
    marks: list[Mark] = [mark for mark in group.marks if not isinstance(mark, Text)]
    texts = [replace(text, size=size) for text in _texts(group)]
    room = (step - 8) / size
    match group.kind:
        case "edge" if texts:
            (line,), (label,) = (mark for mark in marks if isinstance(mark, Line)), texts
            (start, before), (after, end) = np.array(line.parts)
            gap = float(np.hypot(*(after - before)))
            label = replace(label, text=fitting(_value(group), gap / size))
            half = (ems(label.text) * size / 2 + 2) * (after - before) / gap
            middle = np.array([label.x, label.y])
            parts = [(start, middle - half), (middle + half, end)]
            marks, texts = [replace(line, parts=_points(parts))], [label]
        case "input" | "neuron":
            texts = _inside(group, texts, size)
        case "heading":
            fitting_ones = [texts[0], *(text for text in texts[1:] if ems(text.text) <= room)]
            texts = _spread(fitting_ones, texts[0].y, 1.2 * size)
            texts[0] = replace(texts[0], text=cut(texts[0].text, room))
        case "output":
            y = sum(text.y for text in texts) / len(texts)
            texts = _spread(texts, y - 0.6 * size * (len(texts) - 1), 1.2 * size)
        case "more":
            short = texts[0].text.replace("that counted less", "more")
            texts = [replace(texts[0], text=short)]
        case "strip":
            texts = _spread(texts, texts[0].y + 0.3 * size, 1.2 * size)
    return [*marks, *texts]


def _value(edge: Group) -> float:
    return float(edge.title.rpartition(" = ")[2])


def _points(parts: Iterable[Iterable[np.ndarray]]) -> list[list[Point]]:
    return [[(float(x), float(y)) for x, y in part] for part in parts]


def _inside(group: Group, texts: list[Text], size: float) -> list[Text]:
    """In a circle, two lines: a symbol or a over z, or before a run their symbols."""
    circle = next(mark for mark in group.marks if isinstance(mark, Circle))
    x, y, r = circle.x, circle.y, circle.radius
    away = max(0.3 * r, 0.55 * size)
    room = 2 * float(np.sqrt(max(0.0, r**2 - (away + 0.35 * size) ** 2))) / size
    lines = texts[0].text.split(" → ")
    if "z" in group.data:
        z, a = float(group.data["z"]), group.data.get("a")
        lines = [
            lines[0] if a is None else fitting(float(a), room),
            fitting(z, room / 1.12),
        ]  # in bold
    first = Text(x, y - away * (len(lines) - 1), lines[0], size)
    return _spread([first, *(Text(x, y, z, size, bold=True) for z in lines[1:])], first.y, 2 * away)


def _spread(texts: list[Text], y: float, pitch: float) -> list[Text]:
    """Texts below each other, the first one at height y."""
    return [replace(text, y=y + place * pitch) for place, text in enumerate(texts)]


# The whole network, small


def map_of(drawing: Drawing, layer: int, neuron: int | None) -> Drawing:
    """The diagram without its words, as far as the run has come.

    Layers before `layer`, and its neurons up to `neuron`, have their tints; that neuron is lit,
    or, without one, the whole layer. Inputs are layer 0.
    """
    marks = list(_on_map(drawing.marks, layer, neuron))
    circles = [mark for mark in Drawing(0, 0, "", marks).shapes() if isinstance(mark, Circle)]
    left = min(c.x - c.radius for c in circles) - 6
    top = min(c.y - c.radius for c in circles) - 6
    right = max(c.x + c.radius for c in circles) + 6
    bottom = max(c.y + c.radius for c in circles) + 6
    return Drawing(right - left, bottom - top, "", marks, left, top)


def _on_map(marks: Iterable[Mark], layer: int, neuron: int | None) -> Iterator[Group]:
    for group in marks:
        if not isinstance(group, Group) or group.kind not in ("edge", "neuron", "input", "bias"):
            continue
        shapes: list[Mark] = [mark for mark in group.marks if not isinstance(mark, Text)]
        if group.kind == "edge":
            _, to_layer, to_neuron, *_ = group.id.split("-")
            here = int(to_layer) == layer and neuron in (None, int(to_neuron))
            width = 2.5 if here else 1.0
            lines = [
                Line([(line.parts[0][0], line.parts[-1][-1])], line.color, width)
                for line in shapes
                if isinstance(line, Line)
            ]
            yield Group(lines, "edge on" if here else "edge")
        elif group.kind == "bias":
            yield Group(shapes, "bias")
        else:
            at = tuple(map(int, group.data["neuron"].split("-")))
            if at > (layer, neuron or 10**9):
                shapes = [replace(m, opacity=0.0) if m.stroke else m for m in shapes]  # type: ignore
            lit = at == (layer, neuron) or (neuron is None and at[0] == layer)
            yield Group(shapes, f"{group.kind} on" if lit else group.kind)


def without_ids(marks: Iterable[Mark]) -> list[Mark]:
    """Marks that may be on a page more than once."""
    return [
        replace(mark, marks=without_ids(mark.marks), id="") if isinstance(mark, Group) else mark
        for mark in marks
    ]


def strip(values: np.ndarray) -> Drawing:
    """A cell for each of many values: dark where it is large, orange where it is negative."""
    rows, columns = grid(len(values))
    finite = values[np.isfinite(values)]
    largest = float(np.abs(finite).max(initial=0.0))
    cells = []
    for k, value in enumerate(values.tolist()):
        row, column = divmod(k, columns)
        fill, opacity = colors.tint(value, largest, 1.0)
        cells.append(Rect(column, row, 1, 1, fill, opacity, colors.LIGHT_GREY, 0.03))
    return Drawing(columns, rows, "", cells)
