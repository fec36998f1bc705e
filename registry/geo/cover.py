"""Which cells of the grid cover a shape, and which of them lie wholly within it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from registry.geo.box import Box
from registry.geo.cells import LEVELS, Cell, column, row
from registry.geo.shapes import RADIUS, Disc, Shape

MOST_CELLS = 64
"""How many cells a cover by boxes has at most."""

_MOST_FINE = 1024
_SLACK = 1e-9
_ROUNDING = 1e-12
"""Radians, some micrometres."""


class Cover(NamedTuple):
    """Cells that hold all points of a shape between them.

    Attributes:
        inner: cells of which every point is in the shape.
        border: cells of which some points are not, or may not be.
    """

    inner: frozenset[Cell]
    border: frozenset[Cell]


def cover(shape: Shape) -> Cover | None:
    """Return a cover of bounded size; None when the shape is too large to be narrowed down.

    A disc is told apart into inner and border cells, so that most points in it need no look at where they are.
    """
    if isinstance(shape, Disc) and not shape.nearest:
        found = _disc(shape)
        if found is not None:
            return found
    cells = _boxes(shape.boxes())
    return None if cells is None else Cover(frozenset(), cells)


def _boxes(boxes: Iterable[Box]) -> frozenset[Cell] | None:
    """Return cells of the finest level at which few enough cover the boxes."""
    ranges = list(boxes)
    for level in reversed(LEVELS):
        spans = [_span(level, box) for box in ranges]
        if sum(len(columns) * len(rows) for columns, rows in spans) <= MOST_CELLS:
            places = [(x, y) for columns, rows in spans for x in columns for y in rows]
            return frozenset(Cell(level, x % (1 << level), y) for x, y in places)
    return None


def _span(level: int, box: Box) -> tuple[range, range]:
    rows = range(row(level, box.south), row(level, box.north) + 1)
    if box.east - box.west >= 360:
        return range(1 << level), rows
    return range(column(level, box.west), column(level, box.east) + 1), rows


def _disc(disc: Disc) -> Cover | None:
    """Return the cells of a disc row by row; None for one that reaches a pole or is very large."""
    (box,) = disc.boxes()
    if box.south <= -90 or box.north >= 90 or box.east - box.west >= 180:
        return None
    for level in reversed(LEVELS):
        columns, rows = _span(level, box)
        if len(columns) * len(rows) <= _MOST_FINE:
            inner: list[tuple[int, int]] = []
            border: list[tuple[int, int]] = []
            for each in rows:
                whole, some = _columns(disc, level, each)
                inner += ((x, each) for x in whole)
                border += ((x, each) for x in some if x not in whole)
            return Cover(frozenset(_merged(level, inner)), frozenset(_cells(level, border)))
    return None


def _columns(disc: Disc, level: int, number: int) -> tuple[range, range]:
    """Return the columns of a row's cells that lie wholly in the disc, and of all that meet it.

    On a parallel the distance grows with the difference in longitude, and on a meridian up to both ends: the corners
    decide whether a cell is inside, and the widest parallel of the row where the disc ends.
    """
    longitude, latitude = disc.centre
    south, north = (y / 2**level * 180 - 90 for y in (number, number + 1))
    angle = disc.farthest / RADIUS
    more, less = angle * (1 + _SLACK) + _ROUNDING, angle * (1 - _SLACK) - _ROUNDING
    widest = math.degrees(math.asin(math.sin(math.radians(latitude)) / math.cos(more)))
    outer = _half_width(more, latitude, min(max(widest, south), north)) + _SLACK
    inner = min(_half_width(less, latitude, south), _half_width(less, latitude, north)) - _SLACK
    some = range(column(level, longitude - outer), column(level, longitude + outer) + 1) if outer > 0 else range(0)
    whole = range(column(level, longitude - inner) + 1, column(level, longitude + inner)) if inner > 0 else range(0)
    return whole, some


def _half_width(angle: float, centre: float, latitude: float) -> float:
    """Return how many degrees of longitude a disc reaches to each side on a parallel; less than 0 if it doesn't."""
    one, other = math.radians(centre), math.radians(latitude)
    rest = math.sin((angle + other - one) / 2) * math.sin((angle - other + one) / 2)
    share = rest / (math.cos(one) * math.cos(other))
    return -1.0 if share < 0 or angle < 0 else 2 * math.degrees(math.asin(math.sqrt(min(1.0, share))))


def _merged(level: int, places: list[tuple[int, int]]) -> Iterator[Cell]:
    """Yield a cell of the next coarser level in place of all of its cells."""
    coarser = LEVELS[max(0, LEVELS.index(level) - 1)]
    ratio = 1 << (level - coarser)
    parents = Counter((x // ratio, y // ratio) for x, y in places)
    full = {parent for parent, amount in parents.items() if ratio > 1 and amount == ratio * ratio}
    yield from _cells(coarser, full)
    yield from _cells(level, ((x, y) for x, y in places if (x // ratio, y // ratio) not in full))


def _cells(level: int, places: Iterable[tuple[int, int]]) -> Iterator[Cell]:
    return (Cell(level, x % (1 << level), y) for x, y in places)
