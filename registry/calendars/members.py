"""The members of windows in JSON, one reader for each kind: moments, dates, local times, days, zones and powers.

Each reader returns the member's value, or says what would be right.

Source of the forms: RFC 3339 for moments and dates, the IANA time zone database for the names of zones.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime, time
from typing import Any, Final

from registry.calendars.windows import DAYS, EARLIEST, LATEST, zone_names

MOST_POWER: Final = 1_000_000
"""In kW."""

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.0+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIME = re.compile(r"\d\d:\d\d(:\d\d)?", re.ASCII)
_END_OF_DAY = ("24:00", "24:00:00")
_SHOWN = 40
_LARGEST = 10**20


class WrongMemberError(ValueError):
    """A member is not as it should be; the message says what would be right."""


def read_moment(value: Any) -> datetime:
    """Return the moment that an RFC 3339 text with an offset states, in UTC."""
    example = "2026-12-01T08:00:00+01:00"
    right = f"must be a moment with an offset and whole seconds (RFC 3339), as {example}, not {shown(value)}"
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        raise WrongMemberError(right)
    try:
        moment = datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise WrongMemberError(right) from None
    _in_bounds(moment.date())
    return moment


def read_date(value: Any) -> date:
    """Return a date."""
    right = f"must be a date, as 2026-12-01, not {shown(value)}"
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise WrongMemberError(right)
    try:
        found = date.fromisoformat(value)
    except ValueError:
        raise WrongMemberError(right) from None
    _in_bounds(found)
    return found


def _in_bounds(day: date) -> None:
    if not EARLIEST <= day <= LATEST:
        raise WrongMemberError(f"must lie within {EARLIEST} and {LATEST}")


def read_local_time(value: Any) -> time:
    """Return a local time."""
    if isinstance(value, str) and _TIME.fullmatch(value):
        try:
            return time.fromisoformat(value)
        except ValueError:
            pass
    raise WrongMemberError(f"must be a local time of 24 hours, as 06:00, not {shown(value)}")


def read_end_time(value: Any) -> time:
    """Return the local time at which a window ends; 24:00 is 00:00, the end of the day."""
    return time() if value in _END_OF_DAY else read_local_time(value)


def read_zone(value: Any) -> str:
    """Return the name of a time zone."""
    if not isinstance(value, str) or value not in zone_names():
        raise WrongMemberError(
            f"must be the name of a time zone in the IANA database, as Europe/Zagreb, not {shown(value)}"
        )
    return value


def read_days(value: Any) -> tuple[int, ...]:
    """Return days of the week in order, 0 for Monday."""
    named = isinstance(value, list) and all(isinstance(each, str) and each in DAYS for each in value)
    if not named or not value or len(set(value)) < len(value):
        raise WrongMemberError(f"must be a list of different days out of {', '.join(DAYS)}, not {shown(value)}")
    return tuple(sorted(DAYS.index(each) for each in value))


def read_power(value: Any) -> float:
    """Return a power in kW."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MOST_POWER:
        raise WrongMemberError(f"must be a number from 0 to {MOST_POWER}, in kW, not {shown(value)}")
    return float(value)


def shown(value: Any) -> str:
    """Return a JSON value as a message shows it, in a few characters."""
    match value:
        case dict():
            text = "an object"
        case list():
            text = f"a list of {len(value)}"
        case float() if not math.isfinite(value):
            text = "a number without bounds"
        case int() if abs(value) >= _LARGEST:
            text = "so large a number"
        case str() if len(value) > _SHOWN:
            text = f"{value[:_SHOWN]!r}…"
        case None | bool():
            text = {None: "null", True: "true", False: "false"}[value]
        case _:
            text = repr(value)
    return text
