"""Points and shapes judged in plain Python: on the plane with fractions, on the globe with vectors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

from registry.geo.shapes import Circle, Disc, Part, Region, Shape

RADIUS = 6_371_008.8


def lies_in(place: Sequence[float], shape: Shape) -> bool:
    """Tell whether a position lies in a shape, or on its boundary."""
    match shape:
        case Disc(centre, farthest, nearest):
            return nearest <= metres(place, centre) <= farthest
        case Circle((x, y), radius):
            return any(
                (place[0] + turn - x) * (place[0] + turn - x) + (place[1] - y) * (place[1] - y) <= radius * radius
                for turn in (-720, -360, 0, 360, 720)
            )
        case Region(parts):
            turned = [(Fraction(place[0]) + turn, Fraction(place[1])) for turn in (-720, -360, 0, 360, 720)]
            return any(_in_part(point, part) for part in parts for point in turned)


def metres(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the great-circle distance by vectors."""
    a, b = _vector(*one), _vector(*other)
    cross = (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])
    return RADIUS * math.atan2(math.hypot(*cross), sum(x * y for x, y in zip(a, b, strict=True)))


def _vector(longitude: float, latitude: float) -> tuple[float, float, float]:
    east, north = math.radians(longitude), math.radians(latitude)
    return math.cos(north) * math.cos(east), math.cos(north) * math.sin(east), math.sin(north)


def _in_part(point: tuple[Fraction, Fraction], part: Part) -> bool:
    if part.kind == "POINT":
        return point == tuple(map(Fraction, part.rings[0][0]))
    if any(_on(point, a, b) for ring in part.rings for a, b in pairwise(ring)):
        return True
    if part.kind == "LINESTRING":
        return False
    outer, *holes = (_encloses(ring, point) for ring in part.rings)
    return outer and not any(holes)


def _on(point: tuple[Fraction, Fraction], a: Sequence[float], b: Sequence[float]) -> bool:
    (x, y), (ax, ay), (bx, by) = point, map(Fraction, a), map(Fraction, b)
    straight = (bx - ax) * (y - ay) == (by - ay) * (x - ax)
    return straight and min(ax, bx) <= x <= max(ax, bx) and min(ay, by) <= y <= max(ay, by)


def _encloses(ring: Sequence[Sequence[float]], point: tuple[Fraction, Fraction]) -> bool:
    x, y = point
    inside = False
    for a, b in pairwise(ring):
        (ax, ay), (bx, by) = map(Fraction, a), map(Fraction, b)
        if (ay > y) != (by > y) and x < ax + (y - ay) * (bx - ax) / (by - ay):
            inside = not inside
    return inside
