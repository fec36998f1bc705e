"""From changes to events, for all who share a view and a subscription, by one profile."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from registry.devices.documents import ABSENT, Document, value_at
from registry.events.changes import Change
from registry.events.cursor import Cursor
from registry.events.event import Event, Reason, Told, reset
from registry.events.selection import Selection
from registry.events.subscription import EventType, Subscription
from registry.journal import Entry, What
from registry.journal.sight import Sight
from registry.principal import Principal
from registry.profile import Profile

_TYPES: Mapping[tuple[bool, bool], EventType] = {
    (False, True): EventType.DEVICE_CREATED,
    (True, True): EventType.DEVICE_UPDATED,
    (True, False): EventType.DEVICE_DELETED,
}
"""Whether the device was among those listened to, and whether it is now -> the event."""


class Rendering:
    """Makes events.

    Args:
        profile: the profile in force.
        principal: one who has the view.
        subscription: what is asked for.
        version: returns the version of a published model, by its digest.

    Raises:
        BadRequest: the subscription can't be read by this profile.
    """

    def __init__(
        self, profile: Profile, principal: Principal, subscription: Subscription, version: Callable[[str], str | None]
    ) -> None:
        self._subscription = subscription
        self._version = version
        self._sight = Sight(profile, principal)
        self._selection = Selection(profile, principal, subscription) if subscription.selects else None
        self._fields = [item for item in profile.visible(principal.role) if not item.is_record]

    def told(self, cursor: Cursor, changes: Iterable[Change]) -> list[Told]:
        """Return what is heard of changes that follow a cursor, each with its own cursor even if that is nothing."""
        chosen = tuple(changes)
        states = (state for each in chosen for state in (each.shown.entry.before, each.shown.entry.after))
        met = self._selection.of(states) if self._selection else None
        found = []
        for change in chosen:
            events = self._publish(change.shown.entry) if change.publish else self._device(change, met)
            found.append(Told(cursor, change.cursor, tuple(events)))
            cursor = change.cursor
        return found

    def _publish(self, entry: Entry) -> list[Event]:
        data = {"time": entry.time, "model": entry.model, "version": self._version(entry.model)}
        events = [Event(EventType.PROFILE_PUBLISHED, data)] if self._wanted(EventType.PROFILE_PUBLISHED) else []
        return [*events, reset(Reason.MODEL)] if self._selection else events

    def _device(self, change: Change, met: Mapping[str, bool] | None) -> list[Event]:
        entry, what = change.shown.entry, change.shown.what
        after = self._sight.of(entry.state_after) if what is not What.DELETED else None
        was = what is not What.CREATED and _is_met(met, entry.before)
        now = after is not None and _is_met(met, entry.after)
        kind = _TYPES.get((was, now))
        if kind is None or not self._wanted(kind):
            return []
        data: dict[str, Any] = {"device_id": entry.device, "time": entry.time}
        if kind is not EventType.DEVICE_DELETED:
            data["document"] = after
        if kind is EventType.DEVICE_UPDATED and self._subscription.diff:
            data["changes"] = self._changes(self._sight.of(entry.state_before) or {}, after or {})
        return [Event(kind, data)]

    def _changes(self, before: Document, after: Document) -> dict[str, Any]:
        """Return field -> what it was and what it is; null where it has no value."""
        pairs = ((item.name, value_at(before, item.names), value_at(after, item.names)) for item in self._fields)
        return {name: {"from": _null(old), "to": _null(new)} for name, old, new in pairs if old != new}

    def _wanted(self, kind: EventType) -> bool:
        return kind in self._subscription.types


def _is_met(met: Mapping[str, bool] | None, state: str | None) -> bool:
    return met is None or (state is not None and met.get(state, False))


def _null(value: Any) -> Any:
    return None if value is ABSENT else value
