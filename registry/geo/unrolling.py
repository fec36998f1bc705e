"""Makes rings and lines that cross 180° continuous, so that a plane can hold them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from registry.geo.box import Position


def unrolled(positions: Sequence[Position]) -> tuple[Position, ...]:
    """Return the positions with longitudes that go on beyond 180°.

    An edge of more than 180° is the short way round. One of 360° is meant as it stands: it is that of a band around
    the globe.
    """
    found = [positions[0]]
    shift = 0.0
    for (before, _), (longitude, latitude) in pairwise(positions):
        step = longitude - before
        if 180 < abs(step) < 360:
            shift += -360 if step > 0 else 360
        found.append((longitude + shift, latitude))
    return tuple(found)


def unrolled_ring(ring: Sequence[Position]) -> tuple[Position, ...]:
    """Return a closed ring likewise; one that goes around a pole is led along the pole of its half of the globe."""
    found = unrolled(ring)
    first, last = found[0], found[-1]
    if first == last:
        return found
    pole = 90.0 if sum(latitude for _, latitude in found) >= 0 else -90.0
    return (*found, (last[0], pole), (first[0], pole), first)


def unrolled_polygon(rings: Sequence[Sequence[Position]]) -> tuple[tuple[Position, ...], ...]:
    """Return a polygon's rings, its holes moved to where its outer ring is."""
    outer, *holes = map(unrolled_ring, rings)
    return outer, *(_moved(hole, _middle(outer)) for hole in holes)


def _moved(ring: tuple[Position, ...], middle: float) -> tuple[Position, ...]:
    turns = round((middle - _middle(ring)) / 360)
    return tuple((longitude + 360 * turns, latitude) for longitude, latitude in ring)


def _middle(ring: Sequence[Position]) -> float:
    longitudes = [longitude for longitude, _ in ring]
    return (min(longitudes) + max(longitudes)) / 2
