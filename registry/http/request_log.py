"""The log: one JSON object a line on standard error, one line a request, and a request id in all of them.

A request's line has its path but never its query string, headers or body, as those may hold tokens and personal
data. A WSGI middleware rather than Flask's hooks, so that the line has the bytes that were really sent and stands there
for requests too that fail early. Shipping, rotating and counting are the platform's business.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TextIO, TypeAlias

from flask import Flask, request

from registry.request_id import request_id, set_request_id

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

ROUTE = "registry.route"
"""Key of the WSGI environment for the template of the path; absent where none fits."""
ROLE = "registry.role"
"""Key of the WSGI environment for the caller's role."""
QUIET = ("/health/", "/metrics")
"""Below these paths a request is logged at DEBUG only."""

Observer: TypeAlias = Callable[[str, str | None, int, float], None]
"""Is told of each answered request: method, template of the path if one fits, status, seconds."""

_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

access_logger = logging.getLogger("registry.access")


def note_role(role: str) -> None:
    """Have the line of the current request name the caller's `role`."""
    request.environ[ROLE] = str(role)


def configure_logging(level: int = logging.INFO, stream: TextIO | None = None) -> None:
    """Send all of Python's logging from `level` on to `stream` (standard error), as JSON lines."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.captureWarnings(True)
    # httpx tells every address that it asks at INFO
    logging.getLogger("httpx").setLevel(max(level, logging.WARNING))


class JsonFormatter(logging.Formatter):
    """One record as one JSON object: timestamp, level, logger, message, request id, then what the record adds."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of `record`, without its end."""
        line: dict[str, Any] = {
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
        }
        access = getattr(record, "access", None)
        if access is not None:
            line.update(access)
            return json.dumps(line)
        line["message"] = record.getMessage()
        if identifier := request_id():
            line["request_id"] = identifier
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line)


def install_request_log(app: Flask, observe: Observer = lambda *_: None) -> None:
    """Wrap `app`, so that each request has an id, which comes back as X-Request-Id, is logged and observed."""
    app.wsgi_app = RequestLog(app.wsgi_app, observe)  # type: ignore[method-assign]
    app.url_value_preprocessor(_note_route)


def _note_route(_: str | None, __: Any) -> None:
    if request.url_rule is not None:
        request.environ[ROUTE] = request.url_rule.rule


class RequestLog:
    """The middleware around `app`."""

    def __init__(self, app: WSGIApplication, observe: Observer = lambda *_: None) -> None:
        self._app = app
        self._observe = observe

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request (PEP 3333); its line is written when the last byte has been handed over."""
        started = time.perf_counter()
        sent = environ.get("HTTP_X_REQUEST_ID", "")
        identifier = sent if _ID.fullmatch(sent) else secrets.token_hex(8)
        set_request_id(identifier)
        line = _Line(environ, identifier, started, self._observe)

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            line.status = int(status[:3])
            headers.append(("X-Request-Id", identifier))
            return start_response(status, headers, exc_info) if exc_info else start_response(status, headers)

        try:
            return _Answer(self._app(environ, start), line)
        except BaseException:
            line.status = 500
            line.write()
            raise


class _Line:
    """What the log will say of one request."""

    __slots__ = ("bytes", "environ", "identifier", "observe", "started", "status")

    def __init__(self, environ: WSGIEnvironment, identifier: str, started: float, observe: Observer) -> None:
        self.environ = environ
        self.identifier = identifier
        self.started = started
        self.status = 0
        self.bytes = 0
        self.observe = observe

    def write(self) -> None:
        path = self.environ.get("PATH_INFO", "")
        method, route = self.environ["REQUEST_METHOD"], self.environ.get(ROUTE)
        self.observe(method, route, self.status, time.perf_counter() - self.started)
        level = logging.DEBUG if path.startswith(QUIET) else logging.INFO
        if access_logger.isEnabledFor(level):
            access_logger.log(level, "request", extra={"access": self._fields(path)})

    def _fields(self, path: str) -> dict[str, Any]:
        environ = self.environ
        return {
            "request_id": self.identifier,
            "method": environ["REQUEST_METHOD"],
            # PEP 3333: the bytes of the path, decoded as ISO-8859-1
            "path": path if path.isascii() else path.encode("latin-1", "replace").decode("utf-8", "replace"),
            "status": self.status,
            "duration_ms": round((time.perf_counter() - self.started) * 1000, 3),
            "bytes": self.bytes,
            "role": environ.get(ROLE),
            "remote": environ.get("REMOTE_ADDR"),
        }


class _Answer:
    """The body of an answer, counted on its way."""

    __slots__ = ("_chunks", "_inner", "_line")

    def __init__(self, inner: Iterable[bytes], line: _Line) -> None:
        self._inner = inner
        self._chunks = iter(inner)
        self._line = line

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        chunk = next(self._chunks)
        self._line.bytes += len(chunk)
        return chunk

    def close(self) -> None:
        """End the answer (PEP 3333 calls it whatever happened), and write its line."""
        try:
            close = getattr(self._inner, "close", None)
            if close is not None:
                close()
        finally:
            self._line.write()
