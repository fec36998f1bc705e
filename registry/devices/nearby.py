"""Answers listings of the devices around a place from the index of points, as far as it can.

What it finds is what `registry.devices.paging` finds, in the same order. Where it gives no answer, that does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from registry.devices.criteria import All, Criteria, Listing, Within, conjuncts
from registry.devices.point_index import Grid, PointIndex
from registry.devices.queries.lookups import looked_up
from registry.devices.queries.members import members
from registry.devices.queries.normal_form import normal_form
from registry.devices.queries.ordering import ordered_query, page_clause
from registry.devices.queries.variables import variables
from registry.devices.view import View
from registry.geo.shapes import Disc
from registry.profile import Field
from sparql.terms import Iri, to_sparql

Answer = TypeVar("Answer")

_MOST_ORDERED = 2_000
"""Devices that a query names at most to have them ordered."""
_MOST_TESTED = 400
"""The same where they must meet further conditions: with thousands the engine takes to a plan of seconds."""
_SHARE = 4
"""The first look at devices that must meet further conditions takes so many times as many as are wanted."""


@dataclass(frozen=True, slots=True)
class _Around:
    """A listing's criteria taken apart: one disc, and what else must hold, if anything."""

    place: Within
    field: Field
    disc: Disc
    rest: All

    @classmethod
    def of(cls, criteria: Criteria) -> _Around | None:
        """Take criteria apart; None for those without a disc, or with a further place."""
        parts = list(conjuncts(criteria))
        places = [part for part in parts if isinstance(part, Within)]
        match places:
            case [Within(field=Field(multiple=False) as field, shape=Disc() as disc) as place]:
                return cls(place, field, disc, All(tuple(part for part in parts if part is not place)))
        return None


@dataclass(frozen=True, slots=True)
class _Nearest:
    """Devices by distance: groups of those that are equally far, whole, and how many are nearer than all of them."""

    groups: Sequence[Sequence[Iri]]
    before: int

    @property
    def amount(self) -> int:
        """How many devices the groups hold."""
        return sum(map(len, self.groups))


class Nearby:
    """Finds devices by their distance from a place.

    Args:
        index: where the devices are.
    """

    def __init__(self, index: PointIndex) -> None:
        self._index = index

    def find(self, view: View, listing: Listing) -> tuple[int, Sequence[Iri]] | None:
        """Return how many devices a listing around a place has, and its page; None where the index doesn't tell."""
        around = _Around.of(listing.criteria)
        if around is None or not around.place.ranks or listing.sort or view.graph is None:
            return None
        devices = self._rows(view, listing, around)
        if devices is None:
            return None
        if around.rest.parts:
            return view.count(normal_form(listing.criteria)), devices
        total = self._index.ask(view.graph, around.field, lambda grid: grid.count(around.disc))
        return None if total is None else (total, devices)

    def _rows(self, view: View, listing: Listing, around: _Around) -> Sequence[Iri] | None:
        if self._ask(view, around, len) is None:
            return None
        if not around.rest.parts:
            return self._alone(view, listing, around)
        tested = self._tested(view, listing, around)
        return self._sifted(view, listing, around) if tested is None else tested

    def _ask(self, view: View, around: _Around, question: Callable[[Grid], Answer]) -> Answer | None:
        return None if view.graph is None else self._index.ask(view.graph, around.field, question)

    def _alone(self, view: View, listing: Listing, around: _Around) -> Sequence[Iri] | None:
        skipped = (listing.page - 1) * listing.size
        found = self._ask(view, around, lambda grid: _nearest(grid.nearest(around.disc), skipped, listing.size))
        return None if found is None else _ordered(view, listing, found, skipped - found.before)

    def _tested(self, view: View, listing: Listing, around: _Around) -> Sequence[Iri] | None:
        """Test ever more of the nearest devices until the page is full or there are no more; None if it is not."""
        wanted = listing.page * listing.size
        for amount in (wanted * _SHARE, _MOST_TESTED):

            def question(grid: Grid, amount: int = amount) -> _Nearest:
                return _nearest(grid.nearest(around.disc), 0, amount)

            found = self._ask(view, around, question)
            if found is not None and found.amount <= _MOST_TESTED:
                rows = _ordered(view, listing, found, wanted - listing.size, around.rest)
                if rows is not None and (len(rows) == listing.size or found.amount < amount):
                    return rows
        return None

    def _sifted(self, view: View, listing: Listing, around: _Around) -> Sequence[Iri] | None:
        """Take all devices that meet the further conditions: there are few, or the page is far back."""
        skipped, names = (listing.page - 1) * listing.size, variables()
        devices = view.devices(f"SELECT ?device WHERE {{ {members(normal_form(around.rest), names).pattern(names)} }}")

        def question(grid: Grid) -> _Nearest:
            return _nearest(grid.nearest_among(devices, around.disc), skipped, listing.size)

        found = self._ask(view, around, question)
        return None if found is None else _ordered(view, listing, found, skipped - found.before)


def _ordered(
    view: View, listing: Listing, found: _Nearest, offset: int, conditions: All | None = None
) -> Sequence[Iri] | None:
    """Return the page of those that meet the conditions; which of those equally far comes first, the engine knows.

    None when there are too many that are equally far.
    """
    if not found.groups:
        return ()
    if found.amount > _MOST_ORDERED:
        return None
    ranked = [f"({to_sparql(each)} {rank})" for rank, group in enumerate(found.groups) for each in sorted(group)]
    candidates = f"VALUES (?device ?rank) {{ {' '.join(ranked)} }} "
    names = variables()
    if conditions is not None:
        candidates += looked_up(normal_form(conditions), names)
    page = page_clause(offset, listing.size)
    return view.devices(ordered_query(candidates, (), names, rank="?rank", page=page))


def _nearest(groups: Iterable[tuple[float, Sequence[Iri]]], skip: int, size: int) -> _Nearest:
    """Return the groups that hold the nearest devices from number `skip` on, so many or a few more."""
    seen = 0
    found: list[Sequence[Iri]] = []
    for _, devices in groups:
        seen += len(devices)
        if seen > skip:
            found.append(devices)
        if seen >= skip + size:
            break
    return _Nearest(found, seen - sum(map(len, found)))
