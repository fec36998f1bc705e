"""A whole registry for tests: the application as it is served, its store in a folder, and issuers of real tokens.

The issuers' keys are published over HTTP on loopback, one key set for each, as the registry gets them in production.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from flask import Flask
from joserfc import jwt
from joserfc.jwk import ECKey
from werkzeug.test import TestResponse

from registry.access import GRAPHS
from registry.devices.device import Device
from registry.principal import Principal, Role
from registry.settings import Settings, StoreSettings
from registry.tokens.issuer import Issuer
from server import EXTENSION, Components, create_app
from sparql.dataset import DatasetDescription
from sparql.graph_store import ChangeSet
from sparql.terms import Quad, Triple

AUDIENCE = "der-registry"
A, B = "coop-a.example", "coop-b.example"
OPERATOR = "operator.example"
"""Issuers: two aggregators, and one for services and engineers."""
ALICE = "0b7c1f5e-3a51-4c8e-9d0f-2f6a1c9e4b7d"
BOB = "5f3c2b1a-9d8e-4f70-8a6b-1c2d3e4f5a6b"
VEN = "7f1d0c6e-52a4-4b0e-8a3d-9e1f6b2c4d5a"
LOADER = Principal(role=Role.SERVICE, issuer="urn:tests", subject="tests")


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Whose token a request carries: a role, the issuer, and the account as `sub`."""

    role: Role
    host: str = OPERATOR
    account: str = "someone"


SERVICE = Caller(role=Role.SERVICE)
ENGINEER = Caller(role=Role.ENGINEER)
AGGREGATOR = Caller(role=Role.AGGREGATOR, host=A)
PROSUMER = Caller(role=Role.PROSUMER, host=A, account=ALICE)
HOLDERS = {Role.AGGREGATOR: AGGREGATOR, Role.PROSUMER: PROSUMER, Role.SERVICE: SERVICE}


class Stand:
    """The running registry.

    Attributes:
        app: the application.
        components: what it is made of.
    """

    def __init__(self, app: Flask, keys: Mapping[str, ECKey]) -> None:
        self.app = app
        self.components: Components = app.extensions[EXTENSION]
        self._keys = keys
        self._token = cache(self._sign)

    def call(self, method: str, path: str, caller: Caller | None = SERVICE, **request: Any) -> TestResponse:
        """Make one request with the token of `caller`; None for a request without one."""
        headers = dict(request.pop("headers", {}))
        if "json" in request:
            request |= {"data": json.dumps(request.pop("json")), "content_type": "application/json"}
        if caller is not None:
            headers.setdefault("Authorization", f"Bearer {self._token(caller)}")
        return self.app.test_client().open(path, method=method, headers=headers, **request)

    def get(self, path: str, caller: Caller | None = SERVICE, **request: Any) -> TestResponse:
        """GET one path."""
        return self.call("GET", path, caller, **request)

    def etag(self, device_id: str, caller: Caller = SERVICE) -> str:
        """Return the entity tag that `caller` gets for a device, as its header says."""
        return self.get(f"/1/devices/{device_id}", caller).headers["ETag"]

    def patch(self, device_id: str, changes: Any, caller: Caller = SERVICE, etag: str | None = None) -> TestResponse:
        """PATCH a device, by default with its current entity tag."""
        headers = {"If-Match": etag or self.etag(device_id, caller)}
        return self.call("PATCH", f"/1/devices/{device_id}", caller, json=changes, headers=headers)

    def token(self, caller: Caller, **claims: Any) -> str:
        """Return a token of `caller` with further or other claims."""
        return self._sign(caller, **claims)

    def _sign(self, caller: Caller, **claims: Any) -> str:
        key, now = self._keys[caller.host], int(time.time())
        who = {"iss": f"https://{caller.host}", "aud": AUDIENCE, "sub": caller.account, "role": caller.role.value}
        payload = {**who, "iat": now, "exp": now + 3600, **claims}
        return jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": key.kid}, payload, key)

    def add(self, *documents: Mapping[str, Any]) -> list[Device]:
        """Put devices into the registry."""
        return self.components.writer.create(LOADER, documents, single=False)

    def dump(self) -> frozenset[Quad]:
        """Return everything that the store holds of devices."""
        store = self.components.store
        return frozenset(
            Quad(*Triple(*row), graph)  # type: ignore[arg-type]  # the pattern binds all three
            for graph in store.graphs()
            if graph.startswith(GRAPHS)
            for row in store.select("SELECT ?s ?p ?o WHERE { ?s ?p ?o }", DatasetDescription(default=(graph,)))
        )

    def clear(self) -> None:
        """Remove every device and every contract, as if there had never been one."""
        self.components.store.apply(ChangeSet(removed=self.dump()))
        self.components.contracts.commitments.__init__()  # type: ignore[misc]  # as after a start without any


def device(number: int = 1, **changes: Any) -> dict[str, Any]:
    """Return a small valid document of Alice's at aggregator A; `...` leaves a field out."""
    document = {
        "device_id": f"00000000-0000-4000-8000-{number:012x}",
        "device_name": f"device {number}",
        "account_id": ALICE,
        "ven_id": VEN,
        "aggregator_id": A,
        "device_class": "dhwDevice",
        "availability": "yes",
    }
    return {name: value for name, value in {**document, **changes}.items() if value is not ...}


@contextmanager
def running_stand(folder: Path) -> Iterator[Stand]:
    """Run a registry on a store in `folder`."""
    keys = {host: ECKey.generate_key("P-256", {"kid": host}) for host in (A, B, OPERATOR)}
    with _published(keys) as base:
        households = (Role.AGGREGATOR, Role.PROSUMER)
        issuers = [
            _issuer(base, A, households),
            _issuer(base, B, households),
            _issuer(base, OPERATOR, (Role.SERVICE, Role.ENGINEER)),
        ]
        app = create_app(Settings(store=StoreSettings(path=folder)), issuers)
        stand = Stand(app, keys)
        yield stand
        stand.components.close()


def _issuer(base: str, host: str, roles: Sequence[Role]) -> Issuer:
    return Issuer(issuer=f"https://{host}", audience=AUDIENCE, jwks_uri=f"{base}/{host}", roles=tuple(roles))


@contextmanager
def _published(keys: Mapping[str, ECKey]) -> Iterator[str]:
    sets = {f"/{host}": json.dumps({"keys": [key.as_dict(private=False)]}).encode() for host, key in keys.items()}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(sets[self.path])))
            self.end_headers()
            self.wfile.write(sets[self.path])

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
