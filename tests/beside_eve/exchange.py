"""The same request to the former registry and to this one, and what differs between the two answers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from former_registry import FormerRegistry
from stand import SERVICE, Stand
from werkzeug.test import TestResponse

ETAG = "{etag}"
"""In a header: the current entity tag of the item that is asked for, which each side has its own of."""
_DATE = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$")
_SAME = ("X-Total-Count", "Cache-Control")
_THERE = ("ETag", "Last-Modified", "Expires", "Location")
_OWN = {"_etag": "an entity tag", "_id": "an id"}


@dataclass(frozen=True)
class Request:
    """A request, without a token: the former registry is asked without one, this one as a service.

    Attributes:
        path: below the server's root.
        query: the parameters, in order.
        body: sent as it is.
    """

    method: str = "GET"
    path: str = "/1/devices"
    query: Sequence[tuple[str, str]] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None

    def __str__(self) -> str:
        query = "&".join(f"{name}={value}" for name, value in self.query)
        sent = "" if self.body is None else f" {self.body.decode(errors='replace')}"
        return f"{self.method} {self.path}{'?' if query else ''}{query} {dict(self.headers) or ''}{sent}".rstrip()


@dataclass(frozen=True)
class Answer:
    """What came back; a body of JSON is parsed."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def media_type(self) -> str:
        """The type in Content-Type, without parameters."""
        return self.headers.get("Content-Type", "").partition(";")[0]

    @property
    def allowed(self) -> set[str]:
        """The methods in Allow."""
        return set(re.split(r",\s*", self.headers.get("Allow", "")))

    @property
    def location(self) -> str:
        """The path in Location."""
        return urlsplit(self.headers.get("Location", "")).path

    @property
    def message(self) -> str:
        """The words of an error, if it is one."""
        error = self.body.get("_error", {}) if isinstance(self.body, dict) else {}
        return str(error.get("message", ""))


@dataclass(frozen=True)
class Exchange:
    """A request and both answers."""

    request: Request
    former: Answer
    ours: Answer

    def differences(self) -> dict[str, tuple[Any, Any]]:
        """Return what differs: name of a part -> theirs and ours."""
        return {name: (former, ours) for name, former, ours in self._parts() if former != ours}

    def _parts(self) -> Iterator[tuple[str, Any, Any]]:
        former, ours = self.former, self.ours
        yield "status", former.status, ours.status
        yield "media type", former.media_type, ours.media_type
        for name in _SAME:
            yield name, former.headers.get(name), ours.headers.get(name)
        for name in _THERE:
            yield name, name in former.headers, name in ours.headers
        yield "Allow", former.allowed, ours.allowed
        yield "Location's path", former.location, ours.location
        theirs, own = _comparable(former.body), _comparable(ours.body)
        if isinstance(theirs, dict) and isinstance(own, dict):
            for name in sorted({*theirs, *own}):
                yield f"body {name}", theirs.get(name), own.get(name)
        else:
            yield "body", theirs, own


class Both:
    """The two registries side by side, with the same devices."""

    def __init__(self, former: FormerRegistry, ours: Stand) -> None:
        self.former = former
        self.ours = ours

    def clear(self) -> None:
        """Remove all devices from both."""
        self.former.clear()
        self.ours.clear()

    def add(self, documents: Sequence[Mapping[str, Any]]) -> None:
        """Put the same devices into both, in the same order."""
        if documents:
            made = self.ask(Request("POST", body=json.dumps(documents).encode(), headers=JSON))
            assert (made.former.status, made.ours.status) == (201, 201), made

    def ask(self, request: Request) -> Exchange:
        """Make the request to both."""
        return Exchange(request, _answer(_send(request, self.former.call)), _answer(_send(request, self._ours)))

    def _ours(self, method: str, path: str, **request: Any) -> TestResponse:
        return self.ours.call(method, path, SERVICE, **request)


JSON = {"Content-Type": "application/json"}


def _send(request: Request, call: Any) -> TestResponse:
    headers = dict(request.headers)
    if any(ETAG in value for value in headers.values()):
        current = call("GET", request.path).headers.get("ETag", '"none"').strip('"')
        headers = {name: value.replace(ETAG, current) for name, value in headers.items()}
    path = f"{request.path}?{urlencode(request.query)}" if request.query else request.path
    sent: TestResponse = call(request.method, path, headers=headers, data=request.body)
    return sent


def _answer(response: TestResponse) -> Answer:
    body: Any = response.get_data(as_text=True)
    if response.mimetype in ("application/json", "application/problem+json") and body:
        body = json.loads(body)
    return Answer(response.status_code, dict(response.headers), body)


def _comparable(value: Any, name: str = "") -> Any:
    """Return a body without what each side makes for itself: ids, entity tags, times."""
    if name in _OWN and isinstance(value, str):
        return _OWN[name]
    if isinstance(value, dict):
        return {key: _comparable(each, key) for key, each in value.items()}
    if isinstance(value, list):
        return [_comparable(each) for each in value]
    if isinstance(value, str) and name in ("_created", "_updated") and _DATE.match(value):
        return "a time"
    return value
