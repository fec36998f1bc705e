"""One audience's events, read once and kept for a while, for all its listeners on one event loop.

A listener has a cursor and nothing else: it takes what is kept after its cursor. One that is so slow, or begins so far
back, that this is no longer kept reads the journal for itself until it has caught up. So memory has a bound, whatever
listeners do.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from registry.errors import RegistryError
from registry.events.cursor import Cursor
from registry.events.event import Event, Told
from registry.events.reader import EventReader, Heard

KEPT_FRAMES = 256
KEPT_BYTES = 256 * 1024
"""What a channel keeps at most, but for its last change."""
AGAIN = 1.0
"""Seconds after which a journal that can't be read is tried again."""

Read: TypeAlias = Callable[[Cursor], Awaitable[Heard]]
Write: TypeAlias = Callable[[EventReader, Told], bytes]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Frame:
    """What is sent of one change: nothing, or its events in their written form."""

    before: Cursor
    cursor: Cursor
    data: bytes


@dataclass(frozen=True, slots=True)
class Piece:
    """What a listener takes at once.

    Attributes:
        data: the written events.
        cursor: the place after them.
        reset: tells that what was due was not kept any more.
    """

    data: bytes
    cursor: Cursor
    reset: Event | None = None


class Channel:
    """The events of an audience; all but the reading happens on one loop.

    Args:
        reader: reads them.
        run: calls `reader.read` in another thread.
        write: gives events their written form.
        cursor: where to begin: now.
    """

    def __init__(self, reader: EventReader, run: Read, write: Write, cursor: Cursor) -> None:
        self.reader = reader
        self.listeners = 0
        self.news = asyncio.Event()
        self.failure: RegistryError | None = None
        self._run = run
        self._write = write
        self._cursor = cursor
        self._frames: deque[Frame] = deque()
        self._bytes = 0
        self._reading: asyncio.Task[None] | None = None
        self._again = False

    def wake(self) -> None:
        """Read what is new; soon, if it is being read already."""
        self._again = True
        if self._reading is None or self._reading.done():
            self._reading = asyncio.ensure_future(self._read_on())

    def close(self) -> None:
        """Stop reading."""
        if self._reading is not None:
            self._reading.cancel()

    async def after(self, cursor: Cursor) -> Piece:
        """Return what comes after a cursor, and nothing if there is nothing yet.

        Raises:
            BadRequest: the model in force can't read the subscription.
        """
        if self.failure is not None:
            raise self.failure
        if cursor == self._cursor:
            return Piece(b"", cursor)
        number = cursor.steps - self._frames[0].before.steps if self._frames else -1
        if 0 <= number < len(self._frames) and self._frames[number].before == cursor:
            frames = [self._frames[place] for place in range(number, len(self._frames))]
            return Piece(b"".join(frame.data for frame in frames), frames[-1].cursor)
        heard = await self._run(cursor)
        return Piece(b"".join(self._write(self.reader, told) for told in heard.told), heard.cursor, heard.reset)

    async def _read_on(self) -> None:
        while self._again:
            self._again = False
            try:
                heard = await self._run(self._cursor)
            except RegistryError as error:
                if error.status >= 500:
                    logger.warning("events can't be read for now: %s", error.message)
                    await asyncio.sleep(AGAIN)
                    self._again = True
                    continue
                self.failure = error
                self._tell()
                return
            self._take(heard)
            self._again = self._again or heard.more

    def _take(self, heard: Heard) -> None:
        if heard.cursor == self._cursor:
            return
        if heard.reset is not None:
            self._frames.clear()
            self._bytes = 0
        for told in heard.told:
            frame = Frame(told.before, told.cursor, self._write(self.reader, told))
            self._frames.append(frame)
            self._bytes += len(frame.data)
        while len(self._frames) > KEPT_FRAMES or (self._bytes > KEPT_BYTES and len(self._frames) > 1):
            self._bytes -= len(self._frames.popleft().data)
        self._cursor = heard.cursor
        self._tell()

    def _tell(self) -> None:
        """Wake all who wait."""
        self.news.set()
        self.news = asyncio.Event()
