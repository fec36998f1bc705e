"""The schemas of the past: a device's changes, and the course of a nested object's values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from registry.journal import Kind, What
from registry.openapi.fields import Schema

_TEXT: Schema = {"type": "string"}
_TIME: Schema = {"type": "string", "format": "date-time"}
_NUMBER: Schema = {"type": "number"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_LINK: Schema = {"$ref": "#/components/schemas/Link"}


def history_schemas() -> dict[str, Schema]:
    """Return the component schemas of the past by their names."""
    links = {"self": _LINK, "parent": _LINK, "next": _LINK}
    page = {
        "_items": {"type": "array", "items": {"$ref": "#/components/schemas/DeviceChange"}},
        "_links": _object(links, ["self", "parent"]),
        "_meta": _object({"max_results": {"type": "integer", "minimum": 1}}, ["max_results"]),
    }
    return {
        "History": {"title": "Changes of a device, the latest first", **_object(page, page)},
        "DeviceChange": _change(),
        "ObjectHistory": _course(),
    }


def _object(properties: Mapping[str, Schema], required: Iterable[str]) -> Schema:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(required),
        "additionalProperties": False,
    }


def _change() -> Schema:
    author = {
        "role": {**_TEXT, "description": "That of the token; or `operator` or `software`, who need none."},
        "issuer": _TEXT,
        "subject": _TEXT,
    }
    properties: dict[str, Schema] = {
        "number": {"type": "integer", "minimum": 1, "description": "Among all changes in your view."},
        "time": _TIME,
        "what": {
            "enum": [str(each) for each in What],
            "description": "Whether the device was new in your view, another than before, or gone from it.",
        },
        "kind": {"enum": [str(each) for each in Kind], "description": "What was done."},
        "by": {
            **_object(author, ["role"]),
            "description": "Who it was. Issuer and subject are told to services, and to the author.",
        },
        "request": {**_TEXT, "description": "The id of the request, for services."},
        "model": {**_TEXT, "description": "The version of the model that was in force."},
        "changes": {
            "type": "object",
            "description": "Field, dotted in a nested object, -> its value before and afterwards, if it had one.",
            "additionalProperties": _object({"from": {}, "to": {}}, []),
        },
    }
    return {"title": "A change", **_object(properties, [name for name in properties if name != "request"])}


def _course() -> Schema:
    value = _object({"time": _TIME, "value": {}}, ["time"])
    span = {"from": _TIME, "to": _TIME, "min": _NUMBER, "max": _NUMBER, "mean": _NUMBER, "last": {}, "changes": _COUNT}
    field = {
        "unit": {**_TEXT, "format": "iri"},
        "values": {
            "type": "array",
            "items": value,
            "description": "From when on which value was in force; without `value` there was none.",
        },
        "spans": {
            "type": "array",
            "items": _object(span, ["from", "to", "changes"]),
            "description": "What there was not in a span is absent.",
        },
    }
    properties = {
        "device_id": {**_TEXT, "format": "uuid"},
        "object": _TEXT,
        "from": _TIME,
        "to": _TIME,
        "fields": {"type": "object", "additionalProperties": _object(field, [])},
        "_links": _object({"self": _LINK, "parent": _LINK}, ["self", "parent"]),
    }
    return {"title": "The course of an object's values", **_object(properties, properties)}
