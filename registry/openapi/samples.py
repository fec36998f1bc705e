"""A sample value for each field, and the constraints of its shape that a value has to meet."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from rdflib.term import URIRef

from registry.profile import Field, Profile
from registry.profile.codecs import CodeCodec
from registry.vocabulary import SH

SAMPLE_UUID = "0b7c1f5e-3a51-4c8e-9d0f-2f6a1c9e4b7d"
SAMPLE_PLACE = [2.17, 41.39]
"""Longitude and latitude, in degrees."""
SAMPLE_WINDOWS: list[dict[str, Any]] = [
    {"begin": "2026-12-01T17:00:00Z", "end": "2026-12-01T19:30:00Z", "available_power": 3.5},
    {"days": ["monday", "friday"], "from": "22:00", "until": "06:00", "time_zone": "Europe/Zagreb"},
]
"""One window of each kind."""
NUMBERS = ("float", "integer")
"""The kinds of codecs whose values are numbers."""
_SAMPLES: Mapping[str, Any] = {
    "uuid": SAMPLE_UUID,
    "boolean": True,
    "datetime": "2026-01-31T12:00:00.000000Z",
    "date": "2026-01-31",
    "point": {"type": "Point", "coordinates": SAMPLE_PLACE},
    "calendar": SAMPLE_WINDOWS,
    "string": "example",
}
_USUAL_NUMBER = 2


def constraint(profile: Profile, field: Field, name: str) -> Any:
    """Return the value of a SHACL constraint of the field's property shape in Python's form; None without one."""
    found = profile.shapes.value(URIRef(field.shape), URIRef(SH.term(name)))
    return None if found is None else getattr(found, "value", None)


def sample(profile: Profile, field: Field) -> Any:
    """Return a value of a field, one that its shape allows if the shape has no pattern of its own."""
    if field.default is not None:
        return field.default
    if field is profile.identity:
        value: Any = SAMPLE_UUID
    elif isinstance(field.codec, CodeCodec):
        value = next(iter(field.codec.codes))
    elif field.codec.kind in NUMBERS:
        value = _number(profile, field)
    else:
        value = _SAMPLES[field.codec.kind]
    return [value] if field.multiple else value


def fits(value: Any, schema: Mapping[str, Any]) -> bool:
    """Tell whether a sample meets the pattern and lengths of a text's schema."""
    if not isinstance(value, str):
        return True
    long_enough = schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value))
    return long_enough and re.search(schema.get("pattern", ""), value) is not None


def _number(profile: Profile, field: Field) -> float:
    least, most = (constraint(profile, field, name) for name in ("minInclusive", "maxInclusive"))
    value = max(_USUAL_NUMBER, least) if least is not None else _USUAL_NUMBER
    return float(min(value, most) if most is not None else value)
