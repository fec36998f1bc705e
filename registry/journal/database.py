"""The journal's SQLite file: its tables, how it is opened, and what its errors mean to a caller.

WAL with synchronous=FULL: a commit that has returned is on the disk (https://www.sqlite.org/pragma.html#pragma_synchronous),
and readers neither wait for the writer nor hold it up. The tables are plain enough to be read with the sqlite3 command.
"""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from registry.errors import InsufficientStorage, RegistryError, ServiceUnavailable
from registry.profile.codecs import DATE_FORMAT

APPLICATION = 0x44455252
VERSION = 1
PATIENCE = 5.0
"""Seconds to wait for another process that has the file locked, as a backup does for a moment."""

_TABLES = """
CREATE TABLE author (
    id INTEGER PRIMARY KEY, role TEXT, issuer TEXT NOT NULL, subject TEXT NOT NULL
);
CREATE TABLE model (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, record TEXT, files BLOB
);
CREATE TABLE entry (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    time TEXT NOT NULL,
    kind TEXT NOT NULL,
    device TEXT,
    before TEXT,
    after TEXT,
    author INTEGER NOT NULL REFERENCES author,
    model INTEGER NOT NULL REFERENCES model,
    request TEXT,
    resource TEXT NOT NULL DEFAULT 'device',
    subject TEXT
);
CREATE INDEX entry_of_device ON entry (device, sequence) WHERE device IS NOT NULL;
CREATE INDEX entry_of_subject ON entry (resource, subject, sequence) WHERE subject IS NOT NULL;
CREATE INDEX entry_by_time ON entry (time);
CREATE TABLE view (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, last INTEGER NOT NULL
);
CREATE TABLE seen (
    view INTEGER NOT NULL REFERENCES view, number INTEGER NOT NULL, sequence INTEGER NOT NULL, what TEXT NOT NULL,
    PRIMARY KEY (view, number)
) WITHOUT ROWID;
CREATE INDEX seen_of_entry ON seen (sequence, view);
CREATE TABLE pending (
    sequence INTEGER PRIMARY KEY, first INTEGER NOT NULL, text BLOB NOT NULL
);
CREATE TABLE note (
    name TEXT PRIMARY KEY, value TEXT NOT NULL
) WITHOUT ROWID;
"""


class JournalError(Exception):
    """The journal's file can't be used; the message says which one, why, and what can be done."""


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """Open the file, made when missing, for any thread that takes care to be alone.

    Raises:
        JournalError: it is damaged, locked, or another file than a journal.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA query_only = ON" if read_only else "PRAGMA secure_delete = ON")
        if not read_only:
            _prepare(connection, path)
    except (sqlite3.Error, OSError) as error:
        raise JournalError(f"the journal {path} can't be opened: {error}{_advice(error)}") from error
    return connection


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA fullfsync = ON")
    connection.execute("PRAGMA journal_size_limit = 67108864")
    ((application,),) = connection.execute("PRAGMA application_id")
    ((version,),) = connection.execute("PRAGMA user_version")
    ((tables,),) = connection.execute("SELECT COUNT(*) FROM sqlite_schema")
    if tables == 0:
        _create(connection)
    elif application != APPLICATION:
        raise JournalError(f"{path} is no journal of a registry: its application_id is {application:#x}")
    elif version != VERSION:
        raise JournalError(f"the journal {path} is of version {version}, this software reads version {VERSION}")


def _create(connection: sqlite3.Connection) -> None:
    statements = [each for each in _TABLES.split(";") if each.strip()]
    with transaction(connection):
        for statement in statements:
            connection.execute(statement)
        now = datetime.now(UTC).strftime(DATE_FORMAT)
        connection.execute("INSERT INTO note VALUES ('identity', ?), ('since', ?)", (str(uuid.uuid4()), now))
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute(f"PRAGMA user_version = {VERSION}")


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Commit what the block writes, on the disk when this ends; or nothing of it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def for_caller(error: sqlite3.Error) -> RegistryError:
    """Return what a caller is told whose change can't be recorded."""
    code = getattr(error, "sqlite_errorcode", None)
    primary = (code or 0) & 0xFF
    if primary == sqlite3.SQLITE_FULL:
        return InsufficientStorage("The disk is full, so nothing was changed; reading goes on")
    reason = _REASONS.get(primary, "The journal can't be written")
    return ServiceUnavailable(f"{reason}, so nothing was changed; reading goes on", headers={"Retry-After": "5"})


_REASONS = {
    sqlite3.SQLITE_READONLY: "The journal's file system is read-only",
    sqlite3.SQLITE_BUSY: "The journal is locked by another process",
    sqlite3.SQLITE_LOCKED: "The journal is locked by another process",
    sqlite3.SQLITE_CORRUPT: "The journal's file is damaged",
    sqlite3.SQLITE_NOTADB: "The journal's file is damaged",
    sqlite3.SQLITE_IOERR: "The journal's disk fails",
}


def _advice(error: BaseException) -> str:
    primary = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
    if primary in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return "; restore it from a backup (der-registry restore)"
    if primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return "; another process writes to it: stop that first"
    return ""
