"""Sends a body piece by piece from the event loop, no faster than its client takes it.

A client that takes nothing is left after a while, and its connection ended, so that what was handed over for it does
not stay in memory.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from granian.rsgi import ProtocolClosed  # type: ignore[attr-defined]  # re-exported without saying so

from registry.http.outflow import Outflow

WINDOW = 512 * 1024
"""Bytes that may be handed over for a connection and not have been taken by its client."""
STALLED = 60.0
"""Seconds in which a client must take something of what waits for it."""
DRAIN = 2.0
"""Seconds that a client has at the end to take the rest of a body that was ended."""
BLIND = 8 * 1024 * 1024
"""Bytes after which a body without a length is ended where nobody knows what the client has taken; it comes back."""
_LOOK = 0.02

logger = logging.getLogger(__name__)


class _Stalled(Exception):
    """The client takes nothing."""


async def send_pieces(
    scope: Any, protocol: Any, status: int, headers: list[tuple[str, str]], pieces: AsyncGenerator[bytes, None]
) -> None:
    """Send a body until it ends, its client is gone or takes nothing, or this is cancelled."""
    outflow = Outflow(scope.client, scope.server)
    bounded = any(name == "content-length" for name, _ in headers)
    try:
        async with aclosing(pieces):
            await _send(protocol.response_stream(status, headers), pieces, outflow, bounded=bounded)
    except ProtocolClosed:
        logger.debug("a client hung up in the middle of an answer")
    except _Stalled:
        logger.info("a client took nothing for %d s, its connection is ended", STALLED)
        outflow.cut()
    except asyncio.CancelledError:
        await _drained(outflow)
        raise
    finally:
        outflow.close()


async def _send(transport: Any, pieces: AsyncGenerator[bytes, None], outflow: Outflow, *, bounded: bool) -> None:
    total = 0
    async for piece in pieces:
        await _room(outflow)
        await transport.send_bytes(piece)
        outflow.give(len(piece))
        total += len(piece)
        if total > BLIND and not bounded and outflow.pending() is None:
            return


async def _room(outflow: Outflow) -> None:
    """Wait until the client has taken enough for more to be handed over."""
    loop = asyncio.get_running_loop()
    least, since = outflow.pending() or 0, loop.time()
    while (pending := outflow.pending()) is not None and pending > WINDOW:
        if pending < least:
            least, since = pending, loop.time()
        if loop.time() - since > STALLED:
            raise _Stalled
        await asyncio.sleep(_LOOK)


async def _drained(outflow: Outflow) -> None:
    """Wait a little for a client to take the rest; end the connection if it does not."""
    loop = asyncio.get_running_loop()
    until = loop.time() + DRAIN
    while outflow.pending():
        if loop.time() > until:
            outflow.cut()
            return
        await asyncio.sleep(_LOOK)
