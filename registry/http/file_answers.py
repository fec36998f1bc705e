"""Hands an answer that is a file or a stream to the front as one, although middlewares have wrapped it on its way.

The front sends it from its event loop, piece by piece, without a thread and without holding it in memory; but it
knows one only by its class, and whatever counts or logs the bytes of an answer wraps the body in a class of its own
(PEP 3333, "Optional Platform-Specific File Handling"). So this middleware stands outside of all others.
"""

from __future__ import annotations

import io
from collections.abc import AsyncGenerator, Generator, Iterable
from contextlib import aclosing
from typing import TYPE_CHECKING, BinaryIO, cast

from flask import Flask

from registry.http.front import BLOCK, STREAMS, FileBody, StreamBody

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
        if streams := environ.get(STREAMS):
            return cast("Iterable[bytes]", _Stream(streams[-1], body))
        if files:
            return cast("Iterable[bytes]", FileBody(_Pieces(body), BLOCK))
        return body


class HandedOver(StreamBody, Iterable[bytes]):
    """A stream as the WSGI body of an answer: it yields what the front is about to send, to all that wraps it.

    Args:
        inner: the stream.
    """

    def __init__(self, inner: StreamBody) -> None:
        self._inner = inner
        self.current = b""

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """Yield the pieces of the stream."""
        async with aclosing(self._inner.pieces()) as pieces:
            async for piece in pieces:
                self.current = piece
                yield piece

    def __iter__(self) -> Generator[bytes, None, None]:
        """Yield the current piece, each time."""
        while True:
            yield self.current

    def close(self) -> None:
        """End the stream."""
        self._inner.close()


class _Stream(StreamBody):
    """A stream whose pieces go through all that wraps it."""

    def __init__(self, inner: HandedOver, body: Iterable[bytes]) -> None:
        self._inner = inner
        self._body = body
        self._wrapped = iter(body)

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """Yield the pieces as they come out of the wrappers."""
        async with aclosing(self._inner.pieces()) as pieces:
            async for _ in pieces:
                yield next(self._wrapped)

    def close(self) -> None:
        """End the answer."""
        close = getattr(self._body, "close", None)
        if close is not None:
            close()


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


def stream_body(environ: WSGIEnvironment, stream: StreamBody) -> Iterable[bytes] | None:
    """Return the WSGI body for a stream; None if the server sends none."""
    streams: list[HandedOver] | None = environ.get(STREAMS)
    if streams is None:
        return None
    streams.append(HandedOver(stream))
    return streams[-1]
