"""Distances along great circles, bit for bit as the engine computes them (geof:distance in metres).

But for points exactly opposite on the globe, where rounding can leave the engine without a number.
"""

from __future__ import annotations

from collections.abc import Callable
from math import asin, cos, radians, sin, sqrt
from typing import TypeAlias

from registry.geo.box import Position
from registry.geo.shapes import RADIUS

Distance: TypeAlias = Callable[[Position], float]


def distance_from(centre: Position) -> Distance:
    """Return the function that gives the metres from `centre` to a position, by the haversine formula."""
    longitude, latitude = centre
    parallel = cos(radians(latitude))

    def distance(position: Position) -> float:
        north = sin(radians(latitude - position[1]) / 2)
        east = sin(radians(longitude - position[0]) / 2)
        share = north * north + cos(radians(position[1])) * parallel * (east * east)
        return RADIUS * (2.0 * asin(sqrt(min(1.0, share))))

    return distance
