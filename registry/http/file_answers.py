"""Hands an answer that is a file to the front as one, although middlewares have wrapped it on its way.

The front sends a file from its event loop, piece by piece, without a thread and without holding it in memory; but it
knows one only by its class, and whatever counts or logs the bytes of an answer wraps the body in a class of its own
(PEP 3333, "Optional Platform-Specific File Handling"). So this middleware stands outside of all others.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import TYPE_CHECKING, BinaryIO, cast

from flask import Flask

from registry.http.front import BLOCK, FileBody

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

FILE_WRAPPER = "wsgi.file_wrapper"


def install_file_answers(app: Flask) -> None:
    """Wrap `app`; to be done last."""
    app.wsgi_app = FileAnswers(app.wsgi_app)  # type: ignore[method-assign]


class FileAnswers:
    """The middleware around `app`."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request (PEP 3333)."""
        if environ.get(FILE_WRAPPER) is not FileBody:
            return self._app(environ, start_response)
        files: list[FileBody] = []

        def wrap(stream: io.BufferedIOBase, _block_size: int = BLOCK) -> FileBody:
            files.append(FileBody(stream, BLOCK))
            return files[-1]

        environ[FILE_WRAPPER] = wrap
        body = self._app(environ, start_response)
        if files:
            return cast("Iterable[bytes]", FileBody(_Pieces(body), BLOCK))
        return body


class _Pieces(io.BufferedIOBase):
    """A WSGI body as a stream, so that its pieces still go through all that wraps it."""

    def __init__(self, body: Iterable[bytes]) -> None:
        super().__init__()
        self._body = body
        self._rest = iter(body)

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def read(self, _size: int | None = -1) -> bytes:
        """Return the next piece, whatever its size; empty at the end."""
        return next(self._rest, b"")

    def close(self) -> None:
        """End the answer, once."""
        if not self.closed:
            super().close()
            close = getattr(self._body, "close", None)
            if close is not None:
                close()


def file_body(environ: WSGIEnvironment, stream: BinaryIO) -> Iterable[bytes]:
    """Return the WSGI body for an open file, by the server's own way if it has one."""
    wrap = environ.get(FILE_WRAPPER, FileBody)
    body: Iterable[bytes] = wrap(stream, BLOCK)
    return body
