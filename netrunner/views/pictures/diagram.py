"""A network as the book draws it, with the numbers of a run in its nodes.

Inputs are on the left and outputs on the right; biases are nodes of their own. Groups have ids,
which an SVG keeps: `node-1-2` is neuron 2 of layer 1, inputs being layer 0; `edge-1-2-3` is the
weight to neuron 2 of layer 1 from neuron 3 before it; `bias-1-2` is that neuron's bias, and
`bias-node-1` the node that it comes from.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from netrunner.activations.activation import Array
from netrunner.lesson.notation import name_of
from netrunner.lesson.shares import percentages, winner
from netrunner.network.network import Network
from netrunner.network.trace import Trace
from netrunner.views.pictures import colors, layout
from netrunner.views.pictures.boxes import Point
from netrunner.views.pictures.key import dashes, key_group
from netrunner.views.pictures.layout import SMALLEST, Column, Edge, Layout, Node
from netrunner.views.pictures.marks import Circle, Drawing, Group, Line, Mark, Text
from netrunner.views.pictures.notation import cut, ems, fitting, indexed, number
from netrunner.views.pictures.strips import strip_group

NAME_POINTS = 9.0
NAME_ROOM = 17.0  # ems of the name of an input or output
VALUE_POINTS = 9.0
ENDS = 3  # neurons at each end of a wide layer that is drawn without a run
DECISIVE = 6  # neurons of a wide layer that are drawn with a run


def draw(
    network: Network,
    trace: Trace | None = None,
    *,
    row: int = 1,
    title: bool = True,
    most: float = math.inf,
) -> Drawing:
    """The diagram of a network, with the values of a run if one is given.

    Of a batch, it shows row `row`, counted from 1. It does not become wider than `most` points for
    the labels of its edges. Raises NetrunnerError if there is no such row.
    """
    which = f"row {row} of {trace.rows}" if trace is not None and trace.rows else ""
    return _Diagram(network, trace and trace.row(row), title, which, most).drawing()


def decisive(trace: Trace) -> list[list[int]]:
    """The neurons to draw of each layer, the inputs first, counted from 1.

    Of a wide layer, these are the ones that counted most: for the largest output, then for the
    neuron that counted most for it, and so on backwards, as `why` walks.
    """
    values = [trace.input, *(step.Z for step in trace.layers)]
    counted = _size(values[-1])
    shown = []
    for index in range(len(values) - 1, -1, -1):
        ranked = np.argsort(-counted, kind="stable")
        few = ranked[:DECISIVE] if len(ranked) > layout.DRAWN_AT_MOST else np.arange(len(ranked))
        shown.append(sorted(int(k) + 1 for k in few))
        if index:
            weights = trace.layers[index - 1].layer.weights[:, ranked[0]]
            with np.errstate(all="ignore"):
                counted = _size(np.abs(weights * values[index - 1]))
    return shown[::-1]


def _size(values: Array) -> Array:
    return np.where(np.isnan(values), np.inf, values).astype(np.float64)


def _ends(size: int) -> list[int]:
    if size <= layout.DRAWN_AT_MOST:
        return list(range(1, size + 1))
    return [*range(1, ENDS + 1), *range(size - ENDS + 1, size + 1)]


def title_marks(name: str, which: str, width: float) -> list[Mark]:
    """The line at the top of a drawing: the network's name, and which row of a batch it shows."""
    y, right = layout.MARGIN + 6, width - layout.MARGIN
    title = cut(name, (right - layout.MARGIN - ems(which) * NAME_POINTS) / 14)
    marks: list[Mark] = [Text(layout.MARGIN, y, title, 13, anchor="start", bold=True)]
    if which:
        marks.append(Text(right, y, which, NAME_POINTS, colors.GREY, anchor="end"))
    return marks


@dataclass
class _Diagram:
    network: Network
    trace: Trace | None
    with_title: bool
    which: str  # row of a batch
    most: float = math.inf  # points across

    @cached_property
    def sizes(self) -> list[int]:
        return [self.network.input_size, *(layer.size for layer in self.network.layers)]

    @cached_property
    def values(self) -> list[Array] | None:
        """X and the Z of each layer, if there is a run."""
        if self.trace is None:
            return None
        return [self.trace.input, *(step.Z for step in self.trace.layers)]

    @cached_property
    def layout(self) -> Layout:
        drawn = [_ends(size) for size in self.sizes] if self.trace is None else decisive(self.trace)
        left = max([0.0, *(ems(name) for name in self.input_names)]) * NAME_POINTS
        right = max(ems(line) for lines in self.output_labels for line in lines) * NAME_POINTS * 1.1
        return layout.arrange(
            self.sizes,
            drawn,
            left=left + 8 * bool(left),
            right=right + 20,
            label_texts=self._label_texts,
            strips=self.trace is not None,
            title=self.with_title,
            most=self.most,
        )

    @cached_property
    def input_names(self) -> list[str]:
        """The text to the left of each input; empty if the name says no more than x₁."""
        names = self.network.input_names or ()
        return [cut(name_of(names, "x", j), NAME_ROOM) for j in range(1, len(names) + 1)]

    @cached_property
    def output_labels(self) -> list[list[str]]:
        """The lines to the right of each output: its name, and y₁, in percent if it is a share."""
        labels = []
        for neuron in range(1, self.network.output_size + 1):
            name = name_of(self.network.output_names, "y", neuron)
            named = [cut(name, NAME_ROOM)] if name else []
            symbol = indexed("y", neuron)
            if self.shares is not None:
                share = self.shares[neuron - 1]
                symbol += f" {share}" if share[0] in "<>" else f" = {share}"
            labels.append([*named, symbol])
        return labels

    @cached_property
    def shares(self) -> list[str] | None:
        """The outputs in percent, if they are shares."""
        if self.trace is None or not self.trace.layers[-1].makes_shares:
            return None
        return percentages(self.trace.output)

    @cached_property
    def winner(self) -> int | None:
        """The class with the largest share, from 1."""
        if self.trace is None or self.shares is None:
            return None
        place = winner(self.trace.output)
        return None if place is None else place + 1

    @cached_property
    def largest(self) -> tuple[float, float]:
        """The value of the darkest tint: in the inputs, and in all layers."""
        x, *z = self.values or [np.zeros(1)] * 2
        return colors.largest([x]), colors.largest(z)

    def _label_texts(self, edge: Edge) -> tuple[str, str]:
        """The texts to choose from for an edge, the full one and the short one."""
        value = number(self._weight(edge))
        return f"{self._symbol(edge)} = {value}", value

    def _symbol(self, edge: Edge) -> str:
        if edge.source:
            return indexed("w", edge.to, edge.source, layer=edge.layer)
        return indexed("b", edge.to, layer=edge.layer)

    def _weight(self, edge: Edge) -> float:
        layer = self.network.layers[edge.layer - 1]
        if edge.source:
            return float(layer.weights[edge.source - 1, edge.to - 1])
        return float(layer.biases[edge.to - 1])

    def drawing(self) -> Drawing:
        placed = self.layout
        marks: list[Mark] = []
        if self.with_title:
            marks += title_marks(self.network.name, self.which, placed.width)
        marks += [self._edge(edge) for edge in placed.edges]
        for column in placed.columns:
            marks += self._column(column)
        weights = [self._weight(edge) for edge in placed.edges]
        tints = zip(("x", "z in all layers"), self.largest, strict=True) if self.values else ()
        key = key_group(placed.height - layout.MARGIN - layout.KEY + 20, weights, tints)
        return Drawing(placed.width, placed.height, self.network.name, [*marks, key])

    def _edge(self, edge: Edge) -> Group:
        weight = self._weight(edge)
        label = self.layout.labels.get(edge)
        roomy = self.layout.style.roomy
        share = abs(weight) / self._heaviest[edge.layer - 1]
        width = 0.7 + 2.3 * share if roomy else 0.3 + 1.3 * share
        parts: list[tuple[Point, ...]] = [(edge.start, edge.end)]
        texts = []
        if label is not None:
            parts = _broken(edge, label.box.x, label.box.width)
            angle = math.degrees(edge.angle)
            color = colors.of_sign_text(weight)
            texts = [Text(label.box.x, label.box.y, label.text, SMALLEST, color, angle=angle)]
        line = Line(parts, colors.of_sign(weight), width, dashes(weight, width), arrow=roomy)
        key = f"{edge.layer}-{edge.to}"
        id_ = f"edge-{key}-{edge.source}" if edge.source else f"bias-{key}"
        return Group([line, *texts], "edge", id_, f"{self._symbol(edge)} = {weight!r}")

    @cached_property
    def _heaviest(self) -> list[float]:
        """The largest size of a weight or bias in each layer, 1 where all are 0."""
        return [
            float(max(np.abs(layer.weights).max(), np.abs(layer.biases).max())) or 1.0
            for layer in self.network.layers
        ]

    def _column(self, column: Column) -> list[Mark]:
        marks: list[Mark] = [self._heading(column)]
        marks += [*(self._node(node, column.again) for node in column.nodes)]
        for node in column.nodes:
            marks += self._beside(node)
        if (bias := column.bias) is not None:
            circle = Circle(bias.x, bias.y, bias.radius, colors.BIAS, 1, colors.INK, 0.8)
            one = Text(bias.x, bias.y, "1", SMALLEST)
            marks.append(Group([circle, one], "bias", f"bias-node-{bias.layer + 1}"))
        if column.more is not None:
            left_out = self.sizes[column.layer] - len(column.nodes)
            text = f"⋮ {left_out} more" if self.trace is None else f"⋮ {left_out} that counted less"
            marks.append(Group([Text(column.x, column.more, text, SMALLEST, bold=True)], "more"))
        if column.strip is not None and self.values is not None:
            marks.append(strip_group(column, self.values[column.layer]))
        return marks

    def _heading(self, column: Column) -> Group:
        """Three lines above a column: which layer, its activation, and the shapes."""
        x, y = column.x, column.heading + 6
        room = (self.layout.style.step - 8) / NAME_POINTS
        if column.layer == 0:
            lines = ["inputs", f"({self.network.input_size},)"]
        else:
            layer = self.network.layers[column.layer - 1]
            lines = [layer.title + " (again)" * column.again]
            if not column.again:
                lines += [layer.activation_text, layer.shapes]
        first, *others = (cut(line, room) for line in lines)
        texts = [Text(x, y, first, NAME_POINTS, bold=True)]
        texts += [
            Text(x, y + 13 * place, line, SMALLEST, colors.GREY)
            for place, line in enumerate(others, 1)
        ]
        return Group(texts, "heading")

    def _node(self, node: Node, again: bool) -> Group:
        layer, neuron, r = node.layer, node.neuron, node.radius
        last = layer == len(self.network.layers)
        width = 2.6 if last and neuron == self.winner else 1.0
        marks: list[Mark] = [Circle(node.x, node.y, r, colors.WHITE)]
        data = {"neuron": f"{layer}-{neuron}"}
        fill, opacity = colors.WHITE, 0.0
        if self.values is not None:
            z = float(self.values[layer][neuron - 1])
            fill, opacity = colors.tint(z, self.largest[layer > 0])
            data["z"] = repr(z)
        marks.append(Circle(node.x, node.y, r, fill, opacity, colors.INK, width))
        title = ""
        if layer == 0:
            marks += self._input(node)
            if self.values is not None:
                title = f"{indexed('x', neuron)} = {data['z']}"
        else:
            marks += self._neuron(node)
            if self.trace is not None:
                data["a"] = repr(float(self.trace.layers[layer - 1].A[neuron - 1]))
                a, z_ = (indexed(letter, neuron, layer=layer) for letter in "az")
                title = f"{a} = {data['a']}, {z_} = {data['z']}"
        id_ = "" if again else f"node-{layer}-{neuron}"
        kind = "input" if layer == 0 else "neuron"
        return Group(marks, kind, id_, self._named(layer, neuron, title), data)

    def _named(self, layer: int, neuron: int, title: str) -> str:
        """A title that begins with the name of an input or output, in full."""
        names = None
        if layer == 0:
            names = self.network.input_names
        elif layer == len(self.network.layers):
            names = self.network.output_names
        return ": ".join(filter(None, [names[neuron - 1] if names else "", title]))

    def _input(self, node: Node) -> list[Mark]:
        symbol = indexed("x", node.neuron)
        marks: list[Mark] = [Text(node.x, node.y, symbol, VALUE_POINTS)]
        if self.values is not None:
            z = float(self.values[0][node.neuron - 1])
            marks = [
                Text(node.x, node.y - 0.3 * node.radius, symbol, SMALLEST, colors.GREY),
                self._value(node, 0.2, z, "z", bold=True),
            ]
        return marks

    def _neuron(self, node: Node) -> list[Mark]:
        layer, neuron, x, y, r = node.layer, node.neuron, node.x, node.y, node.radius
        a, z = (indexed(letter, neuron, layer=layer) for letter in "az")
        if self.trace is None:
            return [Text(x, y, f"{a} → {z}", SMALLEST)]
        A, Z = (
            float(each[neuron - 1])
            for each in (self.trace.layers[layer - 1].A, self.trace.layers[layer - 1].Z)
        )
        if not self.layout.style.roomy:
            return [
                self._value(node, -0.46, A, "a"),
                Text(x, y, f"{a}↓{z}", SMALLEST, colors.GREY),
                self._value(node, 0.46, Z, "z", bold=True),
            ]
        return [
            Text(x, y - 0.66 * r, a, SMALLEST, colors.GREY),
            self._value(node, -0.34, A, "a"),
            Text(x, y - 0.02 * r, "↓", SMALLEST, colors.GREY),
            self._value(node, 0.31, Z, "z", bold=True),
            Text(x, y + 0.66 * r, z, SMALLEST, colors.GREY),
        ]

    def _value(
        self, node: Node, height: float, value: float, role: str, bold: bool = False
    ) -> Text:
        """A number inside a circle, with as many digits as fit."""
        chord = 2 * node.radius * math.sqrt(1 - (abs(height) + 0.12) ** 2) - 3
        size = VALUE_POINTS if self.layout.style.roomy else SMALLEST
        room = round(chord / size / (1.06 if bold else 1), 1)  # as the SVG has it
        y, text = node.y + height * node.radius, fitting(value, room)
        return Text(node.x, y, text, size, bold=bold, role=role, room=room)

    def _beside(self, node: Node) -> list[Mark]:
        """The name to the left of an input, or the lines to the right of an output."""
        data = {"neuron": f"{node.layer}-{node.neuron}"}
        if node.layer == 0 and node.neuron <= len(self.input_names):
            name = self.input_names[node.neuron - 1]
            text = Text(node.x - node.radius - 6, node.y, name, NAME_POINTS, anchor="end")
            is_wide = self.sizes[0] > layout.DRAWN_AT_MOST  # another input may come to stand here
            return [Group([text], "name", data=data)] if name or is_wide else []
        if node.layer < len(self.network.layers):
            return []
        x, y = node.x + node.radius, node.y
        marks: list[Mark] = [Line([[(x, y), (x + 10, y)]], colors.INK, 0.8)]
        lines = self.output_labels[node.neuron - 1]
        bold = node.neuron == self.winner
        for line, height in zip(lines, [0.0] if len(lines) == 1 else [-6.5, 6.5], strict=True):
            role = "share" if self.shares and line is lines[-1] else ""
            text = Text(x + 14, y + height, line, NAME_POINTS, anchor="start", bold=bold, role=role)
            marks.append(text)
        return [Group(marks, "output", data=data)]


def _broken(edge: Edge, x: float, width: float) -> list[tuple[Point, ...]]:
    """The line of an edge, in two parts around a label of this width whose middle is at x."""
    length = math.dist(edge.start, edge.end)
    middle = (x - edge.start[0]) / (edge.end[0] - edge.start[0])
    half = width / 2 / length
    return [
        (edge.start, edge.at(max(0.0, middle - half))),
        (edge.at(min(1.0, middle + half)), edge.end),
    ]
