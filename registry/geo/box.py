"""A rectangle of longitude and latitude."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

Position: TypeAlias = tuple[float, float]
"""Longitude and latitude in degrees."""

SLACK = 1e-9
"""Degrees, a tenth of a millimetre: by how much a box around a shape is larger, for the sake of rounding."""


class Box(NamedTuple):
    """Bounds in degrees. `east` is never less than `west`: a box across 180° reaches beyond it."""

    west: float
    south: float
    east: float
    north: float


def around(positions: Iterable[Position]) -> Box:
    """Return a box around at least one position."""
    longitudes, latitudes = zip(*positions, strict=True)
    return Box(min(longitudes) - SLACK, min(latitudes) - SLACK, max(longitudes) + SLACK, max(latitudes) + SLACK)
