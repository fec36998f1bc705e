"""X-HTTP-Method-Override, for clients and proxies that know no PATCH, PUT or DELETE.

Only a POST is taken for another method. Eve takes a GET for one too, which would let whatever follows a link, a cache
or a crawler change devices. A page of another origin gains nothing: a browser asks by preflight before it sends this
header, or the token, and neither comes from a form or a link.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

HEADER = "HTTP_X_HTTP_METHOD_OVERRIDE"
PREFIX = "/1"
METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
_UNKNOWN = "UNKNOWN"


def install_method_override(app: Flask) -> None:
    """Wrap `app`, so that the facade takes a POST for the method that its header names."""
    app.wsgi_app = MethodOverride(app.wsgi_app)  # type: ignore[method-assign]


class MethodOverride:
    """The middleware around `app`. A method that can't be meant is no POST either: it gets 405."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request (PEP 3333)."""
        meant = environ.get(HEADER, "").strip().upper()
        path = environ["PATH_INFO"]
        if meant and environ["REQUEST_METHOD"] == "POST" and (path == PREFIX or path.startswith(f"{PREFIX}/")):
            environ["REQUEST_METHOD"] = meant if meant in METHODS else _UNKNOWN
        return self._app(environ, start_response)
