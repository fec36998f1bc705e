"""Who changes which device: one at a time each, so that nobody's change is lost (decision D11).

Changes of different devices go side by side. All devices of one change are taken at once or none, so nobody waits for
another who waits.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from sparql.terms import Iri


class Holds:
    """The devices that are being changed."""

    def __init__(self) -> None:
        self._held: set[Iri] = set()
        self._under_way = 0
        self._pauses = 0
        self._changed = threading.Condition()

    @contextmanager
    def on(self, devices: Collection[Iri]) -> Iterator[None]:
        """Hold devices as soon as nobody else does, until the block ends."""
        wanted = set(devices)
        with self._changed:
            self._changed.wait_for(lambda: not self._pauses and self._held.isdisjoint(wanted))
            self._held |= wanted
            self._under_way += 1
        try:
            yield
        finally:
            with self._changed:
                self._held -= wanted
                self._under_way -= 1
                self._changed.notify_all()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Let nobody begin a change, and wait for those under way, for as long as this lasts."""
        with self._changed:
            self._pauses += 1
            self._changed.wait_for(lambda: not self._under_way)
        try:
            yield
        finally:
            with self._changed:
                self._pauses -= 1
                self._changed.notify_all()
