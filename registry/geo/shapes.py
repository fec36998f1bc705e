"""The shapes that points are looked for in, their bounds and their WKT.

Edges are straight in longitude and latitude (RFC 7946, section 3.1.1), and boundaries belong to a shape. A shape
across 180° is unrolled: it goes on beyond, up to 190° say, and is then written once more 360° away.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from registry.geo.box import SLACK, Box, Position, around

RADIUS = 6_371_008.8
"""The mean radius of the earth in metres, on which great circles are measured."""


@dataclass(frozen=True, slots=True)
class Disc:
    """The points whose great-circle distance from `centre` is at least `nearest` and at most `farthest` metres."""

    centre: Position
    farthest: float = math.inf
    nearest: float = 0.0

    def boxes(self) -> tuple[Box, ...]:
        """Return boxes that hold the whole shape."""
        longitude, latitude = self.centre
        angle = self.farthest / RADIUS * (1 + 1e-9)
        reach = math.degrees(min(angle, math.pi)) + SLACK
        south, north = latitude - reach, latitude + reach
        if south <= -90 or north >= 90:
            return (Box(-180, max(south, -90), 180, min(north, 90)),)
        width = math.degrees(math.asin(min(1.0, math.sin(math.radians(reach)) / math.cos(math.radians(latitude)))))
        width += SLACK + width * 1e-9
        return (Box(longitude - width, south, longitude + width, north),)


@dataclass(frozen=True, slots=True)
class Circle:
    """The points at most `radius` degrees from `centre` on the plane of longitude and latitude."""

    centre: Position
    radius: float

    def boxes(self) -> tuple[Box, ...]:
        """Return boxes that hold the whole shape."""
        (x, y), r = self.centre, self.radius
        return (around([(x - r, y - r), (x + r, y + r)]),)

    def centres(self) -> Iterator[Position]:
        """Yield where the centre stands, seen from points of -180° to 180°."""
        (box,) = self.boxes()
        for shift in _shifts(box):
            yield self.centre[0] + shift, self.centre[1]


@dataclass(frozen=True, slots=True)
class Part:
    """A point, line or polygon.

    Attributes:
        rings: one position, two or more positions of a line, or the closed rings of a polygon, the outer one first.
        kind: how WKT calls it.
    """

    rings: tuple[tuple[Position, ...], ...]
    kind: str = "POLYGON"


@dataclass(frozen=True, slots=True)
class Region:
    """The points in any of some parts."""

    parts: tuple[Part, ...]

    def boxes(self) -> tuple[Box, ...]:
        """Return boxes that hold the whole shape, one a part."""
        return tuple(around(part.rings[0]) for part in self.parts)

    def wkts(self) -> tuple[str, ...]:
        """Return geometries of which at least one holds each point of the shape, as it is written from -180° to 180°.

        They are apart because the engine takes a boundary that two members of a collection share for outside.
        """
        placed = zip(self.parts, self.boxes(), strict=True)
        return tuple(_wkt(part, shift) for part, box in placed for shift in _shifts(box))


Shape: TypeAlias = Disc | Circle | Region


def _shifts(box: Box) -> Iterator[int]:
    """Yield the multiples of 360 by which the box can be moved so that it reaches into -180° to 180°."""
    for turn in range(math.floor((-180 - box.east) / 360), math.ceil((180 - box.west) / 360) + 1):
        if box.east + turn * 360 >= -180 and box.west + turn * 360 <= 180:
            yield turn * 360


def _wkt(part: Part, shift: float) -> str:
    rings = [",".join(f"{_number(x + shift)} {_number(y)}" for x, y in ring) for ring in part.rings]
    if part.kind == "POLYGON":
        return f"POLYGON({','.join(f'({ring})' for ring in rings)})"
    return f"{part.kind}({rings[0]})"


def _number(value: float) -> str:
    return repr(float(value))
