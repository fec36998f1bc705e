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
KEEP_ALIVE = 15.0
"""Seconds; granian closes a connection after 30, of which the server may count more than the client does."""


class BenchError(Exception):
    """The bench can't go on; the message says why."""


class TooSlow(BenchError):
    """No answer within the connection's timeout."""


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
        timeout: seconds that each step of an exchange may take.
        keep_alive: seconds without an exchange after which it is opened anew, as the server may have closed it.
    """

    def __init__(self, port: int, timeout: float = TIMEOUT, keep_alive: float = KEEP_ALIVE) -> None:
        self._timeout = timeout
        self._keep_alive = keep_alive
        self._used = perf_counter()
        self._http = HTTPConnection("127.0.0.1", port, timeout=timeout)

    def ask(
        self, method: str, path: str, *, headers: Mapping[str, str], body: bytes | None = None, status: int = 200
    ) -> Answer:
        """Send a request and read its answer whole.

        Raises:
            TooSlow: when no answer comes in time.
            BenchError: when the status is another one, or nobody answers.
        """
        if perf_counter() - self._used > self._keep_alive:
            self._http.close()
        start = perf_counter()
        try:
            self._http.request(method, path, body, dict(headers))
            response = self._http.getresponse()
            content = response.read()
        except TimeoutError as error:
            raise TooSlow(f"over {self._timeout:.0f} s") from error
        except (HTTPException, OSError) as error:
            message = f"{method} {path}: {type(error).__name__} {error}"
            raise BenchError(message) from error
        self._used = perf_counter()
        seconds = self._used - start
        if response.status != status:
            message = f"{method} {path}: {response.status} instead of {status}: {content[:500]!r}"
            raise BenchError(message)
        return Answer(content, response.headers, seconds)

    def close(self) -> None:
        """Close the connection; a later request would open it again."""
        self._http.close()
