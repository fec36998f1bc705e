"""The parameters free_from, free_to and min_kw of a listing: only devices with so much power free all that time."""

from __future__ import annotations

from collections.abc import Mapping
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
    start, end = (read_moment(arguments[name].replace(" ", "+")) for name in PARAMETERS[:2])
    if start is None or end is None:
        raise BadRequest(f"{'free_to' if start else 'free_from'} {MOMENT_WORDS}")
    if not start < end <= start + LONGEST:
        raise BadRequest(f"free_to must be later than free_from, by at most {LONGEST.days:,} days")
    return FreeSpan(start, end, _power(arguments.get("min_kw", "0")))


def _power(text: str) -> Decimal:
    try:
        found = Decimal(text)
    except InvalidOperation:
        found = Decimal(-1)
    if not found.is_finite() or not 0 <= found <= MOST_POWER:
        raise BadRequest(f"min_kw must be a number from 0 to {MOST_POWER:,}, in kW")
    return found
