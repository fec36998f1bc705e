"""Times as numbers to reckon with: whole microseconds since 1970, in UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from registry.profile.codecs import written

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def instant_of(text: str) -> int:
    """Return the instant of a time in DATE_FORMAT."""
    return (datetime.fromisoformat(text) - _EPOCH) // _MICROSECOND


def text_of(instant: int) -> str:
    """Return an instant in DATE_FORMAT."""
    return written(_EPOCH + instant * _MICROSECOND)
