"""The two kinds of windows, and the intervals of UTC that each of them stands for.

A weekly window is said in local time and follows the clocks of its zone, as RFC 5545, section 3.3.5, has it: a local
time that the clocks pass over is read with the offset before the change, and of one that comes twice the first is
meant.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TypeAlias
from zoneinfo import ZoneInfo, available_timezones

EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)
"""The days within which windows lie, and times may be asked about."""
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
"""Days of the week, in the order of ISO 8601."""

Interval: TypeAlias = tuple[datetime, datetime]
"""A beginning and a later end, in UTC; the end is not in it."""

_DAY = timedelta(days=1)
_LONGEST = 2
"""Days that an occurrence may reach beyond the one on which it begins: midnight, and a date that a zone leaves out."""
_NO_PLACES = frozenset({"Factory", "localtime"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    """A single window.

    Attributes:
        begin: in UTC, whole seconds.
        end: likewise, and later.
        power: what can be had, in kW; None for all that the device has.
    """

    begin: datetime
    end: datetime
    power: float | None = None

    def intervals(self, begin: datetime, end: datetime) -> Iterator[Interval]:
        """Yield the interval if it has a part of begin to end."""
        if self.begin < end and begin < self.end:
            yield self.begin, self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Weekly:
    """A window that comes again on some days of each week.

    Attributes:
        days: the days of the week on which it begins, 0 for Monday, in order.
        start: the local time at which it begins.
        until: the local time at which it ends: on the next day if it is no later than `start`.
        zone: the name of the time zone in the IANA database.
        first: the first local date on which it may begin; None for no bound.
        last: the last one.
        power: what can be had, in kW; None for all that the device has.
    """

    days: tuple[int, ...]
    start: time
    until: time
    zone: str
    first: date | None = None
    last: date | None = None
    power: float | None = None

    def intervals(self, begin: datetime, end: datetime) -> Iterator[Interval]:
        """Yield the intervals that have a part of begin to end, in order."""
        zone = ZoneInfo(self.zone)
        over_night = self.until <= self.start
        for day in self._dates(begin.astimezone(zone).date() - _LONGEST * _DAY, end.astimezone(zone).date()):
            since = self.begin_on(day)
            until = datetime.combine(day + _DAY if over_night else day, self.until, zone).astimezone(UTC)
            if since < until and since < end and begin < until:
                yield since, until

    def first_day(self, earliest: date = EARLIEST) -> date | None:
        """Return the first local date from `earliest` on which the window begins; None if it never does."""
        begin = max(earliest, self.first or EARLIEST)
        return next(self._dates(begin, min(begin + 6 * _DAY, LATEST)), None)

    def begin_on(self, day: date) -> datetime:
        """Return the moment at which the window begins on a local date, in UTC."""
        return datetime.combine(day, self.start, ZoneInfo(self.zone)).astimezone(UTC)

    def _dates(self, begin: date, end: date) -> Iterator[date]:
        first = max(begin, self.first or EARLIEST)
        last = min(end, self.last or LATEST)
        days = frozenset(self.days)
        for number in range((last - first).days + 1):
            if (first.weekday() + number) % 7 in days:
                yield first + timedelta(days=number)


Window: TypeAlias = Once | Weekly


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    """Return the names of all time zones of the IANA database."""
    return frozenset(available_timezones() - _NO_PLACES)
