"""A drawing on matplotlib's axes, for PNG and PDF and for figures of one's own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.colors import to_rgba
from matplotlib.lines import Line2D
from matplotlib.patches import Circle as CirclePatch
from matplotlib.patches import Patch, Polygon, Rectangle

from netrunner.views.pictures.fonts import lettering
from netrunner.views.pictures.marks import Circle, Drawing, Line, Rect, Shape, Text
from netrunner.views.pictures.svg import arrow_head

_ANCHORS = {"start": "left", "middle": "center", "end": "right"}


def paint(drawing: Drawing, ax: Axes) -> Axes:
    """Draw on `ax`, as large as fits; warns where no installed font has a character."""
    ax.set(xlim=(0, drawing.width), ylim=(drawing.height, 0), aspect="equal")
    ax.axis("off")
    inches = np.array(ax.bbox.size) / ax.figure.dpi
    scale = float(min(inches * 72 / (drawing.width, drawing.height)))
    shapes = list(drawing.shapes())
    letters = lettering(shape.text for shape in shapes if isinstance(shape, Text))
    for run in _runs(shapes):
        if isinstance(run[0], Rect):  # many of them are cells
            patches = [Rectangle((r.x, r.y), r.width, r.height) for r in run if type(r) is Rect]
            _add(ax, patches, [r for r in run if type(r) is Rect], scale)
            continue
        for shape in run:
            match shape:
                case Text():
                    letters.write(
                        ax, shape.x, shape.y, shape.text,
                        ha=_ANCHORS[shape.anchor], va="center_baseline",
                        fontsize=shape.size * scale, color=shape.color,
                        rotation=-shape.angle, rotation_mode="anchor",
                        weight="bold" if shape.bold else "normal",
                    )  # fmt: skip
                case Circle():
                    _add(ax, [CirclePatch((shape.x, shape.y), shape.radius)], [shape], scale)
                case Line():
                    _line(ax, shape, scale)
    for order, artist in enumerate(ax.get_children()):
        artist.set_zorder(order)
    return ax


def _runs(shapes: Sequence[Shape]) -> list[list[Shape]]:
    """The shapes in their order, rectangles that follow each other together."""
    runs: list[list[Shape]] = []
    for shape in shapes:
        if runs and type(shape) is Rect and type(runs[-1][0]) is Rect:
            runs[-1].append(shape)
        else:
            runs.append([shape])
    return runs


def _add(ax: Axes, patches: Sequence[Patch], shapes: Sequence[Circle | Rect], scale: float) -> None:
    faces = [to_rgba(s.fill, None if s.fill == "none" else s.opacity) for s in shapes]
    edges = [to_rgba(s.stroke or "none") for s in shapes]
    widths = [(s.width if isinstance(s, Circle) else s.line) * scale for s in shapes]
    collection = PatchCollection(patches, facecolors=faces, edgecolors=edges, linewidths=widths)
    ax.add_collection(collection, autolim=False)


def _line(ax: Axes, line: Line, scale: float) -> None:
    gap = [(np.nan, np.nan)]
    points = np.array([point for part in line.parts for point in (*part, *gap)][:-1])
    artist = Line2D(*points.T, color=line.color, linewidth=line.width * scale)
    if line.dashes:
        # matplotlib measures dashes in line widths.
        artist.set_linestyle((0, [dash / line.width for dash in line.dashes]))
    artist.set(solid_capstyle="butt", dash_capstyle="butt")
    ax.add_line(artist)
    if line.arrow:
        ax.add_patch(Polygon(arrow_head(line.parts[-1]), facecolor=line.color, edgecolor="none"))
