"""The curve of a layer's activation with the run's A on it, as an <svg> whose dots can move."""

from __future__ import annotations

import numpy as np

from netrunner.network.trace import LayerTrace
from netrunner.views.html import Markup, element
from netrunner.views.pictures.notation import indexed, number
from netrunner.views.pictures.sampling import LARGEST, Values, can_be_drawn, limits
from netrunner.views.pictures.svg import length

WIDTH, HEIGHT = 320, 230  # pixels
LEFT, RIGHT, TOP, BOTTOM = 44, 12, 10, 32
POINTS = 241


def points(step: LayerTrace) -> Values:
    """Where a layer's curve is sampled: from -5 to 5, or further where an A lies outside.

    Empty if h is not element-wise, and has no curve.
    """
    if not step.layer.activation.elementwise:
        return np.zeros(0)
    finite = step.A[np.isfinite(step.A)].astype(np.float64)
    reach = min(1.15 * float(np.abs(finite).max(initial=0.0)), LARGEST)
    end = max(5.0, float(f"{reach:.1g}"))
    end = end if end >= reach else 1.5 * end
    return np.linspace(-end, end, POINTS)


def curve_svg(step: LayerTrace, a: Values, z: Values, lit: int | None = None) -> Markup:
    """The activation of a layer through the points (a, z), with a dot for each neuron.

    The dot of neuron `lit`, counted from 1, is marked, and has lines to its a and its z.
    """
    end = float(a[-1])
    seen = can_be_drawn(z)
    low, high = limits(np.append(z[seen], step.Z[np.isfinite(step.Z)]))
    frame = _Frame(-end, end, low, high)
    parts = [
        frame.axes(),
        element("path", {"d": frame.path(a, z, seen), "class": "line"}),
        *(_dot(frame, step, k) for k in range(len(step.A)) if k + 1 != lit),
    ]
    if lit is not None:
        x, y = frame.point(float(step.A[lit - 1]), float(step.Z[lit - 1]))
        way = f"M{length(x)} {HEIGHT - BOTTOM}V{length(y)}H{LEFT}"
        parts += [
            element("path", {"d": way, "class": "guide"}),
            _dot(frame, step, lit - 1, "dot on"),
        ]
    label = f"The curve of {step.labels.activation_text}, with a dot for each neuron of the layer"
    data = {"data-layer": step.index, "data-limits": f"{-end:g} {end:g} {low!r} {high!r}"}
    size = {"viewBox": f"0 0 {WIDTH} {HEIGHT}", "width": WIDTH, "height": HEIGHT}
    return element(
        "svg", {"class": "curve", "role": "img", "aria-label": label, **data, **size}, *parts
    )


def _dot(frame: _Frame, step: LayerTrace, k: int, kind: str = "dot") -> Markup:
    a, z = float(step.A[k]), float(step.Z[k])
    x, y = frame.point(a, z)
    key = f"{step.index}-{k + 1}"
    title = element("title", None, indexed("a", k + 1, layer=step.index))
    attributes = {"cx": length(x), "cy": length(y), "r": 4.5, "class": kind, "data-neuron": key}
    hidden = not (np.isfinite(a) and np.isfinite(z))
    return element("circle", attributes | {"visibility": "hidden" if hidden else None}, title)


class _Frame:
    """The axes of a curve, and where a point of it is in pixels."""

    def __init__(self, left: float, right: float, low: float, high: float) -> None:
        self.left, self.right, self.low, self.high = left, right, low, high

    def point(self, a: float, z: float) -> tuple[float, float]:
        """A point in pixels; one that lies outside is put at the border."""
        part = min(max((a - self.left) / (self.right - self.left), 0.0), 1.0)
        rise = min(max((z - self.low) / (self.high - self.low), 0.0), 1.0)
        return LEFT + part * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - rise * (
            HEIGHT - TOP - BOTTOM
        )

    def path(self, a: np.ndarray, z: np.ndarray, seen: np.ndarray) -> str:
        pieces, command = [], "M"
        for each, value, is_seen in zip(a.tolist(), z.tolist(), seen.tolist(), strict=True):
            if is_seen:
                x, y = self.point(each, value)
                pieces.append(f"{command}{x:.1f} {y:.1f}")
            command = "L" if is_seen else "M"
        return "".join(pieces)

    def axes(self) -> Markup:
        """The lines through 0, the ends and the middle in numbers, and the letters."""
        bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
        middle, _ = self.point(0.0, 0.0)
        parts = [self._line(LEFT, bottom, right, bottom), self._line(LEFT, TOP, LEFT, bottom)]
        if self.low < 0 < self.high:
            parts.append(self._line(LEFT, self.point(0, 0)[1], right, self.point(0, 0)[1]))
        parts.append(self._line(middle, TOP, middle, bottom))
        for a in (self.left, 0.0, self.right):
            x, _ = self.point(a, 0.0)
            x, anchor = (x + RIGHT - 2, "end") if a == self.right else (x, "middle")
            parts.append(_text(x, bottom + 15, number(a, 3), anchor))
        for z in self._heights():
            _, y = self.point(0.0, z)
            parts.append(_text(LEFT - 5, y + 4, number(z, 3), "end"))
        parts += [
            _text((middle + right) / 2, HEIGHT - 4, "a", "middle"),
            _text(LEFT + 6, TOP + 8, "z", "start"),
        ]
        return element("g", {"class": "axes"}, *parts)

    def _heights(self) -> list[float]:
        if (self.low, self.high) == (-0.1, 1.1):
            return [0.0, 0.5, 1.0]
        ends = [float(f"{end:.2g}") for end in (self.low, self.high)]
        near = (self.high - self.low) / 8
        return [end for end in ends if abs(end) > near] + [0.0] * (self.low < 0 < self.high)

    def _line(self, x1: float, y1: float, x2: float, y2: float) -> Markup:
        ends = (("x1", x1), ("y1", y1), ("x2", x2), ("y2", y2))
        return element("line", {key: length(value) for key, value in ends})


def _text(x: float, y: float, text: str, anchor: str) -> Markup:
    return element("text", {"x": length(x), "y": length(y), "text-anchor": anchor}, text)
