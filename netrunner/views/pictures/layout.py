"""Where everything in a diagram goes, in points (1/72 inch) from its upper left corner.

Plain geometry: no matplotlib, and no numbers of a run.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import chain, pairwise

from netrunner.views.pictures.boxes import Box, Point
from netrunner.views.pictures.notation import ems

DRAWN_AT_MOST = 10  # neurons of a layer; of a wider one, only some are drawn

SMALLEST = 8.25  # points of the smallest letters, which are 11 CSS pixels
MARGIN = 16.0
TITLE = 30.0
HEADING = 58.0
KEY = 78.0
ROW_GAP = 30.0
MIN_WIDTH = 400.0
LABEL_PADDING = 1.5  # around a label
STRIP = 88.0  # the longer side of a strip, at most
STRIP_CELL = 10.0
STRIP_CAPTIONS = 30.0


@dataclass(frozen=True)
class Style:
    """The measures of a diagram: `roomy` has space for a weight on every edge."""

    roomy: bool
    radius: float
    bias_radius: float
    pitch: float  # from one neuron down to the next
    gap: float  # from one column of circles to the next
    columns: int  # in a row, at most; a deeper network goes on in the next row

    @property
    def step(self) -> float:
        """From the middle of a column to that of the next."""
        return 2 * self.radius + self.gap


ROOMY = Style(True, radius=37, bias_radius=14, pitch=94, gap=122, columns=4)
WIDER = (150, 180)  # gaps to try, until every weight finds room in full
COMPACT = Style(False, radius=30, bias_radius=11, pitch=68, gap=100, columns=5)


@dataclass(frozen=True)
class Node:
    """A neuron, an input (layer 0), or with neuron 0 the bias node that feeds layer + 1."""

    layer: int
    neuron: int
    x: float
    y: float
    radius: float

    @property
    def centre(self) -> Point:
        return self.x, self.y


@dataclass(frozen=True)
class Strip:
    """A grid of cells, one for each neuron of a layer that is too wide to draw."""

    top: float
    rows: int
    columns: int

    @property
    def cell(self) -> float:
        return min(STRIP / max(self.rows, self.columns), STRIP_CELL)

    @property
    def width(self) -> float:
        return self.columns * self.cell

    @property
    def height(self) -> float:
        return self.rows * self.cell


@dataclass(frozen=True)
class Column:
    """A layer's nodes from the top down.

    `more` is the height of the note that some are not drawn; `again` is True for a layer that
    begins a row and also ended the one before.
    """

    layer: int
    x: float
    nodes: tuple[Node, ...]
    bias: Node | None
    more: float | None
    strip: Strip | None
    again: bool = False
    heading: float = 0.0  # the height of the first line above it

    @property
    def top(self) -> float:
        first = self.bias or self.nodes[0]
        return first.y - first.radius

    @property
    def bottom(self) -> float:
        if self.strip is not None:
            return self.strip.top + self.strip.height + STRIP_CAPTIONS
        return self.nodes[-1].y + self.nodes[-1].radius if self.more is None else self.more + 8

    def lowered(self, by: float, heading: float) -> Column:
        """The column, moved down, with its heading at a given height."""
        return replace(
            self,
            nodes=tuple(replace(node, y=node.y + by) for node in self.nodes),
            bias=self.bias and replace(self.bias, y=self.bias.y + by),
            more=None if self.more is None else self.more + by,
            strip=self.strip and replace(self.strip, top=self.strip.top + by),
            heading=heading,
        )


@dataclass(frozen=True)
class Edge:
    """A weight, or with `source` 0 a bias: from circle to circle."""

    layer: int
    to: int
    source: int
    start: Point
    end: Point

    @property
    def angle(self) -> float:
        return math.atan2(self.end[1] - self.start[1], self.end[0] - self.start[0])

    def at(self, part: float) -> Point:
        """The point after this part of the way."""
        (x1, y1), (x2, y2) = self.start, self.end
        return x1 + part * (x2 - x1), y1 + part * (y2 - y1)


@dataclass(frozen=True)
class Label:
    """The text on an edge, in a box that overlaps no other box and no circle."""

    text: str
    box: Box


@dataclass(frozen=True)
class Layout:
    """A whole diagram. `labels` has those of the layers whose weights all find room."""

    width: float
    height: float
    style: Style
    columns: tuple[Column, ...]
    edges: tuple[Edge, ...]
    labels: dict[Edge, Label]


def arrange(
    sizes: Sequence[int],
    shown: Sequence[Sequence[int]],
    left: float,
    right: float,
    label_texts: Callable[[Edge], Sequence[str]],
    *,
    strips: bool,
    title: bool,
    most: float,
) -> Layout:
    """The layout of a network whose layers, the inputs first, have these sizes.

    `shown` are the neurons of each layer that are drawn, counted from 1. `left` and `right` are
    the widths of the names of the inputs and the outputs. `label_texts` gives the texts to choose
    from for an edge, the best first. `strips` asks for room below the layers that are too wide to
    draw, where all their values are shown, and `title` for room above everything. For labels alone,
    it does not become wider than `most`.
    """
    style = _style(sizes)

    def placed(gap: float) -> Layout:
        return _arranged(
            replace(style, gap=gap), sizes, shown, left, right, label_texts, strips, title
        )

    first = placed(style.gap)
    for each in chain([first], map(placed, WIDER)) if style.roomy else ():
        if each.width > most:
            break
        texts = [label and label.text for label in map(each.labels.get, each.edges)]
        if texts == [label_texts(edge)[0] for edge in each.edges]:
            return each
    return first


def _arranged(
    style: Style,
    sizes: Sequence[int],
    shown: Sequence[Sequence[int]],
    left: float,
    right: float,
    label_texts: Callable[[Edge], Sequence[str]],
    strips: bool,
    title: bool,
) -> Layout:
    rows = _rows(len(sizes), style.columns)
    left = MARGIN + max(left, _half_heading(style) - style.radius)
    columns: list[Column] = []
    edges: list[Edge] = []
    y = MARGIN + TITLE * title
    for row in rows:
        here = [
            _column(layer, sizes[layer], shown[layer], left + style.radius + place * style.step,
                    style, strips and not (place == 0 and layer > 0), layer == len(sizes) - 1)
            for place, layer in enumerate(row)
        ]  # fmt: skip
        here[0] = replace(here[0], again=row[0] > 0)
        here[-1] = replace(here[-1], bias=None)
        by = y + HEADING - min(column.top for column in here)
        here = [column.lowered(by, y) for column in here]
        y = max(column.bottom for column in here) + ROW_GAP
        columns += here
        edges += [edge for pair in pairwise(here) for edge in _edges(*pair)]
    ends = max(len(row) for row in rows) - 1
    last = len(rows[-1]) - 1
    width = left + style.radius + MARGIN + max(
        ends * style.step + max(style.radius, _half_heading(style)),
        last * style.step + style.radius + right,
    )  # fmt: skip
    labels = _place_labels(columns, edges, label_texts) if style.roomy else {}
    height = y - ROW_GAP / 2 + KEY + MARGIN
    return Layout(max(width, MIN_WIDTH), height, style, tuple(columns), tuple(edges), labels)


def _half_heading(style: Style) -> float:
    return (style.step - 12) / 2


def _rows(count: int, at_most: int) -> list[range]:
    """The layers in each row; a layer that ends a row begins the next one, too."""
    rows = math.ceil((count - 1) / (at_most - 1))
    step = math.ceil((count - 1) / rows)
    return [range(start, min(start + step, count - 1) + 1) for start in range(0, count - 1, step)]


def _style(sizes: Sequence[int]) -> Style:
    few = all((here + 1) * there <= 20 for here, there in pairwise(sizes))
    return ROOMY if few and max(sizes) <= 6 and len(sizes) <= 7 else COMPACT


def _column(
    layer: int, size: int, shown: Sequence[int], x: float, style: Style, strip: bool, last: bool
) -> Column:
    """A column around height 0."""
    top = -(len(shown) - 1) * style.pitch / 2
    nodes = tuple(
        Node(layer, neuron, x, top + slot * style.pitch, style.radius)
        for slot, neuron in enumerate(shown)
    )
    below = nodes[-1].y + style.radius
    more = below + 14 if len(shown) < size else None
    # A little to the right, so that its edges do not pass behind the neuron below it.
    bias = Node(
        layer,
        0,
        x + 0.45 * style.radius,
        top - style.radius - style.pitch / 2 + style.bias_radius + 4,
        style.bias_radius,
    )
    return Column(
        layer,
        x,
        nodes,
        bias=None if last else bias,
        more=more,
        strip=Strip(more + 14, *grid(size)) if strip and more is not None else None,
    )


def grid(size: int) -> tuple[int, int]:
    """Rows and columns that hold `size` cells; a square number is taken for an image."""
    root = math.isqrt(size)
    columns = root if root * root == size else 10 if size <= 100 else root + 1
    return -(-size // columns), columns


def _edges(before: Column, after: Column) -> list[Edge]:
    sources = [*before.nodes, *([before.bias] if before.bias else [])]
    return [
        Edge(after.layer, to.neuron, source.neuron, *_between(source, to))
        for to in after.nodes
        for source in sources
    ]


def _between(source: Node, to: Node) -> tuple[Point, Point]:
    """Where the line between two centres leaves one circle and reaches the other."""
    distance = math.dist(source.centre, to.centre)
    dx, dy = (to.x - source.x) / distance, (to.y - source.y) / distance
    start = (source.x + dx * source.radius, source.y + dy * source.radius)
    end = (to.x - dx * to.radius, to.y - dy * to.radius)
    return start, end


_POSITIONS = [0.5 + step * sign * 0.03 for step in range(15) for sign in (1, -1)]
_TRIES = 20


def _place_labels(
    columns: Sequence[Column],
    edges: Sequence[Edge],
    label_texts: Callable[[Edge], Sequence[str]],
) -> dict[Edge, Label]:
    """A label for each edge, no two of them overlapping; layers without room for all get none."""
    placed: dict[Edge, Label] = {}
    for before, after in pairwise(columns):
        if after.again:
            continue
        here = [edge for edge in edges if edge.layer == after.layer]
        circles = [*before.nodes, *after.nodes, *filter(None, (before.bias, after.bias))]
        for texts in zip(*(label_texts(edge) for edge in here), strict=True):
            chosen = dict(zip(here, texts, strict=True))
            boxes = _place(
                {edge: _candidates(edge, text, here, circles) for edge, text in chosen.items()}
            )
            if boxes is not None:
                placed |= {edge: Label(chosen[edge], box) for edge, box in boxes.items()}
                break
    return placed


def _candidates(
    edge: Edge, text: str, edges: Sequence[Edge], circles: Sequence[Node]
) -> list[tuple[int, Box]]:
    """Boxes for `text` along an edge, with how many other edges cross each, fewest first."""
    boxes = [_box_on(edge, position, text) for position in _POSITIONS]
    free = [
        box
        for box in boxes
        if not any(box.meets_circle(node.x, node.y, node.radius + 2) for node in circles)
    ]
    others = [other for other in edges if other is not edge]
    crossed = [sum(box.crossed_by(e.start, e.end) for e in others) for box in free]
    return sorted(zip(crossed, free, strict=True), key=lambda candidate: candidate[0])


def _place(candidates: dict[Edge, list[tuple[int, Box]]]) -> dict[Edge, Box] | None:
    """One candidate for each edge, so that no two overlap and few are crossed, if found."""
    order = sorted(candidates, key=lambda edge: (-abs(edge.angle), -edge.start[1]))
    best: tuple[int, dict[Edge, Box]] | None = None
    for _ in range(_TRIES):
        placed: dict[Edge, Box] = {}
        worst, cost = order[-1], -1
        for edge in order:
            free = (
                (crossed, box)
                for crossed, box in candidates[edge]
                if not any(box.meets(other) for other in placed.values())
            )
            crossed, placed[edge] = next(free, (0, None))  # type: ignore[assignment]
            if placed[edge] is None:
                worst = edge
                break
            if crossed > cost:
                worst, cost = edge, crossed
        else:
            total = sum(c for edge in order for c, box in candidates[edge] if box is placed[edge])
            if best is None or total < best[0]:
                best = total, placed
            if total == 0:
                break
        # The edge that came off worst chooses first next time.
        order = [worst, *(other for other in order if other is not worst)]
    return best and best[1]


def _box_on(edge: Edge, position: float, text: str) -> Box:
    width = ems(text) * SMALLEST + 2 * LABEL_PADDING
    height = SMALLEST * 1.2 + 2 * LABEL_PADDING
    return Box(*edge.at(position), width, height, edge.angle)
