"""The order by distance: ever larger parts of the disc, so that a page does not sort all that is within it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from registry.devices.criteria import Within
from registry.devices.queries.normal_form import Every, Leaf, Node, every
from registry.devices.queries.places import distance_pattern
from registry.devices.queries.variables import Variables
from registry.geo.shapes import Disc

_SHARES = (1 / 64, 1 / 16, 1 / 4)


def ranking(node: Node) -> tuple[Leaf, Node] | None:
    """Return the condition by which the devices are ranked, and all others; None where none ranks."""
    parts = node.parts if isinstance(node, Every) else (node,)
    for place in parts:
        if isinstance(place, Leaf) and isinstance(place.criteria, Within) and place.criteria.ranks:
            return place, every(part for part in parts if part is not place)
    return None


def closer(place: Leaf) -> Iterator[Leaf]:
    """Yield the condition with ever larger parts of its disc, itself last.

    The first whose page is full has the page of the listing: all that is nearer than the edge of a part is in it.
    """
    match place.criteria:
        case Within(shape=Disc() as disc) as within if disc.farthest < math.inf:
            for share in _SHARES:
                part = replace(disc, farthest=disc.farthest * share)
                yield replace(place, criteria=replace(within, shape=part))
    yield place


def ranked_pattern(place: Leaf, distance: str, names: Variables) -> str:
    """Return the pattern of the devices at a place, which binds their distance from its centre."""
    match place.criteria:
        case Within(shape=Disc() as disc):
            pattern = distance_pattern(place.field, disc, distance, names)
            return f"{{ SELECT ?device {distance} WHERE {{ {pattern}}} }} "
    raise AssertionError(place)
