"""The same request to the former registry and to this one, and what differs between the two answers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from former_registry import FormerRegistry
from stand import SERVICE, Stand
from werkzeug.test import TestResponse

ETAG = "{etag}"
"""In a header: the current entity tag of the item that is asked for, which each side has its own of."""
TOKEN = "{token}"
"""In a header: an access token that both sides accept."""
_DATE = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$")
_SAME = ("X-Total-Count", "Cache-Control", "WWW-Authenticate")
_THERE = ("ETag", "Last-Modified", "Expires", "Location")
_OWN = {"_etag": "an entity tag", "_id": "an id"}
_OWN_ELEMENTS = re.compile(r"<(_etag|_id|_created|_updated)>[^<]+</\1>")
_ADDED = re.compile(r"<last_seen>[^<]+</last_seen>")
"""What this registry notes by itself, where Eve has no such field: the time of a report."""
_MESSAGE = re.compile(r"<message>(.*?)</message>", re.DOTALL)


@dataclass(frozen=True)
class Request:
    """A request, by default with a token that opens everything.

    Attributes:
        path: below the server's root.
        query: the parameters, in order; a text is sent as it is.
        headers: None in the place of a value leaves out what would be sent without it.
        body: sent as it is.
    """

    method: str = "GET"
    path: str = "/1/devices"
    query: Sequence[tuple[str, str]] | str = ()
    headers: Mapping[str, str | None] = field(default_factory=dict)
    body: bytes | None = None

    def parameter(self, name: str) -> str:
        """Return a parameter; an empty text if there is none."""
        pairs = parse_qsl(self.query, keep_blank_values=True) if isinstance(self.query, str) else self.query
        return next((value for key, value in pairs if key == name), "")

    def __str__(self) -> str:
        query = self.query if isinstance(self.query, str) else "&".join(f"{name}={value}" for name, value in self.query)
        sent = "" if self.body is None else f" {self.body.decode(errors='replace')}"
        return f"{self.method} {self.path}{'?' if query else ''}{query} {dict(self.headers) or ''}{sent}".rstrip()


@dataclass(frozen=True)
class Answer:
    """What came back; a body of JSON is parsed, and one of XML without what each side makes for itself."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def is_xml(self) -> bool:
        """Whether the body is XML."""
        return "xml" in self.headers.get("Content-Type", "")

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
        if isinstance(self.body, str):
            return "".join(_MESSAGE.findall(self.body)[:1])
        return str(self.body.get("_error", {}).get("message", "")) if isinstance(self.body, dict) else ""


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
        yield "Content-Type", former.headers.get("Content-Type"), ours.headers.get("Content-Type")
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
            yield "body _error", former.message, ours.message
            yield "body", _without_message(theirs), _without_message(own)


class Both:
    """The two registries side by side, with the same devices."""

    def __init__(self, former: FormerRegistry, ours: Stand) -> None:
        self.former = former
        self.ours = ours
        self._token = ours.token(SERVICE)
        former.accept(self._token)

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
        return Exchange(
            request, _answer(self._send(request, self.former.call)), _answer(self._send(request, self._ours))
        )

    def _ours(self, method: str, path: str, **request: Any) -> TestResponse:
        return self.ours.call(method, path, None, **request)

    def _send(self, request: Request, call: Callable[..., TestResponse]) -> TestResponse:
        named = {"Authorization": f"Bearer {TOKEN}", **request.headers}
        headers = {name: value.replace(TOKEN, self._token) for name, value in named.items() if value is not None}
        if any(ETAG in value for value in headers.values()):
            authorized = {"Authorization": f"Bearer {self._token}"}
            current = call("GET", request.path, headers=authorized).headers.get("ETag", '"none"').strip('"')
            headers = {name: value.replace(ETAG, current) for name, value in headers.items()}
        query = request.query if isinstance(request.query, str) else urlencode(request.query)
        path = f"{request.path}?{query}" if query else request.path
        return call(request.method, path, headers=headers, data=request.body)


JSON = {"Content-Type": "application/json"}


def _answer(response: TestResponse) -> Answer:
    body: Any = response.get_data(as_text=True)
    if response.mimetype in ("application/json", "application/problem+json") and body:
        body = json.loads(body)
    elif (response.mimetype or "").endswith("xml"):
        body = _ADDED.sub("", _OWN_ELEMENTS.sub(r"<\1/>", body))
    return Answer(response.status_code, dict(response.headers), body)


def _without_message(body: Any) -> Any:
    return _MESSAGE.sub("", body) if isinstance(body, str) else body


def _comparable(value: Any, name: str = "") -> Any:
    """Return a body without what each side makes for itself: ids, entity tags, times."""
    if name in _OWN and isinstance(value, str):
        return _OWN[name]
    if name == "_issues":
        return value
    if isinstance(value, dict):
        return {key: _comparable(each, key) for key, each in value.items() if key != "last_seen"}
    if isinstance(value, list):
        return [_comparable(each) for each in value]
    if isinstance(value, str) and name in ("_created", "_updated") and _DATE.match(value):
        return "a time"
    return value
