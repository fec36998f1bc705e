"""MongoDB's JSON form of conditions.

Source: the query operators of MongoDB as far as clients of Eve use them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple

from registry.devices.criteria import All, AnyOf, Criteria, Not, Operator
from registry.devices.where.bson_types import read_types
from registry.devices.where.conditions import DEEPEST, Conditions
from registry.devices.where.pattern_size import LARGEST
from registry.devices.where.patterns import read_pattern
from registry.devices.where.places import SPATIAL, read_shape
from registry.errors import BadRequest
from registry.geo.shapes import Disc

_ORDERS = {
    "$gt": Operator.GREATER,
    "$gte": Operator.GREATER_OR_EQUAL,
    "$lt": Operator.LESS,
    "$lte": Operator.LESS_OR_EQUAL,
}
_CONNECTIVES: Mapping[str, Callable[[tuple[Criteria, ...]], Criteria]] = {
    "$and": All,
    "$or": AnyOf,
    "$nor": lambda parts: Not(AnyOf(parts)),
}
_OPTIONS = {"$options": ("$regex",), "$maxDistance": ("$near", "$nearSphere"), "$minDistance": ("$near", "$nearSphere")}
"""What qualifies another operator beside it."""


class _Site(NamedTuple):
    """Where operators stand: the place for messages, how deep, and whether $near may order the listing from there."""

    place: str
    depth: int
    ranking: bool


class JsonForm:
    """Reads conditions.

    Args:
        conditions: makes the criteria.
    """

    def __init__(self, conditions: Conditions) -> None:
        self._conditions = conditions
        self._ranked = False
        self._room = LARGEST
        self._readers: Mapping[str, Callable[[str, Any, str], Criteria]] = {
            "$eq": lambda name, value, _: conditions.equal(name, value),
            "$ne": lambda name, value, _: Not(conditions.equal(name, value)),
            "$in": lambda name, value, place: conditions.any_of(name, _list(value, place)),
            "$nin": lambda name, value, place: Not(conditions.any_of(name, _list(value, place))),
            "$all": lambda name, value, place: conditions.all_of(name, _list(value, place)),
            "$exists": lambda name, value, _: conditions.exists(name) if value else Not(conditions.exists(name)),
            "$size": lambda name, value, place: conditions.compare(name, Operator.SIZE, _size(value, place)),
            "$mod": lambda name, value, place: conditions.compare(name, Operator.MODULO, _modulo(value, place)),
            "$type": lambda name, value, place: conditions.of_type(name, read_types(value, place)),
        }

    def read(self, condition: Any, place: str, depth: int, *, ranking: bool = True) -> Criteria:
        """Read one object of conditions, all of which hold.

        Args:
            condition: the object.
            place: where it stands, for messages.
            depth: in how many others it is nested.
            ranking: whether $near may stand here, which decides on the order of the whole.

        Raises:
            BadRequest: it is none, or holds something unknown.
        """
        if not isinstance(condition, dict):
            raise BadRequest(f'{place} must be a JSON object such as {{"aggregator_id": "coop.example"}}')
        if depth > DEEPEST:
            raise BadRequest(f"{place}: conditions are nested more than {DEEPEST} levels deep")
        parts = (self._member(name, value, f"{place}.{name}", depth, ranking) for name, value in condition.items())
        return self._conditions.count(All(tuple(parts)))

    def _member(self, name: str, value: Any, place: str, depth: int, ranking: bool) -> Criteria:
        if name in _CONNECTIVES:
            if not isinstance(value, list) or not value:
                raise BadRequest(f"{place} must be a list of at least one condition")
            may = ranking and name == "$and"
            parts = (self.read(part, f"{place}[{n}]", depth + 1, ranking=may) for n, part in enumerate(value))
            return _CONNECTIVES[name](tuple(parts))
        if name.startswith("$"):
            raise _unknown(name, place, (*_CONNECTIVES,), " or a field")
        if isinstance(value, dict) and any(key.startswith("$") for key in value):
            return self._operators(name, value, _Site(place, depth, ranking))
        return self._conditions.equal(name, value)

    def _operators(self, name: str, tests: Mapping[str, Any], site: _Site) -> Criteria:
        for key, owners in _OPTIONS.items():
            if key in tests and not any(owner in tests for owner in owners):
                raise BadRequest(f"{site.place}.{key} can only stand beside {' or '.join(owners)}")
        return All(tuple(self._test(name, key, tests, site) for key in tests if key not in _OPTIONS))

    def _test(self, name: str, key: str, tests: Mapping[str, Any], site: _Site) -> Criteria:
        value, conditions, place = tests[key], self._conditions, site.place
        if key in _ORDERS:
            return conditions.order(name, _ORDERS[key], value)
        if key in self._readers:
            return self._readers[key](name, value, f"{place}.{key}")
        if key == "$regex":
            pattern, size = read_pattern(value, tests.get("$options", ""), place, self._room)
            self._room -= size
            return conditions.compare(name, Operator.MATCHES, pattern)
        if key == "$not":
            if site.depth >= DEEPEST or not isinstance(value, dict) or not value:
                raise BadRequest(f"{place}.$not must be an object of operators, not nested deeper than {DEEPEST}")
            return Not(self._operators(name, value, _Site(f"{place}.$not", site.depth + 1, ranking=False)))
        if key in SPATIAL:
            shape = read_shape(key, tests, place)
            ranks = isinstance(shape, Disc) and key.startswith("$near")
            if ranks:
                self._rank(f"{place}.{key}", site.ranking)
            return conditions.within(name, shape, ranks=ranks)
        raise _unknown(key, place, (*_ORDERS, *self._readers, "$regex", "$options", "$not", *SPATIAL), "")

    def _rank(self, place: str, ranking: bool) -> None:
        if not ranking or self._ranked:
            raise BadRequest(
                f"{place} orders the whole listing, so it can stand once, at the top or in $and; "
                "elsewhere $geoWithin with $centerSphere says the same without an order"
            )
        self._ranked = True


def _unknown(name: str, place: str, possible: tuple[str, ...], more: str) -> BadRequest:
    place = f"{place[: -len(name)]}{name[:60]}" if place.endswith(name) else place
    near = get_close_matches(name, possible, 1) if name.startswith("$") else []
    meant = f"; did you mean {near[0]}?" if near else ";"
    return BadRequest(f"{place}: unknown operator {name[:60]}{meant} Possible are {', '.join(sorted(possible))}{more}")


def _list(value: Any, place: str) -> list[Any]:
    if not isinstance(value, list):
        raise BadRequest(f"{place} must be a list")
    return value


def _size(value: Any, place: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0 or value != int(value):
        raise BadRequest(f"{place} must be a whole number from 0")
    return int(value)


def _modulo(value: Any, place: str) -> tuple[int, int]:
    match value:
        case [int() | float() as divisor, int() | float() as remainder] if int(divisor) and True not in map(
            _is_bool, value
        ):
            if max(abs(divisor), abs(remainder)) <= 2**53:
                return int(divisor), int(remainder)
    raise BadRequest(f"{place} must be a list of two numbers, a divisor other than 0 and the remainder")


def _is_bool(value: Any) -> bool:
    return isinstance(value, bool)
