"""rdflib-endpoint: an rdflib dataset behind FastAPI and uvicorn, all in memory.

It takes no default-graph-uri: its default graph is the union of what it has loaded, so it loads the dataset alone.
It can't give up a query, so one that takes too long costs a start of the server.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from bench.connection import Answer, Connection, TooSlow
from bench.process import free_port, serving
from bench.sparql_request import HEADERS

NAME = "rdflib-endpoint"
COMMAND = "rdflib-endpoint"
TIMEOUT = 10.0
"""Seconds after which a query is given up."""
MOST_DEVICES = 20_000
"""It holds about as many before its start takes minutes."""
STOP_WITHIN = 2.0
KEEP_ALIVE = 3.0
"""uvicorn closes a connection 5 s after its last exchange."""


@contextmanager
def served(command: str, document: Path) -> Iterator[RdflibEndpoint]:
    """Serve an N-Quads document on loopback, from the first query on."""
    with ExitStack() as parts:
        yield RdflibEndpoint(command, document, parts)


class RdflibEndpoint:
    """The server, started when it is asked.

    Args:
        command: its executable.
        document: N-Quads to load.
        parts: what to end at last.
    """

    def __init__(self, command: str, document: Path, parts: ExitStack) -> None:
        self._command = command
        self._document = document
        self._parts = parts
        self._connection: Connection | None = None

    def ask(self, text: str) -> Answer:
        """Ask a query.

        Raises:
            TooSlow: it took too long; the next one starts the server anew.
        """
        if self._connection is None:
            self._connection = self._start()
        try:
            return self._connection.ask("POST", "/", headers=HEADERS, body=text.encode())
        except TooSlow:
            self._connection = None
            self._parts.close()
            raise

    def _start(self) -> Connection:
        port = free_port()
        command = [self._command, "serve", "--host", "127.0.0.1", "--port", str(port), str(self._document)]
        log = self._document.with_suffix(".log")
        self._parts.enter_context(serving(command, log, ready="INFO:     Uvicorn running", stop_within=STOP_WITHIN))
        return self._parts.enter_context(closing(Connection(port, TIMEOUT, KEEP_ALIVE)))
