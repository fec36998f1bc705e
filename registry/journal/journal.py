"""The journal itself: entries are appended in one durable step, and read in their order.

It knows neither the store nor what a change means. `registry.journal.recorder` brings both together.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from registry.errors import ServiceUnavailable
from registry.journal.database import JournalError, connect, for_caller, transaction, unusable, void
from registry.journal.entry import Author, Entry, Kind, Resource
from registry.journal.readers import Readers
from sparql.terms import Iri

logger = logging.getLogger(__name__)

COLUMNS = (
    "entry.sequence, time, kind, device, before, after, author.role, author.issuer, author.subject, model.name, "
    "request, resource, entry.subject"
)
JOINED = "JOIN author ON author.id = entry.author JOIN model ON model.id = entry.model"
ENTRIES = f"SELECT {COLUMNS} FROM entry {JOINED}"
"""How entries are read; `entry_from` takes the rows."""
HORIZON, HORIZON_TIME = "horizon", "horizon_time"
"""The notes of pruning: the sequence up to which entries may be missing, and the time that this stands for."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A change of the store that can't be worked out again from entries: that of a publish.

    Attributes:
        first: the sequence of the first entry that it is the change of.
        last: that of the last one.
        text: a SPARQL Update.
    """

    first: int
    last: int
    text: str


class Journal:
    """The journal in the file `path`, made when missing.

    Raises:
        JournalError: it can't be opened.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection = connect(path)
        self._writing = threading.Lock()
        self._readers = Readers(path)
        self._views: dict[Iri, tuple[int, int]] = {}
        self._names: dict[Author | str, int] = {}
        try:
            ((self.identity,),) = self._connection.execute("SELECT value FROM note WHERE name = 'identity'")
            rows = self._connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'entry'").fetchall()
        except sqlite3.Error as error:
            self._connection.close()
            raise unusable(path, error) from error
        self._last: int = rows[0][0] if rows else 0

    @property
    def last(self) -> int:
        """The sequence of the last entry; 0 when there never was one."""
        return self._last

    def append(self, entries: Iterable[Entry], pending: str | None = None) -> int:
        """Record entries, all or none, on the disk when this returns; return the sequence of the last one.

        Args:
            entries: without sequences.
            pending: what they change in the store together, where that can't be worked out from them.

        Raises:
            InsufficientStorage: the disk is full.
            ServiceUnavailable: the file can't be written.
        """
        with self.written():
            last = self._append(entries)
            if pending is not None:
                self._keep(last, pending)
        self._last = last
        return last

    def rewrite(self, work: Callable[[sqlite3.Connection], Iterable[Entry]], pending: str) -> int:
        """Have `work` change what was recorded, and append the entries that it returns, in one transaction.

        For erasing alone: what is recorded else stays as it is. Returns the sequence of the last entry.

        Args:
            work: changes the tables and returns the entries that say so, one at least.
            pending: what it changes in the store: no entry tells of what was forgotten.

        Raises:
            InsufficientStorage, ServiceUnavailable: the file can't be written; then nothing was.
        """
        with self.written() as connection:
            entries = work(connection)
            self._views.clear()
            self._names.clear()
            last = self._append(entries)
            self._keep(last, pending)
        self._last = last
        return last

    def truncate(self) -> bool:
        """Bring the write-ahead log into the file and empty it, so that what was deleted is in neither.

        Tells whether that could be done: a reader that takes long keeps the log.
        """
        with self._writing:
            ((busy, _, _),) = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return not busy

    def note(self, name: str) -> str | None:
        """Return what is noted under a name."""
        rows = self.read("SELECT value FROM note WHERE name = ?", (name,))
        return str(rows[0][0]) if rows else None

    def oldest(self) -> str | None:
        """Return the time since when history is complete; None if nothing was ever pruned."""
        return self.note(HORIZON_TIME)

    def retract(self, first: int) -> None:
        """Take back the entries from `first` on: what they say did not happen. Their numbers are not used again.

        Raises:
            InsufficientStorage, ServiceUnavailable: the file can't be written.
        """
        with self.written():
            self._views.clear()
            self._connection.execute(
                "UPDATE view SET last = last - (SELECT COUNT(*) FROM seen WHERE view = id AND sequence >= ?)", (first,)
            )
            for table in ("seen", "entry", "pending"):
                self._connection.execute(f"DELETE FROM {table} WHERE sequence >= ?", (first,))

    def settle(self) -> None:
        """Forget what was pending: the store has it, on its disk."""
        with self.written():
            self._connection.execute("DELETE FROM pending")

    def pending(self, after: int) -> list[Pending]:
        """Return what a store that has the entries up to `after` lacks of pending changes."""
        rows = self.read("SELECT first, sequence, text FROM pending WHERE sequence > ? ORDER BY sequence", [after])
        return [Pending(first, last, zlib.decompress(text).decode()) for first, last, text in rows]

    def last_time(self) -> str | None:
        """Return the latest time that the registry's clock gave an entry; None when there is none.

        An imported device's entry has the time that its file said: that is no reason to go on from there.
        """
        ((time,),) = self.read("SELECT MAX(time) FROM entry WHERE kind <> ?", [Kind.IMPORT])
        return None if time is None else str(time)

    def entries(self, after: int, limit: int) -> list[Entry]:
        """Return the first `limit` entries with a sequence above `after`."""
        query = f"{ENTRIES} WHERE entry.sequence > ? ORDER BY entry.sequence LIMIT ?"
        return [entry_from(row) for row in self.read(query, (after, limit))]

    def latest(self, size: int) -> Iterator[list[Entry]]:
        """Yield the latest entry of each device, in the order of their ids, in lists of at most `size`."""
        device = ""
        query = (
            f"{ENTRIES} WHERE entry.sequence IN (SELECT MAX(sequence) FROM entry "
            "WHERE device > ? GROUP BY device ORDER BY device LIMIT ?) ORDER BY device"
        )
        while found := [entry_from(row) for row in self.read(query, (device, size))]:
            yield found
            device = found[-1].device or ""

    def latest_of(self, resource: Resource) -> list[Entry]:
        """Return the latest entry of each subject of a resource that is not a device, in the order of their IRIs."""
        last = "SELECT MAX(sequence) FROM entry WHERE resource = ? AND subject IS NOT NULL GROUP BY subject"
        query = f"{ENTRIES} WHERE entry.sequence IN ({last}) ORDER BY entry.subject"
        return [entry_from(row) for row in self.read(query, (resource,))]

    def of_kind(self, kind: Kind) -> list[Entry]:
        """Return all entries of a rare kind, as that of publishing."""
        return [entry_from(row) for row in self.read(f"{ENTRIES} WHERE kind = ? ORDER BY entry.sequence", (kind,))]

    def put_model(self, name: str, record: str, files: bytes) -> None:
        """Keep the files of a model, so that the journal needs nothing else to be understood.

        Raises:
            InsufficientStorage, ServiceUnavailable: the file can't be written.
        """
        with self.written():
            row = (record, files, self._model(name))
            self._connection.execute("UPDATE model SET record = ?, files = ? WHERE id = ? AND files IS NULL", row)

    def models(self, wanted: Callable[[str], bool] = lambda _: True) -> Mapping[str, tuple[str, bytes]]:
        """Return name -> what is known of a model, and its files, for the names that are `wanted`."""
        names = (name for (name,) in self.read("SELECT name FROM model WHERE files IS NOT NULL ORDER BY id"))
        query = "SELECT record, files FROM model WHERE name = ?"
        return {name: self.read(query, [name])[0] for name in names if wanted(name)}

    def read(self, query: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run a query of ours on what is committed.

        Raises:
            ServiceUnavailable: the file can't be read.
        """
        try:
            return self._readers.rows(query, parameters)
        except (sqlite3.Error, JournalError) as error:
            logger.exception("the journal can't be read")
            raise ServiceUnavailable("The journal can't be read for now", headers={"Retry-After": "5"}) from error

    def close(self) -> None:
        """Bring all into one file and release it."""
        with self._writing:
            self._readers.close()
            self._connection.close()

    @contextmanager
    def written(self) -> Iterator[sqlite3.Connection]:
        """Write in one transaction, on the disk when this ends.

        Raises:
            InsufficientStorage, ServiceUnavailable: the file can't be written; the message says whether nothing was.
        """
        with self._writing:
            try:
                with transaction(self._connection):
                    yield self._connection
            except BaseException as error:
                self._views.clear()
                self._names.clear()
                if isinstance(error, sqlite3.Error):
                    raise for_caller(error, self.path, certain=self._is_void(error)) from error
                raise

    def _keep(self, last: int, pending: str) -> None:
        """Keep what the entries up to `last`, the newest, change in the store, until that has it on its disk."""
        row = (last, self._last + 1, zlib.compress(pending.encode(), 1))
        self._connection.execute("INSERT INTO pending VALUES (?, ?, ?)", row)

    def _append(self, entries: Iterable[Entry]) -> int:
        first, last = self._last + 1, self._last
        for last, entry in enumerate(entries, first):
            self._insert(last, entry)
        return last

    def _is_void(self, error: sqlite3.Error) -> bool:
        """Tell whether it is sure that nothing of what failed was written; only a failing disk leaves a doubt."""
        failed = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF == sqlite3.SQLITE_IOERR
        return not failed or void(self._connection)

    def _insert(self, sequence: int, entry: Entry) -> None:
        author, model = self._author(entry.author), self._model(entry.model)
        self._connection.execute(
            "INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(sequence, entry.time, entry.kind, entry.device, entry.before, entry.after, author, model),
                *(entry.request, entry.resource, entry.subject),
            ),
        )
        for name, what in entry.seen:
            view, number = self._view(name)
            self._connection.execute("INSERT INTO seen VALUES (?, ?, ?, ?)", (view, number + 1, sequence, what))
            self._connection.execute("UPDATE view SET last = ? WHERE id = ?", (number + 1, view))
            self._views[name] = view, number + 1

    def _view(self, name: Iri) -> tuple[int, int]:
        known = self._views.get(name)
        if known is None:
            self._connection.execute("INSERT INTO view (name, last) VALUES (?, 0) ON CONFLICT DO NOTHING", (name,))
            (known,) = self._connection.execute("SELECT id, last FROM view WHERE name = ?", (name,))
        return known

    def _author(self, author: Author) -> int:
        known = self._names.get(author)
        if known is None:
            values = (author.role, author.issuer, author.subject)
            found = self._connection.execute(
                "SELECT id FROM author WHERE role IS ? AND issuer = ? AND subject = ?", values
            ).fetchone()
            query = "INSERT INTO author (role, issuer, subject) VALUES (?, ?, ?) RETURNING id"
            (known,) = found or self._connection.execute(query, values).fetchone()
            self._names[author] = known
        return known

    def _model(self, name: str) -> int:
        known = self._names.get(name)
        if known is None:
            self._connection.execute("INSERT INTO model (name) VALUES (?) ON CONFLICT DO NOTHING", (name,))
            (known,) = self._connection.execute("SELECT id FROM model WHERE name = ?", (name,)).fetchone()
            self._names[name] = known
        return known


def entry_from(row: Sequence[Any]) -> Entry:
    """Return the entry of a row of ENTRIES."""
    sequence, time, kind, device, before, after, role, issuer, author, model, request, resource, subject = row
    return Entry(
        kind=Kind(kind),
        time=time,
        author=Author(role, issuer, author),
        model=model,
        device=device,
        before=before,
        after=after,
        request=request,
        resource=Resource(resource),
        subject=subject,
        sequence=sequence,
    )
