"""Finds in the journal what was recorded after a moment, without reading all of it.

Entries have the order in which they were recorded. Their times have nearly the same: a change gets its time a little
before it is recorded, a publish well before, and an imported device brings its own. So the order leads near the place,
and the times decide.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from registry.errors import BadRequest
from registry.journal import Journal, Kind
from registry.journal.entry import State, read_state
from registry.profile.codecs import DATE_FORMAT
from sparql.terms import Iri

SLACK = timedelta(minutes=10)
"""A change is recorded within this time of the time that it has."""
MOST_DEVICES = 5_000
MOST_CHANGES = 500_000
"""Devices of a view, and changes in it, that may lie between a moment and now for the view to be shown as it was."""

_UNORDERED = (Kind.IMPORT, Kind.MIGRATE, Kind.PUBLISH)
"""Kinds of entries whose time says little of when they were recorded."""
_LOOKED_AT = 10_000


@dataclass(frozen=True, slots=True)
class Former:
    """What a device was before a change: its state, None if there was no such device."""

    state: State | None


class Timeline:
    """The order of what `journal` has."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def cut(self, moment: str) -> int:
        """Return a sequence after which all changes later than `moment` were recorded, and few others."""
        early = (datetime.strptime(moment, DATE_FORMAT) - SLACK).strftime(DATE_FORMAT)
        rows = self._journal.read(
            "SELECT sequence FROM (SELECT sequence, kind FROM entry WHERE time <= ? ORDER BY time DESC LIMIT ?) "
            "WHERE kind NOT IN (?, ?, ?) LIMIT 1",
            (early, _LOOKED_AT, *_UNORDERED),
        )
        if not rows:
            rows = self._journal.read("SELECT MIN(sequence) - 1 FROM entry WHERE time > ?", [moment])
        return int(rows[0][0] if rows[0][0] is not None else self._journal.last)

    def former(self, device: str, moment: str, cut: int) -> Former | None:
        """Return what a device was at `moment`; None if it has not changed since.

        Args:
            device: its id.
            moment: in DATE_FORMAT.
            cut: that of the moment.
        """
        rows = self._journal.read(
            "SELECT before FROM entry WHERE device = ? AND sequence > ? AND time > ? ORDER BY sequence LIMIT 1",
            (device, cut, moment),
        )
        return Former(read_state(rows[0][0])) if rows else None

    def number_at(self, view: Iri, sequence: int) -> int:
        """Return the number of a view's last change up to an entry; 0 when there is none."""
        ids = self._journal.read("SELECT id FROM view WHERE name = ?", [view])
        known = ids[0][0] if ids else None
        ((first, last),) = self._journal.read(
            "SELECT (SELECT MIN(number) FROM seen WHERE view = ?), (SELECT MAX(number) FROM seen WHERE view = ?)",
            (known, known),
        )
        if first is None:
            return 0

        def recorded(number: int) -> int:
            query = "SELECT sequence FROM seen WHERE view = ? AND number >= ? ORDER BY number LIMIT 1"
            rows = self._journal.read(query, (known, number))
            return int(rows[0][0]) if rows else self._journal.last + 1

        numbers = range(int(first), int(last) + 1)
        return numbers.start - 1 + bisect_right(numbers, sequence, key=recorded)

    def changed(self, view: Iri, moment: str, until: int) -> Sequence[str]:
        """Return the ids of the devices of a view that changed in it after `moment`, up to the entry `until`.

        Raises:
            BadRequest: there are too many, or too many changes of them.
        """
        start, end = self.number_at(view, self.cut(moment)), self.number_at(view, until)
        if end - start > MOST_CHANGES:
            raise BadRequest(f"More than {MOST_CHANGES:,} changes in your view are later than {moment}: {_ADVICE}")
        rows = self._journal.read(
            "SELECT DISTINCT entry.device FROM seen JOIN entry ON entry.sequence = seen.sequence "
            "WHERE seen.view = (SELECT id FROM view WHERE name = ?) AND seen.number > ? AND seen.number <= ? "
            "AND entry.time > ? AND entry.device IS NOT NULL LIMIT ?",
            (view, start, end, moment, MOST_DEVICES + 1),
        )
        if len(rows) > MOST_DEVICES:
            raise BadRequest(f"More than {MOST_DEVICES:,} devices in your view changed after {moment}: {_ADVICE}")
        return [device for (device,) in rows]

    def is_late(self, view: Iri, moment: str, after: int, until: int) -> bool:
        """Tell whether a change of a view with a number above `after`, up to `until`, has a time up to `moment`."""
        rows = self._journal.read(
            "SELECT 1 FROM seen JOIN entry ON entry.sequence = seen.sequence "
            "WHERE seen.view = (SELECT id FROM view WHERE name = ?) AND seen.number > ? AND seen.number <= ? "
            "AND entry.time <= ? LIMIT 1",
            (view, after, until, moment),
        )
        return bool(rows)


_ADVICE = "ask for a later time, or for one device"
