"""Puts devices in the order of sort keys, and what ties in the order of creation."""

from __future__ import annotations

from collections.abc import Sequence

from registry.devices.criteria import SortKey
from registry.devices.queries.members import anchor
from registry.devices.queries.paths import path_pattern, path_scan
from registry.devices.queries.variables import Variables
from registry.profile.codecs import CodeCodec
from sparql.terms import Literal, to_sparql


def ordered_query(  # noqa: PLR0913  all but three have a default
    found: str, keys: Sequence[SortKey], names: Variables, *, rank: str = "", scanned: bool = False, page: str = ""
) -> str:
    """Return the query whose rows are the devices that `found` binds, in order.

    Args:
        found: a pattern that binds ?device, and the rank if there is one.
        keys: what to sort by.
        names: variables that are not used yet.
        rank: a variable to sort by before all keys.
        scanned: whether to join the values by hash, which is for many devices; else each is looked up.
        page: LIMIT and OFFSET.
    """
    orders = [rank] if rank else []
    patterns = ""
    for key in keys:
        pattern, order = _sort(key, names, scanned=scanned)
        patterns += pattern
        orders.append(order)
    time = anchor("?created")
    time = f"{{ SELECT ?device ?created WHERE {{ {time}}} }} " if scanned else f"OPTIONAL {{ {time}}} "
    order = " ".join([*orders, "?created", "?device"])
    return f"SELECT ?device WHERE {{ {found}{patterns}{time}}} ORDER BY {order} {page}"


def created_query(page: str) -> str:
    """Return the query whose rows are all devices in the order of creation."""
    return f"SELECT ?device WHERE {{ {anchor('?created')}}} ORDER BY ?created ?device {page}"


def page_clause(offset: int, size: int) -> str:
    """Return the solution modifiers of a page."""
    return f"LIMIT {size} OFFSET {offset}"


def _sort(key: SortKey, names: Variables, *, scanned: bool) -> tuple[str, str]:
    name = next(names)
    pattern = path_scan(key.field, name, names) if scanned else path_pattern(key.field, name, names)
    if isinstance(key.field.codec, CodeCodec):
        wire = next(names)
        pairs = (f"({to_sparql(iri)} {to_sparql(Literal(code))})" for code, iri in key.field.codec.codes.items())
        pattern += f"VALUES ({name} {wire}) {{ {' '.join(pairs)} }} "
        name = wire
    if scanned:
        pattern = f"{{ SELECT ?device {name} WHERE {{ {pattern}}} }} "
    return f"OPTIONAL {{ {pattern}}} ", f"{'DESC' if key.descending else 'ASC'}({name})"
