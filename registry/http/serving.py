"""Serves a WSGI application with granian: one process, an event loop in front, a few threads behind.

One process, because the embedded store has one writer. Granian's threaded server does that; on a Python with
a GIL it refuses by default, as several worker *threads* would gain nothing there. With one worker it loses
nothing, finishes requests in flight at SIGTERM, and leaves no orphan behind when it is killed. TLS, compression
and several processes are the business of a reverse proxy or of another store, not of this module.
"""

from __future__ import annotations

import http.client
import logging
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server.mt import MTServer

from registry.http.front import Front, Lane

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

LIVE = "/health/live"
READY_WITHIN = 30.0
"""Seconds within which a started server must answer."""
STOP_WITHIN = 30.0
"""Seconds that requests in flight get to finish after the signal to stop."""
SWITCH_INTERVAL = 0.001
"""Seconds for which a thread keeps Python while others wait: short requests pass those that compute for long."""
_SETTLE = 0.2
"""Seconds for granian's last thread to let go of Python; one that is late for that aborts the ending process."""
_LOGS: dict[str, Any] = {"handlers": {}, "loggers": {"_granian": {"handlers": [], "propagate": True}}}

logger = logging.getLogger(__name__)


class ListenError(Exception):
    """The address can't be had; the message says which and why."""


def serve(  # noqa: PLR0913  the address, and what a server of its own needs to know
    app: WSGIApplication,
    *,
    host: str,
    port: int,
    threads: int = 4,
    lanes: Sequence[Lane] = (),
    max_body: int = 2**20,
    on_ready: Callable[[], None] | None = None,
) -> None:
    """Answer requests to `app` until SIGTERM or SIGINT, then finish those in flight and return.

    Must run in the main thread, as signals do.

    Args:
        app: a WSGI application that answers GET /health/live.
        host: an IPv4 or IPv6 address, or a name of one.
        port: the TCP port.
        threads: how many requests are worked on at the same time.
        lanes: kinds of requests that have threads of their own.
        max_body: bytes of a body that are read.
        on_ready: called once, in another thread, when the socket really answers.

    Raises:
        ListenError: the address is taken, not ours, or no address at all.
        SystemExit: the server ended by a failure of its own.
    """
    address = free_address(host, port)
    server = _Server(
        "registry",
        address=address,
        port=port,
        interface=Interfaces.RSGI,
        workers=1,
        websockets=False,
        log_level=LogLevels.error,
        log_dictconfig=_LOGS,
    )
    front = Front(app, [*lanes, Lane(threads)], port=port, max_body=max_body)
    server.before_shutdown = front.end_streams
    server.main_loop_interrupt = _Interrupt()
    sys.setswitchinterval(SWITCH_INTERVAL)
    if on_ready is not None:
        threading.Thread(target=_announce, args=(address, port, on_ready), daemon=True).start()
    server.serve(target_loader=lambda *_: front, wrap_loader=False)
    front.close()
    time.sleep(_SETTLE)


class _Interrupt(threading.Event):
    """An event whose wait in the main thread a signal can't slip past.

    A signal that arrives between Python's look for signals and the wait itself would be noticed only by the next one.
    """

    def wait(self, timeout: float | None = None) -> bool:
        """Wait, looking up twice a second."""
        if timeout is not None:
            return super().wait(timeout)
        while not super().wait(0.5):
            pass
        return True


class _Server(MTServer):
    """Granian's threaded server, on a Python with a GIL too."""

    before_shutdown: Callable[[], None]

    def _check_gil(self) -> None:
        """Let every Python pass: with a single worker thread there is nothing to lose."""

    def shutdown(self, exit_code: int = 0) -> None:
        """Finish the requests in flight, but end streams, and don't wait for ever for a client that stalls."""
        self.before_shutdown()
        limit = threading.Timer(STOP_WITHIN, _give_up)
        limit.daemon = True
        limit.start()
        super().shutdown(exit_code)  # type: ignore[no-untyped-call]
        limit.cancel()


def _give_up() -> None:
    logger.error("requests still in flight after %d s, ending without them", STOP_WITHIN)
    os._exit(1)


def free_address(host: str, port: int) -> str:
    """Return the numeric address of `host`, bound once: granian itself would silently share a taken port.

    Raises:
        ListenError: the address is taken, not ours, or no address at all.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise ListenError(f"host {host!r} is no address of this machine: {error}") from None
    family, kind, protocol, _, address = min(found, key=lambda entry: entry[0] != socket.AF_INET)
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            raise ListenError(f"can't listen on {host} port {port}: {error.strerror}") from None
    return str(address[0])


def _announce(address: str, port: int, on_ready: Callable[[], None]) -> None:
    local = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address, address)  # noqa: S104  a wildcard, told apart
    deadline = time.monotonic() + READY_WITHIN
    while time.monotonic() < deadline:
        if answers(local, port):
            on_ready()
            return
        time.sleep(0.02)
    logger.error("GET %s does not answer on port %d after %d s", LIVE, port, READY_WITHIN)


def answers(address: str, port: int) -> bool:
    """Tell whether GET /health/live is 200 at a numeric `address` right now."""
    connection = http.client.HTTPConnection(address, port, timeout=2)
    try:
        connection.request("GET", LIVE)
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
