"""Messages between server and worker, over real pipes."""

from __future__ import annotations

import os
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from sparql.sandbox.channel import ChannelClosed, ChannelTimeout, receive, send


class Pipe:
    def __init__(self) -> None:
        self.reader, self.writer = os.pipe()

    def close_writer(self) -> None:
        os.close(self.writer)
        self.writer = -1

    def close_reader(self) -> None:
        os.close(self.reader)
        self.reader = -1

    def close(self) -> None:
        for fd in (self.reader, self.writer):
            with suppress(OSError):
                os.close(fd)


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    made = Pipe()
    yield made
    made.close()


@pytest.mark.parametrize("payload", [b"", b"x", b"\x00\xff" * 5])
@pytest.mark.parametrize("header", [{}, {"text": "ünïcödé \ud800", "list": [1, None]}])
def test_a_message_arrives_as_it_was_sent(pipe: Pipe, header: dict[str, object], payload: bytes) -> None:
    send(pipe.writer, header, payload)
    assert receive(pipe.reader) == (header, payload)


def test_a_message_may_be_larger_than_the_pipe(pipe: Pipe) -> None:
    payload = os.urandom(3_000_000)
    sender = threading.Thread(target=send, args=(pipe.writer, {"a": "b" * 500_000}, payload))
    sender.start()
    header, received = receive(pipe.reader, until=time.monotonic() + 30)
    sender.join()
    assert (len(header["a"]), received == payload) == (500_000, True)


def test_messages_keep_their_order(pipe: Pipe) -> None:
    for number in range(5):
        send(pipe.writer, {"number": number}, bytes(number))
    assert [receive(pipe.reader)[0]["number"] for _ in range(5)] == [0, 1, 2, 3, 4]


def test_nothing_in_time_is_a_timeout(pipe: Pipe) -> None:
    with pytest.raises(ChannelTimeout):
        receive(pipe.reader, until=time.monotonic() + 0.01)


def test_a_message_that_is_not_complete_in_time_is_a_timeout(pipe: Pipe) -> None:
    os.write(pipe.writer, struct.pack(">II", 10, 0) + b"{")
    with pytest.raises(ChannelTimeout):
        receive(pipe.reader, until=time.monotonic() + 0.01)


def test_a_reader_notices_that_the_writer_is_gone(pipe: Pipe) -> None:
    os.write(pipe.writer, struct.pack(">II", 10, 0) + b"{")
    pipe.close_writer()
    with pytest.raises(ChannelClosed):
        receive(pipe.reader)


def test_a_writer_notices_that_the_reader_is_gone(pipe: Pipe) -> None:
    pipe.close_reader()
    with pytest.raises(ChannelClosed):
        send(pipe.writer, {})


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(struct.pack(">II", 2**31, 0), id="a header beyond all bounds"),
        pytest.param(struct.pack(">II", 2, 2**31), id="a payload beyond all bounds"),
        pytest.param(struct.pack(">II", 3, 0) + b"no!", id="no JSON"),
        pytest.param(struct.pack(">II", 2, 0) + b"\xff\xfe", id="no text"),
        pytest.param(struct.pack(">II", 2, 0) + b"[]", id="no object"),
        pytest.param(struct.pack(">II", 60_000, 0) + b"[" * 60_000, id="nested without end"),
    ],
)
def test_what_is_no_message_is_as_good_as_a_closed_channel(pipe: Pipe, data: bytes) -> None:
    os.write(pipe.writer, data)
    with pytest.raises(ChannelClosed):
        receive(pipe.reader, until=time.monotonic() + 10)
