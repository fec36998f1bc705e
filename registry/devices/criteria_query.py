"""Writes criteria as SPARQL. The only module that turns them into query text.

Every value enters as a term through the one serialiser. A condition that must hold is a pattern that narrows;
one under "or" and "not" is an EXISTS, and so are those past the first few, as the time to plan a query grows
steeply with its patterns.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from registry.devices.criteria import All, AnyOf, Comparison, Criteria, Not, Operator, Pattern, Within
from registry.geo.cells import Cell
from registry.geo.cover import cover
from registry.geo.shapes import Circle, Disc, Shape
from registry.profile import Field, Profile
from registry.profile.codecs import CodeCodec, IriCodec
from registry.profile.points import cell_iri
from registry.vocabulary import CELL, WGS84, WKT_LITERAL
from sparql.terms import BOOLEAN, DATE_TIME, DOUBLE, XSD, Iri, Literal, Namespace, Term, double, to_sparql

GEOF = Namespace("http://www.opengis.net/def/function/geosparql/")
METRE = Iri("http://www.opengis.net/def/uom/OGC/1.0/metre")

_NEVER = "false"
_MOST_PATTERNS = 8
_LATITUDE, _LONGITUDE = WGS84.term("lat"), WGS84.term("long")


@dataclass(slots=True)
class Body:
    """A group graph pattern that binds ?device, and what the order by distance needs of it.

    Attributes:
        text: patterns and filters.
        distance: the expression of the distance that ranks; empty when nothing does.
        narrowed: whether a condition narrows the devices; else the text begins with the anchor.
        names: yields variables that are not used yet.
    """

    text: str = ""
    distance: str = ""
    narrowed: bool = True
    names: Iterator[str] = field(default_factory=lambda: (f"?v{number}" for number in count()))


def body(profile: Profile, criteria: Criteria, *, ranked: bool = False, anchor: str = "") -> Body:
    """Return the pattern of the devices that meet `criteria`.

    Args:
        profile: the profile in force.
        criteria: which devices.
        ranked: whether the distance that ranks, if any does, is to be bound to a variable.
        anchor: a pattern that every device meets, for criteria that narrow nothing; by default that of its identity.
    """
    found = Body()
    places: list[Within] = []
    narrowing: list[Comparison] = []
    others: list[Criteria] = []
    for part in _conjuncts(criteria):
        match part:
            case Within(field=Field()):
                places.append(part)
            case Comparison(field=Field(multiple=False), operator=operator) if operator is not Operator.SIZE:
                narrowing.append(part)
            case _:
                others.append(part)
    places.sort(key=lambda place: not place.ranks)
    narrowing.sort(key=lambda comparison: comparison.operator is not Operator.EQUAL)
    patterns = [_place_pattern(place, found, ranked=ranked) for place in places[:1]]
    patterns += [_pattern(comparison, found.names) for comparison in narrowing[:_MOST_PATTERNS]]
    found.narrowed = bool(patterns)
    patterns += [] if patterns else [anchor or f"?device {to_sparql(profile.identity.predicate)} ?id . "]
    rest = [*places[1:], *narrowing[_MOST_PATTERNS:], *others]
    found.text = "".join([*patterns, *(f"FILTER({_expression(part, found.names)}) " for part in rest)])
    return found


def fields_of(criteria: Criteria) -> Iterable[Field]:
    """Yield the fields that the criteria name."""
    match criteria:
        case Comparison(field) | Within(field):
            return [] if field is None else [field]
        case Not(part):
            return fields_of(part)
        case All(parts) | AnyOf(parts):
            return [field for part in parts for field in fields_of(part)]


def path_pattern(field: Field, value: str, names: Iterator[str]) -> str:
    """Return the patterns that lead from ?device to `value`, the most selective one first."""
    if len(field.path) == 1:
        return f"?device {to_sparql(field.predicate)} {value} . "
    node = next(names)
    link = f"?device {to_sparql(field.path[0])} {node} . "
    leaf = f"{node} {to_sparql(field.predicate)} {value} . "
    return link + leaf if value.startswith("?") else leaf + link


def _conjuncts(criteria: Criteria) -> Iterator[Criteria]:
    if isinstance(criteria, All):
        for part in criteria.parts:
            yield from _conjuncts(part)
    else:
        yield criteria


def _expression(criteria: Criteria, names: Iterator[str]) -> str:
    match criteria:
        case Comparison(field=None) | Within(field=None):
            return _NEVER
        case Comparison(field=Field(multiple=True) as field, operator=Operator.SIZE, value=size):
            return _of_size(field, size, names)
        case Comparison(field=Field() as field):
            value, condition = _value(field, criteria, names)
            return _exists(field, value, condition, names)
        case Within(field=Field() as field, shape=shape):
            name = next(names)
            return _exists(field, name, f"FILTER({_inside(shape, name, names)}) ", names)
        case Not(part):
            return f"!({_expression(part, names)})"
        case All(parts) | AnyOf(parts):
            both = isinstance(criteria, All)
            tests = (f"({_expression(part, names)})" for part in parts)
            return (" && " if both else " || ").join(tests) or ("true" if both else _NEVER)
    raise AssertionError(criteria)


def _exists(field: Field, value: str, condition: str, names: Iterator[str]) -> str:
    """Return an EXISTS for each step of the path.

    Inside an EXISTS of two patterns the engine joins these over all devices, for every device anew.
    """
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
    return path_pattern(field, value, names) + condition


def _value(field: Field, comparison: Comparison, names: Iterator[str]) -> tuple[str, str]:
    """Return the object of the field's triple, and the FILTER that it must pass."""
    operator, value = comparison.operator, comparison.value
    if operator is Operator.EQUAL and (term := _term(field, value)) is not None:
        return to_sparql(term), ""
    name = next(names)
    match operator:
        case Operator.EXISTS:
            return name, ""
        case Operator.MATCHES:
            test = _matching(field, value, name)
        case Operator.MODULO:
            test = _modulo(field, value, name)
        case Operator.EQUAL | Operator.SIZE:
            test = _NEVER
        case _:
            test = _ordered(field, operator, value, name)
    return name, f"FILTER({test}) "


def _term(field: Field, value: Any) -> Term | None:
    """Return the term of a value that is of the field's kind; None for any other: kinds are never equal or in order."""
    kind = field.codec.kind
    if kind in ("float", "integer"):
        numeric = not isinstance(value, bool) and isinstance(value, int | float) and abs(value) <= _LARGEST
        whole = kind == "float" or not numeric or float(value).is_integer()
        return None if not numeric else field.codec.encode(value) if whole else double(value)
    term = field.codec.encode(value)
    if isinstance(term, Iri) or kind in ("string", "uuid"):
        return term if isinstance(value, str) else None
    return term if term.datatype == _DATATYPES[kind] else None


_LARGEST = 1.7e308
_DATATYPES = {
    "boolean": BOOLEAN,
    "datetime": DATE_TIME,
    "date": XSD.term("date"),
    "point": WKT_LITERAL,
}


def _ordered(field: Field, operator: Operator, value: Any, name: str) -> str:
    term = _term(field, value)
    if term is None or field.codec.kind == "point":
        return _NEVER
    if isinstance(field.codec, CodeCodec):
        matching = [iri for wire, iri in field.codec.codes.items() if _holds(wire, operator, value)]
        return f"{name} IN ({', '.join(map(to_sparql, matching))})"
    if field.codec.kind == "boolean":  # the engine knows no order of truth values
        truths = [field.codec.encode(each) for each in (False, True) if _holds(each, operator, value)]
        return f"{name} IN ({', '.join(map(to_sparql, truths))})"
    if isinstance(term, Iri):
        return f"STR({name}) {operator} {to_sparql(Literal(term))}"
    return f"{name} {operator} {to_sparql(term)}"


def _holds(left: Any, operator: Operator, right: Any) -> bool:
    match operator:
        case Operator.LESS:
            return bool(left < right)
        case Operator.LESS_OR_EQUAL:
            return bool(left <= right)
        case Operator.GREATER:
            return bool(left > right)
        case _:
            return bool(left >= right)


def _matching(field: Field, pattern: Pattern, name: str) -> str:
    """Return the test of a text; a code's is its wire form, that of an IRI what its template encloses."""
    if field.codec.kind not in ("string", "uuid"):
        return _NEVER
    rest = f"{to_sparql(Literal(pattern.text))}, {to_sparql(Literal(pattern.flags))}"
    if isinstance(field.codec, CodeCodec):
        tests = (
            f"({name} = {to_sparql(iri)} && REGEX({to_sparql(Literal(wire))}, {rest}))"
            for wire, iri in field.codec.codes.items()
        )
        return " || ".join(tests) or _NEVER
    text = f"STR({name})"
    if isinstance(field.codec, IriCodec):
        before, after = field.codec.template.split("{value}")
        text = f"SUBSTR({text}, {len(before) + 1}, STRLEN({text}) - {len(before) + len(after)})"
    return f"REGEX({text}, {rest})"


def _modulo(field: Field, operands: tuple[int, int], name: str) -> str:
    """Return the test of a remainder, as MongoDB takes it: fractions are cut off, and the sign is the dividend's."""
    if field.codec.kind not in ("float", "integer"):
        return _NEVER
    whole = _truncated(f"{to_sparql(DOUBLE)}({name})")
    divisor, remainder = (to_sparql(double(operand)) for operand in operands)
    return f"{whole} - {divisor} * {_truncated(f'({whole} / {divisor})')} = {remainder}"


def _truncated(number: str) -> str:
    return f"IF({number} < 0, CEIL({number}), FLOOR({number}))"


def _of_size(field: Field, size: int, names: Iterator[str]) -> str:
    """Return the test of how many values there are: this many in rising order, and no further one."""
    if size < 1 or size > _MOST_VALUES:
        return _NEVER
    return f"{_at_least(field, size, names)} && !({_at_least(field, size + 1, names)})"


_MOST_VALUES = 20


def _at_least(field: Field, size: int, names: Iterator[str]) -> str:
    opened, before = "", ""
    for _ in range(size):
        name = next(names)
        rising = f"FILTER(STR({name}) > STR({before})) " if before else ""
        opened += f"EXISTS {{ ?device {to_sparql(field.predicate)} {name} {rising}FILTER("
        before = name
    return f"{opened}true" + ") }" * size


def _place_pattern(place: Within, found: Body, *, ranked: bool) -> str:
    """Return the pattern of a place: cells that cover it first, and a look at the point where they don't decide."""
    field, shape = place.field, place.shape
    assert field is not None  # noqa: S101  callers tell names without a field apart
    name = next(found.names)
    where = path_pattern(field, name, found.names)
    cells = cover(shape)
    if ranked and place.ranks and isinstance(shape, Disc):
        found.distance = next(found.names)
        where += f"BIND({_distance(shape, name)} AS {found.distance}) FILTER({_between(shape, found.distance)}) "
        return where if cells is None else _in_cells(cells.inner | cells.border, found.names) + where
    where += f"FILTER({_inside(shape, name, found.names)}) "
    if cells is None:
        return where
    where = f"{_in_cells(cells.border, found.names)}{where}"
    return f"{{ {_in_cells(cells.inner, found.names)}}} UNION {{ {where}}} " if cells.inner else where


def _in_cells(cells: Collection[Cell], names: Iterator[str]) -> str:
    cell = next(names)
    values = " ".join(to_sparql(cell_iri(each)) for each in sorted(cells))
    return f"VALUES {cell} {{ {values} }} ?device {to_sparql(CELL)} {cell} . "


def _inside(shape: Shape, name: str, names: Iterator[str]) -> str:
    match shape:
        case Disc():
            return _between(shape, _distance(shape, name))
        case Circle():
            return _in_circle(shape, names)
    meets = to_sparql(GEOF.term("sfIntersects"))
    return " || ".join(f"{meets}({name}, {to_sparql(Literal(wkt, WKT_LITERAL))})" for wkt in shape.wkts())


def _distance(shape: Disc, name: str) -> str:
    x, y = (double(number).lexical for number in shape.centre)
    centre = to_sparql(Literal(f"POINT({x} {y})", WKT_LITERAL))
    return f"{to_sparql(GEOF.term('distance'))}({name}, {centre}, {to_sparql(METRE)})"


def _between(shape: Disc, distance: str) -> str:
    tests = [f"{distance} >= {to_sparql(double(shape.nearest))}"]
    if shape.farthest < math.inf:
        tests.append(f"{distance} <= {to_sparql(double(shape.farthest))}")
    return " && ".join(tests)


def _in_circle(shape: Circle, names: Iterator[str]) -> str:
    """Return the test of a distance on the plane, where the engine has no function for one in degrees."""
    x, y = next(names), next(names)
    longitude, latitude = (f"{to_sparql(DOUBLE)}({name})" for name in (x, y))
    radius = to_sparql(double(shape.radius))
    tests = []
    for east, north in shape.centres():
        dx, dy = (f"({one} - {to_sparql(double(other))})" for one, other in ((longitude, east), (latitude, north)))
        tests.append(f"{dx} * {dx} + {dy} * {dy} <= {radius} * {radius}")
    inner = f"EXISTS {{ ?device {to_sparql(_LATITUDE)} {y} FILTER({' || '.join(tests)}) }}"
    return f"EXISTS {{ ?device {to_sparql(_LONGITUDE)} {x} FILTER({inner}) }}"
