"""An index of named points in memory: how many lie in a disc, and which are the nearest.

A tree of the grid's cells. A cell that lies wholly in a disc, or wholly outside, needs no look at its points. Points
at the same position are kept together: a household's devices are.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count, groupby
from operator import itemgetter, le, lt
from typing import Generic, TypeVar

from registry.geo.box import Position
from registry.geo.cells import LEVELS, column, row
from registry.geo.great_circle import Distance, distance_from
from registry.geo.shapes import Disc

Name = TypeVar("Name")

_FINEST = LEVELS[-1]
_SLACK = 1e-3
"""Metres by which a cell's reach is larger, for the sake of rounding."""


@dataclass(slots=True)
class _Cell(Generic[Name]):
    """A cell that holds a point, or the globe.

    Attributes:
        centre: its middle.
        reach: metres from there within which all of it lies.
        amount: how many points it holds.
        parts: the next finer cells by column and row; none in a cell of the finest level.
        places: position -> names of the points there; none in any other cell.
    """

    centre: Position
    reach: float
    amount: int = 0
    parts: dict[tuple[int, int], _Cell[Name]] = field(default_factory=dict)
    places: dict[Position, list[Name]] = field(default_factory=dict)


class PointGrid(Generic[Name]):
    """Points by name, each at one position. It has no lock of its own."""

    def __init__(self) -> None:
        self._globe: _Cell[Name] = _Cell((0.0, 0.0), math.inf)
        self._positions: dict[Name, Position] = {}

    def __len__(self) -> int:
        return len(self._positions)

    def put(self, name: Name, position: Position) -> None:
        """Place a point, or move it. One that is not on the globe is none."""
        self.remove(name)
        longitude, latitude = position
        if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
            return
        self._positions[name] = position
        *_, leaf = self._way(position)
        leaf.places.setdefault(position, []).append(name)

    def remove(self, name: Name) -> None:
        """Take a point out, if it is there."""
        position = self._positions.pop(name, None)
        if position is None:
            return
        cells = list(self._way(position, -1))
        names = cells[-1].places[position]
        names.remove(name)
        if not names:
            del cells[-1].places[position]
        for cell in cells:
            for key in [key for key, part in cell.parts.items() if not part.amount]:
                del cell.parts[key]

    def count(self, disc: Disc) -> int:
        """Return how many points lie in the disc."""
        distance = distance_from(disc.centre)
        found = self._within(distance, disc.farthest, le)
        return max(0, found - self._within(distance, disc.nearest, lt)) if disc.nearest > 0 else found

    def nearest(self, disc: Disc) -> Iterator[tuple[float, Sequence[Name]]]:
        """Yield the points in the disc with their distances in metres, nearest first, those at one distance together.

        The grid must not change meanwhile.
        """
        for away, places in groupby(self._by_distance(disc), itemgetter(0)):
            yield away, [name for _, names in places for name in names]

    def nearest_among(self, names: Iterable[Name], disc: Disc) -> Iterator[tuple[float, Sequence[Name]]]:
        """Yield likewise those points in the disc that have one of these names."""
        distance = distance_from(disc.centre)
        there = ((distance(self._positions[name]), name) for name in names if name in self._positions)
        found = sorted((each for each in there if disc.nearest <= each[0] <= disc.farthest), key=itemgetter(0))
        for away, points in groupby(found, itemgetter(0)):
            yield away, [name for _, name in points]

    def _way(self, position: Position, amount: int = 1) -> Iterator[_Cell[Name]]:
        """Yield the cells of a position from the globe to the finest, each with so many more points in it."""
        x, y = column(_FINEST, position[0]) % (1 << _FINEST), row(_FINEST, position[1])
        cell = self._globe
        cell.amount += amount
        yield cell
        for level in LEVELS:
            key = x >> (_FINEST - level), y >> (_FINEST - level)
            part = cell.parts.get(key)
            if part is None:
                part = cell.parts[key] = _empty(level, *key)
            cell = part
            cell.amount += amount
            yield cell

    def _within(self, distance: Distance, limit: float, compare: Callable[[float, float], bool]) -> int:
        found = 0
        cells = [self._globe]
        while cells:
            cell = cells.pop()
            away = distance(cell.centre)
            if away + cell.reach < limit:
                found += cell.amount
            elif away - cell.reach <= limit:
                cells += cell.parts.values()
                found += sum(len(names) for place, names in cell.places.items() if compare(distance(place), limit))
        return found

    def _by_distance(self, disc: Disc) -> Iterator[tuple[float, Sequence[Name]]]:
        """Yield the points by position. Of what is left to look at, what may be nearest is looked at first."""
        distance, low, high = distance_from(disc.centre), disc.nearest, disc.farthest
        numbers = count()
        left: list[tuple[float, int, _Cell[Name] | Sequence[Name]]] = [(0.0, next(numbers), self._globe)]
        while left:
            away, _, first = heappop(left)
            if not isinstance(first, _Cell):
                yield away, first
                continue
            for part in first.parts.values():
                middle = distance(part.centre)
                if middle - part.reach <= high and middle + part.reach >= low:
                    heappush(left, (middle - part.reach, next(numbers), part))
            for place, names in first.places.items():
                away = distance(place)
                if low <= away <= high:
                    heappush(left, (away, next(numbers), names))


def _empty(level: int, x: int, y: int) -> _Cell[Name]:
    """Return a cell without points. Of all its points the corners are farthest from its middle."""
    west, east = (each / 2**level * 360 - 180 for each in (x, x + 1))
    south, north = (each / 2**level * 180 - 90 for each in (y, y + 1))
    centre = (west + east) / 2, (south + north) / 2
    distance = distance_from(centre)
    return _Cell(centre, max(distance((east, south)), distance((east, north))) + _SLACK)
