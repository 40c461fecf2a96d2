"""The key of a diagram: what its lines and tints mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from netrunner.views.pictures import colors
from netrunner.views.pictures.layout import MARGIN, SMALLEST
from netrunner.views.pictures.marks import Group, Line, Mark, Rect, Text
from netrunner.views.pictures.notation import ems, number


def key_group(top: float, weights: Sequence[float], tints: Iterable[tuple[str, float]]) -> Group:
    """What line, width and tint mean; `tints` are what is tinted, with its largest value."""
    samples = [
        (1.0, "positive", max(weights) > 0),
        (-1.0, "negative", min(weights) < 0),
        (0.0, "zero", 0 in weights),
    ]
    marks: list[Mark] = []
    x, y = MARGIN, top
    for weight, says, present in samples:
        if present:
            text = f"{says} weight or bias"
            line = Line([[(x, y), (x + 28, y)]], colors.of_sign(weight), 1.4, dashes(weight, 1.4))
            marks += [line, Text(x + 33, y, text, SMALLEST, anchor="start")]
            x += 33 + ems(text) * SMALLEST + 8
    says = "the thicker a line, the larger its weight within the layer"
    marks.append(Text(MARGIN, y + 15, says, SMALLEST, colors.GREY, anchor="start"))
    marks += _gradients(MARGIN, y + 31, tints)
    return Group(marks, "key")


def _gradients(left: float, y: float, tints: Iterable[tuple[str, float]]) -> Iterator[Mark]:
    """What the tints mean: a gradient with its ends for each of some letters."""
    for line, (says, largest) in enumerate(tints):
        x, height, end = left, y + 15 * line, number(largest, 3)
        before = f"tint of {says}: -{end}"
        yield Text(x, height, before, SMALLEST, colors.GREY, anchor="start")
        x += ems(before) * SMALLEST + 2
        for step in range(-7, 8):
            fill, opacity = colors.tint(step / 7, 1.0)
            yield Rect(x + 6 * (step + 7), height - 5, 6, 10, fill, opacity)
        yield Rect(x, height - 5, 90, 10, stroke=colors.ZERO, line=0.5)
        yield Text(x + 94, height, end, SMALLEST, colors.GREY, anchor="start")


def dashes(weight: float, width: float) -> tuple[float, ...]:
    """Dots for 0 and dashes for negative weights, long enough to be seen in thin lines, too."""
    unit = max(width, 1.0)
    if weight == 0:
        return (unit, 2.5 * unit)
    return (4 * unit, 1.8 * unit) if weight < 0 else ()
