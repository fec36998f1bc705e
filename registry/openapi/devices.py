"""The schemas of a device: as it is read, created, replaced and patched. All of them come from the profile."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from registry.http.hypermedia import ALWAYS
from registry.openapi.fields import Schema, field_schema, label_of, nullable
from registry.profile import Field, Profile

_ECHO = "What the registry keeps itself (`_etag`, `_links`, ...) may be sent back as it was read and is then ignored."
_MARKS: Mapping[str, Schema] = {
    "_etag": {
        "type": "string",
        "pattern": "^[0-9a-f]{40}$",
        "description": "The version as you see it; send it back in If-Match.",
        "readOnly": True,
    },
    "_id": {
        "type": "string",
        "pattern": "^[0-9a-f]{24}$",
        "description": "The number that clients of the former registry know.",
        "readOnly": True,
    },
}


def device_schemas(profile: Profile) -> dict[str, Schema]:
    """Return the component schemas of devices by their names."""
    return {
        "Device": _read(profile),
        "NewDevice": _created(profile),
        "DeviceReplacement": _replaced(profile),
        "DevicePatch": _patch(profile),
        "WrittenDevice": _written(profile),
    }


def _read(profile: Profile) -> Schema:
    properties = _properties(profile, profile.fields.values(), lambda field: field_schema(profile, field))
    return {
        "type": "object",
        "title": "A device",
        "description": "As you see it: fields that your role may not see, and fields without a value, are absent.",
        "properties": {**properties, **_MARKS, "_links": {"$ref": "#/components/schemas/DeviceLinks"}},
        "required": [*ALWAYS, *_MARKS, "_links"],
        "additionalProperties": False,
    }


def _created(profile: Profile) -> Schema:
    fields = _sent(profile)
    return {
        "type": "object",
        "title": "A device to add",
        "description": _about_dots(profile),
        "properties": _properties(profile, fields, lambda field: field_schema(profile, field)),
        "required": [field.name for field in fields if _demanded(field)],
        "patternProperties": _dotted(profile, lambda field: field_schema(profile, field)),
        "additionalProperties": False,
    }


def _replaced(profile: Profile) -> Schema:
    schema = _created(profile)
    return {
        **schema,
        "title": "A device in the place of another",
        "description": f"{_ECHO} {_about_dots(profile)}".strip(),
        "required": [name for name in schema["required"] if name != profile.identity.name],
        "patternProperties": {**schema["patternProperties"], "^_": {}},
    }


def _patch(profile: Profile) -> Schema:
    def value(field: Field) -> Schema:
        schema = field_schema(profile, field)
        schema.pop("default", None)
        return schema if field.required else nullable(schema)

    about = f"A merge patch (RFC 7396): null removes what is optional. {_ECHO} {_about_dots(profile)}"
    properties = _properties(profile, _sent(profile), value)
    for name in profile.objects:
        properties[name] = nullable(properties[name])
    return {
        "type": "object",
        "title": "Changes of a device",
        "description": about.strip(),
        "properties": properties,
        "patternProperties": {**_dotted(profile, value), "^_": {}},
        "additionalProperties": False,
    }


def _written(profile: Profile) -> Schema:
    shown = {name: field_schema(profile, profile.fields[name]) for name in ALWAYS}
    links = {"type": "object", "properties": {"self": {"$ref": "#/components/schemas/Link"}}, "required": ["self"]}
    return {
        "type": "object",
        "title": "The marks of a device that was written",
        "properties": {**shown, "_etag": _MARKS["_etag"], "_links": links, "_status": {"const": "OK"}},
        "required": [*ALWAYS, "_etag", "_links", "_status"],
        "additionalProperties": False,
    }


def _sent(profile: Profile) -> list[Field]:
    """Return the fields that clients send: those that the registry keeps itself are unknown to it on input."""
    return [field for field in profile.fields.values() if not field.is_record]


def _demanded(field: Field) -> bool:
    return field.required and field.default is None and "." not in field.name


def _properties(profile: Profile, fields: Iterable[Field], value: Callable[[Field], Schema]) -> dict[str, Schema]:
    """Return name -> schema, with nested fields inside the schema of their object."""
    properties: dict[str, Schema] = {}
    for field in fields:
        *parents, last = field.names
        place = properties
        for parent in parents:
            place = place.setdefault(parent, _object(profile, parent))["properties"]
        place[last] = value(field)
    return properties


def _object(profile: Profile, name: str) -> Schema:
    described = label_of(profile, profile.objects[name])
    return {"type": "object", "description": described, "properties": {}, "additionalProperties": False}


def _dotted(profile: Profile, value: Callable[[Field], Schema]) -> dict[str, Schema]:
    return {f"^{re.escape(field.name)}$": value(field) for field in _sent(profile) if "." in field.name}


def _about_dots(profile: Profile) -> str:
    nested = next((name for name in profile.fields if "." in name), None)
    return "" if nested is None else f"Dotted names reach into nested objects: `{nested}`."
