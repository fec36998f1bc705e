"""Windows in JSON, and what is wrong with those that are none: in which window, at which member, and what would be right.

Source of the forms of time: RFC 3339 for moments, RFC 9557's names of time zones.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, time
from typing import Any, Final, TypeAlias, TypeVar

from registry.calendars.windows import DAYS, EARLIEST, LATEST, Once, Weekly, Window, zone_names

MOST_WINDOWS: Final = 200
MOST_POWER: Final = 1_000_000
"""In kW."""

Issues: TypeAlias = dict[str, Any]
"""The number of a window, from 0 -> member -> words; or words for the window as a whole."""

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.0+)?([Zz]|[+-]\d\d:\d\d)")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_TIME = re.compile(r"\d\d:\d\d(:\d\d)?")
_END_OF_DAY = ("24:00", "24:00:00")

_ONCE = ("begin", "end")
_WEEKLY = ("days", "from", "until", "time_zone")
_OPTIONAL_OF_ONCE = ("available_power",)
_OPTIONAL_OF_WEEKLY = ("first_date", "last_date", "available_power")
_KINDS = "a window has begin and end, or days, from, until and time_zone"
_Value = TypeVar("_Value")


class WindowsError(ValueError):
    """A value is no list of windows.

    Attributes:
        issues: words for the whole, or for each window with something wrong the issues of its members.
    """

    def __init__(self, issues: str | Issues) -> None:
        super().__init__(str(issues))
        self.issues = issues


class _Wrong(Exception):
    """A member is not as it should be; the message says what would be right."""


def read_windows(value: Any) -> tuple[Window, ...]:
    """Return the windows that a JSON value states.

    Raises:
        WindowsError: it isn't a list of at least one window and at most MOST_WINDOWS.
    """
    if not isinstance(value, list):
        raise WindowsError(f"must be a list of windows, not {_shown(value)}")
    if not value:
        raise WindowsError("must have at least one window; a device without this field is always available")
    if len(value) > MOST_WINDOWS:
        raise WindowsError(f"must have at most {MOST_WINDOWS} windows, not {len(value)}")
    issues: Issues = {}
    windows = [_window(each, str(number), issues) for number, each in enumerate(value)]
    if issues:
        raise WindowsError(issues)
    return tuple(window for window in windows if window is not None)


def write_windows(windows: Iterable[Window]) -> list[dict[str, Any]]:
    """Return the JSON form of windows, always the same for the same windows."""
    return [_written(window) for window in windows]


def written_moment(moment: datetime) -> str:
    """Return a moment of whole seconds in UTC (RFC 3339)."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat()}Z"


def read_moment(text: str) -> datetime:
    """Return the moment that an RFC 3339 text with an offset states, in UTC.

    Raises:
        ValueError: it states none, or one out of bounds or with a fraction of a second; says what would be right.
    """
    try:
        return _moment(text)
    except _Wrong as wrong:
        raise ValueError(str(wrong)) from None


def _window(value: Any, name: str, issues: Issues) -> Window | None:
    if not isinstance(value, Mapping):
        issues[name] = f"must be an object, not {_shown(value)}: {_KINDS}"
        return None
    once, weekly = (any(member in value for member in members) for members in (_ONCE, _WEEKLY))
    if once == weekly:
        mixed = " mixes both kinds: " if once else " is of neither kind: "
        issues[name] = f"the window{mixed}{_KINDS}"
        return None
    members = _Members(value, *((_ONCE, _OPTIONAL_OF_ONCE) if once else (_WEEKLY, _OPTIONAL_OF_WEEKLY)))
    window = _once(members) if once else _weekly(members)
    if members.issues:
        issues[name] = members.issues
    return window


class _Members:
    """The members of one window, read one by one; what is wrong is collected."""

    def __init__(self, value: Mapping[str, Any], required: tuple[str, ...], optional: tuple[str, ...]) -> None:
        self._value = value
        self.issues = {name: "required member" for name in required if name not in value}
        for name in value:
            if name not in required and name not in optional:
                self.issues[name[:60]] = f"unknown member; this kind of window has {', '.join(required + optional)}"

    def read(self, name: str, read: Callable[[Any], _Value]) -> _Value | None:
        """Return a member's value; None if it is absent or wrong."""
        if name not in self._value:
            return None
        try:
            return read(self._value[name])
        except _Wrong as wrong:
            self.issues[name] = str(wrong)
            return None


def _once(members: _Members) -> Once | None:
    begin, end = members.read("begin", _moment), members.read("end", _moment)
    power = members.read("available_power", _power)
    if begin is None or end is None:
        return None
    if begin >= end:
        members.issues["end"] = f"must be later than begin, {written_moment(begin)}"
    return Once(begin=begin, end=end, power=power)


def _weekly(members: _Members) -> Weekly | None:
    days, zone = members.read("days", _days), members.read("time_zone", _zone)
    start, until = members.read("from", _local_time), members.read("until", _end_time)
    first, last = members.read("first_date", _date), members.read("last_date", _date)
    power = members.read("available_power", _power)
    if first is not None and last is not None and last < first:
        members.issues["last_date"] = f"must not be before first_date, {first}"
    if days is None or zone is None or start is None or until is None:
        return None
    return Weekly(days=days, start=start, until=until, zone=zone, first=first, last=last, power=power)


def _moment(value: Any) -> datetime:
    right = f"must be a moment with an offset and whole seconds (RFC 3339), as 2026-12-01T08:00:00+01:00, not {_shown(value)}"
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        raise _Wrong(right)
    try:
        moment = datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise _Wrong(right) from None
    _in_bounds(moment.date())
    return moment


def _date(value: Any) -> date:
    right = f"must be a date, as 2026-12-01, not {_shown(value)}"
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise _Wrong(right)
    try:
        found = date.fromisoformat(value)
    except ValueError:
        raise _Wrong(right) from None
    _in_bounds(found)
    return found


def _in_bounds(day: date) -> None:
    if not EARLIEST <= day <= LATEST:
        raise _Wrong(f"must lie within {EARLIEST} and {LATEST}")


def _local_time(value: Any) -> time:
    if isinstance(value, str) and _TIME.fullmatch(value):
        try:
            return time.fromisoformat(value)
        except ValueError:
            pass
    raise _Wrong(f"must be a local time of 24 hours, as 06:00, not {_shown(value)}")


def _end_time(value: Any) -> time:
    return time() if value in _END_OF_DAY else _local_time(value)


def _zone(value: Any) -> str:
    if not isinstance(value, str) or value not in zone_names():
        raise _Wrong(f"must be the name of a time zone in the IANA database, as Europe/Zagreb, not {_shown(value)}")
    return value


def _days(value: Any) -> tuple[int, ...]:
    named = isinstance(value, list) and all(isinstance(each, str) and each in DAYS for each in value)
    if not named or not value or len(set(value)) < len(value):
        raise _Wrong(f"must be a list of different days out of {', '.join(DAYS)}, not {_shown(value)}")
    return tuple(sorted(DAYS.index(each) for each in value))


def _power(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MOST_POWER:
        raise _Wrong(f"must be a number from 0 to {MOST_POWER}, in kW, not {_shown(value)}")
    return float(value)


def _shown(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case dict():
            return "an object"
        case list():
            return f"a list of {len(value)}"
        case float() if not math.isfinite(value):
            return "a number without bounds"
        case int() if abs(value) >= 10**20:
            return "so large a number"
        case str() if len(value) > 40:
            return f"{value[:40]!r}…"
    return repr(value)


def _written(window: Window) -> dict[str, Any]:
    found: dict[str, Any]
    if isinstance(window, Once):
        found = {"begin": written_moment(window.begin), "end": written_moment(window.end)}
    else:
        found = {
            "days": [DAYS[day] for day in window.days],
            "from": _written_time(window.start),
            "until": _written_time(window.until),
            "time_zone": window.zone,
        }
        found |= {name: day.isoformat() for name, day in _dates(window) if day is not None}
    if window.power is not None:
        found["available_power"] = int(window.power) if window.power.is_integer() else window.power
    return found


def _dates(window: Weekly) -> tuple[tuple[str, date | None], ...]:
    return ("first_date", window.first), ("last_date", window.last)


def _written_time(moment: time) -> str:
    return moment.isoformat("seconds" if moment.second else "minutes")
