"""The span of each request: around the application, from the first line to the last byte.

It says the method, the template of the path, the status and the id of the request: never the query, headers or body.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from flask import Flask

from registry.http.request_log import ROUTE
from registry.request_id import request_id
from registry.spans import RequestSpan, Tracer, traced_by

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_CONTEXT = {"traceparent": "HTTP_TRACEPARENT", "tracestate": "HTTP_TRACESTATE"}


def install_request_spans(app: Flask, tracer: Tracer | None) -> None:
    """Wrap `app`, so that each request is a span of `tracer`, if there is one."""
    if tracer is not None:
        app.wsgi_app = RequestSpans(app.wsgi_app, tracer)  # type: ignore[method-assign]


class RequestSpans:
    """The middleware around `app`."""

    def __init__(self, app: WSGIApplication, tracer: Tracer) -> None:
        self._app = app
        self._tracer = tracer

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request (PEP 3333); its span ends when the answer is closed."""
        headers = {name: environ[key] for name, key in _CONTEXT.items() if key in environ}
        method, statuses = environ["REQUEST_METHOD"], [500]

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            statuses.append(int(status[:3]))
            return start_response(status, headers, exc_info) if exc_info else start_response(status, headers)

        attributes = {"http.request.method": method, "der_registry.request_id": request_id() or ""}
        span = self._tracer.request(headers, attributes)
        try:
            with traced_by(self._tracer), span.current():
                body = self._app(environ, start)
        except BaseException:
            span.end(method, environ.get(ROUTE), 500)
            raise
        return _Traced(body, span, environ, statuses)


class _Traced:
    """The body of an answer, whose end is that of its request's span."""

    def __init__(
        self, inner: Iterable[bytes], span: RequestSpan, environ: WSGIEnvironment, statuses: list[int]
    ) -> None:
        self._inner = inner
        self._chunks = iter(inner)
        self._span = span
        self._environ = environ
        self._statuses = statuses

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self._chunks)

    def close(self) -> None:
        """End the answer and the span."""
        try:
            close = getattr(self._inner, "close", None)
            if close is not None:
                close()
        finally:
            self._span.end(self._environ["REQUEST_METHOD"], self._environ.get(ROUTE), self._statuses[-1])
