"""The arithmetic of a run as a picture: for each layer X·W + B = A, then Z = h(A).

W has a row for each input, "from", and a column for each neuron, "to". Below a neuron's column are
its bias, its A, its place on the curve of h, and its Z: a column is one sum.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from netrunner.activations.activation import Array
from netrunner.lesson.notation import name_of
from netrunner.lesson.shares import percentages
from netrunner.network.network import Network
from netrunner.network.trace import LayerTrace, Trace
from netrunner.views.pictures import colors
from netrunner.views.pictures.boxes import Point
from netrunner.views.pictures.diagram import decisive, title_marks
from netrunner.views.pictures.layout import MARGIN, SMALLEST, TITLE
from netrunner.views.pictures.marks import Circle, Drawing, Group, Line, Mark, Rect, Text
from netrunner.views.pictures.notation import cut, ems, fitting, indexed
from netrunner.views.pictures.sampling import BOOK_RANGE, Applied, can_be_drawn, limits

CELL = 62.0  # the width of a number
ROW = 30.0  # the height of a weight, with its symbol above it
LINE = 20.0  # the height of another number
CURVE = 44.0
HEADING = 34.0
GAP = 34.0  # between two layers
NAME_ROOM = 12.0  # ems of the name of an input or output
VALUE_POINTS = 9.0
POINTS = 81


def draw(network: Network, trace: Trace, *, row: int = 1) -> Drawing:
    """The arithmetic of one row of a run: of a batch, row `row`, counted from 1.

    Of wide layers, it shows the neurons that counted most. Raises NetrunnerError if there is
    no such row, or if a plugin misbehaves.
    """
    which = f"row {row} of {trace.rows}" if trace.rows else ""
    run = trace.row(row)
    shown = decisive(run)
    blocks = [
        _Block(network, run, step, *around)
        for step, around in zip(run.layers, pairwise(shown), strict=True)
    ]
    width = max(block.width for block in blocks) + 2 * MARGIN
    marks = title_marks(network.name, which, width)
    y = MARGIN + TITLE
    for block in blocks:
        marks += block.marks(y)
        y += block.height + GAP
    w = indexed("w", 1, 2)
    note = f"{w} goes to neuron 1 from input 2: it is in column 1 and row 2."
    marks.append(Text(MARGIN, y - GAP / 2, note, SMALLEST, colors.GREY, anchor="start"))
    return Drawing(width, y + MARGIN - GAP / 4, network.name, marks)


class _Block:
    """One layer: `sources` and `neurons` are those that are shown, counted from 1."""

    def __init__(
        self,
        network: Network,
        run: Trace,
        step: LayerTrace,
        sources: Sequence[int],
        neurons: Sequence[int],
    ) -> None:
        self.step, self.sources, self.neurons = step, sources, neurons
        self.input_names = network.input_names if step.index == 1 else None
        self.output_names = network.output_names if step is run.layers[-1] else None
        names = [ems(self._source_name(j)) for j in sources]
        self.left = 46 + max(names, default=0.0) * VALUE_POINTS + CELL
        self.shares = percentages(step.Z) if step.makes_shares else None
        self.curve = CURVE if step.layer.activation.elementwise else 0.0

    @property
    def width(self) -> float:
        heading = ems(f"{self.step.labels.heading}   {self.step.shapes}") * VALUE_POINTS
        return max(self.left + CELL * len(self.neurons) + 12, heading)

    @property
    def height(self) -> float:
        lines = 3 + (self.shares is not None)
        return HEADING + LINE + ROW * len(self.sources) + LINE * lines + self.curve + 16

    def _source(self, j: int) -> str:
        if self.step.index == 1:
            return indexed("x", j)
        return indexed("z", j, layer=self.step.index - 1)

    def _source_name(self, j: int) -> str:
        return cut(name_of(self.input_names, "x", j), NAME_ROOM)

    def _x(self, place: int) -> float:
        """The middle of a column of W."""
        return MARGIN + self.left + CELL * (place + 0.5)

    def marks(self, top: float) -> Iterator[Mark]:
        step, right = self.step, MARGIN + self.left + CELL * len(self.neurons)
        yield Text(MARGIN, top + 6, step.labels.heading, VALUE_POINTS, anchor="start", bold=True)
        yield Text(MARGIN, top + 20, step.shapes, SMALLEST, colors.GREY, anchor="start")
        y = top + HEADING
        yield Text(MARGIN, y + 6, "from", SMALLEST, colors.GREY, anchor="start")
        yield Text(MARGIN + self.left - CELL / 2, y + 6, "X", VALUE_POINTS, bold=True)
        for place, k in enumerate(self.neurons):
            name = name_of(self.output_names, "y", k)
            says = cut(f"to {k}: {name}" if name else f"to {k}", CELL / SMALLEST)
            yield Text(self._x(place), y + 6, says, SMALLEST, colors.GREY)
        y += LINE
        below = y + ROW * len(self.sources)
        yield _brackets(MARGIN + self.left, right, y, below)
        for slot, j in enumerate(self.sources):
            yield from self._row(j, y + ROW * (slot + 0.5))
        y = below + 10
        yield from self._line(y, "+ B", step.layer.biases, "b", signed=True)
        y += LINE
        yield Line([[(MARGIN, y - LINE / 2), (right, y - LINE / 2)]], colors.INK, 0.8)
        yield from self._line(y, "= A", step.A, "a")
        y += LINE
        if self.curve:
            yield Text(MARGIN, y + CURVE / 2 - 8, "h", VALUE_POINTS, anchor="start", bold=True)
            yield from self._curves(y - 8)
            y += CURVE
        yield from self._line(y, "Z = h(A)", step.Z, "z", bold=True)
        if self.shares is not None:
            y += LINE
            yield Text(MARGIN, y, "share", SMALLEST, anchor="start")
            for place, k in enumerate(self.neurons):
                yield Text(self._x(place), y, self.shares[k - 1], SMALLEST, bold=True)
        left_out = (step.X.shape[0] - len(self.sources), step.size - len(self.neurons))
        if any(left_out):
            says = f"not shown: {left_out[0]} rows and {left_out[1]} columns that counted less"
            yield Text(MARGIN, y + LINE, says, SMALLEST, colors.GREY, anchor="start")

    def _row(self, j: int, y: float) -> Iterator[Mark]:
        """One input, and its weights to the neurons."""
        source = self._source(j)
        yield Text(MARGIN, y, source, VALUE_POINTS, anchor="start")
        if name := self._source_name(j):
            yield Text(MARGIN + 40, y, name, SMALLEST, colors.GREY, anchor="start")
        x = float(self.step.X[j - 1])
        yield self._value(MARGIN + self.left - CELL / 2, y, x, f"{source} = {x!r}")
        for place, k in enumerate(self.neurons):
            w = float(self.step.layer.weights[j - 1, k - 1])
            symbol = indexed("w", k, j, layer=self.step.index)
            label = Text(self._x(place), y - 7, symbol, SMALLEST, colors.GREY)
            value = _number(self._x(place), y + 6, w, colors.of_sign_text(w))
            yield Group([label, value], "weight", title=f"{symbol} = {w!r}")

    def _line(
        self,
        y: float,
        says: str,
        numbers: Array,
        letter: str,
        *,
        signed: bool = False,
        bold: bool = False,
    ) -> Iterator[Mark]:
        """B, A or Z of the neurons."""
        yield Text(MARGIN, y, says, VALUE_POINTS, anchor="start", bold=True)
        for place, k in enumerate(self.neurons):
            number = float(numbers[k - 1])
            symbol = indexed(letter, k, layer=self.step.index)
            color = colors.of_sign_text(number) if signed else colors.INK
            text = _number(self._x(place), y, number, color, bold)
            yield Group([text], "number", title=f"{symbol} = {number!r}")

    def _value(self, x: float, y: float, number: float, title: str) -> Mark:
        return Group([_number(x, y, number, colors.INK, True)], "number", title=title)

    def _curves(self, y: float) -> Iterator[Mark]:
        """The curve of h in each column, with the neuron's dot on it."""
        low, high = BOOK_RANGE
        finite = self.step.A[np.isfinite(self.step.A)]
        low, high = min(low, float(finite.min(initial=0))), max(high, float(finite.max(initial=0)))
        a = np.linspace(low, high, POINTS)
        z = Applied(self.step.layer)(a)
        seen = can_be_drawn(z)
        bottom, top = limits(np.append(z[seen], self.step.Z[np.isfinite(self.step.Z)]))
        width, height = CELL - 14, CURVE - 10

        def at(place: int, a: float, z: float) -> Point:
            left = self._x(place) - width / 2
            rise = (z - bottom) / (top - bottom)
            return left + (a - low) / (high - low) * width, y + height * (1 - rise)

        for place, k in enumerate(self.neurons):
            frame = Rect(
                self._x(place) - width / 2, y, width, height, stroke=colors.LIGHT_GREY, line=0.5
            )
            points = [at(place, *each) for each in np.column_stack([a, z])[seen].tolist()]
            marks: list[Mark] = [frame, Line([points], colors.GREY, 1.1)]
            A, Z = float(self.step.A[k - 1]), float(self.step.Z[k - 1])
            if np.isfinite(A) and np.isfinite(Z):
                x, height_ = at(place, A, Z)
                marks.append(Circle(x, height_, 3, colors.POSITIVE, 1, colors.INK, 0.6))
            yield Group(marks, "curve")


def _number(x: float, y: float, number: float, color: str, bold: bool = False) -> Text:
    text = fitting(number, (CELL - 8) / VALUE_POINTS / 1.08)
    return Text(x, y, text, VALUE_POINTS, color, bold=bold)


def _brackets(left: float, right: float, top: float, bottom: float) -> Line:
    """The brackets of a matrix."""
    return Line(
        [
            [(left + 4, top), (left, top), (left, bottom), (left + 4, bottom)],
            [(right - 4, top), (right, top), (right, bottom), (right - 4, bottom)],
        ],
        colors.INK,
        1.0,
    )
