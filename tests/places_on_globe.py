"""Spatial operands judged as they were sent, without anything of `registry.geo`.

The longitudes stay where they are: all is counted modulo 360°. Whether a point is inside a ring is told from the pole:
going from the point north along its meridian, each edge that is crossed changes sides.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

Ring = Sequence[Sequence[float]]


def meets(place: Sequence[float], operator: str, operand: Any) -> bool:
    """Tell whether a position is in the shape of $geoWithin or $geoIntersects, boundaries included.

    Args:
        place: longitude and latitude.
        operator: $box, $polygon, or $geometry.
        operand: what stands below it: corners, or a GeoJSON geometry.
    """
    if operator == "$box":
        return _in_box(place, *operand)
    if operator == "$polygon":
        return _in_polygon(place, [[*operand, operand[0]]])
    kind, coordinates = operand["type"], operand["coordinates"]
    if kind.startswith("Multi"):
        return any(meets(place, operator, {"type": kind[5:], "coordinates": each}) for each in coordinates)
    match kind:
        case "Point":
            return _in_box(place, coordinates, coordinates)
        case "LineString":
            return _on(place, coordinates)
    return _in_polygon(place, coordinates)


def _in_box(place: Sequence[float], low: Sequence[float], high: Sequence[float]) -> bool:
    width = Fraction(high[0]) - Fraction(low[0])
    return _east_of(low[0], place[0]) <= width + (360 if width < 0 else 0) and low[1] <= place[1] <= high[1]


def _in_polygon(place: Sequence[float], rings: Sequence[Ring]) -> bool:
    if any(_on(place, ring) for ring in rings):
        return True
    outer, *holes = (_encloses(ring, place) for ring in rings)
    return outer and not any(holes)


def _encloses(ring: Ring, place: Sequence[float]) -> bool:
    edges = list(_edges(ring))
    around = sum((width if east else -width) for *_, width, east in edges) != 0
    inside = around and sum(latitude for _, latitude in ring) >= 0  # the north pole
    for start, west, rise, width, _ in edges:
        offset = _east_of(start, place[0])
        if offset < width and west + rise * offset / width > Fraction(place[1]):
            inside = not inside
    return inside


def _on(place: Sequence[float], line: Ring) -> bool:
    for start, west, rise, width, _ in _edges(line):
        offset, latitude = _east_of(start, place[0]), Fraction(place[1])
        if width == 0 and offset == 0 and min(west, west + rise) <= latitude <= max(west, west + rise):
            return True
        if width > 0 and offset <= width and west + rise * offset / width == latitude:
            return True
    return False


def _edges(line: Ring) -> Iterable[tuple[float, Fraction, Fraction, Fraction, bool]]:
    """Yield each edge from its western end: longitude, latitude, rise, width, and whether it was drawn eastward.

    An edge is the short way; one of 360° goes all around.
    """
    for (x, y), (to_x, to_y) in pairwise(line):
        step = Fraction(to_x) - Fraction(x)
        if 180 < abs(step) < 360:
            step -= 360 if step > 0 else -360
        start, low, high = (x, y, to_y) if step >= 0 else (to_x, to_y, y)
        yield start, Fraction(low), Fraction(high) - Fraction(low), abs(step), step >= 0


def _east_of(start: float, longitude: float) -> Fraction:
    """Return how far east a longitude lies, 0 to less than 360."""
    return (Fraction(longitude) - Fraction(start)) % 360
