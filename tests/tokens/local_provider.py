"""A provider for the tests: a real HTTP server on a thread that publishes keys, counts requests, and can misbehave."""

from __future__ import annotations

import base64
import json
import threading
from collections import Counter
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from joserfc import jws
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from registry.principal import Role
from registry.tokens.issuer import ALGORITHMS, Issuer

NOW = 1_760_000_000
AUDIENCE = "der-registry"
ACCOUNT = "0b7c1f5e-3a51-4c8e-9d0f-2f6a1c9e4b7d"
DISCOVERY = "/.well-known/openid-configuration"
JWKS = "/jwks"
REGISTRY = jws.JWSRegistry(algorithms=[*ALGORITHMS, "none", "HS256"], strict_check_header=False)
REGISTRY.max_header_length = 16_000


class Clock:
    """A clock that moves when told."""

    def __init__(self, time: float = NOW) -> None:
        self.time = time

    def __call__(self) -> float:
        return self.time


class LocalProvider:
    """A provider with discovery and a key set; use as a context manager.

    Attributes:
        keys: what it publishes; the first one signs.
        answers: path -> (status, body) in place of the right answer.
        open: answers wait while this is not set.
        asked: set when a request has arrived.
        counts: requests so far by path.
    """

    def __init__(self, *keys: Key) -> None:
        self.keys: list[Key] = list(keys)
        self.answers: dict[str, tuple[int, bytes]] = {}
        self.open = threading.Event()
        self.open.set()
        self.asked = threading.Event()
        self.counts: Counter[str] = Counter()
        self._server: ThreadingHTTPServer | None = None
        self._port = 0

    def __enter__(self) -> Self:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.counts[self.path] += 1
                provider.asked.set()
                provider.open.wait(30)
                status, body = provider.answer(self.path)
                self.send_response(status)
                if status in {301, 302}:
                    self.send_header("Location", provider.issuer + JWKS)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), Handler)
        self._port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.open.set()
        self.stop()

    def stop(self) -> None:
        """Go down; entering the context again brings it up on the same port."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def answer(self, path: str) -> tuple[int, bytes]:
        if path in self.answers:
            return self.answers[path]
        documents: dict[str, Any] = {
            DISCOVERY: {"issuer": self.issuer, "jwks_uri": self.issuer + JWKS},
            JWKS: {"keys": [key.as_dict(private=False) for key in self.keys]},
        }
        return (200, json.dumps(documents[path]).encode()) if path in documents else (404, b"")

    def trusted(self, *roles: Role, **settings: Any) -> Issuer:
        """Return this provider as an issuer that the registry trusts."""
        granted = roles or (Role.AGGREGATOR, Role.PROSUMER)
        return Issuer(**{"issuer": self.issuer, "audience": AUDIENCE, "roles": granted, **settings})

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Return the claims of a good aggregator's token with some changed; `...` leaves one out."""
        good = {"iss": self.issuer, "aud": AUDIENCE, "sub": "someone", "role": "aggregator"}
        times = {"iat": NOW - 60, "exp": NOW + 600}
        return {name: value for name, value in {**good, **times, **changes}.items() if value is not ...}

    def token(self, claims: Mapping[str, Any] | None = None, *, key: Key | None = None, **header: Any) -> str:
        """Return a token signed by `key`, or by the first key, with parameters of its header changed."""
        payload = json.dumps(self.claims() if claims is None else claims).encode()
        return signed(payload, key or self.keys[0], **header)


def signed(payload: bytes, key: Key, **header: Any) -> str:
    """Sign `payload`; `...` leaves a parameter of the header out."""
    default = {"typ": "at+jwt", "alg": key.alg or algorithm_of(key), "kid": key.kid}
    parameters = {name: value for name, value in {**default, **header}.items() if value not in (..., None)}
    return jws.serialize_compact(parameters, payload, key, registry=REGISTRY)


def algorithm_of(key: Key) -> str:
    """Return an algorithm that suits the type of `key`."""
    return {"RSA": "RS256", "EC": "ES256", "OKP": "Ed25519"}[key.key_type]


def segment(value: object) -> str:
    """Return bytes, or something as JSON, in base64url."""
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def rsa(kid: str, **parameters: Any) -> RSAKey:
    members: Any = {"kid": kid, **parameters}
    return RSAKey.generate_key(2048, members)


def ec(kid: str, curve: str = "P-256") -> ECKey:
    return ECKey.generate_key(curve, {"kid": kid})


def okp(kid: str) -> OKPKey:
    return OKPKey.generate_key("Ed25519", {"kid": kid})
