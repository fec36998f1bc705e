"""The JSON Schema of one field, from its codec and the constraints of its property shape.

What JSON Schema has no word for is left out, so a value that fits may still break a shape: the pattern of an IRI that
is minted from a value, a pattern with flags, bounds of times. The message of the shape says it in words.

Source: JSON Schema 2020-12, the dialect of OpenAPI 3.1; SHACL, section 4.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeAlias

from rdflib import RDFS, SKOS
from rdflib.term import URIRef

from registry.access_matrix import ROLES
from registry.devices.stamping import stamping_objects
from registry.openapi.samples import constraint, fits, sample
from registry.profile import Field, Profile
from registry.profile.codecs import CodeCodec, IntegerCodec, IriCodec, NumberCodec
from sparql.terms import Iri

Schema: TypeAlias = dict[str, Any]

GEO_JSON_POINT = "GeoJsonPoint"
"""The component that a field of places refers to."""
WINDOWS = "AvailabilityWindows"
"""The component that a field of availability windows refers to."""
_KINDS: Mapping[str, Schema] = {
    "float": {"type": "number", "format": "double"},
    "integer": {"type": "integer"},
    "boolean": {"type": "boolean"},
    "datetime": {"type": "string", "format": "date-time"},
    "date": {"type": "string", "format": "date"},
    "uuid": {"type": "string", "format": "uuid"},
    "point": {"$ref": f"#/components/schemas/{GEO_JSON_POINT}"},
    "calendar": {"$ref": f"#/components/schemas/{WINDOWS}"},
}
"""Kind of codec -> what its values look like; a kind that is not here is a string."""
_BOUNDS = {
    "minInclusive": "minimum",
    "maxInclusive": "maximum",
    "minExclusive": "exclusiveMinimum",
    "maxExclusive": "exclusiveMaximum",
}
_LENGTHS = ("minLength", "maxLength")
_TEXTS = ("string", "uuid")


def field_schema(profile: Profile, field: Field) -> Schema:
    """Return the schema of a field's value as the registry writes it, with all that people need to know of it."""
    value = _list(profile, field) if field.multiple else _value(profile, field)
    schema: Schema = {"title": field.label or field.name, "description": _description(profile, field), **value}
    if field.unit is not None:
        schema["x-unit"] = str(field.unit)
    if field.default is not None:
        schema["default"] = field.default
    elif "enum" not in value and "$ref" not in value and fits(sample(profile, field), value):
        schema["examples"] = [sample(profile, field)]
    if not field.writable_by:
        schema["readOnly"] = True
    return schema | {
        "x-visible-to": [role for role in ROLES if role in field.visible_to],
        "x-writable-by": [role for role in ROLES if role in field.writable_by],
    }


def nullable(schema: Schema) -> Schema:
    """Return `schema` with null as a further value, which removes a member in a merge patch (RFC 7396)."""
    if "$ref" in schema:
        rest = {name: value for name, value in schema.items() if name != "$ref"}
        return {**rest, "anyOf": [{"$ref": schema["$ref"]}, {"type": "null"}]}
    wider = {**schema, "type": [schema["type"], "null"]}
    if "enum" in schema:
        wider["enum"] = [*schema["enum"], None]
    return wider


def label_of(profile: Profile, term: Iri) -> str:
    """Return the English label of a term of the ontology and its definition, as far as there are any."""
    parts = (_english(profile, term, predicate) for predicate in (RDFS.label, SKOS.definition))
    return ". ".join(part for part in parts if part)


def _list(profile: Profile, field: Field) -> Schema:
    least = constraint(profile, field, "minCount")
    size = {"minItems": int(least)} if least else {}
    return {"type": "array", "uniqueItems": True, **size, "items": _value(profile, field)}


def _value(profile: Profile, field: Field) -> Schema:
    codec = field.codec
    if isinstance(codec, CodeCodec):
        return {"type": "string", "enum": list(codec.codes)}
    schema = dict(_KINDS.get(codec.kind, {"type": "string"}))
    if isinstance(codec, NumberCodec | IntegerCodec):
        for name, keyword in _BOUNDS.items():
            bound = constraint(profile, field, name)
            if bound is not None:
                schema[keyword] = _number(bound)
    if codec.kind in _TEXTS:
        schema |= _text_rules(profile, field)
    return schema


def _text_rules(profile: Profile, field: Field) -> Schema:
    rules: Schema = {}
    prefix = ""
    if isinstance(field.codec, IriCodec):
        if field.codec.kind != "uuid":  # the pattern is one of the percent-encoded IRI
            return rules
        prefix = field.codec.template.partition("{value}")[0]
    else:
        lengths = {name: constraint(profile, field, name) for name in _LENGTHS}
        rules = {name: int(length) for name, length in lengths.items() if length is not None}
    pattern = constraint(profile, field, "pattern")
    if pattern is not None and constraint(profile, field, "flags") is None:
        text = str(pattern)
        for spelt in (prefix, re.escape(prefix)):
            text = text.replace(f"^{spelt}", "^", 1)
        if _is_portable(text):
            rules["pattern"] = text
    return rules


def _is_portable(pattern: str) -> bool:
    """Tell whether a pattern of XPath means the same in JSON Schema, as far as Python can tell."""
    if re.search(r"\\[icICpP]|\[[^\]]*-\[", pattern):  # XML's classes, and subtraction of classes
        return False
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True


def _number(bound: Any) -> int | float:
    value = float(bound)
    return int(value) if value.is_integer() else value


def _description(profile: Profile, field: Field) -> str:
    parts = [field.description, field.message]
    if field.unit is not None:
        parts.append(f"Unit: <{field.unit}>.")
    if isinstance(field.codec, CodeCodec):
        parts.append(_codes(profile, field.codec))
    stamping = ", ".join(f"`{name}`" for name in stamping_objects(profile, field))
    if stamping:
        parts.append(f"Set to the time of a change that carries {stamping}, unless the change says otherwise.")
    seen = ", ".join(role for role in ROLES if role in field.visible_to)
    changed = ", ".join(role for role in ROLES if role in field.writable_by) or "the registry itself"
    parts.append(f"Seen by {seen}. Changed by {changed}.")
    return "\n\n".join(part for part in parts if part)


def _codes(profile: Profile, codec: CodeCodec) -> str:
    lines = []
    for code, iri in codec.codes.items():
        others = [f"`{alias}`" for alias, meant in sorted(codec.aliases.items()) if meant == iri]
        read = f" Also understood: {', '.join(others)}." if others else ""
        lines.append(f"- `{code or ' '}`{'' if code else ' (empty)'}: {label_of(profile, iri)}{read}")
    return "\n".join(lines)


def _english(profile: Profile, term: Iri, predicate: URIRef) -> str:
    found = {getattr(text, "language", None): str(text) for text in profile.ontology.objects(URIRef(term), predicate)}
    return found.get("en") or next(iter(found.values()), "")
