"""Where everything in a diagram stands, in inches from its lower left corner.

Plain geometry: no matplotlib, and no numbers of a run.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from netrunner.views.pictures.boxes import Box, Point
from netrunner.views.pictures.notation import ems

DRAWN_AT_MOST = 10  # neurons of a layer that are all drawn; of a wider one, the ends
KEPT = 3  # at each end
POINT = 1 / 72  # a point in inches

MIN_WIDTH = 5.0
TITLE = 0.42
HEADING = 0.62
KEY = 0.64
MARGIN = 0.22
LABEL_POINTS = 6.6
LABEL_PADDING = 1.4  # points of white around a label
STRIP = 1.2  # the longer side of a strip, at most
STRIP_CELL = 0.13
STRIP_CAPTIONS = 0.5


@dataclass(frozen=True)
class Style:
    """The measures of a diagram: `roomy` has space for a weight on every edge."""

    roomy: bool
    radius: float
    bias_radius: float
    pitch: float  # from one neuron down to the next
    gap: float  # from one column of circles to the next


ROOMY = Style(True, radius=0.5, bias_radius=0.2, pitch=1.28, gap=1.75)
COMPACT = Style(False, radius=0.34, bias_radius=0.14, pitch=0.72, gap=1.8)


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
    """A layer's nodes from the top down, and what stands for those that are not drawn."""

    layer: int
    x: float
    nodes: tuple[Node, ...]
    bias: Node | None
    more: tuple[int, float] | None  # how many are not drawn, and the height where that is said
    strip: Strip | None

    @property
    def top(self) -> float:
        if self.bias is not None:
            return self.bias.y + self.bias.radius
        return self.nodes[0].y + self.nodes[0].radius

    @property
    def bottom(self) -> float:
        if self.strip is not None:
            return self.strip.top - self.strip.height - STRIP_CAPTIONS
        return self.nodes[-1].y - self.nodes[-1].radius


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


@dataclass(frozen=True)
class Label:
    """What stands on an edge, in a box that meets no other and no circle."""

    text: str
    box: Box


@dataclass(frozen=True)
class Layout:
    """A whole diagram. `labels` holds those of the layers whose weights all find room."""

    width: float
    height: float
    style: Style
    columns: tuple[Column, ...]
    edges: tuple[Edge, ...]
    labels: dict[Edge, Label] = field(default_factory=dict)


def arrange(
    sizes: Sequence[int],
    left: float,
    right: float,
    label_texts: Callable[[Edge], Sequence[str]],
    strips: bool,
) -> Layout:
    """The layout of a network whose layers, the inputs first, have these sizes.

    `left` and `right` are the inches that the names of the inputs and the outputs take;
    `label_texts` tells what may stand on an edge, the best first; `strips` asks for room below
    the layers that are too wide to draw, where all their values are shown.
    """
    style = _style(sizes)
    if strips and sizes[0] > DRAWN_AT_MOST:
        left = max(left, STRIP / 2 - style.radius)
    step = 2 * style.radius + style.gap
    columns = [
        _column(layer, size, MARGIN + left + style.radius + layer * step, style, strips)
        for layer, size in enumerate(sizes)
    ]
    columns[-1] = replace(columns[-1], bias=None)
    lowest = min(column.bottom for column in columns)
    rise = MARGIN + KEY - lowest
    columns = [_raised(column, rise) for column in columns]
    edges = [edge for pair in pairwise(columns) for edge in _edges(*pair)]
    width = columns[-1].x + style.radius + right + MARGIN
    height = max(column.top for column in columns) + HEADING + TITLE + MARGIN
    labels = _place_labels(columns, edges, label_texts) if style.roomy else {}
    return Layout(max(width, MIN_WIDTH), height, style, tuple(columns), tuple(edges), labels)


def _style(sizes: Sequence[int]) -> Style:
    few = all((here + 1) * there <= 20 for here, there in pairwise(sizes))
    return ROOMY if few and max(sizes) <= 6 and len(sizes) <= 7 else COMPACT


def _column(layer: int, size: int, x: float, style: Style, with_strip: bool) -> Column:
    """A column around height 0."""
    wide = size > DRAWN_AT_MOST
    neurons = list(range(1, size + 1))
    if wide:
        neurons = [*neurons[:KEPT], 0, *neurons[-KEPT:]]
    top = (len(neurons) - 1) * style.pitch / 2
    heights = [top - slot * style.pitch for slot in range(len(neurons))]
    nodes = tuple(
        Node(layer, neuron, x, y, style.radius)
        for neuron, y in zip(neurons, heights, strict=True)
        if neuron
    )
    bias_height = top + style.radius + style.pitch / 2 - style.bias_radius
    # A little to the right, so that its edges do not pass behind the neuron below it.
    bias_x = x + 0.4 * style.radius
    return Column(
        layer,
        x,
        nodes,
        bias=Node(layer, 0, bias_x, bias_height, style.bias_radius),
        more=(size - 2 * KEPT, 0.0) if wide else None,
        strip=Strip(-top - style.radius - 0.14, *grid(size)) if wide and with_strip else None,
    )


def _raised(column: Column, rise: float) -> Column:
    """The column, `rise` higher up."""
    return Column(
        column.layer,
        column.x,
        tuple(replace(node, y=node.y + rise) for node in column.nodes),
        column.bias and replace(column.bias, y=column.bias.y + rise),
        column.more and (column.more[0], column.more[1] + rise),
        column.strip and replace(column.strip, top=column.strip.top + rise),
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
    """Where the line between two centres leaves the one circle and reaches the other."""
    distance = math.dist(source.centre, to.centre)
    dx, dy = (to.x - source.x) / distance, (to.y - source.y) / distance
    start = (source.x + dx * source.radius, source.y + dy * source.radius)
    end = (to.x - dx * to.radius, to.y - dy * to.radius)
    return start, end


_POSITIONS = [0.5 + step * sign * 0.03 for step in range(14) for sign in (1, -1)]
_TRIES = 12


def _place_labels(
    columns: Sequence[Column],
    edges: Sequence[Edge],
    label_texts: Callable[[Edge], Sequence[str]],
) -> dict[Edge, Label]:
    """A label for each edge, no two of them overlapping; layers without room for all get none."""
    placed: dict[Edge, Label] = {}
    for before, after in pairwise(columns):
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


def _candidates(edge: Edge, text: str, edges: Sequence[Edge], circles: Sequence[Node]) -> list[Box]:
    """Boxes for `text` along an edge, those that cover the fewest other edges first."""
    boxes = [_box_on(edge, position, text) for position in _POSITIONS]
    free = [
        box
        for box in boxes
        if not any(box.meets_circle(node.x, node.y, node.radius + 0.02) for node in circles)
    ]
    others = [other for other in edges if other is not edge]
    return sorted(free, key=lambda box: sum(box.crossed_by(e.start, e.end) for e in others))


def _place(candidates: dict[Edge, list[Box]]) -> dict[Edge, Box] | None:
    """One of its candidates for each edge, so that no two meet, if that is found."""
    order = sorted(candidates, key=lambda edge: (-abs(edge.angle), edge.start[1]))
    for _ in range(_TRIES):
        placed: dict[Edge, Box] = {}
        for edge in order:
            for box in candidates[edge]:
                if not any(box.meets(other) for other in placed.values()):
                    placed[edge] = box
                    break
            else:
                # Whoever came too late goes first next time.
                order = [edge, *(other for other in order if other is not edge)]
                break
        else:
            return placed
    return None


def _box_on(edge: Edge, position: float, text: str) -> Box:
    x = edge.start[0] + position * (edge.end[0] - edge.start[0])
    y = edge.start[1] + position * (edge.end[1] - edge.start[1])
    width = ems(text) * LABEL_POINTS + 2 * LABEL_PADDING
    height = LABEL_POINTS * 1.2 + 2 * LABEL_PADDING
    return Box(x, y, width * POINT, height * POINT, edge.angle)
