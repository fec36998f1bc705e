"""Windows in JSON, and what is wrong with those that are none: in which window, at which member, what is right."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, time
from typing import Any, Final, TypeAlias, TypeVar

from registry.calendars.members import (
    WrongMemberError,
    read_date,
    read_days,
    read_end_time,
    read_local_time,
    read_moment,
    read_power,
    read_zone,
    shown,
)
from registry.calendars.windows import DAYS, Once, Weekly, Window

MOST_WINDOWS: Final = 200

Issues: TypeAlias = dict[str, Any]
"""The number of a window, from 0 -> member -> words; or words for the window as a whole."""

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


def read_windows(value: Any) -> tuple[Window, ...]:
    """Return the windows that a JSON value states.

    Raises:
        WindowsError: it isn't a list of at least one window and at most MOST_WINDOWS.
    """
    if not isinstance(value, list):
        raise WindowsError(f"must be a list of windows, not {shown(value)}")
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


def _window(value: Any, name: str, issues: Issues) -> Window | None:
    if not isinstance(value, Mapping):
        issues[name] = f"must be an object, not {shown(value)}: {_KINDS}"
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
        except WrongMemberError as wrong:
            self.issues[name] = str(wrong)
            return None


def _once(members: _Members) -> Once | None:
    begin, end = members.read("begin", read_moment), members.read("end", read_moment)
    power = members.read("available_power", read_power)
    if begin is None or end is None:
        return None
    if begin >= end:
        members.issues["end"] = f"must be later than begin, {written_moment(begin)}"
    return Once(begin=begin, end=end, power=power)


def _weekly(members: _Members) -> Weekly | None:
    days, zone = members.read("days", read_days), members.read("time_zone", read_zone)
    start, until = members.read("from", read_local_time), members.read("until", read_end_time)
    first, last = members.read("first_date", read_date), members.read("last_date", read_date)
    power = members.read("available_power", read_power)
    if first is not None and last is not None and last < first:
        members.issues["last_date"] = f"must not be before first_date, {first}"
    if days is None or zone is None or start is None or until is None:
        return None
    window = Weekly(days=days, start=start, until=until, zone=zone, first=first, last=last, power=power)
    if not members.issues and window.first_day() is None:
        members.issues["last_date"] = f"none of the days lies within first_date, {first}, and last_date, {last}"
    return window


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
