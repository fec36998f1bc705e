"""All channels, and what wakes them: the journal's changes, heard of in other threads, on the loop that sends."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from registry.access import ONTOLOGY
from registry.errors import RegistryError
from registry.events.channel import Channel, Write
from registry.events.cursor import Cursor
from registry.events.reader import Audience, EventReader
from registry.in_force import InForce
from registry.journal import Recorder

THREADS = 2
"""How many read the journal and write events at the same time, whatever the number of listeners."""

Answer = TypeVar("Answer")

logger = logging.getLogger(__name__)


class Broadcast:
    """The channels of a registry. They live on the loop of their listeners, which is one.

    Args:
        recorder: tells of changes.
        in_force: the model in force.
        write: gives events their written form.
    """

    def __init__(self, recorder: Recorder, in_force: InForce, write: Write) -> None:
        self._recorder = recorder
        self._in_force = in_force
        self._write = write
        self._channels: dict[Audience, Channel] = {}
        self._pool = ThreadPoolExecutor(THREADS, "events")
        self._loop: asyncio.AbstractEventLoop | None = None
        self._follower: asyncio.Task[None] | None = None
        self._woken = asyncio.Event()
        self._heard = recorder.applied
        recorder.listen(self._hear)

    @property
    def listeners(self) -> int:
        """How many listen now; may be asked by any thread."""
        return sum(channel.listeners for channel in list(self._channels.values()))

    def reader(self, audience: Audience) -> EventReader:
        """Return what reads an audience's events."""
        return EventReader(self._recorder, self._in_force, audience)

    def join(self, reader: EventReader, now: Cursor) -> Channel:
        """Return the channel of a reader's audience for one more listener; on the loop."""
        self._follow()
        channel = self._channels.get(reader.audience)
        if channel is None or channel.failure is not None:
            channel = Channel(reader, lambda cursor: self._run(lambda: reader.read(cursor)), self._write, now)
            self._channels[reader.audience] = channel
            channel.wake()  # for what came since `now`
        channel.listeners += 1
        return channel

    def leave(self, channel: Channel) -> None:
        """Let a listener go; a channel without any ends."""
        channel.listeners -= 1
        if not channel.listeners:
            channel.close()
            if self._channels.get(channel.reader.audience) is channel:
                del self._channels[channel.reader.audience]
        if not self._channels and self._follower is not None:
            self._follower.cancel()
            self._loop = self._follower = None

    def close(self) -> None:
        """Read nothing more."""
        self._pool.shutdown(cancel_futures=True)

    async def _run(self, work: Callable[[], Answer]) -> Answer:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def _hear(self, _last: int) -> None:
        """Wake the follower; in the thread of whoever changed something."""
        loop = self._loop
        if loop is None or self._woken.is_set():
            return
        try:
            loop.call_soon_threadsafe(self._woken.set)
        except RuntimeError:  # the loop has ended
            self._loop = None

    def _follow(self) -> None:
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._loop, self._woken = loop, asyncio.Event()
            self._channels.clear()
            self._heard = self._recorder.applied
            self._follower = loop.create_task(self._wake_channels())

    async def _wake_channels(self) -> None:
        while True:
            await self._woken.wait()
            self._woken.clear()
            until = self._recorder.applied
            try:
                names = await self._run(lambda: self._touched(until))  # noqa: B023  awaited before it changes
            except RegistryError as error:
                logger.warning("changes can't be read for now: %s", error.message)
                await asyncio.sleep(1)
                self._woken.set()
                continue
            self._heard = until
            for audience, channel in tuple(self._channels.items()):
                if audience.view in names or ONTOLOGY in names:
                    channel.wake()

    def _touched(self, until: int) -> frozenset[str]:
        """Return the views in which the changes since the last look show."""
        query = "SELECT name FROM view WHERE id IN (SELECT view FROM seen WHERE sequence > ? AND sequence <= ?)"
        return frozenset(name for (name,) in self._recorder.journal.read(query, (self._heard, until)))
