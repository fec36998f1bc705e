"""One listener's stream: where it stands, what it is sent, and when it ends."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from dataclasses import dataclass

from registry.errors import RegistryError
from registry.event_settings import EventSettings
from registry.events.broadcast import Broadcast
from registry.events.channel import Channel
from registry.events.cursor import Cursor
from registry.events.event import EXPIRED, Event
from registry.events.reader import EventReader
from registry.http.front import StreamBody
from registry.http.server_sent_events import write_beginning, write_event, write_heartbeat, write_told

_EXPIRED = Event(EXPIRED, {"message": "The token has expired: come back with another one"})


@dataclass(frozen=True, slots=True)
class Start:
    """Where a stream begins.

    Attributes:
        reader: reads its events.
        now: the place after all changes so far.
        cursor: the place where it begins.
        lost: tells that it should have begun elsewhere.
    """

    reader: EventReader
    now: Cursor
    cursor: Cursor
    lost: Event | None = None


class EventStream(StreamBody):
    """The stream of one listener.

    Args:
        broadcast: all channels.
        start: where it begins.
        settings: how often something is sent at least, and when clients come back.
        expires: when the listener's token does, in seconds since 1970.
        leave: called once at the end.
    """

    def __init__(
        self,
        broadcast: Broadcast,
        start: Start,
        settings: EventSettings,
        expires: float,
        leave: Callable[[], None],
    ) -> None:
        self._broadcast = broadcast
        self._start = start
        self._reader = start.reader
        self._settings = settings
        self._expires = expires
        self._leave: Callable[[], None] | None = leave
        self._told = self._cursor = start.cursor
        self._sent = time.monotonic()

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """Yield the stream until the token expires."""
        yield self._beginning()
        channel = self._broadcast.join(self._reader, self._start.now)
        try:
            while (piece := await self._next(channel)) is not None:
                yield piece
                self._sent = time.monotonic()
        finally:
            self._broadcast.leave(channel)
        if time.time() >= self._expires:
            yield write_event(_EXPIRED)

    def so_far(self) -> Iterator[bytes]:
        """Yield all that there is now, and end."""
        try:
            yield self._beginning()
            more = True
            while more:
                heard = self._reader.read(self._cursor)
                more, self._cursor = heard.more or heard.reset is not None, heard.cursor
                if heard.reset is not None:
                    yield write_event(heard.reset, self._reader.identifier(heard.cursor))
                yield b"".join(write_told(self._reader, told) for told in heard.told)
            yield self._heartbeat()
        finally:
            self.close()

    def close(self) -> None:
        """Let the listener go, once."""
        leave, self._leave = self._leave, None
        if leave is not None:
            leave()

    def _beginning(self) -> bytes:
        identifier = self._reader.identifier(self._cursor)
        beginning = write_beginning(self._settings.retry, identifier)
        return beginning if self._start.lost is None else beginning + write_event(self._start.lost, identifier)

    async def _next(self, channel: Channel) -> bytes | None:
        """Return what is to be sent next, if need be after a wait; None at the end."""
        while (left := self._expires - time.time()) > 0:
            news = channel.news
            try:
                piece = await channel.after(self._cursor)
            except RegistryError as error:
                if error.status < 500:
                    return None  # a model was published that can't read what is asked for; coming back, it is told so
                await asyncio.sleep(1)
                continue
            moved, self._cursor = piece.cursor != self._cursor, piece.cursor
            data = piece.data
            if piece.reset is not None:
                data = write_event(piece.reset, self._reader.identifier(piece.cursor)) + data
            if data:
                self._told = self._cursor
                return data
            quiet = self._sent + self._settings.heartbeat - time.monotonic()
            if quiet <= 0 or not (moved or await _within(news, min(left, quiet))):
                return self._heartbeat()
        return None

    def _heartbeat(self) -> bytes:
        passed, self._told = self._told != self._cursor, self._cursor
        return write_heartbeat(self._reader.identifier(self._cursor) if passed else None)


async def _within(event: asyncio.Event, seconds: float) -> bool:
    """Wait for an event; tell whether it came in time."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True
