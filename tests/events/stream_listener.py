"""Listeners of a served registry: one connection each, read by a thread of its own, by an HTTP client of no comfort."""

from __future__ import annotations

import http.client
import socket
import threading
import time
from collections.abc import Callable, Mapping
from urllib.parse import urlencode, urlsplit

from event_parser import EventParser, HeardEvent


class StreamListener(threading.Thread):
    """Listens until the stream ends or `stop` is called.

    Attributes:
        parser: what was heard.
        status: the status of the answer.
        ended: whether the server ended the stream.
    """

    def __init__(
        self,
        url: str,
        headers: Mapping[str, str],
        parameters: Mapping[str, str] | None = None,
        on_event: Callable[[HeardEvent], None] = lambda _: None,
    ) -> None:
        super().__init__(daemon=True)
        self.parser = EventParser()
        self.status = 0
        self.ended = False
        self._on_event = on_event
        self._path = f"/events?{urlencode(parameters or {})}"
        self._headers = dict(headers)
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
        self._begun = threading.Event()

    def begin(self) -> StreamListener:
        """Start, and return when the stream has begun."""
        self.start()
        assert self._begun.wait(30), "no stream began"
        return self

    def run(self) -> None:
        try:
            self._connection.request("GET", self._path, headers=self._headers)
            response = self._connection.getresponse()
            self.status = response.status
            with response:
                while line := response.readline():
                    event = self.parser.take(line.decode().rstrip("\n"))
                    self._begun.set()
                    if event is not None:
                        self._on_event(event)
                self.ended = True
        except (OSError, http.client.HTTPException, ValueError, AttributeError):
            pass  # the server was killed, or the test has stopped us
        finally:
            self._connection.close()
            self._begun.set()

    def stop(self) -> None:
        """Hang up."""
        connection = self._connection.sock
        if connection is not None:
            connection.shutdown(socket.SHUT_RDWR)
        self.join(10)

    def has(self, number: int, within: float = 30.0) -> list[HeardEvent]:
        """Wait for so many events, and return all."""
        deadline = time.monotonic() + within
        while len(self.parser.events) < number:
            assert time.monotonic() < deadline, f"{len(self.parser.events)} of {number} events came"
            time.sleep(0.01)
        return list(self.parser.events)
