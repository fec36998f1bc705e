"""The parameters free_from, free_to and min_kw of a listing: only devices with so much power free all that time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation

from registry.contracts.form import LONGEST, MOMENT_WORDS, MOST_POWER, read_moment
from registry.contracts.free_capacity import FreeSpan
from registry.errors import BadRequest

PARAMETERS = ("free_from", "free_to", "min_kw")


def read_free_span(arguments: Mapping[str, str]) -> FreeSpan | None:
    """Return what is asked for; None if nothing is.

    Raises:
        BadRequest: a part is missing or can't be understood.
    """
    given = [name for name in PARAMETERS if name in arguments]
    if not given:
        return None
    if "free_from" not in given or "free_to" not in given:
        raise BadRequest(f"{given[0]} goes with free_from and free_to: say both")
    return FreeSpan(*read_span(arguments, *PARAMETERS[:2]), _power(arguments.get("min_kw", "0")))


def read_span(arguments: Mapping[str, str], first: str, last: str) -> tuple[datetime, datetime]:
    """Return the span of time that two parameters state, in UTC.

    Raises:
        BadRequest: one is missing or no moment, or they are in the wrong order or too far apart.
    """
    start, end = (read_moment(arguments.get(name, "").replace(" ", "+")) for name in (first, last))
    if start is None or end is None:
        raise BadRequest(f"{last if start else first} {MOMENT_WORDS}")
    if not start < end <= start + LONGEST:
        raise BadRequest(f"{last} must be later than {first}, by at most {LONGEST.days:,} days")
    return start, end


def _power(text: str) -> Decimal:
    try:
        found = Decimal(text)
    except InvalidOperation:
        found = Decimal(-1)
    if not found.is_finite() or not 0 <= found <= MOST_POWER:
        raise BadRequest(f"min_kw must be a number from 0 to {MOST_POWER:,}, in kW")
    return found
