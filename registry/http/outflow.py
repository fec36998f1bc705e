"""How much of what was handed over for a connection its client has really taken, and the way to end the connection.

Granian keeps what it is given until the client takes it, however much that is, and does not tell. The kernel does: it
counts the bytes that the other side has acknowledged (`tcpi_bytes_acked`, Linux's tcp(7)). So the connection's socket
is found among those of the process. Where neither can be had nothing is known, and the caller has to bound what it
hands over by itself.
"""

from __future__ import annotations

import os
import socket
import struct
from pathlib import Path

_DESCRIPTORS = Path("/proc/self/fd")
_INFO = getattr(socket, "TCP_INFO", None)
_SIZE, _ACKED = 256, 120
"""Bytes of a `struct tcp_info`, and where in it the count stands (linux/tcp.h)."""
_ESTABLISHED = 1
"""What its first byte is while neither side has ended the connection."""


class Outflow:
    """What flows out of a connection.

    Args:
        client: the client's address and port, as granian has them.
        server: the server's.
    """

    def __init__(self, client: str, server: str) -> None:
        self._socket = _find(client, server) if _INFO is not None else None
        self._given = 0
        self._before = self._acked() or 0

    def give(self, size: int) -> None:
        """Note that a piece of `size` bytes was handed over, to be sent as a chunk (RFC 9112, section 7.1)."""
        self._given += size + len(f"{size:x}") + 4

    def pending(self) -> int | None:
        """Return how many of the bytes handed over the client has not taken yet; None if unknown, or gone."""
        acked = self._acked()
        if acked is None:
            return None
        rest = self._given - (acked - self._before)
        if rest <= 0:  # the head of the answer was counted too
            self._given, self._before = 0, acked
        return max(0, rest)

    def cut(self) -> None:
        """End the connection, whatever is still to be sent."""
        if self._socket is not None:
            try:
                self._socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                return  # it has ended

    def close(self) -> None:
        """Let go of the connection."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _acked(self) -> int | None:
        if self._socket is None or _INFO is None:
            return None
        try:
            info = self._socket.getsockopt(socket.IPPROTO_TCP, _INFO, _SIZE)
            (acked,) = struct.unpack_from("=Q", info, _ACKED)
        except (OSError, struct.error):
            return None
        return int(acked) if info[0] == _ESTABLISHED else None


def _find(client: str, server: str) -> socket.socket | None:
    """Return the connection between two addresses, by a descriptor of its own; None if it isn't found."""
    wanted = _plain(*client.rsplit(":", 1)), server.rpartition(":")[2]
    try:
        numbers = [int(entry.name) for entry in _DESCRIPTORS.iterdir()]
    except OSError:
        return None
    for number in numbers:
        found = _connection(number)
        if found is None:
            continue
        try:
            peer, own = found.getpeername(), found.getsockname()
            if (_plain(*peer[:2]), str(own[1])) == wanted:
                return found
        except (OSError, TypeError, IndexError):
            pass
        found.close()
    return None


def _connection(number: int) -> socket.socket | None:
    try:
        own = os.dup(number)
    except OSError:
        return None
    try:
        found = socket.socket(fileno=own)
    except OSError:
        os.close(own)
        return None
    if found.type != socket.SOCK_STREAM or found.family not in (socket.AF_INET, socket.AF_INET6):
        found.close()
        return None
    return found


def _plain(host: str, port: object) -> str:
    return f"{host.strip('[]').removeprefix('::ffff:')} {port}"
