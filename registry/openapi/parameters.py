"""The parameters of requests: those of listings with working examples, and the headers of conditional requests."""

from __future__ import annotations

from typing import Any

from registry.devices.where import LONGEST
from registry.http.listing_parameters import DEFAULT_SIZE, LARGEST_SIZE
from registry.http.method_override import METHODS
from registry.openapi.examples import openapi_examples, projection_examples, sort_examples, where_examples
from registry.openapi.fields import Schema
from registry.profile import Profile

_WHERE = f"""\
Which devices: a JSON object, as MongoDB has it, or an expression, as Python has it. At most {LONGEST:,} characters.

In JSON: `$eq $ne $gt $gte $lt $lte $in $nin`, `$and $or $nor $not`, `$exists $type`, `$regex` with `$options`,
`$all $size`, `$mod`, and for places `$near $nearSphere $geoWithin $geoIntersects`.

In expressions: `== != < <= > >=` between a field and a value, also in chains, with `and`, `or`, `not` and parentheses.
Values are numbers, strings, `True`, `False`, `None`, and `datetime(2026, 9, 21)` in UTC.

Names in nested objects are dotted. A field that you may not see behaves as one that does not exist."""

_STALE = """\
`true` for the devices that have been silent for longer than their class allows, or were never heard of; `false` for
all others. How long that is, the ontology says of each class. A role that does not see when devices were last heard of
has no such parameter: 400."""


def parameter_components(profile: Profile) -> dict[str, Any]:
    """Return the component parameters by their names."""
    return {
        "where": _query("where", _WHERE, {"type": "string"}, openapi_examples(where_examples(profile))),
        "sort": _query(
            "sort",
            "Names of fields, `-` for the largest first; or a list of pairs. Without it: in the order of creation.",
            {"type": "string"},
            openapi_examples(sort_examples(profile)),
        ),
        "projection": _query(
            "projection",
            'Which fields to show: `{"name": 1}` shows only these, `{"name": 0}` all but these. `device_id`, '
            "`_created`, `_updated`, `_etag` and `_id` always come.",
            {"type": "string"},
            openapi_examples(projection_examples(profile)),
        ),
        "stale": _query("stale", _STALE, {"type": "boolean"}),
        "at": _query(
            "at",
            "The past is read, as it was at this time; which fields you see is said by the model that is in force now. "
            "With other methods than GET it is 400.",
            {"type": "string", "format": "date-time"},
        ),
        "page": _query(
            "page",
            "Which page; past the end the list is empty. What is no such number counts as 1.",
            {"type": "integer", "minimum": 1, "default": 1},
        ),
        "max_results": _query(
            "max_results",
            f"Devices a page. More than {LARGEST_SIZE} counts as {LARGEST_SIZE}, and what is no such number as "
            f"{DEFAULT_SIZE}.",
            {"type": "integer", "minimum": 1, "maximum": LARGEST_SIZE, "default": DEFAULT_SIZE},
        ),
        "device_id": {
            "name": "device_id",
            "in": "path",
            "required": True,
            "description": "The device's UUID, in upper or lower case.",
            "schema": {"type": "string", "format": "uuid"},
        },
        **_headers(),
    }


def reference(name: str) -> dict[str, Any]:
    """Return a reference to a component parameter."""
    return {"$ref": f"#/components/parameters/{name}"}


def query(name: str, description: str, schema: Schema, **more: Any) -> dict[str, Any]:
    """Return a parameter of the query string that one operation has."""
    return {"name": name, "in": "query", "description": description, "schema": schema, **more}


def _query(name: str, description: str, schema: Schema, examples: Any = None) -> dict[str, Any]:
    return query(name, description, schema, **({"examples": examples} if examples else {}))


def _headers() -> dict[str, Any]:
    texts = {
        "If-Match": (
            "The entity tag of the device as you read it. Without it: 428. When the device has changed since: 412, and "
            "nothing happens."
        ),
        "If-None-Match": "The entity tag of what you have; 304 while it stands.",
        "If-Modified-Since": (
            "The Last-Modified of what you have; 304 for one device that has not changed since. A listing has 304 by "
            "its entity tag alone."
        ),
        "Accept-Language": (
            "The languages that you read, the best first. Messages of rules come in one of them if the model says them "
            "so, else in English."
        ),
        "X-Request-Id": "A name for this request, of up to 64 letters, digits, dots, underscores and hyphens.",
    }
    headers = {name: _header(name, text, {"type": "string"}) for name, text in texts.items()}
    meant = "The method that this POST stands for, for clients and proxies that know no other."
    schema = {"type": "string", "enum": sorted(METHODS)}
    headers["X-HTTP-Method-Override"] = _header("X-HTTP-Method-Override", meant, schema)
    return headers


def _header(name: str, description: str, schema: Schema) -> dict[str, Any]:
    return {"name": name, "in": "header", "description": description, "schema": schema}
