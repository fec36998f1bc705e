"""BSON's types by name and number, for $type."""

from __future__ import annotations

from typing import Any

from registry.errors import BadRequest

_NUMBERS = {
    1: "double", 2: "string", 3: "object", 4: "array", 5: "binData", 6: "undefined", 7: "objectId", 8: "bool",
    9: "date", 10: "null", 11: "regex", 12: "dbPointer", 13: "javascript", 14: "symbol", 15: "javascriptWithScope",
    16: "int", 17: "timestamp", 18: "long", 19: "decimal", -1: "minKey", 127: "maxKey",
}  # fmt: skip
_NAMES = frozenset({*_NUMBERS.values(), "number"})


def read_types(value: Any, place: str) -> frozenset[str]:
    """Return the names of one type or a list of them.

    Raises:
        BadRequest: one of them is no type.
    """
    return frozenset(_name(each, place) for each in (value if isinstance(value, list) else [value]))


def _name(value: Any, place: str) -> str:
    if isinstance(value, str) and value in _NAMES:
        return value
    if isinstance(value, int | float) and not isinstance(value, bool) and value in _NUMBERS:
        return _NUMBERS[int(value)]
    raise BadRequest(f'{place} must be a BSON type by name or number, such as "double", "string" or 2, or a list')
