"""The course of one field as it was: each value with the time from which on it was in force."""

from __future__ import annotations

from typing import Any

from registry.errors import BadRequest
from registry.history.instants import text_of

MOST_VALUES = 10_000
"""Values of one field that are told one by one."""


class Values:
    """Values in the order of their times."""

    def __init__(self) -> None:
        self._found: list[tuple[int, Any]] = []

    def put(self, instant: int, value: Any) -> None:
        """Say which value is in force from `instant` on; None is none.

        Raises:
            BadRequest: they are too many.
        """
        if self._found and self._found[-1][1] == value:
            return
        if len(self._found) >= MOST_VALUES:
            raise BadRequest(
                f"There are more than {MOST_VALUES:,} values: divide the time by points=500, or ask for a shorter one"
            )
        self._found.append((instant, value))

    def document(self) -> dict[str, Any]:
        """Return all values as JSON; where there is none, `value` is absent."""
        return {
            "values": [
                {"time": text_of(instant), **({} if value is None else {"value": value})}
                for instant, value in self._found
            ]
        }
