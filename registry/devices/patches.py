"""What a client sends, brought into the form of a whole document. Pure functions of documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from registry.devices.device import Device
from registry.devices.documents import Document
from registry.profile import Profile

_ECHOED = ("_id", "_etag", "_links", "_created", "_updated", "_status")


def nested(document: Mapping[str, Any]) -> Document:
    """Return the document with dotted names resolved: {"status.mode": "2"} is {"status": {"mode": "2"}}.

    One dot alone leads inside, as objects are not nested deeper. A dotted name beside something else than its object
    stays as it is, an unknown field.
    """
    result: Document = {}
    for name, value in document.items():
        parent, dot, last = name.partition(".")
        known = result.get(parent)
        if not dot and not isinstance(value, Mapping):
            result[parent] = value
        elif isinstance(known, dict):  # a copy of our own
            known.update({last: value} if dot else value)
        elif known is None:
            result[parent] = {last: value} if dot else dict(value)
        else:
            result[name] = value
    return result


def without_echo(document: Mapping[str, Any], seen: Device | None) -> Document:
    """Drop the names that the registry itself keeps, where they say what it said; what differs stays, and is wrong.

    Clients send back what they read, `_etag` and `_links` included.
    """
    if seen is None:
        return dict(document)
    current = {"_etag": seen.etag, "_id": seen.record_id, **seen.document}
    free = ("_links", "_status")
    return {
        name: value
        for name, value in document.items()
        if name not in _ECHOED or not (name in free or current.get(name) == value)
    }


def without(document: Mapping[str, Any], issues: Mapping[str, Any]) -> Document:
    """Return `document` without the names that have issues.

    Nothing more is judged of a name that a role knows no field by, so that a hidden field's rules can't show.
    """
    result: Document = {}
    for name, value in document.items():
        issue = issues.get(name)
        if isinstance(issue, dict):
            result[name] = without(value, issue)
        elif issue is None:
            result[name] = value
    return result


def merged(document: Mapping[str, Any], patch: Mapping[str, Any], profile: Profile) -> Document:
    """Return `document` with `patch` merged into it (RFC 7396).

    Null removes what is optional. Where it would remove what every device has it stays, so that the shapes refuse it.
    """
    result = dict(document)
    for name, value in patch.items():
        if isinstance(value, Mapping):
            old = result.get(name)
            inner = {**(old if isinstance(old, Mapping) else {}), **value}
            result[name] = {key: each for key, each in inner.items() if each is not None}
        elif value is None and _removable(profile, name):
            result.pop(name, None)
        else:
            result[name] = value
    return result


def with_defaults(document: Mapping[str, Any], profile: Profile) -> Document:
    """Return `document` with the shapes' default values where it has none."""
    defaults = {name: field.default for name, field in profile.fields.items() if field.default is not None}
    return {**defaults, **document}


def _removable(profile: Profile, name: str) -> bool:
    field = profile.fields.get(name)
    return name in profile.objects or (field is not None and not field.required)
