"""Journal first, then the store with the journal's sequence in the same transaction (decision D10).

Changes that arrive while others are being written are written together, in one transaction of the journal and one of
the store: under load many changes share what a disk takes for one. Who records holds the devices concerned, so the
changes of one batch are of different devices.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import NoReturn

from registry.errors import InsufficientStorage, RegistryError, ServiceUnavailable
from registry.journal.commits import CommitObserver, Commits
from registry.journal.entry import Entry
from registry.journal.journal import Journal
from registry.journal.position import position_change, read_position
from registry.spans import span
from sparql.graph_store import ChangeSet, GraphStore, StoreError
from sparql.updates import data_update, quad_data

MOST_TOGETHER = 64
"""Changes that are written together."""

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Asked:
    """A change that waits for being written. It has failed until it is known that it has not."""

    entries: Sequence[Entry]
    change: ChangeSet
    done: bool = False
    error: RegistryError | None = field(default_factory=lambda: ServiceUnavailable(_BROKEN_OFF))


class Recorder:
    """Writes changes to a journal and to a store that has all that the journal has.

    Args:
        journal: the journal.
        store: the store.
    """

    def __init__(self, journal: Journal, store: GraphStore) -> None:
        self.journal = journal
        self._store = store
        self._applied = journal.last
        self._waiting: list[_Asked] = []
        self._queue = threading.Lock()
        self._writing = threading.Lock()
        self._refusal: str | None = None
        self._listeners: list[Callable[[int], None]] = []
        self._commits = Commits()

    @property
    def applied(self) -> int:
        """The sequence of the last entry that the store has: what readers may be told of."""
        return self._applied

    @property
    def writable(self) -> bool:
        """Whether changes can be recorded; not once the store has missed one that the journal has."""
        return self._refusal is None

    def listen(self, listener: Callable[[int], None]) -> None:
        """Have `listener` called with the sequence of the last entry, whenever there are new ones. It must be quick."""
        self._listeners.append(listener)

    def observe(self, observer: CommitObserver) -> None:
        """Have `observer` told of each batch."""
        self._commits.observe(observer)

    def record(self, entries: Sequence[Entry], change: ChangeSet) -> None:
        """Return when the change is on the disk and in the store.

        Args:
            entries: what the journal is to say of it.
            change: what it is in the store.

        Raises:
            InsufficientStorage: the disk is full; nothing was changed.
            ServiceUnavailable: the journal or the store can't be written; the message says what became of the change.
        """
        asked = _Asked(entries, change)
        with self._queue:
            self._waiting.append(asked)
        while not asked.done:  # whoever comes first writes what waits; one batch may not take all of it
            with self._writing:
                if not asked.done:
                    self._write_next()
        if asked.error is not None:
            raise asked.error

    def publish(self, entries: Sequence[Entry], text: str, replacing: AbstractContextManager[None]) -> None:
        """Record a change of the model and of all that follows from it.

        Args:
            entries: what the journal is to say of it.
            text: what it is in the store, as a SPARQL Update.
            replacing: the change of the model in force, around that of the store.

        Raises:
            as `record`.
        """

        def apply(last: int) -> None:
            moved = position_change(self._store, self.journal.identity, last)
            self._store.update(f"{text} ; {data_update(quad_data(moved.removed), quad_data(moved.added))}")

        with self._writing:
            with replacing:
                self._commit(entries, text, apply)
            self._tell()
            self._settle()

    def erase(self, work: Callable[[sqlite3.Connection], Iterable[Entry]], change: ChangeSet) -> None:
        """Have the journal forget, and change the store likewise.

        Args:
            work: changes the journal and returns the entries that say so; as Journal.rewrite.
            change: what it is in the store.

        Raises:
            as `record`.
        """
        with self._writing:
            if self._refusal is not None:
                raise ServiceUnavailable(self._refusal, headers=_LATER)
            self._store.flush()
            self.journal.settle()  # what is pending is in no entry, and might tell of what is erased
            last = self.journal.rewrite(work, data_update(quad_data(change.removed), quad_data(change.added)))
            moved = position_change(self._store, self.journal.identity, last, self._applied)
            try:
                self._store.apply(ChangeSet.together([change, moved]))
            except StoreError as error:  # nothing brings back what the journal has forgotten: the next start does it
                self._fall_behind(error)
            self._applied = last
            self._tell()

    def load(self, entries: Sequence[Entry], nquads: bytes) -> None:
        """Record many new devices at once, by the engine's fastest way, in a store that nobody else is using.

        Args:
            entries: what the journal is to say of them.
            nquads: what they are in the store, as N-Quads.

        Raises:
            as `record`.
        """

        def apply(last: int) -> None:  # a process that is killed in between finds at its start that entries are missing
            self._store.load_nquads(nquads)
            try:
                self._store.apply(position_change(self._store, self.journal.identity, last, self._applied))
            except Exception as error:  # noqa: BLE001  the devices are there: nothing can be taken back
                self._fall_behind(error)

        with self._writing:
            self._commit(entries, None, apply)
            self._tell()

    def close(self) -> None:
        """Wait for the changes under way, take no more, and release the journal."""
        with self._writing:
            self._refusal = self._refusal or "The registry is being stopped, so nothing was changed"
            self.journal.close()

    def _write_next(self) -> None:
        with self._queue:
            batch, self._waiting = self._waiting[:MOST_TOGETHER], self._waiting[MOST_TOGETHER:]
        try:
            self._write_batch(batch)
        finally:
            for asked in batch:
                asked.done = True

    def _write_batch(self, batch: Sequence[_Asked]) -> None:
        error: RegistryError | None = None
        try:
            self._write([entry for asked in batch for entry in asked.entries], [asked.change for asked in batch])
        except RegistryError as caught:
            error = caught
        except Exception as caught:
            if len(batch) > 1:  # one of them has failed all: now that one alone fails
                for asked in batch:
                    self._write_batch([asked])
                return
            logger.error("a change can't be recorded", exc_info=caught)
            error = ServiceUnavailable("The change can't be recorded, so nothing was changed")
        for asked in batch:
            asked.error = error

    def _write(self, entries: Sequence[Entry], changes: Sequence[ChangeSet]) -> None:
        def apply(last: int) -> None:
            moved = position_change(self._store, self.journal.identity, last, self._applied)
            self._store.apply(ChangeSet.together([*changes, moved]))

        self._commit(entries, None, apply)
        self._tell()

    def _commit(self, entries: Sequence[Entry], pending: str | None, apply: Callable[[int], None]) -> None:
        """Have both take a change or none; `apply` gets the sequence to which it moves the store."""
        if self._refusal is not None:
            raise ServiceUnavailable(self._refusal, headers=_LATER)
        with self._commits.told(len(entries)):
            last = self.journal.append(entries, pending)
        try:
            with span("store.apply"):
                apply(last)
        except RegistryError:
            raise
        except Exception as error:  # noqa: BLE001  whatever it is, both must agree again
            if not self._has(last, error):
                self._take_back(error)
        except BaseException:
            self._refusal = _BEHIND
            raise
        self._applied = last

    def _has(self, last: int, error: Exception) -> bool:
        """Tell whether the store took the change to `last`, although it failed afterwards."""
        try:
            position = read_position(self._store)
        except Exception:
            logger.exception("the store can't be read")
            self._fall_behind(error)
        return position is not None and position.sequence == last

    def _take_back(self, error: Exception) -> None:
        """Have the journal forget what the store can't take; if it can't do that either, nothing more is written."""
        logger.error("the store can't be written", exc_info=error)
        try:
            self.journal.retract(self._applied + 1)
        except RegistryError:
            self._fall_behind(error)
        if not isinstance(error, StoreError):
            raise error
        if "space" in str(error).lower():
            raise InsufficientStorage("The disk is full, so nothing was changed; reading goes on") from error
        message = "The store can't be written, so nothing was changed; reading goes on"
        raise ServiceUnavailable(message, headers=_LATER) from error

    def _fall_behind(self, error: Exception) -> NoReturn:
        self._refusal = _BEHIND
        raise ServiceUnavailable(_BEHIND, headers=_LATER) from error

    def _settle(self) -> None:
        """Have the store bring a publish to its disk, and the journal forget its text; if that fails, it stays."""
        try:
            self._store.flush()
            self.journal.settle()
        except (StoreError, RegistryError):
            logger.exception("a publish is in force, but its text stays in the journal until the next one")

    def _tell(self) -> None:
        for listener in self._listeners:
            try:
                listener(self._applied)
            except Exception:  # the change is made, whatever a listener makes of it
                logger.exception("who listens for changes has failed")


_LATER = {"Retry-After": "30"}
_BEHIND = (
    "The store can't be written. The change is recorded and takes effect when the registry is started again; "
    "until then nothing more is changed"
)
_BROKEN_OFF = "Writing was broken off: read again to see whether the change was made"
