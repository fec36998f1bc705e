"""The beginning of a listing: its first devices by one key, whichever filter there will be.

It is found once and kept for as long as no value of the key changes; then any filter is a look at these few devices.
They are handed on as a pattern that binds ?device and ?rank: each device precedes all that are not among them, but for
those without the key, and what ties has one rank.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from registry.devices.criteria import SortKey
from registry.devices.queries.members import narrowed, subselect
from registry.devices.queries.normal_form import Leaf
from registry.devices.queries.paths import ALL_VALUES, path_scan
from registry.devices.queries.variables import Variables
from registry.profile import Field
from registry.profile.codecs import CodeCodec
from sparql.graph_store import Row
from sparql.terms import Iri, Literal, Term, to_sparql

Share: TypeAlias = tuple[Term, int]
"""A value, and how many devices have it."""


def is_text(field: Field) -> bool:
    """Tell whether values are put in order here: the engine takes 5 s to sort 100,000 texts, as it reads each anew."""
    return field.codec.kind in ("string", "uuid")


def is_repeated(key: SortKey) -> bool:
    """Tell whether many devices may have the same value, which is seldom so with times and places."""
    return key.field.codec.kind not in ("datetime", "point")


def is_coded(key: SortKey) -> bool:
    """Tell whether all devices have one of a few values."""
    return isinstance(key.field.codec, CodeCodec) or key.field.codec.kind == "boolean"


def shares_query(key: SortKey, names: Variables, *, own: Leaf | None, most: int) -> str:
    """Return the query whose rows are the values of `key` and how many devices have each.

    Args:
        key: the field; and the order, in which the values come unless they are texts.
        names: variables that are not used yet.
        own: what is asked of the value.
        most: how many values at the most, unless they are texts.
    """
    value = next(names)
    before, after = ALL_VALUES if own is None else narrowed(own.criteria, value)
    # Without the step from the device: a node belongs to one device.
    pattern = f"{before}{next(names)} {to_sparql(key.field.predicate)} {value} . {after}"
    return _grouped(key, value, pattern, most)


def shares_among_query(key: SortKey, names: Variables, *, found: str, most: int) -> str:
    """Return the query whose rows are the values of `key` and how many of the devices have each.

    Args:
        key: as above.
        names: variables that are not used yet.
        found: a pattern that binds ?device to the devices.
        most: how many values at the most, unless they are texts.
    """
    value = next(names)
    scan = f"{{ SELECT ?device {value} WHERE {{ {path_scan(key.field, value, names)}}} }} "
    return _grouped(key, value, subselect(found) + scan, most)


def _grouped(key: SortKey, value: str, pattern: str, most: int) -> str:
    order = "" if is_text(key.field) else f"ORDER BY {_direction(key)}({value}) LIMIT {most}"
    return f"SELECT {value} (COUNT(*) AS ?n) WHERE {{ {pattern}}} GROUP BY {value} {order}"


def in_order(key: SortKey, shares: Sequence[Share]) -> list[Share]:
    """Return the values of `key` in order; those that are no code of a field of codes are left out."""
    codec = key.field.codec
    if isinstance(codec, CodeCodec):
        wires = {iri: wire for wire, iri in codec.codes.items()}
        known = [share for share in shares if share[0] in wires]
        return sorted(known, key=lambda share: wires[Iri(str(share[0]))], reverse=key.descending)
    return sorted(shares, key=lambda share: _text(share[0]), reverse=key.descending)


def first_query(key: SortKey, names: Variables, *, own: Leaf | None, most: int) -> str:
    """Return the query whose rows are the first devices by `key`, and its values; `own` is what is asked of these."""
    value = next(names)
    scan = path_scan(key.field, value, names, ALL_VALUES if own is None else narrowed(own.criteria, value))
    return f"SELECT ?device {value} WHERE {{ {scan}}} ORDER BY {_direction(key)}({value}) LIMIT {most}"


def first_devices(rows: Sequence[Row], wanted: int, most: int) -> str:
    """Return the pattern of so many of the first devices, and those that tie with the last of them.

    Args:
        rows: the first devices and the values of the key.
        wanted: how many.
        most: how many rows were asked for: if there are so many, the last ones may tie with others.
    """
    last = rows[-1][1] if len(rows) == most else None
    pairs: list[str] = []
    rank, before = -1, None
    for number, (device, value) in enumerate(rows):
        if value == last or (value != before and number >= wanted):
            break
        rank += value != before
        before = value
        pairs.append(f"({to_sparql(Iri(str(device)))} {rank})")
    return f"VALUES (?device ?rank) {{ {' '.join(pairs)} }} "


def with_values(field: Field, shares: Sequence[Share], names: Variables) -> str:
    """Return the pattern of the devices that have one of some values, by the order in which these are given."""
    value = next(names)
    pairs = (f"({to_sparql(term)} {rank})" for rank, (term, _) in enumerate(shares))
    pattern = f"VALUES ({value} ?rank) {{ {' '.join(pairs)} }} "
    if len(field.path) == 1:
        pattern += f"?device {to_sparql(field.predicate)} {value} . "
    else:  # as a plain pattern, the step to the device would be joined over all nodes
        node, device = next(names), next(names)
        pattern += f"{node} {to_sparql(field.predicate)} {value} . "
        pattern += f"OPTIONAL {{ {device} {to_sparql(field.path[0])} {node} }} "
        pattern += f"BIND(COALESCE({device}, {node}) AS ?device) "
    return f"{{ SELECT ?device ?rank WHERE {{ {pattern}}} }} "


def _direction(key: SortKey) -> str:
    return "DESC" if key.descending else "ASC"


def _text(term: Term) -> str:
    return term.lexical if isinstance(term, Literal) else str(term)
