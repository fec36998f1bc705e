"""What every answer says to browsers and caches.

The values suit an API: nothing is to be framed, sniffed, or run. A view that answers with a page sets its own
Content-Security-Policy and keeps it. TLS and with it HSTS are the business of the proxy in front.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


SECURITY_HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
)
VARY = ("Authorization", "Accept")
"""What the bodies of this server depend on (RFC 9110, section 12.5.5)."""
SAME_FOR_ALL = ("/health/", "/context.jsonld")
"""But for those below these paths."""
PUBLIC = "registry.public"
"""Key of the WSGI environment: a view sets it when its answer is the same whoever asks, and brings its own Vary."""


_PAIRS = tuple((name.lower(), (name, value)) for name, value in SECURITY_HEADERS)


def install_headers(app: Flask) -> None:
    """Wrap `app`, so that every answer has the security headers and Vary, unless it brings its own."""
    app.wsgi_app = AnswerHeaders(app.wsgi_app)  # type: ignore[method-assign]


class AnswerHeaders:
    """The middleware around `app`; at this level a header costs a fifth of what it costs in Flask."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request (PEP 3333)."""

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            present = {name.lower() for name, _ in headers}
            headers.extend([pair for name, pair in _PAIRS if name not in present])
            if PUBLIC not in environ and not environ["PATH_INFO"].startswith(SAME_FOR_ALL):
                _vary(headers, present)
            return start_response(status, headers, exc_info) if exc_info else start_response(status, headers)

        return self._app(environ, start)


def _vary(headers: list[tuple[str, str]], present: set[str]) -> None:
    if "vary" not in present:
        headers.append(("Vary", ", ".join(VARY)))
        return
    named = {word.strip().lower() for name, value in headers if name.lower() == "vary" for word in value.split(",")}
    missing = [name for name in VARY if name.lower() not in named]
    if missing and "*" not in named:
        headers.append(("Vary", ", ".join(missing)))
