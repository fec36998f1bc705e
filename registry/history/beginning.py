"""Since when the journal says how everything was.

A journal knows nothing of the time before it was made, and less as old entries are removed. Whoever removes entries
says so here, in the same transaction.
"""

from __future__ import annotations

import sqlite3

from registry.errors import Gone
from registry.journal import Journal, Kind

NOTE = "since"
"""The name of the note in the journal."""


def beginning(journal: Journal) -> str:
    """Return the time since which the state of every device is known at each moment."""
    rows = journal.read("SELECT value FROM note WHERE name = ?", [NOTE])
    if not rows:  # a journal of before there was the note begins with the model
        rows = journal.read("SELECT time FROM entry WHERE kind = ? ORDER BY sequence LIMIT 1", [Kind.PUBLISH])
    return str(rows[0][0]) if rows else ""


def begin_at(connection: sqlite3.Connection, time: str) -> None:
    """Note that entries before `time` are kept no longer, where a journal is being `written`."""
    connection.execute("INSERT INTO note VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", (NOTE, time))


def require_kept(journal: Journal, moment: str) -> None:
    """Refuse a moment of which nothing is known any more, or never was.

    Raises:
        Gone: it is before the beginning.
    """
    since = beginning(journal)
    if moment < since:
        raise Gone(f"What was at {moment} is not known: history is there since {since}", since)
