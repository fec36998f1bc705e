"""Windows out of an iCalendar object: events (RFC 5545) and availabilities (RFC 7953).

What windows can't express is refused with the component named, never left out: other rules of recurrence, exceptions,
tasks. Left out is what says nothing about time: texts, attendees, alarms. Time zones are those of the IANA database by
their names; descriptions of zones that a calendar brings are not read.

Texts come from outside: their size, lines, components and depth are bounded before the library sees them, and no rule
is ever expanded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from icalendar import Calendar, Component

from registry.calendars.events import EventError, window_of
from registry.calendars.json_form import MOST_WINDOWS, WindowsError, read_windows, write_windows
from registry.calendars.windows import Window, zone_names

LARGEST: Final = 256 * 1024
"""Bytes of a text."""
MOST_COMPONENTS: Final = 1_000
DEEPEST: Final = 4

_BEGIN = re.compile(r"BEGIN:([A-Z0-9-]+)[ \t]*", re.IGNORECASE)
_END = re.compile(r"END:([A-Z0-9-]+)[ \t]*", re.IGNORECASE)
_FOLD = re.compile(r"\r?\n[ \t]")
_BOUNDARY = re.compile(r"\s*(BEGIN|END)\b", re.IGNORECASE)
_BOUNDS = ("DTSTART", "DTEND", "DURATION")


class CalendarUnreadableError(ValueError):
    """A text is no iCalendar object, or too large a one."""


class CalendarRefusedError(ValueError):
    """A calendar says what windows can't express.

    Attributes:
        issues: component -> words, or words for the whole.
    """

    def __init__(self, issues: str | dict[str, str]) -> None:
        super().__init__(str(issues))
        self.issues = issues


def from_icalendar(data: bytes, zone: str | None = None) -> tuple[Window, ...]:
    """Return the windows that an iCalendar object states.

    Args:
        data: its text, in UTF-8.
        zone: the time zone of days and times without one; None for X-WR-TIMEZONE of the calendar.

    Raises:
        CalendarUnreadableError: it is no such object.
        CalendarRefusedError: it says what can't be expressed, or no window at all.
    """
    calendar = _parsed(_without_zones(data))
    issues: dict[str, str] = {}
    windows: list[Window] = []
    own = zone or _zone_of(calendar)
    for name, component in _components(calendar, issues):
        try:
            windows += read_windows(write_windows([window_of(component, own)]))
        except EventError as error:
            issues[name] = str(error)
        except WindowsError as error:
            issues[name] = _words(error)
    if issues:
        raise CalendarRefusedError(issues)
    if not windows:
        raise CalendarRefusedError("has no VEVENT and no AVAILABLE: to be always available, delete the windows")
    if len(windows) > MOST_WINDOWS:
        raise CalendarRefusedError(f"must have at most {MOST_WINDOWS} events, not {len(windows)}")
    return tuple(windows)


def _words(error: WindowsError) -> str:
    """Return what is wrong with the one window that was read."""
    issue = error.issues if isinstance(error.issues, str) else error.issues["0"]
    return issue if isinstance(issue, str) else "; ".join(f"{name} {words}" for name, words in issue.items())


def _without_zones(data: bytes) -> str:
    """Return the text without its VTIMEZONE components, within bounds.

    The library would keep what they say for all calendars to come.
    """
    if len(data) > LARGEST:
        raise CalendarUnreadableError(f"the calendar has {len(data):,} bytes; {LARGEST:,} are the most")
    try:
        text = _FOLD.sub("", data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise CalendarUnreadableError("the calendar is no UTF-8 text") from None
    kept: list[str] = []
    open_names: list[str] = []
    components = 0
    for line in re.split(r"\r?\n", text):
        begin, end = _BEGIN.fullmatch(line), _END.fullmatch(line)
        if begin is None and end is None and _BOUNDARY.match(line):
            raise CalendarUnreadableError(f"{line[:40]!r} neither begins nor ends a component: expected BEGIN:NAME")
        if begin is not None:
            components += 1
            open_names.append(begin[1].upper())
        if line.strip() and "VTIMEZONE" not in open_names:
            kept.append(line)
        if end is not None and (not open_names or open_names.pop() != end[1].upper()):
            raise CalendarUnreadableError(f"{line[:40]!r} ends what was not begun last")
        if components > MOST_COMPONENTS or len(open_names) > DEEPEST:
            raise CalendarUnreadableError(
                f"the calendar has more than {MOST_COMPONENTS:,} components, or they are nested deeper than {DEEPEST}"
            )
    if open_names:
        raise CalendarUnreadableError(f"{open_names[-1][:40]} has no END")
    return "\r\n".join([*kept, ""])


def _parsed(text: str) -> Calendar:
    try:
        calendar = Calendar.from_ical(text)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        reason = str(error).partition("\n")[0][:120]
        raise CalendarUnreadableError(f"no iCalendar object can be read (RFC 5545): {reason}") from None
    if calendar.name != "VCALENDAR":
        raise CalendarUnreadableError("expected one VCALENDAR (RFC 5545)")
    return calendar


def _zone_of(calendar: Calendar) -> str | None:
    name = str(calendar.get("X-WR-TIMEZONE", ""))
    return name if name in zone_names() else None


def _components(calendar: Calendar, issues: dict[str, str]) -> Iterator[tuple[str, Component]]:
    """Yield what states windows, each with a name for people; what states something else becomes an issue."""
    availabilities = sum(component.name == "VAVAILABILITY" for component in calendar.subcomponents)
    for number, component in enumerate(calendar.subcomponents, start=1):
        name = f"{component.name} {number}"
        if component.name == "VEVENT":
            yield name, component
        elif component.name == "VAVAILABILITY":
            bounds = [each for each in _BOUNDS if each in component]
            if availabilities > 1 and "PRIORITY" in component:
                bounds.append("PRIORITY")
            if bounds:
                issues[name] = f"{bounds[0]} can't be expressed; state it by the times of each AVAILABLE"
            for place, each in enumerate(component.subcomponents, start=1):
                inner = f"{name}, {each.name} {place}"
                if each.name == "AVAILABLE":
                    yield inner, each
                else:
                    issues[inner] = "is no availability; expected AVAILABLE"
        else:
            issues[name] = "is no window of time; expected VEVENT or VAVAILABILITY"
