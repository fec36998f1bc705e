"""Reads events: for a view and a subscription, from a cursor on, by the model in force."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace

from registry.access import view
from registry.events.changes import ViewChanges
from registry.events.cursor import Cursor, mark_of, read_cursor, write_cursor
from registry.events.event import Event, Reason, Told, reset
from registry.events.rendering import Rendering
from registry.events.subscription import Subscription
from registry.in_force import Edition, InForce
from registry.journal import Recorder
from registry.principal import Principal
from sparql.terms import Iri

LIMIT = 100
"""Changes that are read at once."""


@dataclass(frozen=True, slots=True)
class Audience:
    """All who hear the same: a principal without its name, and a subscription."""

    principal: Principal
    subscription: Subscription

    @classmethod
    def of(cls, principal: Principal, subscription: Subscription) -> Audience:
        """Return the audience that a principal belongs to."""
        return cls(replace(principal, issuer="", subject=""), subscription)

    @property
    def view(self) -> Iri | None:
        """The graph of the devices that it sees."""
        return view(self.principal)


@dataclass(frozen=True, slots=True)
class Heard:
    """What was read.

    Attributes:
        told: of each change, what is heard of it.
        cursor: the place after all.
        more: whether there is more.
        reset: tells that what comes next was not kept; the cursor is that of now.
    """

    told: tuple[Told, ...]
    cursor: Cursor
    more: bool = False
    reset: Event | None = None


class EventReader:
    """Reads what one audience hears; may be used by many threads.

    Args:
        recorder: the journal, and how far it may be told of.
        in_force: the model in force.
        audience: who hears.
    """

    def __init__(self, recorder: Recorder, in_force: InForce, audience: Audience) -> None:
        self.audience = audience
        self._in_force = in_force
        self._version = _versions(recorder)
        self._changes = ViewChanges(recorder, audience.view)
        self._mark = mark_of(recorder.journal.identity, audience.view)
        self._rendering: tuple[str, Rendering] | None = None

    def check(self) -> None:
        """Find out whether the subscription can be read.

        Raises:
            BadRequest: not by the model in force.
        """
        self._by(self._in_force.edition)

    def now(self) -> Cursor:
        """Return the cursor after all changes so far."""
        return self._changes.last()

    def resume(self, identifier: str) -> Cursor | None:
        """Return the cursor of an event's id; None for an id that is none of this journal and view."""
        cursor = read_cursor(identifier, self._mark)
        return None if cursor is None or self._changes.is_future(cursor) else cursor

    def identifier(self, cursor: Cursor) -> str:
        """Return the id of the event after which the place is."""
        return write_cursor(cursor, self._mark)

    def read(self, cursor: Cursor, limit: int = LIMIT) -> Heard:
        """Return what is heard of at most `limit` changes, or somewhat more, after a cursor.

        Raises:
            BadRequest: the subscription can't be read by the model in force.
            ServiceUnavailable: the journal can't be read.
        """
        return self._in_force.read(lambda edition: self._read(edition, cursor, limit))

    def _read(self, edition: Edition, cursor: Cursor, limit: int) -> Heard:
        changes = self._changes.after(cursor, limit)
        if changes.gap:
            return Heard((), self._changes.last(), reset=reset(Reason.RETENTION))
        if not changes.found:
            return Heard((), cursor)
        told = tuple(self._by(edition).told(cursor, changes.found))
        return Heard(told, told[-1].cursor, more=changes.more)

    def _by(self, edition: Edition) -> Rendering:
        known = self._rendering
        if known is None or known[0] != edition.name:
            audience = self.audience
            made = Rendering(edition.profile, audience.principal, audience.subscription, self._version)
            known = self._rendering = edition.name, made
        return known[1]


def _versions(recorder: Recorder) -> Callable[[str], str | None]:
    def version(name: str) -> str | None:
        rows = recorder.journal.read("SELECT record FROM model WHERE name = ? AND record IS NOT NULL", (name,))
        return str(json.loads(rows[0][0])["version"]) if rows else None

    return version
