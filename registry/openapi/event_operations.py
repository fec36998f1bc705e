"""The operations about changes: the stream of events, and a service's webhooks."""

from __future__ import annotations

from typing import Any

from registry.access import MAY_SUBSCRIBE
from registry.access_matrix import ROLES
from registry.events.event import EXPIRED, RESET
from registry.events.subscription import EventType
from registry.http.representation import JSON
from registry.http.server_sent_events import MEDIA_TYPE
from registry.openapi.answers import answer, query_failures
from registry.openapi.fields import Schema
from registry.openapi.operations import Operation, PathItem, head, operation, options
from registry.openapi.parameters import query, reference
from registry.webhooks.signature import PREFIX

TAG = "Events"
_TEXT = {"type": "string"}
_TYPES = {"type": "array", "items": {"type": "string", "enum": [each.value for each in EventType]}}
_ABOUT = """\
Server-Sent Events (WHATWG HTML, section 9.2). You hear of what changes in your view: a device that leaves it is
`device_deleted`, one that enters it `device_created`. With `class` or `where` the same holds of the devices that meet
them. Data is JSON: `device_id`, `time`, and as `document` the device as you see it, but for one that is gone.

The id of an event is the place after it. `Last-Event-ID` goes on there, without a gap and without anything twice. When
that can't be, the event `reset` says why: read the list again; what follows goes on from now. Without an id the stream
begins now. When the token expires, the event `expired` comes and the stream ends.
"""
_LAST = "The id of the last event that you have."
_CLASS = "Only devices of this class or of one below it, by its code or by its IRI."
_MEMBERS: dict[str, Schema] = {
    "url": {
        "type": "string",
        "format": "uri",
        "description": "Whom to call. Its origin must be allowed by the operator.",
    },
    "types": {**_TYPES, "description": "Which events; all by default."},
    "class": {"type": ["string", "null"], "description": _CLASS},
    "where": {"type": ["string", "object", "null"], "description": "Only devices that meet these conditions."},
    "diff": {"type": "boolean", "description": "Whether a changed device's event says which fields changed."},
    "secret": {
        "type": ["string", "null"],
        "description": f"With what to sign: `{PREFIX}` and the base64 of 24 to 64 bytes. Without it one is made.",
    },
}
_TIME = {"type": ["string", "null"], "format": "date-time"}
_SHOWN: Schema = {
    "type": "object",
    "required": ["id", "url", "types", "class", "where", "diff", "created", "status", "failing_since", "error"],
    "properties": {
        **{name: member for name, member in _MEMBERS.items() if name not in ("secret", "where")},
        "id": _TEXT,
        "where": {"type": ["string", "null"]},
        "created": _TIME,
        "status": {"enum": ["active", "failing", "suspended"]},
        "failing_since": _TIME,
        "error": {"type": ["string", "null"], "description": "What went wrong last."},
    },
}
_MADE: Schema = {
    **_SHOWN,
    "required": [*_SHOWN["required"], "secret"],
    "properties": {**_SHOWN["properties"], "secret": {"type": "string", "description": "Shown here and never again."}},
}
_OWN: Schema = {
    "type": "object",
    "required": ["webhooks"],
    "properties": {"webhooks": {"type": "array", "items": _SHOWN}},
}
_EVENT: Schema = {
    "type": "object",
    "title": "One event of the stream",
    "properties": {
        "event": {"enum": [*(each.value for each in EventType), RESET, EXPIRED]},
        "data": {"type": "string", "contentMediaType": JSON},
        "id": _TEXT,
    },
}
_EXAMPLE = {"url": "https://hooks.example/der", "types": ["device_created", "device_deleted"], "diff": False}
_CACHE = ("Cache-Control",)


def event_paths() -> dict[str, PathItem]:
    """Return the paths of the stream and of webhooks."""
    return {"/events": _events(), "/1/webhooks": _webhooks(), "/1/webhooks/{identifier}": _webhook()}


def _events() -> PathItem:
    types = query("types", "Which events; all by default.", _TYPES, style="form", explode=False)
    diff = query("diff", "Whether `device_updated` has `changes`: field -> `from` and `to`.", {"type": "boolean"})
    get = operation(
        "listen",
        TAG,
        "Changes as they happen",
        {"200": answer("The stream.", {MEDIA_TYPE: _EVENT}, _CACHE), **query_failures(400, 406, 429)},
        description=_ABOUT,
        roles=ROLES,
        parameters=[
            query("class", _CLASS, _TEXT),
            reference("where"),
            types,
            diff,
            query("last_event_id", f"{_LAST} For clients that can't send the header the first time.", _TEXT),
            {"name": "Last-Event-ID", "in": "header", "description": _LAST, "schema": _TEXT},
        ],
    )
    return {"get": get, "head": head(get), "options": options("listen", failures=query_failures())}


def _webhooks() -> PathItem:
    get = _operation("listWebhooks", "Your webhooks", {"200": answer("They.", {JSON: _OWN}, _CACHE)})
    body: dict[str, Any] = {
        "type": "object",
        "required": ["url"],
        "properties": _MEMBERS,
        "additionalProperties": False,
    }
    post = _operation(
        "addWebhook",
        "Have events delivered to you",
        {"201": answer("It is made; its secret is shown once.", {JSON: _MADE}, [*_CACHE, "Location"])},
        *(400, 405, 408, 409, 411, 413, 415),
        description=(
            "Each event is a POST, signed by Standard Webhooks in the headers `webhook-id`, `webhook-timestamp` and "
            "`webhook-signature`. "
            "They come in order, each at least once, from now on; one that is not taken with a 2xx is tried again."
        ),
        body={"required": True, "content": {JSON: {"schema": body, "example": _EXAMPLE}}},
    )
    return {"get": get, "head": head(get), "post": post, "options": options("listWebhooks", failures=query_failures())}


def _webhook() -> PathItem:
    identifier = {"name": "identifier", "in": "path", "required": True, "description": "Its id.", "schema": _TEXT}
    shown = {"200": answer("It, without its secret.", {JSON: _SHOWN}, _CACHE)}
    get = _operation("getWebhook", "One of your webhooks", shown, 404)
    resume = _operation("resumeWebhook", "Try a webhook that failed again, at once", shown, 404, 405, 408, 413)
    remove = _operation("removeWebhook", "Remove a webhook", {"204": answer("It is gone.")}, 404)
    return {
        "parameters": [identifier],
        "get": get,
        "head": head(get),
        "post": resume,
        "delete": remove,
        "options": options("getWebhook", failures=query_failures()),
    }


def _operation(name: str, summary: str, answers: dict[str, Any], *failures: int, **more: Any) -> Operation:
    return operation(name, TAG, summary, {**answers, **query_failures(*failures)}, roles=MAY_SUBSCRIBE, **more)
