"""The changes that one view shows and the publishes of models, in one order: that of the journal."""

from __future__ import annotations

from dataclasses import dataclass

from registry.access import ONTOLOGY
from registry.events.cursor import Cursor
from registry.journal import Recorder
from registry.journal.feed import Feed, Shown
from sparql.terms import Iri


@dataclass(frozen=True, slots=True)
class Change:
    """A change with the cursor after it.

    Attributes:
        cursor: the place after it.
        shown: the change.
        publish: whether it is that of the model.
    """

    cursor: Cursor
    shown: Shown
    publish: bool


@dataclass(frozen=True, slots=True)
class Changes:
    """Changes that follow a cursor.

    Attributes:
        found: the first of them.
        more: whether there are others.
        gap: whether one that should come first is not kept any more.
    """

    found: tuple[Change, ...] = ()
    more: bool = False
    gap: bool = False


class ViewChanges:
    """Reads what shows in a view, and the publishes.

    Args:
        recorder: the journal, and how far it may be told of.
        view: the view; None for a role that sees no device.
    """

    def __init__(self, recorder: Recorder, view: Iri | None) -> None:
        self._recorder = recorder
        self._feed = Feed(recorder)
        self._view = view

    def last(self) -> Cursor:
        """Return the cursor after all changes so far."""
        devices = self._feed.last(self._view) if self._view else 0
        return Cursor(devices, self._feed.last(ONTOLOGY))

    def is_future(self, cursor: Cursor) -> bool:
        """Tell whether a cursor is beyond all that there is, so that it is none of this journal's."""
        last = self.last()
        return cursor.devices > last.devices or cursor.models > last.models

    def after(self, cursor: Cursor, limit: int) -> Changes:
        """Return at most `limit` changes of each kind after a cursor."""
        bound = self._recorder.applied
        devices = self._next(self._view, cursor.devices, limit) if self._view else []
        models = self._next(ONTOLOGY, cursor.models, limit)
        if devices is None or models is None:
            return Changes(gap=True)
        full = [each[-1].entry.sequence for each in (devices, models) if len(each) == limit]
        bound = min([bound, *full])  # what comes later may have something of the other kind before it
        found = _merged(devices, models, cursor, bound)
        return Changes(tuple(found), more=bool(full) or len(found) < len(devices) + len(models))

    def _next(self, view: Iri, number: int, limit: int) -> list[Shown] | None:
        """Return the changes of a view after a number; None if the first of them is not kept any more."""
        last = self._feed.last(view)
        found = self._feed.after(view, number, limit)
        gap = found[0].number != number + 1 if found else number < last
        return None if gap else found


def _merged(devices: list[Shown], models: list[Shown], cursor: Cursor, bound: int) -> list[Change]:
    both = [*((each, False) for each in devices), *((each, True) for each in models)]
    changes = []
    for shown, publish in sorted(both, key=lambda each: each[0].entry.sequence):
        if shown.entry.sequence > bound:
            break
        number = shown.number
        cursor = Cursor(cursor.devices, number) if publish else Cursor(number, cursor.models)
        changes.append(Change(cursor, shown, publish))
    return changes
