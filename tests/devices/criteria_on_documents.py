"""Criteria judged on JSON documents in plain Python: the yardstick for what the store finds."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from places_on_documents import lies_in

from registry.devices.criteria import All, AnyOf, Comparison, Criteria, Not, Operator, Pattern, SortKey, Within
from registry.devices.documents import ABSENT, value_at
from registry.profile import Field
from registry.profile.codecs import IriCodec
from sparql.terms import STRING

_KINDS: dict[str, Any] = {"float": int | float, "boolean": bool, "point": dict}
_COMPARE: dict[Operator, Callable[[Any, Any], Any]] = {
    Operator.EQUAL: operator.eq,
    Operator.LESS: operator.lt,
    Operator.LESS_OR_EQUAL: operator.le,
    Operator.GREATER: operator.gt,
    Operator.GREATER_OR_EQUAL: operator.ge,
}


def holds(criteria: Criteria, document: Mapping[str, Any]) -> bool:  # noqa: PLR0911
    """Tell whether a document meets the criteria."""
    match criteria:
        case All(parts):
            return all(holds(part, document) for part in parts)
        case AnyOf(parts):
            return any(holds(part, document) for part in parts)
        case Not(part):
            return not holds(part, document)
        case Comparison(field=None) | Within(field=None):
            return False
        case Within(field=Field() as field, shape=shape):
            place = value_at(document, field.names)
            return place is not ABSENT and lies_in(place["coordinates"], shape)
        case Comparison(field=Field() as field, operator=by, value=wanted):
            found = value_at(document, field.names)
            values = [] if found is ABSENT else found if field.multiple else [found]
            if by is Operator.SIZE:
                return field.multiple and found is not ABSENT and len(values) == wanted
            return any(_compare(field, each, by, wanted) for each in values)
    raise AssertionError(criteria)


def in_order(documents: Sequence[dict[str, Any]], keys: Sequence[SortKey]) -> list[dict[str, Any]]:
    """Sort documents, which come in the order of creation; those without a value come first."""
    ordered = list(documents)
    for key in reversed(keys):
        ordered.sort(key=lambda document, key=key: _rank(key.field, document), reverse=key.descending)  # type: ignore[misc]
    return ordered


def _rank(field: Field, document: Mapping[str, Any]) -> tuple[bool, Any]:
    value = value_at(document, field.names)
    return (False, 0) if value is ABSENT else (True, _comparable(field, value))


def _compare(field: Field, found: Any, by: Operator, wanted: Any) -> bool:
    if by is Operator.EXISTS:
        return True
    if by is Operator.MATCHES:
        return field.codec.kind in ("string", "uuid") and _matches(found, wanted)
    if by is Operator.MODULO:
        numeric = field.codec.kind in ("float", "integer")
        return numeric and math.fmod(math.trunc(found), wanted[0]) == wanted[1]
    one, other = _comparable(field, found), _comparable(field, wanted)
    if other is None or (isinstance(other, dict) and by is not Operator.EQUAL):
        return False
    return bool(_COMPARE[by](one, other))


def _matches(text: str, pattern: Pattern) -> bool:
    flags = re.RegexFlag.NOFLAG
    for letter in pattern.flags:
        flags |= re.RegexFlag[letter.upper()]
    return re.search(pattern.text, text, flags) is not None


def _comparable(field: Field, value: Any) -> Any:
    """Return a value of the field's kind, None for one of another kind."""
    if isinstance(value, bool) != (field.codec.kind == "boolean"):
        return None
    if not isinstance(value, _KINDS.get(field.codec.kind, str)):
        return None
    if isinstance(field.codec, IriCodec):
        return str(field.codec.encode(value))
    if field.codec.kind in ("date", "datetime"):
        term = field.codec.encode(value)
        return None if getattr(term, "datatype", STRING) == STRING else field.codec.decode(term)
    return value
