"""A hierarchical grid of longitude and latitude: the spatial index of points.

At level L the globe is 2^L cells wide and 2^L high, numbered from 180° west and from the south pole. A cell includes
its western and southern edge; 180° east is 180° west. Every function rounds in the same way, and rounding is
monotonic, so a point between two others never lies in a cell that is not between theirs.
"""

from __future__ import annotations

import math
from typing import NamedTuple

LEVELS = (4, 7, 10, 13, 16)
"""The levels that are indexed: cells of 22.5°, 2.8°, 0.35°, 0.044° and 0.0055° of longitude, half that of latitude."""


class Cell(NamedTuple):
    """One cell of the grid."""

    level: int
    x: int
    y: int

    @property
    def name(self) -> str:
        """Level, column and row: "13/4397/6489"."""
        return f"{self.level}/{self.x}/{self.y}"


def cells_at(longitude: float, latitude: float) -> tuple[Cell, ...]:
    """Return the cell of each level in which a point lies; none for one that is not on the globe."""
    if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
        return ()
    return tuple(Cell(level, column(level, longitude) % (1 << level), row(level, latitude)) for level in LEVELS)


def column(level: int, longitude: float) -> int:
    """Return the column of a longitude, which may lie beyond 180°; modulo 2^level it is a cell's."""
    return math.floor((longitude + 180) / 360 * (1 << level))


def row(level: int, latitude: float) -> int:
    """Return the row of a latitude; those beyond the poles are the poles'."""
    return max(0, min(math.floor((latitude + 90) / 180 * (1 << level)), (1 << level) - 1))
