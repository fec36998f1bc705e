"""Copies files so that they are on the disk when it is done, and tells what was written."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

from registry.operations.manifest import FileRecord

_PIECE = 2**20
_PAGES = 4096
"""Of a database, copied between two reports."""

Copied = Callable[[int], None]
"""Told of bytes that were copied since it was last called."""


def copy_file(source: Path, target: Path, copied: Copied = lambda _: None) -> FileRecord:
    """Copy a file to a new one, also to another file system, and have the system put it on its disk."""
    digest, size = hashlib.sha256(), 0
    target.parent.mkdir(parents=True, exist_ok=True)
    with source.open("rb") as reading, target.open("xb") as writing:
        while piece := reading.read(_PIECE):
            writing.write(piece)
            digest.update(piece)
            size += len(piece)
            copied(len(piece))
        writing.flush()
        os.fsync(writing.fileno())
    return FileRecord(size, digest.hexdigest())


def copy_database(source: Path, target: Path, copied: Copied = lambda _: None) -> None:
    """Copy an SQLite database to a new file, as it is at one moment, while others write to it.

    Raises:
        sqlite3.Error: it can't be read, or the copy not written.
    """
    reader = sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
    writer = sqlite3.connect(target, isolation_level=None)
    try:
        ((page,),) = reader.execute("PRAGMA page_size")
        reader.execute("BEGIN")
        reader.execute("SELECT COUNT(*) FROM sqlite_schema").fetchall()  # from here on it sees this moment alone
        left: int | None = None

        def progress(_: int, remaining: int, total: int) -> None:
            nonlocal left
            copied(((total if left is None else left) - remaining) * page)
            left = remaining

        reader.backup(writer, pages=_PAGES, progress=progress)
        writer.execute("PRAGMA journal_mode = DELETE")  # one file, that can be read where nothing can be written
    finally:
        writer.close()
        reader.close()
    with target.open("rb") as file:
        os.fsync(file.fileno())
