"""The schemas of all that bodies hold: devices, and the documents around them whose form is always the same."""

from __future__ import annotations

from collections.abc import Mapping

from registry.calendars import MOST_WINDOWS
from registry.calendars.members import MOST_POWER
from registry.calendars.windows import DAYS
from registry.http.problems import TYPES
from registry.openapi.contract_schemas import contract_schemas
from registry.openapi.devices import device_schemas
from registry.openapi.fields import GEO_JSON_POINT, WINDOWS, Schema
from registry.openapi.samples import SAMPLE_WINDOWS
from registry.openapi.vpp_schemas import vpp_schemas
from registry.profile import Profile


def schema_components(profile: Profile) -> dict[str, Schema]:
    """Return all component schemas by their names."""
    resources = {**device_schemas(profile), **contract_schemas(profile), **vpp_schemas()}
    return {**resources, **_CALENDARS, **_FACADE, **_ERRORS, **_QUERIES, **_OTHERS}


def schema_reference(name: str) -> Schema:
    """Return a reference to a component schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def _closed(properties: Mapping[str, Schema], *optional: str, **more: object) -> Schema:
    """Return the schema of an object with these members, all required but the `optional` ones."""
    required = [name for name in properties if name not in optional]
    return {
        "type": "object",
        **more,
        "properties": dict(properties),
        "required": required,
        "additionalProperties": False,
    }


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


_TEXT: Schema = {"type": "string"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_MOMENT: Schema = {"type": "string", "format": "date-time"}
_DATE: Schema = {"type": "string", "format": "date"}
_LOCAL_TIME: Schema = {"type": "string", "pattern": "^([01][0-9]|2[0-4]):[0-5][0-9](:[0-5][0-9])?$"}
_POWER: Mapping[str, Schema] = {
    "available_power": {"type": "number", "minimum": 0, "maximum": MOST_POWER, "description": "In kW."}
}
_LINK = schema_reference("Link")
_ISSUES = schema_reference("Issues")

_CALENDARS: Mapping[str, Schema] = {
    WINDOWS: {
        "title": "Availability windows",
        "type": "array",
        "minItems": 1,
        "maxItems": MOST_WINDOWS,
        "items": schema_reference("AvailabilityWindow"),
        "example": SAMPLE_WINDOWS,
    },
    "AvailabilityWindow": {"oneOf": [schema_reference("SingleWindow"), schema_reference("WeeklyWindow")]},
    "SingleWindow": _closed(
        {"begin": _MOMENT, "end": {**_MOMENT, "description": "Later than begin, and not in the window."}, **_POWER},
        *_POWER,
        title="A single availability window",
        example=SAMPLE_WINDOWS[0],
    ),
    "WeeklyWindow": _closed(
        {
            "days": {
                "type": "array",
                "items": {"type": "string", "enum": list(DAYS)},
                "minItems": 1,
                "uniqueItems": True,
                "description": "The days on which the window begins.",
            },
            "from": _LOCAL_TIME,
            "until": {**_LOCAL_TIME, "description": "On the next day if it is no later than `from`."},
            "time_zone": {"type": "string", "description": "A name in the IANA time zone database."},
            "first_date": _DATE,
            "last_date": _DATE,
            **_POWER,
        },
        *("first_date", "last_date", *_POWER),
        title="A weekly availability window",
        description="Local times follow the clocks of the time zone.",
        example=SAMPLE_WINDOWS[1],
    ),
    "AvailabilitySpan": _closed(
        {"begin": _MOMENT, "end": _MOMENT, **_POWER}, *_POWER, description="Without a power: all that the device has."
    ),
    "Availability": _closed(
        {
            "windows": _list(schema_reference("AvailabilityWindow")),
            "from": _MOMENT,
            "to": _MOMENT,
            "spans": _list(schema_reference("AvailabilitySpan")),
            "gaps": _list(_closed({"begin": _MOMENT, "end": _MOMENT})),
        },
        *("from", "to", "spans", "gaps"),
        title="When a device can be used",
        description="Without windows it always can. Spans and gaps are there for who asks by `from` and `to`.",
    ),
}
_FACADE: Mapping[str, Schema] = {
    GEO_JSON_POINT: _closed(
        {
            "type": {"const": "Point"},
            "coordinates": {
                "type": "array",
                "prefixItems": [
                    {"type": "number", "minimum": -180, "maximum": 180, "title": "longitude"},
                    {"type": "number", "minimum": -90, "maximum": 90, "title": "latitude"},
                ],
                "items": False,
                "minItems": 2,
                "maxItems": 2,
                "description": "Longitude before latitude, in degrees (CRS84).",
            },
        },
        title="A GeoJSON point (RFC 7946)",
        example={"type": "Point", "coordinates": [2.17, 41.39]},
    ),
    "Link": _closed(
        {"title": _TEXT, "href": {"type": "string", "description": "Relative; parameters stand in it unescaped."}}
    ),
    "DeviceLinks": _closed(
        {"self": _LINK, "parent": _LINK, "collection": _LINK},
        "parent",
        "collection",
        description="In a list, a device has the link `self` alone.",
    ),
    "Home": _closed({"_links": _closed({"child": _list(_LINK)})}, title="The API's home"),
    "DevicePage": _closed(
        {
            "_items": _list(schema_reference("Device")),
            "_links": _closed(
                {"parent": _LINK, "self": _LINK, "next": _LINK, "last": _LINK, "prev": _LINK}, "next", "last", "prev"
            ),
            "_meta": _closed(
                {
                    "page": {"type": "integer", "minimum": 1},
                    "max_results": {"type": "integer", "minimum": 1},
                    "total": {**_COUNT, "description": "Devices on all pages."},
                }
            ),
        },
        title="A page of devices",
    ),
    "WrittenDevices": _closed(
        {"_status": {"const": "OK"}, "_items": _list(schema_reference("WrittenDevice"))},
        title="The marks of several devices that were added",
    ),
}

_ERRORS: Mapping[str, Schema] = {
    "Error": _closed(
        {"_status": {"const": "ERR"}, "_error": schema_reference("ErrorReason")},
        title="An error",
    ),
    "ErrorReason": _closed({"code": {"type": "integer", "description": "The status code."}, "message": _TEXT}),
    "Issues": {
        "type": "object",
        "title": "What is wrong, field by field",
        "description": "Nested as the document is. A rule across fields stands under `_rules`.",
        "additionalProperties": {"anyOf": [_TEXT, _list(_TEXT), _ISSUES]},
    },
    "Refusal": _closed(
        {"_status": {"const": "ERR"}, "_issues": _ISSUES, "_error": schema_reference("ErrorReason")},
        "_error",
        title="A document that breaks rules",
    ),
    "ListRefusal": _closed(
        {
            "_status": {"const": "ERR"},
            "_items": _list(
                {
                    "oneOf": [
                        _closed({"_status": {"const": "OK"}}),
                        _closed({"_status": {"const": "ERR"}, "_issues": _ISSUES}),
                    ]
                }
            ),
            "_error": schema_reference("ErrorReason"),
        },
        title="A list with documents that break rules",
        description="One entry for each document in the order sent; nothing was stored.",
    ),
    "Problem": {
        "type": "object",
        "title": "A problem document (RFC 9457)",
        "properties": {
            "type": {"type": "string", "format": "uri", "pattern": f"^{TYPES}"},
            "title": _TEXT,
            "status": {"type": "integer"},
            "detail": _TEXT,
            "code": {"type": "string", "description": "The kind of failure; the end of `type`."},
            "request_id": _TEXT,
            "issues": {
                "description": "Of the document that was refused, or a list of those of each document.",
                "anyOf": [_ISSUES, _list(_ISSUES)],
            },
            "offers": {**_list(_TEXT), "description": "The media types on offer."},
            "line": {"type": "integer", "description": "Where in the query text."},
            "column": {"type": "integer"},
            "hint": _TEXT,
            "since": {"type": "string", "format": "date-time", "description": "Since when history is there."},
        },
        "required": ["type", "title", "status", "detail", "code", "request_id"],
    },
}

_TERM = {
    "type": "object",
    "properties": {"type": _TEXT, "value": _TEXT, "xml:lang": _TEXT, "datatype": _TEXT},
    "required": ["type", "value"],
}
_QUERIES: Mapping[str, Schema] = {
    "SparqlResults": {
        "type": "object",
        "title": "SPARQL 1.1 Query Results in JSON",
        "properties": {
            "head": {"type": "object", "properties": {"vars": _list(_TEXT)}},
            "results": _closed(
                {"bindings": _list({"type": "object", "additionalProperties": _TERM})},
            ),
            "boolean": {"type": "boolean"},
        },
        "required": ["head"],
        "oneOf": [{"required": ["results"]}, {"required": ["boolean"]}],
    },
    "RunningQueries": _closed(
        {
            "queries": _list(
                _closed(
                    {
                        "id": _TEXT,
                        "text": _TEXT,
                        "started": {"type": "string", "format": "date-time"},
                        "seconds": {"type": "number", "minimum": 0},
                    }
                )
            )
        },
        title="Your running queries",
    ),
}

_OTHERS: Mapping[str, Schema] = {
    "Health": _closed(
        {
            "status": {"enum": ["ok", "unavailable"]},
            "failing": {**_list(_TEXT), "description": "The names of the checks that fail."},
        },
        "failing",
    ),
    "Xml": {
        "title": "The same in XML",
        "description": (
            "One `resource` element: links are attributes and `link` elements, and lists are repeated elements."
        ),
    },
    "JsonLd": {"type": ["object", "array"], "title": "A graph as JSON-LD 1.1"},
    "Text": {"type": "string"},
}
