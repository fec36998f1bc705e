"""One VEVENT or AVAILABLE as a window: its times, and its rule of recurrence if it has one.

A rule must be one that a weekly window expresses: weekly or daily, on days of the week, with an end or without.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Component

from registry.calendars.icalendar_writing import BY_DAY, FROM, POWER
from registry.calendars.members import WrongMemberError, read_power
from registry.calendars.windows import LATEST, Once, Weekly, Window, zone_names

_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)
_REFUSED = ("EXDATE", "RDATE", "EXRULE", "RECURRENCE-ID")
_SINGLE = ("DTSTART", "DTEND", "DURATION", "RRULE", POWER)
_FREQUENCIES = ("WEEKLY", "DAILY")
_PARTS = {"FREQ", "INTERVAL", "BYDAY", "UNTIL", "COUNT", "WKST"}


class EventError(ValueError):
    """A component can't be a window; says which property is why."""


def window_of(component: Component, zone: str | None) -> Window:
    """Return the window that a component states.

    Args:
        component: a VEVENT or AVAILABLE.
        zone: the time zone of days and times without one; None if there is none.

    Raises:
        EventError: it states something else.
    """
    _require_expressible(component)
    start, own = _local(component, "DTSTART", zone)
    end = _end(component, start, own, zone)
    power = _power(component)
    if "RRULE" in component:
        return _weekly(_value(component, "RRULE"), start, end, own, power)
    begin_moment, end_moment = _moment(start, own), _moment(end, own)
    if "DURATION" in component and end_moment - begin_moment != _value(component, "DURATION").dt:
        raise EventError("DURATION reaches over a change of the clocks: use DTEND")
    if begin_moment >= end_moment:
        raise EventError("its end is not later than DTSTART")
    return Once(begin=begin_moment, end=end_moment, power=power)


def _require_expressible(component: Component) -> None:
    if component.errors:
        name, reason = component.errors[0]
        raise EventError(f"{name or 'a line'} can't be read: {str(reason)[:80]}")
    for name in _REFUSED:
        if name in component:
            raise EventError(f"{name} can't be expressed: state each part as an event of its own")
    for name in _SINGLE:
        if isinstance(component.get(name), list):
            raise EventError(f"{name} is there more than once")
    if "DTSTART" not in component:
        raise EventError("DTSTART is missing")
    if str(component.get("STATUS", "")).upper() == "CANCELLED":
        raise EventError("STATUS is CANCELLED: leave the event out")
    if "DTEND" in component and "DURATION" in component:
        raise EventError("has both DTEND and DURATION")


def _local(component: Component, name: str, zone: str | None) -> tuple[datetime | date, str]:
    """Return the local time, or the day, that a property states, and the name of its time zone."""
    found = _value(component, name)
    value = getattr(found, "dt", None)
    if isinstance(value, datetime):
        stated = found.params.get("TZID")
        own = "UTC" if value.tzinfo is UTC else getattr(value.tzinfo, "key", None)
        if stated is not None and own not in zone_names():
            raise EventError(
                f"{name} has the TZID {str(stated)[:60]!r}, which the IANA time zone database doesn't have"
            )
        return value.replace(tzinfo=None), _known(own or zone, name)
    if isinstance(value, date):
        return value, _known(zone, name)
    raise EventError(f"{name} must be a date, or a date and time")


def _known(zone: str | None, name: str) -> str:
    if zone is None:
        raise EventError(f"{name} has no time zone: give it a TZID, or the request a time_zone")
    return zone


def _end(component: Component, start: datetime | date, zone: str, other: str | None) -> datetime | date:
    """Return the local end, in the zone of the beginning."""
    if "DTEND" in component:
        stated = getattr(_value(component, "DTEND"), "dt", None)
        if isinstance(stated, datetime) != isinstance(start, datetime):
            raise EventError("one of DTSTART and DTEND is a day, the other has a time")
        end, own = _local(component, "DTEND", other)
        if isinstance(end, datetime) and own != zone:
            return end.replace(tzinfo=ZoneInfo(own)).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        return end
    if "DURATION" in component:
        length = _value(component, "DURATION").dt
        if not isinstance(length, timedelta) or length <= timedelta():
            raise EventError("DURATION must be more than nothing")
        if not isinstance(start, datetime) and length % _DAY:
            raise EventError("DURATION of days must be whole days")
        return _sum(start, length)
    if isinstance(start, datetime):
        raise EventError("DTEND or DURATION is missing")
    return _sum(start, _DAY)


def _sum(start: datetime | date, length: timedelta) -> datetime | date:
    try:
        return start + length
    except OverflowError:
        raise EventError("DURATION is too long") from None


def _moment(local: datetime | date, zone: str) -> datetime:
    return _at(local).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def _at(local: datetime | date) -> datetime:
    return local if isinstance(local, datetime) else datetime.combine(local, time())


def _value(component: Component, name: str) -> Any:
    """Return the value of a property, whose type the library leaves open."""
    return component[name]


def _power(component: Component) -> float | None:
    if POWER not in component:
        return None
    try:
        return read_power(float(str(component[POWER])))
    except WrongMemberError as wrong:
        raise EventError(f"{POWER} {wrong}") from None
    except ValueError:
        raise EventError(f"{POWER} must be a number, in kW") from None


def _weekly(
    rule: dict[str, list[Any]], start: datetime | date, end: datetime | date, zone: str, power: float | None
) -> Weekly:
    begin, length = _at(start), _at(end) - _at(start)
    if not timedelta() < length <= _DAY:
        raise EventError("recurs, and is not within 24 hours: state each day as an event of its own")
    first = None if begin.date() < FROM + _WEEK else begin.date()
    days = _days(rule, begin.date())
    window = Weekly(days=days, start=begin.time(), until=_at(end).time(), zone=zone, first=first, power=power)
    last = _last(rule, window, begin.date())
    if last is not None and last < begin.date():
        raise EventError("RRULE ends before DTSTART")
    return replace(window, last=last)


def _days(rule: dict[str, list[Any]], begin: date) -> tuple[int, ...]:
    frequency = str(rule.get("FREQ", [""])[0])
    other = set(rule) - _PARTS
    if frequency not in _FREQUENCIES or other or rule.get("INTERVAL", [1]) != [1]:
        part = f"FREQ={frequency}" if frequency not in _FREQUENCIES else min(other, default="INTERVAL")
        raise EventError(f"RRULE with {part} can't be expressed: expected FREQ=WEEKLY with BYDAY, UNTIL or COUNT")
    named = [str(each) for each in rule.get("BYDAY", [])]
    if not set(named) <= set(BY_DAY):
        raise EventError("RRULE has a BYDAY with a number, which can't be expressed: expected MO, TU, …")
    if not named:
        return tuple(range(len(BY_DAY))) if frequency == "DAILY" else (begin.weekday(),)
    return tuple(sorted({BY_DAY.index(each) for each in named}))


def _last(rule: dict[str, list[Any]], window: Weekly, begin: date) -> date | None:
    """Return the last local date on which the window begins; None for no bound."""
    if "UNTIL" in rule and "COUNT" in rule:
        raise EventError("RRULE has both UNTIL and COUNT")
    if "COUNT" in rule:
        return _counted(int(rule["COUNT"][0]), window.days, begin)
    until = rule["UNTIL"][0] if "UNTIL" in rule else None
    if until is None or not isinstance(until, datetime):
        return until
    if until.tzinfo is None:
        return until.date() if window.start <= until.time() else until.date() - _DAY
    day = until.astimezone(ZoneInfo(window.zone)).date()
    return next(each for each in (day + _DAY, day, day - _DAY) if window.begin_on(each) <= until or each < day)


def _counted(count: int, days: tuple[int, ...], begin: date) -> date:
    if begin.weekday() not in days:
        raise EventError("RRULE has COUNT, and DTSTART is on none of its days, so that it is not clear what is counted")
    weeks, place = divmod(count - 1, len(days))
    if count < 1 or weeks > (LATEST - begin).days // len(BY_DAY):
        raise EventError(f"RRULE has a COUNT that is no number of events up to {LATEST}")
    offsets = sorted((day - begin.weekday()) % len(BY_DAY) for day in days)
    return begin + timedelta(weeks=weeks, days=offsets[place])
