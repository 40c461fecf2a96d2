"""A drawing as SVG: real text, no styles, and the same bytes each time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import atan2, cos, sin

from netrunner.views.html import Markup, element, fragment
from netrunner.views.pictures import colors
from netrunner.views.pictures.boxes import Point
from netrunner.views.pictures.marks import Circle, Drawing, Group, Line, Mark, Rect, Shape, Text

# A browser takes what a font lacks, such as 隐藏层, from another one.
FONTS = "DejaVu Sans, Verdana, Noto Sans CJK SC, sans-serif"
ARROW = 6.5  # points
_END = Markup("\n")  # of a line of the file

Attributes = dict[str, str | None]
# The element that a group becomes, and the attributes that it has besides its own.
Opening = Callable[[Group], tuple[str, Attributes]]


def document(drawing: Drawing) -> str:
    """The drawing as a file of its own."""
    width, height = length(drawing.width), length(drawing.height)
    size = {"width": f"{width}pt", "height": f"{height}pt"}
    background = Rect(0, 0, drawing.width, drawing.height, colors.WHITE)
    root = {"xmlns": "http://www.w3.org/2000/svg", **size, **_view(drawing)}
    title = element("title", None, drawing.title)
    svg = element("svg", root, _END, title, _END, *map(_written, [background, *drawing.marks]))
    return f'<?xml version="1.0" encoding="utf-8"?>\n{svg}\n'


def inline(
    drawing: Drawing, scale: float, attributes: dict[str, str], opening: Opening | None = None
) -> Markup:
    """The drawing as an <svg> inside a page, `scale` pixels a point."""
    size = {"width": length(drawing.width * scale), "height": length(drawing.height * scale)}
    marks = (_written(mark, opening or _plain) for mark in drawing.marks)
    return element("svg", {**attributes, **size, **_view(drawing)}, _END, *marks)


def _plain(group: Group) -> tuple[str, Attributes]:
    return "g", {}


def _view(drawing: Drawing) -> dict[str, str]:
    return {
        "viewBox": " ".join(
            map(length, (drawing.left, drawing.top, drawing.width, drawing.height))
        ),
        "font-family": FONTS,
        "text-anchor": "middle",
        "fill": "none",
    }


def _written(mark: Mark, opening: Opening = _plain) -> Markup:
    if not isinstance(mark, Group):
        return fragment(_shape(mark), _END)
    tag, more = opening(mark)
    data = {f"data-{key}": value for key, value in mark.data.items()}
    attributes = {"id": mark.id or None, "class": mark.kind, **data, **more}
    title = element("title", None, mark.title) if mark.title else None
    inside = (_written(each, opening) for each in mark.marks)
    return fragment(element(tag, attributes, title, _END, *inside), _END)


def _shape(shape: Shape) -> Markup:
    match shape:
        case Text():
            return _text(shape)
        case Circle():
            place: Attributes = {
                "cx": length(shape.x),
                "cy": length(shape.y),
                "r": length(shape.radius),
            }
            return element("circle", place | _look(shape, shape.width))
        case Rect():
            corner: Attributes = {"x": length(shape.x), "y": length(shape.y)}
            size = {"width": length(shape.width), "height": length(shape.height)}
            neuron = {"data-neuron": shape.neuron or None}
            return element("rect", {**corner, **size, **_look(shape, shape.line), **neuron})
        case Line():
            return _line(shape)


def _look(shape: Circle | Rect, width: float) -> Attributes:
    return {
        "fill": None if shape.fill == "none" else shape.fill,
        "fill-opacity": None if shape.opacity == 1 else f"{shape.opacity:.3f}",
        "stroke": shape.stroke or None,
        "stroke-width": length(width) if shape.stroke else None,
    }


def _text(text: Text) -> Markup:
    turned = f"rotate({length(text.angle)} {length(text.x)} {length(text.y)})"
    attributes = {
        "x": length(text.x),
        "y": length(text.y + 0.36 * text.size),  # half of a capital letter below the middle
        "transform": turned if text.angle else None,
        "font-size": length(text.size),
        "fill": text.color,
        "font-weight": "bold" if text.bold else None,
        "text-anchor": None if text.anchor == "middle" else text.anchor,
        "class": text.role or None,
        "data-room": f"{text.room:.1f}" if text.room else None,
    }
    return element("text", attributes, text.text)


def _line(line: Line) -> Markup:
    parts = (" L".join(map(_point, part)) for part in line.parts)
    attributes = {
        "d": "".join(f"M{part}" for part in parts),
        "stroke": line.color,
        "stroke-width": length(line.width),
        "stroke-dasharray": " ".join(map(length, line.dashes)) or None,
    }
    path = element("path", attributes)
    if not line.arrow:
        return path
    corners = " ".join(map(_point, arrow_head(line.parts[-1])))
    return fragment(path, element("polygon", {"points": corners, "fill": line.color}))


def arrow_head(points: Sequence[Point]) -> list[Point]:
    """The corners of the arrow at the end of a line, its tip first."""
    (x1, y1), (x2, y2) = points[-2:]
    angle = atan2(y2 - y1, x2 - x1)
    sides = ((-ARROW, -ARROW / 2), (-ARROW, ARROW / 2))
    turned = [
        (x2 + u * cos(angle) - v * sin(angle), y2 + u * sin(angle) + v * cos(angle))
        for u, v in sides
    ]
    return [(x2, y2), *turned]


def _point(point: Point) -> str:
    return f"{length(point[0])} {length(point[1])}"


def length(value: float) -> str:
    """A length with at most two digits after the point."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
