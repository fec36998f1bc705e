"""Windows as an iCalendar object: an event for each, that of a weekly window with a rule of recurrence (RFC 5545).

A weekly window without a first date is written from FROM on. Its end is a local time, as in JSON: programs that keep
the exact length of the first event instead show another end on the days on which clocks change.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone, vRecur

from registry.calendars.windows import Once, Weekly, Window

FROM: Final = date(1970, 1, 1)
"""Where the weeks of a window without a first date begin."""
POWER: Final = "X-FLEXCOOP-POWER-KW"
BY_DAY: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
"""The days of the week in RRULE, 0 for Monday."""
_UNTIL: Final = 2038
"""The year up to which zones are described, unless windows go on."""


def to_icalendar(windows: Iterable[Window], name: str, changed: datetime) -> bytes:
    """Return the text of an iCalendar object, the same for the same arguments.

    Args:
        windows: what it says.
        name: an IRI that names what they belong to.
        changed: when they were said.
    """
    calendar = Calendar()
    calendar.add("VERSION", "2.0")
    calendar.add("PRODID", "-//FLEXCoop//DER Registry//EN")
    calendar.add("CALSCALE", "GREGORIAN")
    several = tuple(windows)
    for zone in sorted({window.zone for window in several if isinstance(window, Weekly)}):
        calendar.add_component(_zone(zone, _last_year(several)))
    for number, window in enumerate(several, start=1):
        event = Event()
        event.add("UID", f"{name}#window-{number}")
        event.add("DTSTAMP", changed.astimezone(UTC).replace(microsecond=0))
        event.add("SUMMARY", "Available")
        event.add("TRANSP", "TRANSPARENT")
        _once(event, window) if isinstance(window, Once) else _weekly(event, window)
        if window.power is not None:
            event.add(POWER, f"{window.power:g}" if window.power.is_integer() else repr(window.power))
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _once(event: Event, window: Once) -> None:
    event.add("DTSTART", window.begin)
    event.add("DTEND", window.end)


def _weekly(event: Event, window: Weekly) -> None:
    zone = ZoneInfo(window.zone)
    day = window.first_day() if window.first else window.first_day(FROM)
    if day is None:
        raise ValueError(f"a window that never begins: {window}")
    end = day if window.start < window.until else day + timedelta(days=1)
    event.add("DTSTART", datetime.combine(day, window.start, zone))
    event.add("DTEND", datetime.combine(end, window.until, zone))
    rule: dict[str, object] = {"FREQ": "WEEKLY", "BYDAY": [BY_DAY[each] for each in window.days]}
    if window.last is not None:
        rule["UNTIL"] = window.begin_on(window.last)
    event.add("RRULE", vRecur(rule))


def _last_year(windows: Iterable[Window]) -> int:
    return max([_UNTIL, *(w.last.year + 1 for w in windows if isinstance(w, Weekly) and w.last is not None)])


@lru_cache(maxsize=64)
def _zone(name: str, last: int) -> Timezone:
    """Return the description of a zone; finding its changes takes a while."""
    return Timezone.from_tzinfo(ZoneInfo(name), name, FROM, date(last, 1, 1))
