"""The headers of answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

_TEXTS: Mapping[str, str] = {
    "X-Request-Id": "The request's name: yours, if you sent a fitting one.",
    "ETag": "The entity tag of what you see, in this media type.",
    "Last-Modified": "When what you see last changed, in whole seconds.",
    "Location": "The path of what was added.",
    "Link": "What belongs to it (RFC 8288): the home's description, a model's versions, an item's history.",
    "Cache-Control": "How long the answer may be kept.",
    "Expires": "The same as a time.",
    "Retry-After": "Seconds after which it makes sense to ask again.",
    "WWW-Authenticate": "Why the token is not accepted (RFC 6750, section 3).",
    "Allow": "The methods that there are.",
    "Accept-Post": "The media types of queries in a POST.",
    "Accept-Query": "The media types of queries in a QUERY.",
    "Query-Id": "The id under which the query ran, as in /queries.",
    "SPARQL-Dataset": "The graphs that the query saw.",
}
_COUNTS: Mapping[str, str] = {"X-Total-Count": "Devices on all pages."}
_EVERYWHERE = ("X-Request-Id",)


def header_components() -> dict[str, Any]:
    """Return the component headers by their names; those that an answer may lack have `Optional` before them."""
    texts = {name: {"description": text, "schema": {"type": "string"}} for name, text in _TEXTS.items()}
    counts = {name: {"description": text, "schema": {"type": "integer"}} for name, text in _COUNTS.items()}
    found = {**texts, **counts}
    always = {name: {**header, "required": True} for name, header in found.items()}
    return always | {f"Optional-{name}": header for name, header in found.items()}


def header_references(always: Iterable[str], optional: Iterable[str]) -> dict[str, Any]:
    """Return the headers of one answer, in addition to those that every answer has."""
    names = {name: name for name in [*_EVERYWHERE, *always]} | {name: f"Optional-{name}" for name in optional}
    return {name: {"$ref": f"#/components/headers/{component}"} for name, component in names.items()}
