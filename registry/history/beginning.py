"""Since when the journal says how everything was.

A journal knows nothing of the time before it was made, and less as old entries are removed
(`registry.journal.pruning`).
"""

from __future__ import annotations

from registry.errors import Gone
from registry.journal import Journal, Kind

NOTE = "since"
"""The name of the journal's note of when it was made."""


def beginning(journal: Journal) -> str:
    """Return the time since which the state of every device is known at each moment."""
    made = journal.note(NOTE)
    if made is None:  # a journal of before there was the note begins with the model
        rows = journal.read("SELECT time FROM entry WHERE kind = ? ORDER BY sequence LIMIT 1", [Kind.PUBLISH])
        made = str(rows[0][0]) if rows else ""
    return max(made, journal.oldest() or "")


def require_kept(journal: Journal, moment: str) -> None:
    """Refuse a moment of which nothing is known any more, or never was.

    Raises:
        Gone: it is before the beginning.
    """
    since = beginning(journal)
    if moment < since:
        raise Gone(f"What was at {moment} is not known: history is there since {since}", since)
