"""Forgets old entries of the journal, a few at a time, so that nobody who writes waits for it.

What is needed to make the store anew, and to say what was true since then, stays: the last entry before the horizon of
each device that was there, every publish, every erasure. From the horizon on history is complete.
"""

from __future__ import annotations

from registry.journal.journal import HORIZON, HORIZON_TIME, Journal

STEP = 500
"""Entries that are looked at in one transaction."""

_OLD = (
    "SELECT sequence FROM entry WHERE sequence > ? AND sequence <= ? AND (device IS NOT NULL OR subject IS NOT NULL) "
    "AND kind <> 'erase' ORDER BY sequence LIMIT ?"
)
_LAST = (
    "(SELECT MAX(other.sequence) FROM entry AS other WHERE other.sequence <= ? AND other.resource = entry.resource "
    "AND other.{0} = entry.{0})"
)
_DOOMED = (
    "SELECT sequence FROM entry WHERE sequence BETWEEN ? AND ? AND kind NOT IN ('publish', 'erase') "
    f"AND (after IS NULL OR sequence <> COALESCE({_LAST.format('device')}, {_LAST.format('subject')}))"
)


def horizon(journal: Journal, before: str) -> int:
    """Return the sequence of the last entry that was recorded before a time, as the clock of the registry had it.

    An imported device's entry has the time that its file said, so that alone tells nothing.
    """
    query = "SELECT COALESCE(MAX(sequence), 0) FROM entry WHERE time < ? AND kind <> 'import'"
    ((found,),) = journal.read(query, (before,))
    return max(int(found), int(journal.note(HORIZON) or 0))


def set_horizon(journal: Journal, sequence: int, time: str) -> None:
    """Note that entries up to a sequence may be missing from now on, and since which time all are there."""
    with journal.written() as connection:
        for name, value in ((HORIZON, str(sequence)), (HORIZON_TIME, time)):
            connection.execute("INSERT OR REPLACE INTO note VALUES (?, ?)", (name, value))


def prune(journal: Journal, after: int, until: int) -> tuple[int, int]:
    """Forget what may be forgotten of the next entries after one sequence, up to the horizon `until`.

    Returns the last sequence that was looked at, 0 when there was none left, and how many entries were forgotten.
    """
    found = [row[0] for row in journal.read(_OLD, (after, until, STEP))]
    if not found:
        return 0, 0
    window = (found[0], found[-1], until, until)
    with journal.written() as connection:
        connection.execute(f"DELETE FROM seen WHERE sequence IN ({_DOOMED})", window)
        forgotten = connection.execute(f"DELETE FROM entry WHERE sequence IN ({_DOOMED})", window).rowcount
    return found[-1], forgotten
