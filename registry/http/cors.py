"""Cross-origin requests: which pages of other origins may ask this server from a browser (Fetch, section 3.2).

Callers show a token in a header and never a cookie, so credentials in the sense of CORS are never allowed; without
them an origin `*` is safe. A preflight carries no token and is answered here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PATHS = ("/sparql", "/rdf-graph-store", "/queries", "/1", "/events", "/openapi.json")
"""What can be asked across origins, with all below."""
METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, QUERY"
REQUEST_HEADERS = ", ".join(
    (
        *("Authorization", "Content-Type", "Accept", "If-Match", "If-None-Match", "If-Modified-Since"),
        *("Last-Event-ID", "X-Request-Id", "X-HTTP-Method-Override"),
    )
)
EXPOSED = ", ".join(
    (
        *("SPARQL-Dataset", "Query-Id", "X-Request-Id", "X-Total-Count"),
        *("ETag", "Link", "Location", "Allow", "Content-Length", "Retry-After", "WWW-Authenticate"),
    )
)
"""Headers of answers that scripts may read, beside those that they always may."""
MAX_AGE = 7200


def install_cors(app: Flask, origins: Collection[str]) -> None:
    """Wrap `app`, so that pages from `origins` may ask it; `*` among them stands for every page. None: no wrapping."""
    if origins:
        app.wsgi_app = Cors(app.wsgi_app, origins)  # type: ignore[method-assign]


class Cors:
    """The middleware around `app`."""

    def __init__(self, app: WSGIApplication, origins: Collection[str]) -> None:
        self._app = app
        self._origins = frozenset(origins)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request (PEP 3333)."""
        path = environ["PATH_INFO"]
        if not any(path == each or path.startswith(f"{each}/") for each in PATHS):
            return self._app(environ, start_response)
        allowed = self._allowed(environ.get("HTTP_ORIGIN"))
        if allowed and environ["REQUEST_METHOD"] == "OPTIONS" and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ:
            start_response("204 No Content", [*self._headers(allowed), *_PREFLIGHT])
            return ()

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            headers.extend(self._headers(allowed))
            if allowed:
                headers.append(("Access-Control-Expose-Headers", EXPOSED))
            return start_response(status, headers, exc_info) if exc_info else start_response(status, headers)

        return self._app(environ, start)

    def _allowed(self, origin: str | None) -> str | None:
        if "*" in self._origins:
            return "*"
        return origin if origin in self._origins else None

    def _headers(self, allowed: str | None) -> list[tuple[str, str]]:
        vary = [] if "*" in self._origins else [("Vary", "Origin")]
        return [*vary, ("Access-Control-Allow-Origin", allowed)] if allowed else vary


_PREFLIGHT = (
    ("Access-Control-Allow-Methods", METHODS),
    ("Access-Control-Allow-Headers", REQUEST_HEADERS),
    ("Access-Control-Max-Age", str(MAX_AGE)),
)
