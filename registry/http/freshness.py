"""How long an answer about devices may be kept: a little while, as clients of the former registry are used to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from flask import Response

MAX_AGE = 10
"""Seconds."""


def cached(response: Response) -> Response:
    """Return the answer, which may be kept for `MAX_AGE` (RFC 9111, section 5.2.2)."""
    response.headers["Cache-Control"] = f"max-age={MAX_AGE},must-revalidate"
    response.headers["Expires"] = format_datetime(datetime.now(UTC) + timedelta(seconds=MAX_AGE), usegmt=True)
    return response
