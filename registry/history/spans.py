"""The course of one field, divided into spans of equal length, so that a client can draw a curve that keeps its peaks.

A number has the least and the greatest value that was in force in a span, and the mean weighted by time. A value at the
beginning of a span is in it if it stayed for any time.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from registry.history.instants import text_of


@dataclass(slots=True)
class Span:
    """One of them; the values are None where there was none.

    Attributes:
        start: in microseconds.
        end: likewise.
        least: the smallest number in force.
        greatest: the greatest one.
        total: the numbers in force times the microseconds for which they were.
        duration: for how many microseconds there was a value.
        last: the value at the end.
        changes: how often the value changed.
    """

    start: int
    end: int
    least: float | None = None
    greatest: float | None = None
    total: float = 0.0
    duration: int = 0
    last: Any = None
    changes: int = 0

    def see(self, value: float, duration: int) -> None:
        """Take note of a number that was in force for some time."""
        if self.least is None or value < self.least:
            self.least = value
        if self.greatest is None or value > self.greatest:
            self.greatest = value
        self.total += value * duration
        self.duration += duration

    def document(self) -> dict[str, Any]:
        """Return the span as JSON; what there is not is absent."""
        mean = self.total / self.duration if self.duration else self.least
        values = {"min": self.least, "max": self.greatest, "mean": mean, "last": self.last}
        shown = {name: value for name, value in values.items() if value is not None}
        return {"from": text_of(self.start), "to": text_of(self.end), **shown, "changes": self.changes}


class Spans:
    """The course of one field's values between two instants; values are given in the order of their times.

    Args:
        start: the first instant, in microseconds.
        end: the last one.
        number: how many spans.
        numeric: whether the values are numbers.
    """

    def __init__(self, start: int, end: int, number: int, *, numeric: bool) -> None:
        bounds = [start + (end - start) * place // number for place in range(number + 1)]
        self._spans = [Span(*each) for each in pairwise(bounds)]
        self._numeric = numeric
        self._place = 0
        self._since = start
        self._value: Any = None
        self._begun = False

    def put(self, instant: int, value: Any) -> None:
        """Say which value is in force from `instant` on; None is none. The first one is no change."""
        if self._begun and value == self._value:
            return
        self._advance(instant)
        self._value = value
        span = self._spans[self._place]
        span.changes += self._begun
        self._begun = True
        if self._is_number:
            span.see(value, 0)

    def document(self) -> dict[str, Any]:
        """Return all spans as JSON; nothing may be put in afterwards."""
        self._advance(self._spans[-1].end)
        while self._place < len(self._spans) - 1:  # the end, if the last spans are of no length
            self._leave()
        self._spans[-1].last = self._value
        return {"spans": [span.document() for span in self._spans]}

    @property
    def _is_number(self) -> bool:
        return self._numeric and isinstance(self._value, int | float) and not isinstance(self._value, bool)

    def _advance(self, instant: int) -> None:
        while self._place < len(self._spans) - 1 and instant >= self._spans[self._place].end:
            self._spend(self._spans[self._place].end)
            self._leave()
        self._spend(instant)

    def _leave(self) -> None:
        self._spans[self._place].last = self._value
        self._place += 1

    def _spend(self, instant: int) -> None:
        if instant > self._since and self._is_number:
            self._spans[self._place].see(self._value, instant - self._since)
        self._since = instant
