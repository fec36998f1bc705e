"""The journal's SQLite file: its tables, how it is opened, and what its errors mean to a caller.

WAL with synchronous=FULL: a commit that has returned is on the disk (https://www.sqlite.org/pragma.html#pragma_synchronous),
and readers neither wait for the writer nor hold it up. The tables are plain enough to be read with the sqlite3 command.
"""

from __future__ import annotations

import os
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from registry.errors import InsufficientStorage, RegistryError, ServiceUnavailable
from registry.profile.codecs import DATE_FORMAT
from sparql.folders import make_folder

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
        if not read_only:
            make_folder(path.parent)
        connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA query_only = ON" if read_only else "PRAGMA secure_delete = ON")
        if not read_only:
            _prepare(connection, path)
    except (sqlite3.Error, OSError) as error:
        raise unusable(path, error) from error
    return connection


def unusable(path: Path, error: Exception) -> JournalError:
    """Return what the operator is told of a file that can't be opened."""
    return JournalError(f"the journal {path} can't be opened: {error}{_advice(error)}")


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


def void(connection: sqlite3.Connection) -> bool:
    """Make sure that a commit that failed is not there after all; tell whether that is sure.

    A commit whose sync fails has written all it had to write: who opens the file next, after a kill for instance, would
    take it for good. Another transaction writes over it.
    """
    try:
        with transaction(connection):
            connection.execute("INSERT OR REPLACE INTO note VALUES ('voided', ?)", (str(uuid.uuid4()),))
    except sqlite3.Error:
        return False
    return True


def for_caller(error: sqlite3.Error, path: Path, *, certain: bool) -> RegistryError:
    """Return what a caller is told whose change can't be recorded.

    Args:
        error: why.
        path: the journal's file.
        certain: whether it is sure that the change isn't there.
    """
    primary = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
    outcome = "so nothing was changed; reading goes on" if certain else _UNCERTAIN
    if primary == sqlite3.SQLITE_FULL or (primary == sqlite3.SQLITE_IOERR and _is_full(path)):
        return InsufficientStorage(f"The disk is full, {outcome}")
    if primary == sqlite3.SQLITE_IOERR and _is_read_only(path):
        primary = sqlite3.SQLITE_READONLY
    reason = _REASONS.get(primary, "The journal can't be written")
    return ServiceUnavailable(f"{reason}, {outcome}", headers={"Retry-After": "5"})


def _is_full(path: Path) -> bool:
    try:
        return os.statvfs(path.parent).f_bavail == 0
    except OSError:
        return False


def _is_read_only(path: Path) -> bool:
    try:
        return bool(os.statvfs(path.parent).f_flag & os.ST_RDONLY)
    except OSError:
        return False


_UNCERTAIN = "and it is not known whether the change is kept: read again when the disk works"

_REASONS = {
    sqlite3.SQLITE_READONLY: "The journal's file system is read-only",
    sqlite3.SQLITE_BUSY: "The journal is locked by another process",
    sqlite3.SQLITE_LOCKED: "The journal is locked by another process",
    sqlite3.SQLITE_CORRUPT: "The journal's file is damaged",
    sqlite3.SQLITE_NOTADB: "The journal's file is damaged",
    sqlite3.SQLITE_IOERR: "The journal's disk fails",
    sqlite3.SQLITE_CANTOPEN: "The journal's file can't be opened",
}


def _advice(error: BaseException) -> str:
    primary = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
    if primary in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return "; restore it from a backup (der-registry restore)"
    if primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return "; another process writes to it: stop that first"
    return ""
