"""Speaks HTTP to the server under test, as a test says: no cookies, no redirects, no headers of its own."""

from __future__ import annotations

import http.client
from collections.abc import Mapping
from dataclasses import dataclass

_TIMEOUT = 30.0


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer; the names of its headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def media_type(self) -> str:
        """The media type without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def summary(self) -> str:
        """Say in one line what came back."""
        text = " ".join(self.body.decode("utf-8", "replace").split())
        return f"{self.status} {self.media_type} {text[:160]}".strip()


class Client:
    """One connection to `port` on loopback, with a bearer token."""

    def __init__(self, port: int, token: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT)
        self._token = token

    def send(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Answer:
        """Send one request and return the whole answer."""
        connection = self._connection
        connection.putrequest(method, path, skip_accept_encoding=True)
        for name, value in {"Authorization": f"Bearer {self._token}", **(headers or {})}.items():
            connection.putheader(name, value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        response = connection.getresponse()
        content = response.read()
        return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, content)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
