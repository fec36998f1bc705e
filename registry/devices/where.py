"""Reads the `where` and `sort` parameters in MongoDB's JSON form into criteria.

Source: the query operators of MongoDB as far as Eve's clients use them. A name that the caller sees no field by is
taken as one that no device has, so that a hidden field can't be told from one that doesn't exist.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from registry.devices.criteria import All, AnyOf, Comparison, Criteria, Not, Operator, SortKey
from registry.errors import BadRequest
from registry.profile import Field
from registry.strict_json import read_json

Leaf = TypeVar("Leaf", Comparison, All, AnyOf)

_MOST_CONDITIONS = 200
_DEEPEST = 10
_ORDERS = {
    "$gt": Operator.GREATER,
    "$gte": Operator.GREATER_OR_EQUAL,
    "$lt": Operator.LESS,
    "$lte": Operator.LESS_OR_EQUAL,
}
_OPERATORS = ("$eq", "$ne", *_ORDERS, "$in", "$nin", "$exists", "$not")
_CONNECTIVES: Mapping[str, Callable[[tuple[Criteria, ...]], Criteria]] = {
    "$and": All,
    "$or": AnyOf,
    "$nor": lambda parts: Not(AnyOf(parts)),
}


def read_where(text: str, fields: Mapping[str, Field]) -> Criteria:
    """Read a `where` parameter.

    Args:
        text: the parameter, a JSON object.
        fields: the fields that the caller sees, by name.

    Raises:
        BadRequest: it is no JSON object, or holds something unknown; the message says where.
    """
    return _Reader(fields).read(read_json(text.encode(), "where"), "where", 0)


def read_sort(text: str, fields: Mapping[str, Field]) -> tuple[SortKey, ...]:
    """Read a `sort` parameter: `-f,g`, `[("f",-1)]`, `[["f",-1]]` or `{"f":1}`. Unknown names have no effect.

    Raises:
        BadRequest: it is none of these forms.
    """
    keys = _sort_pairs(text) if text.lstrip()[:1] in ("[", "{", "(") else _sort_names(text)
    first: dict[str, bool] = {}
    for name, descending in keys:
        first.setdefault(name, descending)  # a second key on the same field decides nothing
    return tuple(
        SortKey(fields[name], descending)
        for name, descending in first.items()
        if name in fields and not fields[name].multiple
    )


def _sort_names(text: str) -> list[tuple[str, bool]]:
    names = [name.strip() for name in text.split(",")]
    return [(name.lstrip("-+"), name.startswith("-")) for name in names if name]


def _sort_pairs(text: str) -> list[tuple[str, bool]]:
    try:
        value = ast.literal_eval(text)
        pairs = value.items() if isinstance(value, dict) else [value] if isinstance(value, tuple) else value
        keys = [(name, int(direction)) for name, direction in pairs]
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError) as error:
        raise BadRequest(f'sort: {text!r} is none of -field,other or [("field", -1)] or {{"field": 1}}') from error
    if any(not isinstance(name, str) or direction not in (1, -1) for name, direction in keys):
        raise BadRequest("sort: each pair is a field's name and 1 (ascending) or -1 (descending)")
    return [(name, direction < 0) for name, direction in keys]


class _Reader:
    """Walks one condition, counting so that its size stays bounded."""

    def __init__(self, fields: Mapping[str, Field]) -> None:
        self._fields = fields
        self._left = _MOST_CONDITIONS

    def read(self, condition: Any, place: str, depth: int) -> Criteria:
        if not isinstance(condition, dict):
            raise BadRequest(f'{place} must be a JSON object such as {{"availability": "yes"}}')
        if depth > _DEEPEST:
            raise BadRequest(f"{place}: conditions are nested more than {_DEEPEST} levels deep")
        members = (self._member(name, value, f"{place}.{name}", depth) for name, value in condition.items())
        return self._count(All(tuple(members)))

    def _member(self, name: str, value: Any, place: str, depth: int) -> Criteria:
        if name in _CONNECTIVES:
            if not isinstance(value, list) or not value:
                raise BadRequest(f"{place} must be a list of at least one condition")
            parts = (self.read(part, f"{place}[{index}]", depth + 1) for index, part in enumerate(value))
            return _CONNECTIVES[name](tuple(parts))
        if name.startswith("$"):
            raise BadRequest(
                f"{place}: unknown operator {name}; here {', '.join(_CONNECTIVES)} or a field are possible"
            )
        if isinstance(value, dict) and any(key.startswith("$") for key in value):
            return All(tuple(self._operator(name, key, each, place, depth) for key, each in value.items()))
        return self._equal(name, value)

    def _operator(self, name: str, key: str, value: Any, place: str, depth: int) -> Criteria:
        field = self._fields.get(name)
        match key:
            case "$eq":
                return self._equal(name, value)
            case "$ne":
                return Not(self._equal(name, value))
            case "$in" | "$nin":
                parts = tuple(self._equal(name, each) for each in self._list(value, f"{place}.{key}"))
                found = self._count(AnyOf(parts))
                return found if key == "$in" else Not(found)
            case "$exists":
                return self._exists(name) if value else Not(self._exists(name))
            case "$not":
                if depth >= _DEEPEST or not isinstance(value, dict):
                    raise BadRequest(f"{place}.$not must be an object of operators, not nested deeper than {_DEEPEST}")
                return Not(All(tuple(self._operator(name, k, v, f"{place}.$not", depth + 1) for k, v in value.items())))
        if key in _ORDERS:
            return self._count(Comparison(field, _ORDERS[key], value))
        raise BadRequest(f"{place}: unknown operator {key}; possible are {', '.join(_OPERATORS)}")

    def _equal(self, name: str, value: Any) -> Criteria:
        if value is None:
            return Not(self._exists(name))
        inner = self._inner(name)
        if inner and isinstance(value, dict) and value and all(f"{name}.{key}" in self._fields for key in value):
            return All(tuple(self._equal_member(field, key[len(name) + 1 :], value) for key, field in inner.items()))
        return self._count(Comparison(self._fields.get(name), Operator.EQUAL, value))

    def _exists(self, name: str) -> Criteria:
        fields: Sequence[Field | None] = [*self._inner(name).values()] or [self._fields.get(name)]
        parts = tuple(self._count(Comparison(field, Operator.EXISTS)) for field in fields)
        return parts[0] if len(parts) == 1 else AnyOf(parts)

    def _inner(self, name: str) -> Mapping[str, Field]:
        return {key: field for key, field in self._fields.items() if key.startswith(f"{name}.")}

    def _equal_member(self, field: Field, key: str, value: Mapping[str, Any]) -> Criteria:
        if key in value:
            return self._count(Comparison(field, Operator.EQUAL, value[key]))
        return Not(self._count(Comparison(field, Operator.EXISTS)))

    def _list(self, value: Any, place: str) -> Sequence[Any]:
        if not isinstance(value, list):
            raise BadRequest(f"{place} must be a list")
        return value

    def _count(self, criteria: Leaf) -> Leaf:
        """Count what has no parts: all else is bounded by its parts."""
        if not getattr(criteria, "parts", ()):
            self._left -= 1
        if self._left < 0:
            raise BadRequest(f"where: more than {_MOST_CONDITIONS} conditions")
        return criteria
