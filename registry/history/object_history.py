"""How the values of a nested object of a device went on, as one principal sees them.

What is read is bounded: of each entry only the object and what tells in whose view it is, and no more than so many
entries.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime

from registry.devices.documents import ABSENT, value_at
from registry.errors import BadRequest, NotFound
from registry.history.beginning import beginning, require_kept
from registry.history.course import Course, FieldCourse
from registry.history.device_history import DeviceHistory, Known
from registry.history.instants import instant_of
from registry.history.spans import Spans
from registry.history.timeline import Timeline
from registry.history.values import Values
from registry.in_force import Edition
from registry.journal import Recorder, What
from registry.journal.entry import State
from registry.journal.sight import Sight
from registry.principal import Principal
from registry.profile import Field, Profile
from registry.profile.codecs import DATE_FORMAT, IntegerCodec, NumberCodec

MOST_ENTRIES = 200_000
"""Entries of one device that are read for one answer; 100,000 take about a second."""
_AT_ONCE = 10_000
_BELONGS = ("aggregator_id", "account_id")
_CHANGES = """
    SELECT entry.sequence, entry.time, CASE seen.what WHEN ? THEN NULL ELSE json_extract(entry.after, ?, ?, ?) END
    FROM entry JOIN seen INDEXED BY seen_of_entry
    ON seen.sequence = entry.sequence AND seen.view = (SELECT id FROM view WHERE name = ?)
    WHERE entry.device = ? AND entry.sequence <= ? AND entry.sequence """
_LAST = _CHANGES + "<= ? ORDER BY entry.sequence DESC LIMIT ?"
_NEXT = _CHANGES + "> ? ORDER BY entry.sequence LIMIT ?"


class ObjectHistory:
    """Reads the journal of `recorder`.

    Args:
        recorder: writes to the journal.
        devices: tells which devices a principal may know of.
    """

    def __init__(self, recorder: Recorder, devices: DeviceHistory) -> None:
        self._recorder = recorder
        self._journal = recorder.journal
        self._timeline = Timeline(recorder.journal)
        self._devices = devices

    def course(  # noqa: PLR0913  what is asked for
        self,
        edition: Edition,
        principal: Principal,
        device_id: str,
        name: str,
        *,
        names: Collection[str] = (),
        start: str | None = None,
        end: str | None = None,
        points: int | None = None,
    ) -> Course:
        """Return the course of an object's values.

        Args:
            edition: the model in force.
            principal: who asks.
            device_id: the device.
            name: the object.
            names: of its members; none for all.
            start: a time in DATE_FORMAT; None for the first change in view that is kept.
            end: likewise; None for now.
            points: into how many spans to divide the time; None for each value.

        Raises:
            NotFound: the device never was in view, or has no such object.
            BadRequest: there is no such member, `start` is not before `end`, or there are too many entries.
            Gone: nothing is known of the time up to `end`.
        """
        known = self._devices.known(edition, principal, device_id)
        fields = _members(edition.profile, principal, name, names)
        start, end = self._times(known, start, end)
        first, last = instant_of(start), instant_of(end)
        found = {member: FieldCourse(field.unit, _series(field, first, last, points)) for member, field in fields}
        taking = [(found[member].series, field.names) for member, field in fields]
        for instant, state in self._states(edition.profile, principal, known, name, (start, end)):
            for series, path in taking:
                value = value_at(state, path)
                series.put(instant, None if value is ABSENT else value)
        return Course(device=known.device, name=name, start=start, end=end, fields=found)

    def _times(self, known: Known, start: str | None, end: str | None) -> tuple[str, str]:
        now, since = datetime.now(UTC).strftime(DATE_FORMAT), beginning(self._journal)
        if end is not None:
            require_kept(self._journal, end)
        end = min(end or now, now)
        start = max(start or self._devices.first(known) or since, since)
        if start >= end:
            raise BadRequest(f"from ({start}) must be before to ({end}), and to is no later than now")
        return start, end

    def _states(
        self, profile: Profile, principal: Principal, known: Known, name: str, times: tuple[str, str]
    ) -> Iterator[tuple[int, State]]:
        """Yield the object as it was at the first time, then after each change up to the last."""
        start, end = times
        reading = _Reading(Sight(profile, principal), name)
        latest, current, begun = start, None, False
        for time, text in self._texts(known, name, start):
            if time > end:
                break
            if time > start and not begun:
                begun = True
                yield instant_of(start), reading.state(current)
            latest = max(latest, time)
            if text != current and begun:
                yield instant_of(latest), reading.state(text)
            current = text
        if not begun:
            yield instant_of(start), reading.state(current)

    def _texts(self, known: Known, name: str, start: str) -> Iterator[tuple[str, str | None]]:
        """Yield the times of a device's changes in a view, from before `start` on, and what the object was after each.

        Raises:
            BadRequest: they are too many.
        """
        cut = self._timeline.cut(start)
        yield from (row[1:] for row in self._read(_LAST, known, name, (cut, 1)))
        number = 0
        while found := self._read(_NEXT, known, name, (cut, _AT_ONCE)):
            yield from (row[1:] for row in found)
            cut = found[-1][0]
            number += len(found)
            if number > MOST_ENTRIES:
                raise BadRequest(f"There are more than {MOST_ENTRIES:,} changes: ask for a shorter time by from and to")

    def _read(
        self, query: str, known: Known, name: str, place: tuple[int, int]
    ) -> Sequence[tuple[int, str, str | None]]:
        paths = [f'$."{each}"' for each in (*_BELONGS, name)]
        whose = (known.view, known.device, self._recorder.applied)
        return self._journal.read(query, (What.DELETED, *paths, *whose, *place))


def _members(profile: Profile, principal: Principal, name: str, names: Collection[str]) -> Sequence[tuple[str, Field]]:
    """Return member -> field, of those that are asked for and may be seen."""
    visible = [field for field in profile.visible(principal.role) if len(field.names) > 1]
    members = {field.name.removeprefix(f"{name}."): field for field in visible if field.names[0] == name}
    if not members:
        objects = ", ".join(dict.fromkeys(field.names[0] for field in visible)) or "none"
        raise NotFound(f"A device has no object of that name with a history; there is {objects}")
    if unknown := [each for each in names if each not in members]:
        raise BadRequest(f"fields: {name} has no {unknown[0][:40]!r}; it has {', '.join(members)}")
    return [(member, field) for member, field in members.items() if not names or member in names]


def _series(field: Field, first: int, last: int, points: int | None) -> Values | Spans:
    if points is None:
        return Values()
    numeric = isinstance(field.codec, NumberCodec | IntegerCodec) and not field.multiple
    return Spans(first, last, points, numeric=numeric)


class _Reading:
    """Reads what `_CHANGES` returns of states; whether one is in view is asked again when that may have changed."""

    def __init__(self, sight: Sight, name: str) -> None:
        self._sight = sight
        self._name = name
        self._belongs: list[str | None] = []
        self._in_view = False

    def state(self, text: str | None) -> State:
        """Return the object as a member of a state; nothing if it is not there, or not in view."""
        if text is None:
            return {}
        *belongs, value = json.loads(text)
        if belongs != self._belongs:
            self._belongs = belongs
            self._in_view = self._sight.of(dict(zip(_BELONGS, belongs, strict=True))) is not None
        return {self._name: value} if self._in_view else {}
