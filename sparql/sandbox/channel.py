"""Messages between server and worker: a JSON header with a length in front, then so many bytes of payload.

JSON and not pickle, because what a worker says is not to be trusted more than the query it ran.
"""

from __future__ import annotations

import json
import os
import select
import struct
import time
from collections.abc import Mapping
from typing import Any, TypeAlias

_LENGTHS = struct.Struct(">II")
_LARGEST_HEADER = 16 * 2**20
_LARGEST_PAYLOAD = 128 * 2**20

Message: TypeAlias = tuple[dict[str, Any], bytes]


class ChannelClosed(Exception):
    """The other end is gone."""


class ChannelTimeout(Exception):
    """Nothing complete arrived in time."""


def send(fd: int, header: Mapping[str, Any], payload: bytes = b"") -> None:
    """Write one message.

    Raises:
        ChannelClosed: nobody reads any more.
    """
    head = json.dumps(header).encode()
    data = memoryview(_LENGTHS.pack(len(head), len(payload)) + head + payload)
    try:
        while data:
            data = data[os.write(fd, data) :]
    except OSError as error:
        raise ChannelClosed(str(error)) from None


def receive(fd: int, *, until: float | None = None) -> Message:
    """Read one message.

    Args:
        fd: where to read.
        until: the moment, by `time.monotonic`, to give up at; None waits for ever.

    Raises:
        ChannelClosed: the other end is gone, or says something that is no message.
        ChannelTimeout: the moment has come.
    """
    head, payload = _LENGTHS.unpack(_exactly(fd, _LENGTHS.size, until))
    if head > _LARGEST_HEADER or payload > _LARGEST_PAYLOAD:
        raise ChannelClosed("a message beyond all bounds")
    data = _exactly(fd, head + payload, until)
    return _header(data[:head]), data[head:]


def _header(data: bytes) -> dict[str, Any]:
    try:
        header = json.loads(data)
    except (ValueError, RecursionError):
        raise ChannelClosed("no message") from None
    if not isinstance(header, dict):
        raise ChannelClosed("no message")
    return header


def _exactly(fd: int, size: int, until: float | None) -> bytes:
    parts = []
    poll = select.poll()  # select() itself can't do with descriptors beyond 1023
    poll.register(fd, select.POLLIN)
    while size:
        if until is not None and not poll.poll(max(0.0, until - time.monotonic()) * 1000):
            raise ChannelTimeout
        part = os.read(fd, min(size, 2**20))
        if not part:
            raise ChannelClosed("the other end is gone")
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
