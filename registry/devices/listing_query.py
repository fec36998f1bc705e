"""Writes a listing as SPARQL. The only module that turns criteria into query text.

Every value enters as a term through the one serialiser. A condition that must hold is a pattern that narrows;
one under "or" and "not" is an EXISTS, and so are those past the first few, as the time to plan a query grows
steeply with its patterns.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count
from typing import Any

from registry.devices.criteria import All, AnyOf, Comparison, Criteria, Listing, Not, Operator, SortKey
from registry.profile import Field, Profile
from registry.profile.codecs import CodeCodec
from registry.vocabulary import CREATED
from sparql.terms import Iri, Literal, to_sparql

_NEVER = "false"
_MOST_PATTERNS = 8


def page_query(profile: Profile, listing: Listing) -> str:
    """Return the query whose rows are the devices of the page, in order."""
    names = _names()
    body = _body(profile, listing.criteria, names)
    orders = []
    for key in listing.sort:
        pattern, order = _sort(key, names)
        body += pattern
        orders.append(order)
    return (
        f"SELECT ?device WHERE {{ {body} ?device {to_sparql(CREATED)} ?created }} "
        f"ORDER BY {' '.join([*orders, '?created', '?device'])} "
        f"LIMIT {listing.size} OFFSET {(listing.page - 1) * listing.size}"
    )


def count_query(profile: Profile, criteria: Criteria) -> str:
    """Return the query whose one value is the number of devices that meet `criteria`."""
    return f"SELECT (COUNT(?device) AS ?total) WHERE {{ {_body(profile, criteria, _names())} }}"


def predicates_of(profile: Profile, listing: Listing) -> frozenset[Iri]:
    """Return the predicates on which the devices of the listing and their order depend."""
    used = {profile.identity.predicate, CREATED}
    for field in [*_fields(listing.criteria), *(key.field for key in listing.sort)]:
        used.update(field.path)
    return frozenset(used)


def _names() -> Iterator[str]:
    return (f"?v{number}" for number in count())


def _body(profile: Profile, criteria: Criteria, names: Iterator[str]) -> str:
    narrowing: list[Comparison] = []
    others: list[Criteria] = []
    for part in _conjuncts(criteria):
        if isinstance(part, Comparison) and part.field is not None and not part.field.multiple:
            narrowing.append(part)
        else:
            others.append(part)
    narrowing.sort(key=lambda comparison: comparison.operator is not Operator.EQUAL)
    patterns = [_pattern(comparison, names) for comparison in narrowing[:_MOST_PATTERNS]]
    filters = [f"FILTER({_expression(part, names)}) " for part in [*narrowing[_MOST_PATTERNS:], *others]]
    identity = f"?device {to_sparql(profile.identity.predicate)} ?id . "
    return "".join([*patterns, identity, *filters])


def _conjuncts(criteria: Criteria) -> Iterator[Criteria]:
    if isinstance(criteria, All):
        for part in criteria.parts:
            yield from _conjuncts(part)
    else:
        yield criteria


def _expression(criteria: Criteria, names: Iterator[str]) -> str:
    match criteria:
        case Comparison(field=None):
            return _NEVER
        case Comparison():
            return _exists(criteria, names)
        case Not(part):
            return f"!({_expression(part, names)})"
        case All(parts):
            return " && ".join(f"({_expression(part, names)})" for part in parts) or "true"
        case AnyOf(parts):
            return " || ".join(f"({_expression(part, names)})" for part in parts) or _NEVER


def _exists(comparison: Comparison, names: Iterator[str]) -> str:
    """Return an EXISTS for each step of the path.

    Inside an EXISTS of two patterns the engine joins these over all devices, for every device anew.
    """
    field = comparison.field
    assert field is not None  # noqa: S101  callers tell names without a field apart
    value, condition = _value(field, comparison, names)
    *links, last = field.path
    node, opened = "?device", ""
    for link in links:
        inner = next(names)
        node, opened = inner, f"{opened}EXISTS {{ {node} {to_sparql(link)} {inner} FILTER("
    return f"{opened}EXISTS {{ {node} {to_sparql(last)} {value} . {condition}}}" + ") }" * len(links)


def _pattern(comparison: Comparison, names: Iterator[str]) -> str:
    field = comparison.field
    assert field is not None  # noqa: S101  callers tell names without a field apart
    value, condition = _value(field, comparison, names)
    return _path(field, value, names) + condition


def _value(field: Field, comparison: Comparison, names: Iterator[str]) -> tuple[str, str]:
    """Return the object of the field's triple, and the FILTER that it must pass."""
    operator = comparison.operator
    if operator is Operator.EQUAL:
        return to_sparql(field.codec.encode(comparison.value)), ""
    name = next(names)
    if operator is Operator.EXISTS:
        return name, ""
    return name, f"FILTER({_ordered(field, operator, comparison.value, name)}) "


def _ordered(field: Field, operator: Operator, value: Any, name: str) -> str:
    if isinstance(field.codec, CodeCodec):
        matching = [
            iri for wire, iri in field.codec.codes.items() if isinstance(value, str) and _holds(wire, operator, value)
        ]
        return f"{name} IN ({', '.join(map(to_sparql, matching))})"
    term = field.codec.encode(value)
    if isinstance(term, Iri):
        return f"STR({name}) {operator} {to_sparql(Literal(term))}"
    return f"{name} {operator} {to_sparql(term)}"


def _holds(left: str, operator: Operator, right: str) -> bool:
    match operator:
        case Operator.LESS:
            return left < right
        case Operator.LESS_OR_EQUAL:
            return left <= right
        case Operator.GREATER:
            return left > right
        case _:
            return left >= right


def _path(field: Field, value: str, names: Iterator[str]) -> str:
    if len(field.path) == 1:
        return f"?device {to_sparql(field.predicate)} {value} . "
    node = next(names)
    link = f"?device {to_sparql(field.path[0])} {node} . "
    leaf = f"{node} {to_sparql(field.predicate)} {value} . "
    return link + leaf if value.startswith("?") else leaf + link


def _sort(key: SortKey, names: Iterator[str]) -> tuple[str, str]:
    name = next(names)
    pattern = _path(key.field, name, names)
    if isinstance(key.field.codec, CodeCodec):
        wire = next(names)
        pairs = (f"({to_sparql(iri)} {to_sparql(Literal(code))})" for code, iri in key.field.codec.codes.items())
        pattern += f"VALUES ({name} {wire}) {{ {' '.join(pairs)} }} "
        name = wire
    return f"OPTIONAL {{ {pattern}}} ", f"{'DESC' if key.descending else 'ASC'}({name})"


def _fields(criteria: Criteria) -> Iterable[Field]:
    match criteria:
        case Comparison(field):
            return [] if field is None else [field]
        case Not(part):
            return _fields(part)
        case All(parts) | AnyOf(parts):
            return [field for part in parts for field in _fields(part)]
