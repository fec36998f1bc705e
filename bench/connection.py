"""One keep-alive HTTP connection that times what it exchanges.

http.client, since a richer client costs more time than a fast answer takes. It follows no redirect and repeats
nothing: an answer other than the expected one ends the bench, as its time would mean something else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPMessage
from time import perf_counter

TIMEOUT = 60.0


class BenchError(Exception):
    """The bench can't go on; the message says why."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A status that was expected, with what came along, and the time from the request to the body's last byte."""

    body: bytes
    headers: HTTPMessage
    seconds: float


class Connection:
    """A connection to a port on loopback.

    Args:
        port: the TCP port.
    """

    def __init__(self, port: int) -> None:
        self._http = HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)

    def ask(
        self, method: str, path: str, *, headers: Mapping[str, str], body: bytes | None = None, status: int = 200
    ) -> Answer:
        """Send a request and read its answer whole.

        Raises:
            BenchError: when the status is another one, or nobody answers.
        """
        start = perf_counter()
        try:
            self._http.request(method, path, body, dict(headers))
            response = self._http.getresponse()
            content = response.read()
        except (HTTPException, OSError) as error:
            message = f"{method} {path}: {type(error).__name__} {error}"
            raise BenchError(message) from error
        seconds = perf_counter() - start
        if response.status != status:
            message = f"{method} {path}: {response.status} instead of {status}: {content[:500]!r}"
            raise BenchError(message)
        return Answer(content, response.headers, seconds)

    def close(self) -> None:
        """Close the connection; a later request would open it again."""
        self._http.close()
