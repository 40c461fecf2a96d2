"""All values of a layer that is too wide to draw, as a strip of cells below its column."""

from __future__ import annotations

import math

import numpy as np

from netrunner.activations.activation import Array
from netrunner.views.pictures import colors
from netrunner.views.pictures.layout import SMALLEST, Column
from netrunner.views.pictures.marks import Group, Line, Mark, Rect, Text
from netrunner.views.pictures.notation import indexed, number

STRENGTH = 0.85


def strip_group(column: Column, values: Array) -> Group:
    """All values of a wide layer as cells, in rows from the top left, and what they range over.

    Negative ones carry a tick, so that they show in grey print, and those that are not finite
    a cross.
    """
    strip = column.strip
    assert strip is not None
    side, left = strip.cell, column.x - strip.width / 2
    largest = colors.largest([values])
    cells: list[Mark] = []
    signs: list[list[tuple[float, float]]] = []
    for index, value in enumerate(values.tolist()):
        row, place = divmod(index, strip.columns)
        x, y = left + place * side, strip.top + row * side
        fill, opacity = colors.tint(value, largest, STRENGTH)
        key = f"{column.layer}-{index + 1}"
        cells.append(Rect(x, y, side, side, fill, opacity, colors.LIGHT_GREY, 0.3, key))
        if value < 0:
            signs.append([(x + 0.3 * side, y + side / 2), (x + 0.7 * side, y + side / 2)])
        elif math.isnan(value) or math.isinf(value):
            signs.append([(x + 0.3 * side, y + 0.3 * side), (x + 0.7 * side, y + 0.7 * side)])
            signs.append([(x + 0.3 * side, y + 0.7 * side), (x + 0.7 * side, y + 0.3 * side)])
    frame = Rect(left, strip.top, strip.width, strip.height, stroke=colors.GREY, line=0.5)
    marks: list[Mark] = [Group(cells, "cells"), frame]
    if signs:
        marks.append(Line(signs, colors.INK, max(0.4, side / 16)))
    for line, text in enumerate(_captions(column.layer, values)):
        y = strip.top + strip.height + 11 + 12 * line
        marks.append(Text(column.x, y, text, SMALLEST))
    return Group(marks, "strip", f"strip-{column.layer}")


def _captions(layer: int, values: Array) -> list[str]:
    letter, of = ("z", layer) if layer else ("x", None)
    finite = np.isfinite(values)
    captions = [f"all {len(values)} {indexed(letter, layer=of)}"]
    if finite.any():
        low, high = (number(end, 4) for end in (values[finite].min(), values[finite].max()))
        captions[0] += f": {low} … {high}"
        winner = int(np.argmax(np.where(finite, values, -np.inf))) + 1
        captions.append(f"largest: {indexed(letter, winner, layer=of)}")
    if not finite.all():
        captions[-1] += f", not finite: {np.count_nonzero(~finite)}"
    return captions
