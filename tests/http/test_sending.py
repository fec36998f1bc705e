"""Bodies are sent no faster than their clients take them, over real connections of this machine."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from registry.http import sending
from registry.http.outflow import Outflow
from registry.http.sending import WINDOW, send_pieces

PIECE = b"x" * 100_000


@dataclass
class Scope:
    client: str
    server: str


class Transport:
    """Takes everything at once and keeps it until the client takes it, as granian's does."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self.writer = writer

    async def send_bytes(self, data: bytes) -> None:
        self.writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    def response_stream(self, _status: int, _headers: Any) -> Transport:
        return self


@dataclass
class Pair:
    """A connection: its client, and what the server's side of it is."""

    client: socket.socket
    transport: Transport
    scope: Scope

    @property
    def kept(self) -> int:
        """Bytes that the server has in memory for the client."""
        return self.transport.writer.transport.get_write_buffer_size()


@asynccontextmanager
async def paired(host: str = "127.0.0.1") -> AsyncIterator[Pair]:
    accepted: asyncio.Queue[asyncio.StreamWriter] = asyncio.Queue()
    server = await asyncio.start_server(lambda _, writer: accepted.put_nowait(writer), host, 0)
    client = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect(server.sockets[0].getsockname()[:2])
    writer = await accepted.get()
    server.close()
    peer, own = writer.get_extra_info("peername"), writer.get_extra_info("sockname")
    bracketed = "[{}]:{}" if ":" in host else "{}:{}"
    try:
        yield Pair(client, Transport(writer), Scope(bracketed.format(*peer[:2]), bracketed.format(*own[:2])))
    finally:
        client.close()
        writer.transport.abort()
        await asyncio.sleep(0.01)


def has_ended(client: socket.socket) -> bool:
    """Read what there is, and tell whether the connection's end follows, orderly or not."""
    try:
        while client.recv(1 << 20):
            pass
    except ConnectionResetError:
        return True
    return True


def endless() -> tuple[AsyncGenerator[bytes, None], list[str]]:
    ended: list[str] = []

    async def pieces() -> AsyncGenerator[bytes, None]:
        try:
            while True:
                yield PIECE
        finally:
            ended.append("ended")

    return pieces(), ended


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_stalled_client_holds_up_the_body_and_is_left_after_a_while(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "STALLED", 0.5)

    async def run() -> None:
        async with paired(host) as connection:
            pieces, ended = endless()
            task = asyncio.ensure_future(send_pieces(connection.scope, connection.transport, 200, [], pieces))
            await asyncio.sleep(0.3)
            assert not task.done()
            assert connection.kept <= WINDOW + len(PIECE)
            await asyncio.wait_for(task, 10)
            assert ended == ["ended"]
            connection.client.settimeout(10)
            assert has_ended(connection.client)

    asyncio.run(run())


def test_a_slow_client_gets_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "STALLED", 5.0)

    async def body() -> AsyncGenerator[bytes, None]:
        for _ in range(60):
            yield PIECE

    async def run() -> None:
        async with paired() as connection:
            task = asyncio.ensure_future(send_pieces(connection.scope, connection.transport, 200, [], body()))
            connection.client.setblocking(False)
            received = 0
            while received < 60 * len(PIECE):
                received += len(await asyncio.get_running_loop().sock_recv(connection.client, 60_000))
                assert connection.kept <= WINDOW + len(PIECE) + 10
            await asyncio.wait_for(task, 10)

    asyncio.run(run())


def test_a_body_that_is_ended_leaves_the_rest_a_moment_and_then_cuts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "DRAIN", 0.2)

    async def run() -> None:
        async with paired() as connection:
            pieces, ended = endless()
            task = asyncio.ensure_future(send_pieces(connection.scope, connection.transport, 200, [], pieces))
            await asyncio.sleep(0.2)
            begun = asyncio.get_running_loop().time()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert 0.2 <= asyncio.get_running_loop().time() - begun < 2
            assert ended == ["ended"]

    asyncio.run(run())


def test_where_nothing_is_known_an_endless_body_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "BLIND", 10 * len(PIECE))

    async def run() -> None:
        async with paired() as connection:
            pieces, ended = endless()
            nowhere = Scope("192.0.2.1:1", "192.0.2.1:2")
            await asyncio.wait_for(send_pieces(nowhere, connection.transport, 200, [], pieces), 10)
            assert ended == ["ended"]

    asyncio.run(run())


def test_the_outflow_is_what_the_client_has_not_taken() -> None:
    async def run() -> None:
        async with paired() as connection:
            outflow = Outflow(connection.scope.client, connection.scope.server)
            assert outflow.pending() == 0
            for _ in range(100):
                await connection.transport.send_bytes(PIECE)
                outflow.give(len(PIECE))
            await asyncio.sleep(0.1)
            pending = outflow.pending()
            assert pending is not None
            assert connection.kept <= pending <= 100 * (len(PIECE) + 9)
            connection.client.setblocking(False)
            left = 100 * (len(PIECE) + 9)
            while left:
                left -= len(await asyncio.get_running_loop().sock_recv(connection.client, 1 << 20))
            await asyncio.sleep(0.1)
            assert outflow.pending() == 0
            connection.client.close()
            await asyncio.sleep(0.1)
            assert outflow.pending() is None
            outflow.close()
            assert outflow.pending() is None

    asyncio.run(run())
