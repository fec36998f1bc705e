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

from registry.errors import InsufficientStorage, RegistryError, ServiceUnavailable
from registry.journal.commits import CommitObserver, Commits
from registry.journal.entry import Entry
from registry.journal.journal import Journal
from registry.journal.position import position_change
from registry.spans import span
from sparql.graph_store import ChangeSet, GraphStore, StoreError
from sparql.updates import data_update, quad_data

MOST_TOGETHER = 64
"""Changes that are written together."""

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Asked:
    """A change that waits for being written."""

    entries: Sequence[Entry]
    change: ChangeSet
    done: bool = False
    error: RegistryError | None = field(default=None)


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
        self._behind = False
        self._listeners: list[Callable[[int], None]] = []
        self._commits = Commits()

    @property
    def applied(self) -> int:
        """The sequence of the last entry that the store has: what readers may be told of."""
        return self._applied

    @property
    def writable(self) -> bool:
        """Whether changes can be recorded; not once the store has missed one that the journal has."""
        return not self._behind

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
                    self._write_batch(self._next_batch())
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
        with self._writing:
            last = self._recorded(entries, text)
            moved = position_change(self._store, self.journal.identity, last)
            whole = f"{text} ; {data_update(quad_data(moved.removed), quad_data(moved.added))}"
            with replacing:
                self._applying(last, lambda: self._store.update(whole))
            self._store.flush()
            self.journal.settle()

    def erase(self, work: Callable[[sqlite3.Connection], Iterable[Entry]], change: ChangeSet) -> None:
        """Have the journal forget, and change the store likewise.

        Args:
            work: changes the journal and returns the entries that say so; as Journal.rewrite.
            change: what it is in the store.

        Raises:
            as `record`.
        """
        with self._writing:
            if self._behind:
                raise ServiceUnavailable(_BEHIND, headers={"Retry-After": "30"})
            self._store.flush()
            self.journal.settle()  # what is pending is in no entry, and might tell of what is erased
            last = self.journal.rewrite(work)
            moved = position_change(self._store, self.journal.identity, last, self._applied)
            whole = ChangeSet([*change.removed, *moved.removed], [*change.added, *moved.added])
            try:
                self._store.apply(whole)
            except StoreError as error:  # nothing brings back what the journal has forgotten
                self._behind = True
                raise ServiceUnavailable(_BEHIND, headers={"Retry-After": "30"}) from error
            self._told(last)

    def load(self, entries: Sequence[Entry], nquads: bytes) -> None:
        """Record many new devices at once, by the engine's fastest way, in a store that nobody else is using.

        Args:
            entries: what the journal is to say of them.
            nquads: what they are in the store, as N-Quads.

        Raises:
            as `record`.
        """
        with self._writing:
            last = self._recorded(entries, None)
            moved = position_change(self._store, self.journal.identity, last, self._applied)

            def apply() -> None:  # a process that is killed in between finds at its start that entries are missing
                self._store.load_nquads(nquads)
                self._store.apply(moved)

            self._applying(last, apply)

    def _next_batch(self) -> Sequence[_Asked]:
        with self._queue:
            batch, self._waiting = self._waiting[:MOST_TOGETHER], self._waiting[MOST_TOGETHER:]
        return batch

    def _write_batch(self, batch: Sequence[_Asked]) -> None:
        try:
            self._write([entry for asked in batch for entry in asked.entries], [asked.change for asked in batch])
        except RegistryError as error:
            for asked in batch:
                asked.error = error
        except Exception as error:  # noqa: BLE001  whatever it is, who waits must hear of it
            self._blame(batch, error)
        finally:
            for asked in batch:
                asked.done = True

    def _blame(self, batch: Sequence[_Asked], error: Exception) -> None:
        """Write each change alone, after one of them has failed all: that one alone fails."""
        if len(batch) > 1:
            for asked in batch:
                self._write_batch([asked])
            return
        logger.error("a change can't be recorded", exc_info=error)
        for asked in batch:
            asked.error = ServiceUnavailable("The change can't be recorded, so nothing was changed")

    def _write(self, entries: Sequence[Entry], changes: Sequence[ChangeSet]) -> None:
        last = self._recorded(entries, None)
        moved = position_change(self._store, self.journal.identity, last, self._applied)
        whole = ChangeSet(
            removed=[quad for each in (*changes, moved) for quad in each.removed],
            added=[quad for each in (*changes, moved) for quad in each.added],
        )
        self._applying(last, lambda: self._store.apply(whole))

    def _recorded(self, entries: Sequence[Entry], pending: str | None) -> int:
        if self._behind:
            raise ServiceUnavailable(_BEHIND, headers={"Retry-After": "30"})
        with self._commits.told(len(entries)):
            return self.journal.append(entries, pending)

    def _applying(self, last: int, apply: Callable[[], None]) -> None:
        try:
            with span("store.apply"):
                apply()
        except StoreError as error:
            self._take_back(error)
        self._told(last)

    def _told(self, last: int) -> None:
        self._applied = last
        for listener in self._listeners:
            listener(last)

    def _take_back(self, error: StoreError) -> None:
        """Have the journal forget what the store can't take; if it can't do that either, nothing more is written."""
        logger.error("the store can't be written", exc_info=error)
        try:
            self.journal.retract(self._applied + 1)
        except RegistryError:
            self._behind = True
            raise ServiceUnavailable(_BEHIND, headers={"Retry-After": "30"}) from error
        if "space" in str(error).lower():
            raise InsufficientStorage("The disk is full, so nothing was changed; reading goes on") from error
        raise ServiceUnavailable(
            "The store can't be written, so nothing was changed; reading goes on", headers={"Retry-After": "30"}
        ) from error


_BEHIND = (
    "The store can't be written. The change is recorded and takes effect when the registry is started again; "
    "until then nothing more is changed"
)
