"""Writes a listing as SPARQL: its page, its count, and on which predicates these depend."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from registry.devices.criteria import All, Criteria, Listing, SortKey, Within
from registry.devices.criteria_query import body, fields_of, path_pattern
from registry.geo.shapes import Disc
from registry.profile import Profile
from registry.profile.codecs import CodeCodec
from registry.vocabulary import CREATED
from sparql.terms import Iri, Literal, to_sparql

_SHARES = (1 / 64, 1 / 16, 1 / 4)


def page_query(profile: Profile, listing: Listing) -> str:
    """Return the query whose rows are the devices of the page, in order."""
    time = f"?device {to_sparql(CREATED)} ?created . "
    found = body(profile, listing.criteria, ranked=not listing.sort, anchor=time)
    orders = []
    patterns = found.text
    if not found.narrowed:  # then the patterns begin with it
        time = ""
    if found.distance:
        orders.append(found.distance)
        # Every device has this time. Asked for as a pattern, the engine joins it over all devices at first.
        time = f"OPTIONAL {{ {time}}} "
    for key in listing.sort:
        pattern, order = _sort(key, found.names)
        patterns += pattern
        orders.append(order)
    return (
        f"SELECT ?device WHERE {{ {patterns} {time}}} "
        f"ORDER BY {' '.join([*orders, '?created', '?device'])} "
        f"LIMIT {listing.size} OFFSET {(listing.page - 1) * listing.size}"
    )


def closer(listing: Listing) -> Iterator[Listing]:
    """Yield the listing with ever larger parts of the disc that ranks it, the listing itself last.

    The first whose page is full has the page of the listing: all that is nearer than the edge of a part is in it.
    """
    if not listing.sort:
        for share in _SHARES:
            criteria = _shrunk(listing.criteria, share)
            if criteria is not None:
                yield replace(listing, criteria=criteria)
    yield listing


def _shrunk(criteria: Criteria, share: float) -> Criteria | None:
    """Return the criteria with a smaller disc; None when none ranks, or it has no edge."""
    match criteria:
        case Within(ranks=True, shape=Disc() as disc) if disc.farthest < math.inf:
            return replace(criteria, shape=replace(disc, farthest=disc.farthest * share))
        case All(parts):
            shrunk = [_shrunk(part, share) for part in parts]
            if any(part is not None for part in shrunk):
                return All(tuple(new or old for new, old in zip(shrunk, parts, strict=True)))
    return None


def count_query(profile: Profile, criteria: Criteria) -> str:
    """Return the query whose one value is the number of devices that meet `criteria`."""
    return f"SELECT (COUNT(?device) AS ?total) WHERE {{ {body(profile, criteria).text} }}"


def predicates_of(profile: Profile, listing: Listing) -> frozenset[Iri]:
    """Return the predicates on which the devices of the listing and their order depend."""
    used = {profile.identity.predicate, CREATED}
    for field in [*fields_of(listing.criteria), *(key.field for key in listing.sort)]:
        used.update(field.path)
    return frozenset(used)


def _sort(key: SortKey, names: Iterator[str]) -> tuple[str, str]:
    name = next(names)
    pattern = path_pattern(key.field, name, names)
    if isinstance(key.field.codec, CodeCodec):
        wire = next(names)
        pairs = (f"({to_sparql(iri)} {to_sparql(Literal(code))})" for code, iri in key.field.codec.codes.items())
        pattern += f"VALUES ({name} {wire}) {{ {' '.join(pairs)} }} "
        name = wire
    return f"OPTIONAL {{ {pattern}}} ", f"{'DESC' if key.descending else 'ASC'}({name})"
