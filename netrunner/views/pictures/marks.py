"""What a drawing is made of, in points (1/72 inch) from its upper left corner.

`svg` writes a drawing as SVG, and `canvas` draws it with matplotlib, for PNG and PDF.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from netrunner.views.pictures import colors
from netrunner.views.pictures.boxes import Point


@dataclass(frozen=True)
class Text:
    """A line of text whose middle is at height y; `angle` turns it clockwise, in degrees.

    If a text changes with the run, `role` says what it is, such as "a" or "z", and `room` is its
    space in ems.
    """

    x: float
    y: float
    text: str
    size: float
    color: str = colors.INK
    anchor: Literal["start", "middle", "end"] = "middle"
    bold: bool = False
    angle: float = 0.0
    role: str = ""
    room: float = 0.0


@dataclass(frozen=True)
class Circle:
    """A circle; `opacity` is that of its fill."""

    x: float
    y: float
    radius: float
    fill: str
    opacity: float = 1.0
    stroke: str = ""
    width: float = 0.0


@dataclass(frozen=True)
class Rect:
    """A rectangle with its upper left corner at (x, y)."""

    x: float
    y: float
    width: float
    height: float
    fill: str = "none"
    opacity: float = 1.0
    stroke: str = ""
    line: float = 0.0
    neuron: str = ""


@dataclass(frozen=True)
class Line:
    """Straight lines from point to point; each of `parts` is drawn without lifting the pen."""

    parts: Sequence[Sequence[Point]]
    color: str
    width: float
    dashes: tuple[float, ...] = ()
    arrow: bool = False


Shape: TypeAlias = Text | Circle | Rect | Line


@dataclass(frozen=True)
class Group:
    """Marks that belong together. `title` is shown to whoever points at them; `data` are the
    `data-` attributes that the SVG gives to programs."""

    marks: Sequence[Mark]
    kind: str
    id: str = ""
    title: str = ""
    data: Mapping[str, str] = field(default_factory=dict)


Mark: TypeAlias = Shape | Group


@dataclass(frozen=True)
class Drawing:
    """A picture, with its size in points; `title` says what it is.

    Its upper left corner is at (left, top): a part of another drawing keeps its coordinates.
    """

    width: float
    height: float
    title: str
    marks: Sequence[Mark]
    left: float = 0.0
    top: float = 0.0

    def shapes(self) -> Iterator[Shape]:
        """All marks in the order in which they are drawn, without the groups around them."""
        return _shapes(self.marks)


def _shapes(marks: Sequence[Mark]) -> Iterator[Shape]:
    for mark in marks:
        if isinstance(mark, Group):
            yield from _shapes(mark.marks)
        else:
            yield mark
