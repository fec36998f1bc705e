"""Moments as clients write them: in DATE_FORMAT, as another ISO 8601 time, or as an RFC 1123 date."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from registry.profile import Field
from registry.profile.codecs import written


def in_registry_form(field: Field | None, value: Any) -> Any:
    """Return a value to compare `field` with; a moment, if the field has moments, in DATE_FORMAT.

    A time without an offset is in UTC, and a day begins there. For a field of days, a moment is its day.
    """
    kind = field.codec.kind if field is not None else ""
    if kind not in ("datetime", "date"):
        return written(value) if isinstance(value, datetime) else value
    moment = value if isinstance(value, datetime) else _moment(value)
    if moment is None:
        return value
    return moment.date().isoformat() if kind == "date" else written(moment)


def _moment(value: Any) -> datetime | None:
    if not isinstance(value, str):
        return None
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read(value)
            moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            return moment.astimezone(UTC)
        except (ValueError, TypeError, OverflowError, IndexError):
            continue
    return None
