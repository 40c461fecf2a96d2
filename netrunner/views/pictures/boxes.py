"""The boxes of labels, and whether two of them overlap."""

from __future__ import annotations

import math
from dataclasses import dataclass

Point = tuple[float, float]


@dataclass(frozen=True)
class Box:
    """A rectangle around (x, y), turned by `angle` (radians)."""

    x: float
    y: float
    width: float
    height: float
    angle: float = 0.0

    def corners(self) -> list[Point]:
        cos, sin = math.cos(self.angle), math.sin(self.angle)
        return [
            (self.x + cos * u - sin * v, self.y + sin * u + cos * v)
            for u, v in (
                (-self.width / 2, -self.height / 2),
                (self.width / 2, -self.height / 2),
                (self.width / 2, self.height / 2),
                (-self.width / 2, self.height / 2),
            )
        ]

    def meets(self, other: Box) -> bool:
        """Whether the two overlap: no line along a side of either lies between them."""
        apart = math.dist((self.x, self.y), (other.x, other.y))
        if 2 * apart > math.hypot(self.width, self.height) + math.hypot(other.width, other.height):
            return False
        mine, others = self.corners(), other.corners()
        for angle in {self.angle, other.angle}:
            for axis in (angle, angle + math.pi / 2):
                cos, sin = math.cos(axis), math.sin(axis)
                a = [cos * x + sin * y for x, y in mine]
                b = [cos * x + sin * y for x, y in others]
                if max(a) <= min(b) or max(b) <= min(a):
                    return False
        return True

    def meets_circle(self, x: float, y: float, radius: float) -> bool:
        cos, sin = math.cos(self.angle), math.sin(self.angle)
        u = abs(cos * (x - self.x) + sin * (y - self.y)) - self.width / 2
        v = abs(-sin * (x - self.x) + cos * (y - self.y)) - self.height / 2
        return math.hypot(max(u, 0), max(v, 0)) < radius

    def crossed_by(self, start: Point, end: Point) -> bool:
        """Whether a line runs through the box."""
        cos, sin = math.cos(self.angle), math.sin(self.angle)
        enters, leaves = 0.0, 1.0  # as parts of the line's length
        for x, y, half in ((cos, sin, self.width / 2), (-sin, cos, self.height / 2)):
            begins = x * (start[0] - self.x) + y * (start[1] - self.y)
            way = x * (end[0] - start[0]) + y * (end[1] - start[1])
            if way == 0:
                if abs(begins) >= half:
                    return False
                continue
            one, other = (-half - begins) / way, (half - begins) / way
            enters, leaves = max(enters, min(one, other)), min(leaves, max(one, other))
            if enters >= leaves:
                return False
        return True
