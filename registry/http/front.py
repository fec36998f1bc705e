"""The front: takes requests from granian's event loop, and has a WSGI application answer them in a few threads.

Why not granian's own WSGI interface: there a client that stalls in its body holds a thread, and a view can't learn that
its client has hung up. Here bodies are read, and long results and endless streams sent, on the event loop; a thread
works only while there is work. Lanes keep kinds of requests from waiting for each other: a query of a minute takes no
thread from the requests of a millisecond.

Source: PEP 3333 (WSGI) and granian's RSGI specification.
"""

from __future__ import annotations

import asyncio
import io
import logging
import sys
import threading
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from http.client import responses
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import unquote_to_bytes

from registry.http.sending import send_pieces

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

BODY_WITHIN = 30.0
"""Seconds within which a request's body must arrive."""
WATCH_AFTER = 0.05
"""Seconds that a request may take before the front looks whether its client is still there."""
HANGUP = "registry.hangup"
"""Key of the WSGI environment for the `Hangup` of a request."""
BLOCK = 256 * 1024
STREAMS = "registry.streams"
"""Key of the WSGI environment for the list into which a view puts the `StreamBody` that is to be its answer's body."""
_SAFE = ("GET", "HEAD")
_BODILESS = (204, 304)

Headers: TypeAlias = list[tuple[str, str]]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Lane:
    """Requests with threads of their own.

    Attributes:
        threads: how many of them are worked on at the same time.
        prefixes: the paths that belong to it, with all below them; none for the lane that takes the rest.
    """

    threads: int
    prefixes: tuple[str, ...] = ()


class Hangup:
    """Tells a view that its client is gone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._happened = False
        self._then: Callable[[], None] | None = None

    def call(self, then: Callable[[], None]) -> None:
        """Have `then` called when the client hangs up; at once if it has already."""
        with self._lock:
            self._then = then
            happened = self._happened
        if happened:
            then()

    def happen(self) -> None:
        """Note that the client is gone."""
        with self._lock:
            self._happened = True
            then = self._then
        if then is not None:
            then()


class FileBody:
    """A WSGI body that the front sends from its loop: `environ["wsgi.file_wrapper"]` (PEP 3333)."""

    def __init__(self, stream: io.BufferedIOBase, block_size: int = BLOCK) -> None:
        self.stream = stream
        self._block_size = block_size

    def __iter__(self) -> Iterator[bytes]:
        """Yield the bytes, for servers that know no file wrapper, and close the file at its end."""
        yield from iter(lambda: self.stream.read(self._block_size), b"")
        self.stream.close()

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """Yield the bytes on the loop: a file is read faster than another thread is woken."""
        for piece in self:
            yield piece

    def close(self) -> None:
        """Close the file."""
        self.stream.close()


class StreamBody(ABC):
    """A body that has no end of its own: the front sends it from its loop until the client or the server ends it."""

    @abstractmethod
    def pieces(self) -> AsyncGenerator[bytes, None]:
        """Yield pieces as they come, on the front's loop."""

    @abstractmethod
    def close(self) -> None:
        """Let go of what the stream holds; called once, whatever happened."""


@dataclass
class _Job:
    environ: WSGIEnvironment
    protocol: Any
    loop: asyncio.AbstractEventLoop
    done: asyncio.Future[FileAnswer | None] = field(init=False)

    def __post_init__(self) -> None:
        self.done = self.loop.create_future()

    def finish(self, answer: FileAnswer | None) -> None:
        try:
            self.loop.call_soon_threadsafe(lambda: None if self.done.done() else self.done.set_result(answer))
        except RuntimeError:  # the loop is closed: the server ended when the answer had been sent
            if answer is not None:
                answer.body.close()


@dataclass(frozen=True, slots=True)
class FileAnswer:
    """An answer whose body the loop sends: a file, or a stream."""

    status: int
    headers: Headers
    body: FileBody | StreamBody


class Front:
    """An RSGI application around a WSGI one.

    Args:
        app: the WSGI application.
        lanes: the lanes; the last one takes what no other does.
        port: the port, for `SERVER_PORT`.
        max_body: bytes of a body that are kept; one byte more is read, so that the application sees it is too large.
    """

    def __init__(self, app: WSGIApplication, lanes: Sequence[Lane], *, port: int, max_body: int) -> None:
        self._app = app
        self._max_body = max_body
        self._base: WSGIEnvironment = {
            "wsgi.version": (1, 0),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            "wsgi.file_wrapper": FileBody,
            "SCRIPT_NAME": "",
            "SERVER_NAME": "registry",
            "SERVER_PORT": str(port),
        }
        self._streams: set[asyncio.Task[None]] = set()
        self._ending = False
        self._threads: list[tuple[SimpleQueue[_Job | None], threading.Thread]] = []
        self._lanes = [(lane.prefixes, self._start(lane)) for lane in lanes]

    async def __call__(self, scope: Any, protocol: Any) -> None:
        """Answer one request."""
        body = await self._body(scope, protocol)
        if body is None:
            return
        job = _Job(self._environ(scope, body), protocol, asyncio.get_running_loop())
        prefixed = [jobs for prefixes, jobs in self._lanes if not prefixes or _below(scope.path, prefixes)]
        prefixed[0].put(job)
        if len(prefixed) > 1:
            await self._watched(job)
        answer = await job.done
        if isinstance(answer, FileAnswer):
            await self._send(scope, protocol, answer)

    async def _send(self, scope: Any, protocol: Any, answer: FileAnswer) -> None:
        """Send a body from the loop; a file has a Content-Length, so a client can tell when it breaks off."""
        sending = asyncio.ensure_future(
            send_pieces(scope, protocol, answer.status, answer.headers, answer.body.pieces())
        )
        if isinstance(answer.body, StreamBody):
            self._streams.add(sending)
            sending.add_done_callback(self._streams.discard)
            if self._ending:
                sending.cancel()
        gone = asyncio.ensure_future(protocol.client_disconnect())
        try:
            await asyncio.wait({sending, gone}, return_when=asyncio.FIRST_COMPLETED)
            sending.cancel()
            await asyncio.wait({sending})
            if not sending.cancelled() and (error := sending.exception()) is not None:
                logger.error("an answer broke off", exc_info=error)
        finally:
            gone.cancel()
            answer.body.close()

    def end_streams(self) -> None:
        """End all streams, and those that would begin; from any thread. Their clients come back to the next server."""
        self._ending = True
        for task in tuple(self._streams):
            try:
                task.get_loop().call_soon_threadsafe(task.cancel)
            except RuntimeError:  # the loop has ended, and with it the stream
                continue

    async def _watched(self, job: _Job) -> None:
        """Watch for a hang-up; not at once, as most answers take less time than the watch costs."""
        await asyncio.wait({job.done}, timeout=WATCH_AFTER)
        if job.done.done():
            return
        hangup: Hangup = job.environ[HANGUP]
        gone = asyncio.ensure_future(job.protocol.client_disconnect())
        await asyncio.wait({job.done, gone}, return_when=asyncio.FIRST_COMPLETED)
        if gone.done():
            hangup.happen()
        gone.cancel()

    async def _body(self, scope: Any, protocol: Any) -> bytes | None:
        if scope.method in _SAFE and scope.headers.get("content-length") is None:
            return b""
        parts = []
        size = 0
        try:
            async with asyncio.timeout(BODY_WITHIN):
                async for part in protocol:
                    parts.append(part)
                    size += len(part)
                    if size > self._max_body:
                        break
        except TimeoutError:
            text = '{"_status":"ERR","_error":{"code":408,"message":"The body did not arrive in time"}}'
            protocol.response_str(408, [("content-type", "application/json"), ("connection", "close")], text)
            return None
        return b"".join(parts)

    def _environ(self, scope: Any, body: bytes) -> WSGIEnvironment:
        environ = {
            **self._base,
            "REQUEST_METHOD": scope.method,
            "PATH_INFO": unquote_to_bytes(scope.path).decode("latin-1"),
            "QUERY_STRING": scope.query_string,
            "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
            "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
            "wsgi.url_scheme": scope.scheme,
            "wsgi.input": io.BytesIO(body),
            HANGUP: Hangup(),
            STREAMS: [],
        }
        for name, value in scope.headers.items():
            key = name.upper().replace("-", "_")
            key = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
            known = environ.get(key)
            environ[key] = value if known is None else f"{known}{'; ' if key == 'HTTP_COOKIE' else ','}{value}"
        return environ

    def close(self) -> None:
        """End the threads once they have done what is waiting for them."""
        for jobs, _ in self._threads:
            jobs.put(None)
        for _, thread in self._threads:
            thread.join()

    def _start(self, lane: Lane) -> SimpleQueue[_Job | None]:
        jobs: SimpleQueue[_Job | None] = SimpleQueue()
        for _ in range(lane.threads):
            thread = threading.Thread(target=self._work, args=(jobs,), name="request", daemon=True)
            self._threads.append((jobs, thread))
            thread.start()
        return jobs

    def _work(self, jobs: SimpleQueue[_Job | None]) -> None:
        while (job := jobs.get()) is not None:
            answer = None
            try:
                answer = _answer(self._app, job)
            except Exception:
                logger.exception("a request failed outside of the application")
                _refuse(job.protocol)
            finally:
                job.finish(answer)


def _below(path: str, prefixes: tuple[str, ...]) -> bool:
    return any(path == prefix or path.startswith(f"{prefix}/") for prefix in prefixes)


def _answer(app: WSGIApplication, job: _Job) -> FileAnswer | None:
    """Run the application and send its answer, unless the body is a file or a stream: then the loop is to send it."""
    started: list[tuple[int, Headers]] = []

    def start(status: str, headers: Headers, exc_info: Any = None) -> Callable[[bytes], object]:
        if exc_info and started:
            raise exc_info[1]
        started.append((int(status[:3]), [(name.lower(), value) for name, value in headers]))
        return _no_write

    body = app(job.environ, start)
    if isinstance(body, FileBody | StreamBody):
        return FileAnswer(*started[-1], body)
    try:
        content = b"".join(body)
    finally:
        close = getattr(body, "close", None)
        if close is not None:
            close()
    status, headers = started[-1]
    if status in _BODILESS or job.environ["REQUEST_METHOD"] == "HEAD":
        job.protocol.response_empty(status, headers)
    else:
        job.protocol.response_bytes(status, headers, content)
    return None


def _no_write(_: bytes) -> object:
    raise NotImplementedError("the write callable of PEP 3333 is for frameworks older than WSGI")


def _refuse(protocol: Any) -> None:
    text = f'{{"_status":"ERR","_error":{{"code":500,"message":"{responses[500]}"}}}}'
    try:
        protocol.response_str(500, [("content-type", "application/json")], text)
    except RuntimeError:
        logger.warning("the answer had begun")
