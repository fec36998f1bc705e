"""An issuer of access tokens for the bench: RS256 keys, served as a JWKS over HTTP, and signed tokens (RFC 9068).

It stands in for all issuers that the bench's configuration names, each with the roles it may grant; the registry
verifies what it signs as it would any other token. There is no grant and no login: whoever has the object has tokens.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from uuid import uuid4

from joserfc import jwt
from joserfc.jwk import RSAKey

AUDIENCE = "der-registry"
SERVICES = "registry.example"
LIFETIME = 24 * 3600
"""Seconds; longer than any run."""


class Issuer:
    """Keys and the tokens that they sign."""

    def __init__(self) -> None:
        self._key = RSAKey.generate_key(2048, {"kid": "bench", "use": "sig", "alg": "RS256"})
        self.jwks_uri = ""

    def token(self, role: str, host: str, subject: str) -> str:
        """Sign an access token of the issuer at the host, for instance coop-001.example."""
        now = int(time.time())
        claims = {
            "iss": f"https://{host}",
            "aud": AUDIENCE,
            "sub": subject,
            "client_id": "bench",
            "iat": now,
            "exp": now + LIFETIME,
            "jti": str(uuid4()),
            "role": role,
        }
        return jwt.encode({"alg": "RS256", "typ": "at+jwt", "kid": "bench"}, claims, self._key)

    def configuration(self, aggregators: int) -> str:
        """Write the `[[issuers]]` of a configuration file: one for each aggregator, and one for services."""
        hosts = [f"coop-{number + 1:03d}.example" for number in range(aggregators)]
        tables = [self._table(host, ["aggregator", "prosumer"]) for host in hosts]
        return "\n".join([*tables, self._table(SERVICES, ["service"])])

    def _table(self, host: str, roles: list[str]) -> str:
        return (
            f'[[issuers]]\nissuer = "https://{host}"\naudience = "{AUDIENCE}"\n'
            f'jwks_uri = "{self.jwks_uri}"\nroles = {json.dumps(roles)}\n'
        )

    @contextmanager
    def served(self) -> Iterator[Issuer]:
        """Serve the public keys on a free port of loopback."""
        keys = json.dumps({"keys": [self._key.as_dict(private=False)]}).encode()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(keys)))
                self.end_headers()
                self.wfile.write(keys)

            def log_message(self, *_: object) -> None:
                """Keep quiet."""

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            self.jwks_uri = f"http://127.0.0.1:{server.server_port}/jwks.json"
            Thread(target=server.serve_forever, daemon=True).start()
            try:
                yield self
            finally:
                server.shutdown()
