"""Moments in query parameters: times by RFC 3339, which have an offset."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from registry.errors import BadRequest
from registry.profile.codecs import DATE_FORMAT, written

_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_UNESCAPED = re.compile(r" (?=\d\d:\d\d$)")
"""A plus sign that was not escaped in an address."""


def read_moment(arguments: Mapping[str, str], name: str) -> str | None:
    """Return the moment that a parameter states, in DATE_FORMAT; None without such a parameter.

    Raises:
        BadRequest: it is no time with an offset.
    """
    text = arguments.get(name)
    if text is None:
        return None
    text = _UNESCAPED.sub("+", text)
    try:
        if not _RFC_3339.fullmatch(text):
            raise ValueError
        moment = datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadRequest(
            f"{name} must be a time with an offset (RFC 3339), such as 2026-03-01T12:00:00Z or "
            f"2026-03-01T13:00:00%2B01:00, not {text[:40]!r}"
        ) from None
    return written(moment)


def read_past_moment(arguments: Mapping[str, str], name: str) -> str | None:
    """Return the moment that a parameter states, as `read_moment`; it may not be to come.

    Raises:
        BadRequest: it is no time with an offset, or later than now.
    """
    moment = read_moment(arguments, name)
    now = datetime.now(UTC).strftime(DATE_FORMAT)
    if moment is not None and moment > now:
        raise BadRequest(f"{name} is {moment}, which is to come: the latest that is known is now, {now}")
    return moment


def moment_or_now(moment: str | None) -> datetime:
    """Return a moment in DATE_FORMAT as a time; without one, now."""
    return datetime.now(UTC) if moment is None else datetime.strptime(moment, DATE_FORMAT).replace(tzinfo=UTC)
