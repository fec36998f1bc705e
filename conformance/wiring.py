"""The registry as it is served, with tokens for the tests and with its store within reach.

Server and tests share a process, as the embedded store has one writer: the server has the main thread, the tests
another one, and they speak HTTP over loopback.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import registry.http.graph_store
import registry.http.sparql
from bench import issuer
from bench.process import free_port
from conformance.client import Client
from conformance.gallery import AGGREGATOR, Gallery
from registry.http import endpoint
from registry.http.front import Lane
from registry.http.serving import serve
from registry.principal import Role
from registry.settings import SandboxSection, Settings, StoreSettings
from registry.tokens.issuer import Issuer
from server import EXTENSION, Components, create_app

_WORKERS = 2


@dataclass(frozen=True, slots=True)
class Server:
    """The running server.

    Attributes:
        endpoint: the IRI of its SPARQL endpoint.
        clients: who asks: a service, and an aggregator that owns the tests' data.
        components: what it is made of.
    """

    endpoint: str
    clients: dict[str, Client]
    components: Components

    @contextmanager
    def showing(self, gallery: Gallery) -> Iterator[None]:
        """Let everybody see what `gallery` permits, in place of the policy, for as long as this lasts."""
        with (
            patch.object(registry.http.sparql, "query_dataset", gallery.permitted),
            patch.object(registry.http.graph_store, "query_dataset", gallery.permitted),
        ):
            yield


def with_server(folder: Path, tests: Callable[[Server], int]) -> int:
    """Serve a registry whose store is in `folder`, run `tests` beside it, and return what they return."""
    keys = issuer.Issuer()
    with keys.served():
        settings = Settings(store=StoreSettings(path=folder), sandbox=SandboxSection(workers=_WORKERS))
        app = create_app(
            settings, [_trusted(keys, AGGREGATOR, Role.AGGREGATOR), _trusted(keys, issuer.SERVICES, Role.SERVICE)]
        )
        components: Components = app.extensions[EXTENSION]
        port = free_port()
        callers = {Role.SERVICE: issuer.SERVICES, Role.AGGREGATOR: AGGREGATOR}
        clients = {role.value: Client(port, keys.token(role, host, "conformance")) for role, host in callers.items()}
        session = _Session(lambda: tests(Server(f"http://127.0.0.1:{port}/sparql", clients, components)))
        try:
            components.engine.start()
            lanes = [Lane(_WORKERS, (endpoint.PATH, registry.http.graph_store.PATH))]
            serve(app, host="127.0.0.1", port=port, lanes=lanes, on_ready=session.start)
            return session.result
        finally:
            components.close()


class _Session(threading.Thread):
    """Runs the tests, then ends the server as SIGTERM does."""

    def __init__(self, tests: Callable[[], int]) -> None:
        super().__init__(daemon=True)
        self._tests = tests
        self.result = 1

    def run(self) -> None:
        try:
            self.result = self._tests()
        finally:
            sys.stdout.flush()
            os.kill(os.getpid(), signal.SIGTERM)


def _trusted(keys: issuer.Issuer, host: str, role: Role) -> Issuer:
    return Issuer(issuer=f"https://{host}", audience=issuer.AUDIENCE, jwks_uri=keys.jwks_uri, roles=(role,))
