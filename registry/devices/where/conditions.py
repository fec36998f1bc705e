"""What conditions on one name mean, whichever form they were written in; their number is bounded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar

from registry.devices.criteria import NEVER, All, AnyOf, Comparison, Criteria, Not, Operator, Within
from registry.devices.where.moments import in_registry_form
from registry.errors import BadRequest
from registry.geo.shapes import Shape
from registry.profile import Field

Leaf = TypeVar("Leaf", Comparison, Within, All, AnyOf)

MOST_CONDITIONS: Final = 200
DEEPEST: Final = 10
"""How many conditions there may be, and how deep they may be nested."""

_OR_EQUAL = (Operator.LESS_OR_EQUAL, Operator.GREATER_OR_EQUAL)


class Conditions:
    """Makes criteria of names and values as one caller sees them, counting.

    Args:
        fields: the fields that the caller sees, by name.
    """

    def __init__(self, fields: Mapping[str, Field]) -> None:
        self._fields = fields
        self._left = MOST_CONDITIONS

    def field(self, name: str) -> Field | None:
        """Return the field of a name; None where the caller sees none."""
        return self._fields.get(name)

    def equal(self, name: str, value: Any) -> Criteria:
        """The value equals, or one of the values does; null where there is no value."""
        if value is None:
            return Not(self.exists(name))
        field = self._fields.get(name)
        if field is not None and field.multiple and isinstance(value, list):
            return self._same_values(name, value)
        inner = self._inner(name)
        if inner and isinstance(value, dict) and value and all(f"{name}.{key}" in self._fields for key in value):
            return All(tuple(self._equal_member(item, key[len(name) + 1 :], value) for key, item in inner.items()))
        return self.compare(name, Operator.EQUAL, value)

    def order(self, name: str, operator: Operator, value: Any) -> Criteria:
        """The value is less or greater. Null is neither, but equals itself."""
        if value is None:
            return Not(self.exists(name)) if operator in _OR_EQUAL else self.count(AnyOf(()))
        return self.compare(name, operator, value)

    def any_of(self, name: str, values: Sequence[Any]) -> Criteria:
        """One of the values is equal."""
        return self.count(AnyOf(tuple(self.equal(name, each) for each in values)))

    def all_of(self, name: str, values: Sequence[Any]) -> Criteria:
        """Each of the values is among the device's; with none to look for, never."""
        parts = tuple(self.equal(name, each) for each in values)
        return All(parts) if parts else self.count(AnyOf(()))

    def compare(self, name: str, operator: Operator, value: Any) -> Criteria:
        """One comparison as it stands."""
        field = self._fields.get(name)
        return self.count(Comparison(field, operator, in_registry_form(field, value)))

    def within(self, name: str, shape: Shape, *, ranks: bool = False) -> Criteria:
        """The point of that name lies in a shape."""
        field = self._fields.get(name)
        points = field if field is not None and field.codec.kind == "point" else None
        return self.count(Within(points, shape, ranks))

    def exists(self, name: str) -> Criteria:
        """There is a value; in a nested object, any."""
        fields: Sequence[Field | None] = [*self._inner(name).values()] or [self._fields.get(name)]
        parts = tuple(self.count(Comparison(field, Operator.EXISTS)) for field in fields)
        return parts[0] if len(parts) == 1 else AnyOf(parts)

    def of_type(self, name: str, types: frozenset[str]) -> Criteria:
        """There is a value whose BSON type is one of `types`."""
        if self._inner(name):
            return self.exists(name) if "object" in types else self.count(AnyOf(()))
        field = self._fields.get(name)
        own = _TYPES.get(field.codec.kind, _TEXT) if field else frozenset()
        listed = field is not None and field.multiple and "array" in types
        return self.exists(name) if own & types or listed else self.count(AnyOf(()))

    def count(self, criteria: Leaf) -> Leaf:
        """Count what has no parts: all else is bounded by its parts.

        Raises:
            BadRequest: it is one too many.
        """
        if not getattr(criteria, "parts", ()):
            self._left -= 1
        if self._left < 0:
            raise BadRequest(f"where: more than {MOST_CONDITIONS} conditions")
        return criteria

    def _same_values(self, name: str, values: Sequence[Any]) -> Criteria:
        """Compare lists as the sets that they are kept as."""
        different = list({repr(value): value for value in values}.values())
        if not different or None in different:
            return NEVER
        size = self.compare(name, Operator.SIZE, len(different))
        return All((*(self.compare(name, Operator.EQUAL, each) for each in different), size))

    def _inner(self, name: str) -> Mapping[str, Field]:
        return {key: field for key, field in self._fields.items() if key.startswith(f"{name}.")}

    def _equal_member(self, field: Field, key: str, value: Mapping[str, Any]) -> Criteria:
        if value.get(key) is not None:
            return self.count(Comparison(field, Operator.EQUAL, in_registry_form(field, value[key])))
        return Not(self.count(Comparison(field, Operator.EXISTS)))


_TEXT = frozenset({"string"})
_TYPES: Mapping[str, frozenset[str]] = {
    "float": frozenset({"double", "number"}),
    "integer": frozenset({"int", "long", "number"}),
    "boolean": frozenset({"bool"}),
    "datetime": frozenset({"date"}),
    "point": frozenset({"object"}),
    "calendar": frozenset({"array", "object"}),
}
"""Kind of value -> its names among BSON's types; everything else is a string."""
