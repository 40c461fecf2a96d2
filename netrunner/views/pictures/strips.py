"""A strip: all values of a layer that is too wide to draw, as a small heat map."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from netrunner.activations.activation import Array
from netrunner.views.pictures import colors
from netrunner.views.pictures.fonts import Lettering
from netrunner.views.pictures.layout import Column
from netrunner.views.pictures.notation import ems, indexed, number

CAPTION_POINTS = 7.0
MOST_CELLS_TICKED = 400
MOST_CELLS_AS_SHAPES = 2_500

COLORMAP = LinearSegmentedColormap.from_list(
    "netrunner", [colors.DARKEST[False], "white", colors.DARKEST[True]]
).with_extremes(bad=colors.NOT_FINITE)


def draw(ax: Axes, letters: Lettering, scale: float, column: Column, values: Array) -> None:
    """All `values`, shape (neurons,), below their column, with their range in words.

    Cells run in rows from the top left. Negative ones carry a tick, so that they show in grey
    print, and those that are not finite a cross.
    """
    strip = column.strip
    assert strip is not None
    side, top = strip.cell, strip.top
    left, bottom = column.x - strip.width / 2, top - strip.height
    finite = np.isfinite(values)
    largest = float(np.abs(values[finite]).max(initial=0.0)) or 1.0
    row, cell = np.divmod(np.arange(len(values)), strip.columns)
    x, y = left + cell * side, top - (row + 1) * side
    corners = np.array([[0, 0], [side, 0], [side, side], [0, side]])
    cells = PolyCollection(
        np.stack([x, y], axis=-1)[:, np.newaxis] + corners,
        array=np.ma.masked_invalid(values / largest),
        cmap=COLORMAP,
        edgecolors=colors.LIGHT_GREY if len(values) <= MOST_CELLS_TICKED else "face",
        linewidths=0.3 * scale,
        rasterized=len(values) > MOST_CELLS_AS_SHAPES,
        gid=f"strip-{column.layer}",
    )
    cells.set_clim(-1, 1)
    ax.add_collection(cells, autolim=False)
    ax.add_patch(
        Rectangle(
            (left, bottom), strip.width, strip.height, fill=False, ec=colors.GREY, lw=0.5 * scale
        )
    )
    if len(values) <= MOST_CELLS_TICKED:
        points = side * 72 * scale
        for marker, chosen in (("_", finite & (values < 0)), ("x", ~finite)):
            ax.plot(
                x[chosen] + side / 2,
                y[chosen] + side / 2,
                marker,
                color=colors.INK,
                markersize=points * 0.35,
                markeredgewidth=0.4 * scale,
            )
    for line, text in enumerate(_captions(column.layer, values, finite)):
        size = min(CAPTION_POINTS, 1.9 * 72 / ems(text))
        height = bottom - 0.11 - 0.145 * line
        letters.write(ax, column.x, height, text, fontsize=size * scale, color=colors.INK)


def _captions(layer: int, values: Array, finite: NDArray[np.bool_]) -> list[str]:
    letter = "z" if layer else "x"
    symbol = indexed(letter, layer=layer or None)
    captions = [f"all {len(values)} {symbol}"]
    if finite.any():
        low, high = (number(float(end), 4) for end in (values[finite].min(), values[finite].max()))
        captions[0] += f": {low} … {high}"
        winner = int(np.argmax(np.where(finite, values, -np.inf))) + 1
        captions.append(f"largest: {indexed(letter, winner, layer=layer or None)}")
    if not finite.all():
        captions.append(f"not finite: {np.count_nonzero(~finite)}")
    return captions
