"""A run on the curves of its activations: where each A lies, and what the curve makes of it."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from netrunner.activations.activation import Array
from netrunner.network.layer import Layer
from netrunner.network.trace import LayerTrace, Trace
from netrunner.views.pictures import bars, colors
from netrunner.views.pictures.axes import default_settings, new_axes
from netrunner.views.pictures.boxes import Box
from netrunner.views.pictures.curves import decorate
from netrunner.views.pictures.fonts import BASE, Lettering, lettering
from netrunner.views.pictures.notation import cut, ems, indexed
from netrunner.views.pictures.sampling import (
    BOOK_RANGE,
    Applied,
    Values,
    can_be_drawn,
    curve,
    limits,
)

PANEL = (3.7, 3.1)  # inches, with what is around it
TITLE = 0.45
LABELLED_AT_MOST = 8
MOST_DOTS_AS_SHAPES = 2_000
LABEL_POINTS = 8.25
FLAT = 0.05  # a slope below this part of the steepest one passes hardly any change on
_NUDGE = 1e-3


def plot_trace(trace: Trace, ax: Axes | None = None) -> Axes:
    """One panel a layer: the curve of its activation, and on it a dot for each A of the run.

    The panels are inset axes (`ax.child_axes`) of `ax`, or of axes of a new figure. Dots where
    the curve is all but flat are crosses: a small change of a changes hardly anything there. Where
    an output depends on the whole row, as in softmax, bars show A and Z of the first row. Raises
    NetrunnerError where a plugin's function misbehaves, or the input has no rows.
    """
    trace.row(1)  # an input of no rows has nothing to draw
    layers = [step.layer for step in trace.layers]
    columns = min(3, len(layers))
    rows = math.ceil(len(layers) / columns)
    width, height = PANEL[0] * columns, PANEL[1] * rows + TITLE
    if ax is None:
        with default_settings():
            return plot_trace(trace, new_axes(width, height))
    ax.set(xlim=(0, 1), ylim=(0, 1))
    ax.axis("off")
    space = np.array(ax.bbox.size) / ax.figure.dpi  # inches
    scale = float(min(space / np.array([width, height])))

    title = cut(trace.network, 28 * columns)
    titles = [cut(step.heading, 32) for step in trace.layers]
    names = [cut(name, bars.NAME_ROOM) for name in trace.output_names or ()]
    letters = lettering([title, *titles, *names])
    letters.write(
        ax, 0.25 / width, 1 - 0.25 / height, title, fontsize=11 * scale, weight="bold", ha="left"
    )
    for index, (layer, step) in enumerate(zip(layers, trace.layers, strict=True)):
        row, column = divmod(index, columns)
        left, bottom = column * PANEL[0], height - TITLE - (row + 1) * PANEL[1]
        frame = (left / width, bottom / height, PANEL[0] / width, PANEL[1] / height)
        named = names if index == len(layers) - 1 else []
        if layer.activation.elementwise:
            panel = _inset(ax, frame, (0.14, 0.12, 0.8, 0.68))
            notes = _Dots(panel, letters, scale, layer, step, named).draw()
        else:
            sides = [_inset(ax, frame, (x, 0.08, 0.33, 0.72)) for x in (0.26, 0.64)]
            notes = bars.draw(sides, letters, scale, step, named)
        x, y = (left + 0.25) / width, (bottom + PANEL[1] * 0.95) / height
        letters.write(ax, x, y, titles[index], fontsize=9 * scale, weight="bold", ha="left")
        for line, note in enumerate(notes, 1):
            style = {"fontsize": 8.25 * scale, "color": colors.GREY, "ha": "left"}
            letters.write(ax, x, y - 0.17 * line / height, note, **style)
    return ax


def _inset(ax: Axes, frame: tuple[float, ...], part: tuple[float, ...]) -> Axes:
    """Axes in a part of a frame, both as left, bottom, width, height of what holds them."""
    left, bottom, width, height = frame
    x, y, w, h = part
    return ax.inset_axes((left + x * width, bottom + y * height, w * width, h * height))


class _Dots:
    """A panel with a curve and the dots of a run, A and Z as (rows, neurons)."""

    def __init__(
        self,
        panel: Axes,
        letters: Lettering,
        scale: float,
        layer: Layer,
        step: LayerTrace,
        names: list[str],
    ) -> None:
        self.panel, self.letters, self.scale, self.names = panel, letters, scale, names
        self.layer, self.h = layer, Applied(layer)
        self.batch = step.A.ndim > 1
        self.A, self.Z = _rows(step.A), _rows(step.Z)
        self.shown = np.isfinite(self.A) & can_be_drawn(self.Z)

    def draw(self) -> list[str]:
        """Draw, and return notes on it, line by line."""
        shown = self.A[self.shown]
        low, high = _span(shown)
        probes = np.append(np.linspace(low, high, 1001), self.A)
        nudged = np.append(probes + _NUDGE, probes - _NUDGE)
        a, z, around = curve(self.h, low, high, nudged)
        decorate(self.panel)
        self.panel.set_xlim(low, high)
        self.panel.set_ylim(*limits(np.concatenate([z, self.Z[self.shown]])))
        self.panel.tick_params(labelsize=8.25 * self.scale)
        self.panel.ticklabel_format(scilimits=(-4, 5))
        for axis, name in ((self.panel.xaxis, "a"), (self.panel.yaxis, "z")):
            axis.set_label_text(name, fontsize=8.25 * self.scale, fontfamily=BASE)
            axis.labelpad = 1
            axis.get_offset_text().set_fontsize(8.25 * self.scale)
        self.panel.plot(a, z, color=colors.GREY, linewidth=1.4 * self.scale, zorder=1)
        flat = self._flat(around) & self.shown
        few = shown.size <= 200
        for chosen, marker, color, size in (
            (self.shown & ~flat, "o", colors.POSITIVE, 5.5),
            (flat, "X", colors.NEGATIVE, 7.0),
        ):
            self.panel.plot(
                self.A[chosen],
                self.Z[chosen],
                linestyle="none",
                marker=marker,
                color=color,
                markersize=size * self.scale * (1 if few else 0.6),
                markeredgecolor=colors.INK,
                markeredgewidth=0.6 * self.scale,
                alpha=0.85 if few else 0.5,
                zorder=3,
                rasterized=shown.size > MOST_DOTS_AS_SHAPES,
            )
        self._label(a, z)
        return self._notes(flat)

    def _flat(self, around: Values) -> NDArray[np.bool_]:
        """Which dots lie where the curve passes hardly any change on; none if it never does.

        `around` is z a little above each of 1001 probes and each dot, and then below each.
        """
        with np.errstate(all="ignore"):
            steepness = np.abs(np.subtract(*np.split(around, 2)))
        along, at_dots = steepness[:1001], steepness[1001:]
        steepest = np.nanmax(along, initial=0.0)
        if not np.nanmean(along < FLAT * steepest) < 0.9:
            return np.zeros(self.A.shape, bool)  # a step is flat everywhere
        return np.asarray(at_dots < FLAT * steepest).reshape(self.A.shape)

    def _notes(self, flat: NDArray[np.bool_]) -> list[str]:
        count, rows = self.A.shape[1], len(self.A)
        notes = []
        always = flat.all(axis=0)
        if flat.any():
            off = bool((self.Z[flat] == 0).all())
            for_ = f"all {rows} rows" if rows > 1 else "this input"
            says = f"off for {for_}: z = 0" if off else f"nearly flat here, for {for_}"
            notes.append(f"✕ {np.count_nonzero(always)} of {count} {says}")
        if not self.shown.all():
            notes.append(f"{np.count_nonzero(~self.shown)} too large or not finite, not drawn")
        if not notes:
            dots = f"{count} neuron{'s' * (count != 1)}"
            notes.append(dots + (f" × {rows} rows" if rows > 1 else ""))
        return notes

    def _label(self, a: Values, z: Values) -> None:
        """Name the dots: all of them if they are few, the outermost of many."""
        items = np.argwhere(self.shown)
        if len(items) > LABELLED_AT_MOST:
            order = np.argsort(self.A[self.shown], kind="stable")
            items = items[order[[0, -1]]]
        spots: dict[tuple[float, float], dict[int, list[int]]] = {}
        for row, neuron in items.tolist():
            spot = (float(self.A[row, neuron]), float(self.Z[row, neuron]))
            spots.setdefault(spot, {}).setdefault(neuron, []).append(row + 1)
        dots = [self._box(spot, 0, 0, 7, 7) for spot in spots]
        labels: list[Box] = []
        path = self._path(np.column_stack([a, z])[np.isfinite(z)])
        for spot, neurons in spots.items():
            names = [self._name(neuron, rows) for neuron, rows in neurons.items()]
            text = ", ".join(names[:2]) + (f" and {len(names) - 2} more" * (len(names) > 2))
            self._place(spot, text, dots, labels, path)

    def _name(self, neuron: int, rows: list[int]) -> str:
        name = indexed("a", neuron + 1, layer=self.layer.index)
        if neuron < len(self.names):
            name = self.names[neuron]
        numbers = ", ".join(map(str, rows))
        return f"{name} row{'s' * (len(rows) > 1)} {numbers}" if self.batch else name

    def _place(
        self,
        spot: tuple[float, float],
        text: str,
        dots: list[Box],
        labels: list[Box],
        path: NDArray[np.float64],
    ) -> None:
        """Write near the dot where nothing is in the way, with a line to it if that is far."""
        width, height = ems(text) * LABEL_POINTS, LABEL_POINTS * 1.3
        best: tuple[float, Box] | None = None
        for distance in (7, 14, 24, 36, 50, 66):
            for angle in np.arange(8) * math.pi / 4 + math.pi / 4:
                dx = math.cos(angle) * (distance + width / 2)
                dy = math.sin(angle) * (distance + height / 2)
                box = self._box(spot, dx, dy, width, height)
                way = (box.x - dx, box.y - dy), (box.x, box.y)
                if (
                    self._outside(box)
                    or any(box.meets(other) for other in (*dots, *labels))
                    or any(other.crossed_by(*way) for other in labels)
                ):
                    continue
                cost = distance + 25.0 * bool(self._inside(box, path).any())
                if best is None or cost < best[0]:
                    best = cost, box
        if best is None:
            return  # a dot without a name is better than two names on top of each other
        box = best[1]
        labels.append(box)
        x, y = self._data(box.x, box.y)
        self.panel.plot(
            [spot[0], x], [spot[1], y], color=colors.GREY, linewidth=0.5 * self.scale, zorder=2
        )
        self.letters.write(
            self.panel,
            x,
            y,
            text,
            fontsize=LABEL_POINTS * self.scale,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.85},
            zorder=4,
        )

    # Labels are placed in points of a panel of its own size, from its lower left corner.

    def _box(self, spot: tuple[float, float], dx: float, dy: float, w: float, h: float) -> Box:
        x, y = self._points(np.array([spot]))[0]
        return Box(float(x) + dx, float(y) + dy, w, h)

    def _points(self, data: NDArray[np.float64]) -> NDArray[np.float64]:
        (left, right), (bottom, top) = self.panel.get_xlim(), self.panel.get_ylim()
        size = np.array([right - left, top - bottom])
        return np.asarray((data - [left, bottom]) / size * self._panel_points)

    def _data(self, x: float, y: float) -> tuple[float, float]:
        (left, right), (bottom, top) = self.panel.get_xlim(), self.panel.get_ylim()
        width, height = self._panel_points
        return left + x / width * (right - left), bottom + y / height * (top - bottom)

    _panel_points = np.array([PANEL[0] * 0.8 * 72, PANEL[1] * 0.68 * 72])

    def _path(self, data: NDArray[np.float64]) -> NDArray[np.float64]:
        """The curve as points that lie close together."""
        points = self._points(data)
        way = np.append(0, np.cumsum(np.hypot(*np.diff(points, axis=0).T)))
        even = np.linspace(0, way[-1], 400)
        return np.column_stack([np.interp(even, way, points[:, side]) for side in (0, 1)])

    def _outside(self, box: Box) -> bool:
        width, height = self._panel_points
        return not (
            box.width / 2 <= box.x <= width - box.width / 2
            and box.height / 2 <= box.y <= height - box.height / 2
        )

    def _inside(self, box: Box, path: NDArray[np.float64]) -> NDArray[np.bool_]:
        off = np.abs(path - [box.x, box.y])
        return np.asarray((off < [box.width / 2, box.height / 2]).all(axis=1))


def _span(a: Values) -> tuple[float, float]:
    """The book's range, or more if there are values outside it."""
    book_low, book_high = BOOK_RANGE
    margin = 0.04 * (a.max(initial=book_high) - a.min(initial=book_low))
    low, high = a.min(initial=0.0) - margin, a.max(initial=0.0) + margin
    return min(book_low, float(low)), max(book_high, float(high))


def _rows(values: Array) -> Values:
    return np.atleast_2d(values).astype(np.float64)
