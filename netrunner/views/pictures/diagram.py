"""A network as the book draws it, with the numbers of a run in its nodes.

Inputs stand left and outputs right, biases are nodes of their own. Artists carry ids, which an
SVG keeps: `node-1-2` is the circle of neuron 2 of layer 1, inputs being layer 0, and `node-1-2-a`
and `node-1-2-z` its numbers; `edge-1-2-3` is the weight to neuron 2 of layer 1 from neuron 3
before it; `bias-1-2` is that neuron's bias, and `bias-node-1` the node it comes from.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Circle

from netrunner.activations.activation import Array
from netrunner.lesson.shares import percentages
from netrunner.network.network import Network
from netrunner.network.trace import Trace
from netrunner.views.pictures import colors, layout, strips
from netrunner.views.pictures.fonts import Lettering, lettering
from netrunner.views.pictures.layout import Column, Edge, Layout, Node
from netrunner.views.pictures.notation import cut, ems, indexed, number
from netrunner.views.pictures.saving import default_settings, new_axes

NAME_POINTS = 8.0
NAME_ROOM = 17.0  # ems of the name of an input or output
KEY_POINTS = 7.0
POINTS = 72.0


def draw(
    network: Network, trace: Trace | None = None, ax: Axes | None = None, *, row: int = 1
) -> Axes:
    """The diagram of a network, on `ax` or on axes of a new figure of the size that suits it.

    With a trace, its values stand in the nodes: those of the batch's row `row`, counted from 1.
    Raises Fault where there is no such row; warns where no installed font has a character.
    """
    picture = _Diagram(network, None if trace is None else _Run(trace, row))
    if ax is not None:
        picture.draw_on(ax)
        return ax
    with default_settings():
        ax = new_axes(picture.layout.width, picture.layout.height)
        picture.draw_on(ax)
    return ax


class _Run:
    """One row of a trace: X, and the A and Z of each layer."""

    def __init__(self, batch: Trace, row: int) -> None:
        trace = batch.row(row)
        self.says = "" if batch.rows is None else f"row {row} of {batch.rows}"
        self.A = [layer.A for layer in trace.layers]
        self.Z = [trace.input, *(layer.Z for layer in trace.layers)]
        self.shares = percentages(trace.output)


@dataclass
class _Diagram:
    network: Network
    run: _Run | None

    @cached_property
    def layout(self) -> Layout:
        sizes = [self.network.input_size, *(layer.size for layer in self.network.layers)]
        names = [ems(name) for name in self.input_names]
        left = max([0.0, *names]) * NAME_POINTS / POINTS
        right = max(ems(line) for lines in self.output_labels for line in lines)
        last = max(ems(line) for line in self.headings[-1]) * NAME_POINTS / POINTS
        return layout.arrange(
            sizes,
            left=left + 0.1 * bool(left),
            right=max(right * NAME_POINTS / POINTS + 0.3, last / 2 - 0.3),
            label_texts=self._label_texts,
            strips=self.run is not None,
        )

    @cached_property
    def input_names(self) -> list[str]:
        """What stands left of each input; nothing where the name says no more than x₁."""
        names = self.network.input_names or ()
        return [
            "" if name == f"x{neuron}" else cut(name, NAME_ROOM)
            for neuron, name in enumerate(names, 1)
        ]

    @cached_property
    def output_labels(self) -> list[list[str]]:
        """The lines right of each output: its name, and y₁, in percent where it is a share."""
        labels = []
        names = self.network.output_names or [None] * self.network.output_size
        for neuron, name in enumerate(names, 1):
            named = [] if name in (None, f"y{neuron}") else [cut(str(name), NAME_ROOM)]
            symbol = indexed("y", neuron)
            if self.run is not None and self._is_classifier:
                symbol += f" = {self.run.shares[neuron - 1]}"
            labels.append([*named, symbol])
        return labels

    @property
    def _is_classifier(self) -> bool:
        return self.network.layers[-1].activation.shares

    @cached_property
    def headings(self) -> list[list[str]]:
        """Three lines above each column: which layer, its activation, and the shapes."""
        size = self.network.input_size
        headings = [["inputs", f"({size},)", ""]]
        for layer in self.network.layers:
            title = f"layer {layer.index}" + ("" if layer.name is None else f": {layer.name}")
            values = ", ".join(f"{key}={value}" for key, value in layer.parameters.items())
            activation = layer.activation.name + (f"({values})" if values else "")
            shapes = f"({size},)·({size}, {layer.size}) + ({layer.size},) → ({layer.size},)"
            headings.append([cut(title, 21), cut(activation, 24), shapes])
            size = layer.size
        return headings

    def _label_texts(self, edge: Edge) -> tuple[str, str]:
        """What may stand on an edge, in full and in short."""
        if edge.source:
            symbol = indexed("w", edge.to, edge.source, layer=edge.layer)
        else:
            symbol = indexed("b", edge.to, layer=edge.layer)
        value = number(self._weight(edge), 4)
        return f"{symbol} = {value}", value

    def _weight(self, edge: Edge) -> float:
        layer = self.network.layers[edge.layer - 1]
        if edge.source:
            return float(layer.weights[edge.source - 1, edge.to - 1])
        return float(layer.biases[edge.to - 1])

    def draw_on(self, ax: Axes) -> None:
        width, height = self.layout.width, self.layout.height
        ax.set(xlim=(0, width), ylim=(0, height), aspect="equal")
        ax.axis("off")
        space = np.array(ax.bbox.size) / ax.figure.dpi  # inches
        title = cut(self.network.name, (width - 1.3) * POINTS / 12)
        texts = [title, *self.input_names]
        texts += [line for lines in (*self.headings, *self.output_labels) for line in lines]
        pen = _Pen(ax, min(space / np.array([width, height])), lettering(texts))
        self._draw_title(pen, title)
        for edge in self.layout.edges:
            self._draw_edge(pen, edge)
        for column in self.layout.columns:
            self._draw_column(pen, column)
        self._draw_key(pen)

    def _draw_title(self, pen: _Pen, title: str) -> None:
        y = self.layout.height - layout.MARGIN - layout.TITLE / 3
        pen.write(layout.MARGIN, y, title, 11, weight="bold", ha="left")
        if self.run is not None and self.run.says:
            right = self.layout.width - layout.MARGIN
            pen.write(right, y, self.run.says, 8, color=colors.GREY, ha="right")

    def _draw_edge(self, pen: _Pen, edge: Edge) -> None:
        weight = self._weight(edge)
        label = self.layout.labels.get(edge)
        gid = (
            f"edge-{edge.layer}-{edge.to}-{edge.source}"
            if edge.source
            else (f"bias-{edge.layer}-{edge.to}")
        )
        roomy = self.layout.style.roomy
        share = abs(weight) / self._heaviest[edge.layer - 1]
        pen.line(edge, weight, 0.7 + 2.3 * share if roomy else 0.3 + 1.3 * share, roomy, gid)
        if label is not None:
            pad = layout.LABEL_PADDING * pen.scale
            pen.write(
                label.box.x,
                label.box.y,
                label.text,
                layout.LABEL_POINTS,
                color=_text_color(weight),
                rotation=np.degrees(label.box.angle),
                rotation_mode="anchor",
                va="center_baseline",
                bbox={"facecolor": "white", "edgecolor": "none", "pad": pad},
                gid=f"{gid}-label",
                zorder=3,
            )

    @cached_property
    def _heaviest(self) -> list[float]:
        """The largest size of a weight or bias in each layer, 1 where all are 0."""
        return [
            float(max(np.abs(layer.weights).max(), np.abs(layer.biases).max())) or 1.0
            for layer in self.network.layers
        ]

    def _draw_column(self, pen: _Pen, column: Column) -> None:
        self._draw_heading(pen, column)
        largest = 0.0
        if self.run is not None:
            finite = np.abs(self.run.Z[column.layer])
            largest = float(np.max(finite, initial=0.0, where=np.isfinite(finite)))
        for node in column.nodes:
            self._draw_node(pen, node, largest)
        if column.bias is not None:
            bias = column.bias
            pen.circle(bias, "#ececec", 0.8, f"bias-node-{bias.layer + 1}")
            pen.write(bias.x, bias.y, "1", 8 if self.layout.style.roomy else 7)
        if column.more is not None:
            count, y = column.more
            pen.write(column.x, y, f"⋮ {count} more", 8, weight="bold")
            if self.run is not None:
                pen.strip(column, self.run.Z[column.layer])

    def _draw_heading(self, pen: _Pen, column: Column) -> None:
        top = self.layout.height - layout.MARGIN - layout.TITLE
        step = 2 * self.layout.style.radius + self.layout.style.gap - 0.1
        sizes = (NAME_POINTS, NAME_POINTS, 6.6)
        first, *others = self.headings[column.layer]
        pen.write_within(step, column.x, top, first, sizes[0], weight="bold")
        for line, size, y in zip(others, sizes[1:], (top - 0.17, top - 0.32), strict=True):
            if line:
                pen.write_within(step, column.x, y, line, size, color=colors.GREY)

    def _draw_node(self, pen: _Pen, node: Node, largest: float) -> None:
        layer, neuron, r = node.layer, node.neuron, node.radius
        gid = f"node-{layer}-{neuron}"
        last = layer == len(self.network.layers)
        width = 2.6 if last and self._wins(neuron) else 1.0
        face: Any = "white"
        if self.run is not None:
            face = colors.tint(self.run.Z[layer][neuron - 1], largest)
        pen.circle(node, face, width, gid)
        roomy = self.layout.style.roomy
        small, big = (7.2, 8.4) if roomy else (5.4, 6.4)
        digits = 8 if roomy else 4
        rows: list[tuple[float, str, float, dict[str, Any]]] = []
        symbol = {"color": colors.GREY}
        if layer == 0:
            rows = [(0.0, indexed("x", neuron), big, {})]
            if self.run is not None:
                x = number(self.run.Z[0][neuron - 1], digits)
                rows = [
                    (0.3, indexed("x", neuron), small, symbol),
                    (-0.14, x, big, {"weight": "bold", "gid": f"{gid}-z"}),
                ]
        else:
            a, z = indexed("a", neuron, layer=layer), indexed("z", neuron, layer=layer)
            rows = [(0.0, f"{a} → {z}", big, {})]
            if self.run is not None:
                A = number(self.run.A[layer - 1][neuron - 1], digits)
                Z = number(self.run.Z[layer][neuron - 1], digits)
                rows = [
                    (0.64, a, small, symbol),
                    (0.3, A, big, {"gid": f"{gid}-a"}),
                    (0.0, "↓", small, symbol),
                    (-0.3, Z, big, {"weight": "bold", "gid": f"{gid}-z"}),
                    (-0.64, z, small, symbol),
                ]
        for height, text, size, style in rows:
            chord = 2 * r * np.sqrt(1 - (abs(height) + 0.12) ** 2) - 0.05
            pen.write_within(chord, node.x, node.y + height * r, text, size, **style)
        if layer == 0 and neuron <= len(self.input_names):
            name = self.input_names[neuron - 1]
            pen.write(node.x - r - 0.1, node.y, name, NAME_POINTS, ha="right")
        if last:
            self._draw_output(pen, node)

    def _wins(self, neuron: int) -> bool:
        """Whether this is the class that softmax finds most likely."""
        if self.run is None or not self._is_classifier:
            return False
        shares = self.run.Z[-1]
        return not np.isnan(shares).any() and int(np.argmax(shares)) == neuron - 1

    def _draw_output(self, pen: _Pen, node: Node) -> None:
        x = node.x + node.radius
        pen.ax.add_line(
            Line2D([x, x + 0.16], [node.y, node.y], color=colors.INK, lw=0.8 * pen.scale)
        )
        lines = self.output_labels[node.neuron - 1]
        weight = "bold" if self._wins(node.neuron) else "normal"
        for line, height in zip(lines, [0] if len(lines) == 1 else [0.08, -0.08], strict=True):
            pen.write(x + 0.22, node.y + height, line, NAME_POINTS, ha="left", weight=weight)

    def _draw_key(self, pen: _Pen) -> None:
        """What line, width and tint mean."""
        weights = [self._weight(edge) for edge in self.layout.edges]
        samples = [
            (1.0, "positive", max(weights) > 0),
            (-1.0, "negative", min(weights) < 0),
            (0.0, "zero", 0 in weights),
        ]
        x, y = layout.MARGIN, layout.MARGIN + layout.KEY - 0.22
        for weight, says, present in samples:
            if present:
                edge = Edge(0, 0, 0, (x, y), (x + 0.4, y))
                pen.line(edge, weight, 1.4, False, None)
                text = f"{says} weight or bias"
                pen.write(x + 0.47, y, text, KEY_POINTS, ha="left")
                x += 0.47 + ems(text) * KEY_POINTS / POINTS + 0.15
        says_more = ["the thicker a line, the larger its weight within the layer"]
        if self.run is not None:
            says_more.append("tint of a circle: z blue if positive, orange if negative, none at 0")
        for line in says_more:
            y -= 0.16
            pen.write(layout.MARGIN, y, line, KEY_POINTS, ha="left", color=colors.GREY)


@dataclass(frozen=True)
class _Pen:
    """Draws in the layout's inches; `scale` is how large one of them is on the page."""

    ax: Axes
    scale: float
    letters: Lettering

    def write(self, x: float, y: float, text: str, size: float, **style: Any) -> None:
        style = {"color": colors.INK, "zorder": 4} | style
        self.letters.write(self.ax, x, y, text, fontsize=size * self.scale, **style)

    def write_within(
        self, room: float, x: float, y: float, text: str, size: float, **style: Any
    ) -> None:
        """Write in letters small enough for `room` inches."""
        bold = 1.08 if style.get("weight") == "bold" else 1.0
        self.write(x, y, text, min(size, room * POINTS / (ems(text) * bold)), **style)

    def circle(self, node: Node, face: Any, width: float, gid: str) -> None:
        self.ax.add_patch(
            Circle(
                node.centre,
                node.radius,
                facecolor=face,
                edgecolor=colors.INK,
                linewidth=width * self.scale,
                gid=gid,
                zorder=2,
            )
        )

    def line(self, edge: Edge, weight: float, width: float, arrow: bool, gid: str | None) -> None:
        color, dashes = _look(weight, width)
        (x1, y1), (x2, y2) = edge.start, edge.end
        marker: dict[str, Any] = {}
        if arrow:
            marker = {
                "marker": (3, 0, np.degrees(edge.angle) - 90),
                "markevery": [1],
                "markersize": 6.5 * self.scale,
                "markeredgewidth": 0,
            }
            x2, y2 = x2 - 0.035 * np.cos(edge.angle), y2 - 0.035 * np.sin(edge.angle)
        line = Line2D([x1, x2], [y1, y2], color=color, lw=width * self.scale, **marker)
        line.set_linestyle(dashes)
        line.set(gid=gid, zorder=1, solid_capstyle="butt", dash_capstyle="butt")
        self.ax.add_line(line)

    def strip(self, column: Column, values: Array) -> None:
        strips.draw(self.ax, self.letters, self.scale, column, values)


def _look(weight: float, width: float) -> tuple[str, Any]:
    """Colour and dashes of a weight's line; in thin lines, too, the dashes are to be seen."""
    unit = max(1.0, 1.0 / width)
    if weight == 0:
        return colors.ZERO, (0, (unit, 2.5 * unit))
    if weight < 0:
        return colors.NEGATIVE, (0, (4 * unit, 1.8 * unit))
    return colors.POSITIVE, "solid"


def _text_color(weight: float) -> str:
    if weight == 0:
        return colors.GREY
    return colors.NEGATIVE_TEXT if weight < 0 else colors.POSITIVE
