"""The journal as each view reads it: its own changes, numbered without gaps, so no number tells of others' changes.

A view is named by its graph. What the store does not have yet is not told of.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from registry.journal.entry import Entry, What
from registry.journal.journal import COLUMNS, HORIZON, JOINED, entry_from
from registry.journal.recorder import Recorder
from sparql.terms import Iri

_BY_ENTRY = "seen INDEXED BY seen_of_entry"
"""For what is asked of one device: left to itself, SQLite goes through all changes of the view for each entry."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A change as it shows in a view.

    Attributes:
        number: its number among the view's changes, from 1.
        what: whether the device is new in the view, another than before, or gone from it.
        entry: the entry; of its states only those in view may be shown.
    """

    number: int
    what: What
    entry: Entry


_BEFORE = (
    "SELECT COALESCE((SELECT MIN(number) FROM seen WHERE view = view.id) - 1, view.last) FROM view WHERE view.name = ?"
)
"""How many changes of a view came before the oldest that is kept."""


class Feed:
    """Reads the journal of `recorder` by views."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._journal = recorder.journal

    def last(self, view: Iri) -> int:
        """Return the number of the last change in a view; 0 when there never was one."""
        query = (
            "SELECT number FROM seen WHERE view = (SELECT id FROM view WHERE name = ?) AND sequence <= ? "
            "ORDER BY number DESC LIMIT 1"
        )
        rows = self._journal.read(query, (view, self._recorder.applied)) or self._journal.read(_BEFORE, (view,))
        return int(rows[0][0]) if rows else 0

    def first(self, view: Iri) -> int:
        """Return the number of the change from which on all changes in a view are kept; 1 when there never was one."""
        horizon = int(self._journal.note(HORIZON) or 0)
        query = (
            "SELECT COALESCE((SELECT number FROM seen WHERE view = id AND sequence > ? ORDER BY number LIMIT 1), "
            "CASE ? WHEN 0 THEN 1 ELSE last + 1 END) FROM view WHERE name = ?"
        )
        rows = self._journal.read(query, (horizon, horizon, view))
        return int(rows[0][0]) if rows else 1

    def after(self, view: Iri, number: int, limit: int) -> list[Shown]:
        """Return the first `limit` changes of a view after `number`, in their order."""
        return self._shown("seen", "seen.number > ? ORDER BY seen.number", view, (number,), limit)

    def of_device(self, view: Iri, device: str, before: int | None, limit: int) -> list[Shown]:
        """Return the last `limit` changes of one device in a view, before the number `before`, the latest first."""
        where = "entry.device = ? AND seen.number < ? ORDER BY entry.sequence DESC"
        return self._shown(_BY_ENTRY, where, view, (device, 2**62 if before is None else before), limit)

    def of_device_since(self, view: Iri, device: str, after: int, limit: int) -> list[Shown]:
        """Return the first `limit` changes of one device in a view after `number`, in their order."""
        where = "entry.device = ? AND seen.number > ? ORDER BY entry.sequence"
        return self._shown(_BY_ENTRY, where, view, (device, after), limit)

    def _shown(self, table: str, condition: str, view: Iri, parameters: Sequence[object], limit: int) -> list[Shown]:
        query = (
            f"SELECT number, what, {COLUMNS} FROM {table} JOIN entry ON entry.sequence = seen.sequence {JOINED} "
            "WHERE seen.view = (SELECT id FROM view WHERE name = ?) AND seen.sequence <= ? "
            f"AND {condition} LIMIT ?"
        )
        rows = self._journal.read(query, (view, self._recorder.applied, *parameters, limit))
        return [Shown(number, What(what), entry_from(row)) for number, what, *row in rows]
