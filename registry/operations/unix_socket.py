"""Unix sockets by paths of any length: the system takes about a hundred bytes, a data folder may lie deeper."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_MOST = 100
"""Bytes of a path that every system takes."""


class PathTooLong(OSError):
    """A path is too long for a socket, and this system offers no shorter one."""


@contextmanager
def reachable(path: Path) -> Iterator[str]:
    """Yield a name of `path` that a socket takes, good as long as this lasts.

    Raises:
        PathTooLong: there is none.
        OSError: the folder can't be opened.
    """
    if len(os.fsencode(path)) <= _MOST:
        yield str(path)
        return
    descriptor = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        short = Path(f"/proc/self/fd/{descriptor}")
        if not short.exists():
            raise PathTooLong(f"{path} is too long for a socket: move the data to a folder with a shorter name")
        yield str(short / path.name)
    finally:
        os.close(descriptor)


def listening(path: Path) -> socket.socket:
    """Return a socket that listens at `path`, for this user alone; what a killed process left there is replaced.

    Raises:
        OSError: it can't be made.
    """
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    incoming = path.with_name(f".{path.name}")
    try:
        incoming.unlink(missing_ok=True)
        with reachable(incoming) as name:
            listener.bind(name)
        incoming.chmod(0o600)
        listener.listen()
        incoming.rename(path)  # nobody can reach it under its name before it is closed to others
    except OSError:
        listener.close()
        raise
    return listener


def connected(path: Path, timeout: float) -> socket.socket | None:
    """Return a socket that is connected to who listens at `path`; None if nobody does.

    Raises:
        OSError: it can't be asked, as when another user owns it.
    """
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    client.settimeout(timeout)
    try:
        with reachable(path) as name:
            client.connect(name)
    except (FileNotFoundError, ConnectionRefusedError, NotADirectoryError):
        client.close()
        return None
    except OSError:
        client.close()
        raise
    return client
