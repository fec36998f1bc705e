"""The copies of the store at earlier moments, so that the pages of one listing are made from one copy.

They are few and don't live long: a copy keeps files on the disk that the store itself has merged away since.
"""

from __future__ import annotations

import logging
import shutil
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TypeAlias

from registry.devices.reading import DeviceReader
from registry.errors import ServiceUnavailable
from registry.history.past_copy import PastCopy
from registry.history.timeline import Timeline
from registry.in_force import Edition
from registry.journal import Recorder
from sparql.embedded import EmbeddedStore
from sparql.graph_store import StoreError
from sparql.terms import Iri

MOST_COPIES = 4
LIFETIME = 300.0
"""Seconds for which a copy serves."""
_MOST_ATTEMPTS = 5

_Key: TypeAlias = tuple[str, str]
"""A moment, and the name of the model by which it is read."""

logger = logging.getLogger(__name__)


@dataclass(eq=False, slots=True)
class _Kept:
    """A copy, and how many read from it; the first of them makes it while the others wait."""

    made: float
    copy: PastCopy | None = None
    readers: int = 0
    making: threading.Lock = field(default_factory=threading.Lock)


class PastCopies:
    """The copies of `store`.

    Args:
        store: the store.
        recorder: what writes to it.
        folder: where copies go, on the same file system as the store; emptied first.
        most: how many copies are kept.
        lifetime: for how many seconds.
    """

    def __init__(
        self,
        store: EmbeddedStore,
        recorder: Recorder,
        folder: Path,
        most: int = MOST_COPIES,
        lifetime: float = LIFETIME,
    ) -> None:
        self._store = store
        self._recorder = recorder
        self._timeline = Timeline(recorder.journal)
        self._folder = folder
        self._most = most
        self._lifetime = lifetime
        self._numbers = count(1)
        self._kept: OrderedDict[_Key, _Kept] = OrderedDict()
        self._lock = threading.Lock()
        self._copying = threading.Lock()
        self._timer: threading.Timer | None = None
        self._closed = False
        shutil.rmtree(folder, ignore_errors=True)

    @contextmanager
    def at(self, edition: Edition, moment: str, view: Iri) -> Iterator[DeviceReader]:
        """Lend a reader of a store in which `view` is as it was at `moment`.

        Raises:
            BadRequest: too much has changed since.
            OtherEdition: the store is of another model than `edition` by now.
            ServiceUnavailable: there is no room for a copy, or changes of the moment go on being recorded.
        """
        key = moment, edition.name
        for _ in range(_MOST_ATTEMPTS):
            kept = self._lease(key)
            try:
                copy = self._copy(kept, edition, moment, view)
                if copy.bring_back(view, self._recorder.applied):
                    yield copy.reader
                    return
                self._forget(key, kept)
            finally:
                self._give_back(key, kept)
        raise ServiceUnavailable("Changes of that very time are still being recorded", headers={"Retry-After": "1"})

    def sweep(self) -> None:
        """Let go of the copies whose time is over."""
        now = time.monotonic()
        with self._lock:
            over = [key for key, kept in self._kept.items() if self._is_over(kept, now)]
            unused = self._let_go(over)
            self._timer = None
            self._set_timer()
        _remove(unused)

    def drop(self) -> None:
        """Let go of all copies, as something in them must not be shown any more, nor be kept."""
        with self._lock:
            unused = self._let_go(list(self._kept))
        _remove(unused)

    def close(self) -> None:
        """Let go of all copies, for good."""
        with self._lock:
            self._closed = True
            if self._timer is not None:
                self._timer.cancel()
        self.drop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _lease(self, key: _Key) -> _Kept:
        now = time.monotonic()
        with self._lock:
            if self._closed:
                raise ServiceUnavailable("The registry is being stopped")
            over = [each for each, kept in self._kept.items() if self._is_over(kept, now)]
            unused = self._let_go(over)
            kept = self._kept.setdefault(key, _Kept(now))
            self._kept.move_to_end(key)
            kept.readers += 1
            unused += self._let_go(list(self._kept)[: -self._most])
            self._set_timer()
        _remove(unused)
        return kept

    def _copy(self, kept: _Kept, edition: Edition, moment: str, view: Iri) -> PastCopy:
        with kept.making:
            if kept.copy is None:
                self._timeline.changed(view, moment, self._recorder.applied)  # a refusal should cost no copy
                folder = self._folder / str(next(self._numbers))
                with self._copying:
                    self._folder.mkdir(parents=True, exist_ok=True)
                    kept.copy = _made(self._store, folder, edition, moment, self._timeline)
            return kept.copy

    def _forget(self, key: _Key, kept: _Kept) -> None:
        with self._lock:
            if self._kept.get(key) is kept:
                del self._kept[key]

    def _give_back(self, key: _Key, kept: _Kept) -> None:
        with self._lock:
            kept.readers -= 1
            last = kept.readers == 0
            if last and kept.copy is None and self._kept.get(key) is kept:
                del self._kept[key]
            unused = [kept] if last and self._kept.get(key) is not kept else []
        _remove(unused)

    def _let_go(self, keys: Sequence[_Key]) -> list[_Kept]:
        """Forget some copies, and return those that nobody reads from; the last reader of another removes it."""
        gone = [self._kept.pop(key) for key in keys]
        return [kept for kept in gone if kept.readers == 0]

    def _is_over(self, kept: _Kept, now: float) -> bool:
        return now - kept.made >= self._lifetime

    def _set_timer(self) -> None:
        if self._timer is None and self._kept and not self._closed:
            self._timer = threading.Timer(self._lifetime, self.sweep)
            self._timer.daemon = True
            self._timer.start()


def _made(store: EmbeddedStore, folder: Path, edition: Edition, moment: str, timeline: Timeline) -> PastCopy:
    try:
        return PastCopy(store, folder, edition, moment, timeline)
    except StoreError as error:
        logger.error("the store can't be copied", exc_info=error)
        shutil.rmtree(folder, ignore_errors=True)
        raise ServiceUnavailable("The past can't be shown for now", headers={"Retry-After": "30"}) from error


def _remove(unused: Sequence[_Kept]) -> None:
    for kept in unused:
        if kept.copy is not None:
            kept.copy.close()
            kept.copy = None
