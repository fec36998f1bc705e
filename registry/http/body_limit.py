"""Bodies of requests: not larger than allowed, and never a part taken for the whole.

A WSGI server hands over what arrived: when a client breaks off, the stream just ends, and werkzeug's own limit cuts
a chunked body silently at its maximum. So the stream is counted here. With a Content-Length the count must agree;
without one (chunked, or HTTP/2) only JSON is taken, as no beginning of a JSON object or array is JSON itself.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.exceptions import LengthRequired

from registry.errors import BadRequest, ContentTooLarge

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer
    from _typeshed.wsgi import InputStream, StartResponse, WSGIApplication, WSGIEnvironment

CHUNK = 64 * 1024


def limit_body(app: Flask, max_body: int) -> None:
    """Make `app` refuse bodies of more than `max_body` bytes and bodies that are incomplete, when they are read."""
    app.config["MAX_FORM_MEMORY_SIZE"] = max_body
    app.wsgi_app = BodyLimit(app.wsgi_app, max_body)  # type: ignore[method-assign]


class BodyLimit:
    """The middleware around `app`."""

    def __init__(self, app: WSGIApplication, max_body: int) -> None:
        self._app = app
        self._max_body = max_body

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request (PEP 3333) whose body is counted."""
        length = environ.get("CONTENT_LENGTH", "")
        environ["wsgi.input"] = CountedBody(
            environ["wsgi.input"],
            limit=self._max_body,
            length=int(length) if length.isdecimal() else None,
            media_type=environ.get("CONTENT_TYPE", ""),
        )
        environ["wsgi.input_terminated"] = True
        return self._app(environ, start_response)


class CountedBody(io.RawIOBase):
    """The stream of one body.

    Args:
        inner: the server's stream.
        limit: how many bytes it may have.
        length: how many bytes it must have; None if the client didn't say.
        media_type: the Content-Type.

    Reading raises ContentTooLarge past the limit, BadRequest if it ends early, and LengthRequired (411) if nobody
    can tell whether it did.
    """

    def __init__(self, inner: InputStream, *, limit: int, length: int | None, media_type: str) -> None:
        super().__init__()
        self._inner = inner
        self._limit = limit
        self._length = length
        self._media_type = media_type.partition(";")[0].strip().lower()
        self._count = 0

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Read what fits into `buffer`; 0 at the end."""
        view = memoryview(buffer).cast("B")
        data = self._next(len(view))
        view[: len(data)] = data
        return len(data)

    def readall(self) -> bytes:
        """Read to the end."""
        return b"".join(iter(lambda: self._next(CHUNK), b""))

    def _next(self, size: int) -> bytes:
        if (self._length or self._count) > self._limit:
            raise ContentTooLarge(f"The body is larger than {self._limit} bytes")
        if size == 0 or self._count == self._length:
            return b""
        wanted = size if self._length is None else min(size, self._length - self._count)
        data = self._inner.read(wanted)
        self._count += len(data)
        if not data:
            self._end()
        elif self._count > self._limit:
            raise ContentTooLarge(f"The body is larger than {self._limit} bytes")
        return data

    def _end(self) -> None:
        if self._length is not None:
            raise BadRequest(f"The body ends after {self._count} of {self._length} bytes")
        if self._count and not self._media_type.endswith(("/json", "+json")):
            raise LengthRequired("A body that is not JSON needs a Content-Length, to tell that all of it has arrived")
