"""Connections that read a journal: one for each who reads at the same time, so that none waits for another.

They are lent for one query. What fails on a connection closes it; the next one opens the file anew.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from registry.journal.database import connect

MOST_IDLE = 16
"""Connections that are kept for the next readers."""


class Readers:
    """Reads the journal's file at `path`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._idle: list[sqlite3.Connection] = []
        self._closed = False

    def rows(self, query: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run a query on what is committed.

        Raises:
            sqlite3.Error, JournalError: the file can't be read.
        """
        with self._lent() as connection:
            return connection.execute(query, parameters).fetchall()

    def close(self) -> None:
        """Close what is idle; what is lent closes when it comes back."""
        self._closed = True
        while self._idle:
            self._idle.pop().close()

    @contextmanager
    def _lent(self) -> Iterator[sqlite3.Connection]:
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = connect(self._path, read_only=True)
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        if self._closed or len(self._idle) >= MOST_IDLE:
            connection.close()
        else:
            self._idle.append(connection)
