"""All windows of a device together: when it is available, with what power, and when it isn't."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from heapq import heappop, heappush
from itertools import pairwise
from operator import itemgetter
from typing import NamedTuple

from registry.calendars.windows import Window


class Span(NamedTuple):
    """A time without interruption in which the same power can be had.

    Attributes:
        begin: in UTC.
        end: in UTC; not in it.
        power: in kW; None for all that the device has.
    """

    begin: datetime
    end: datetime
    power: float | None = None


@dataclass(frozen=True, slots=True)
class Calendar:
    """The windows of a device; without any it is always available."""

    windows: tuple[Window, ...] = ()

    def spans(self, begin: datetime, end: datetime) -> list[Span]:
        """Return when the device is available between two moments of UTC, merged and in order.

        Where windows overlap the greatest power counts; all that the device has is greater than any number.
        """
        if begin >= end:
            return []
        if not self.windows:
            return [Span(begin, end)]
        return list(_merged(_swept(self._clipped(begin, end))))

    def gaps(self, begin: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
        """Return when the device is not available between two moments of UTC, in order."""
        found = []
        free = begin
        for span in self.spans(begin, end):
            if span.begin > free:
                found.append((free, span.begin))
            free = span.end
        return [*found, (free, end)] if free < end else found

    def _clipped(self, begin: datetime, end: datetime) -> list[Span]:
        found = [
            Span(since if since > begin else begin, until if until < end else end, window.power)
            for window in self.windows
            for since, until in window.intervals(begin, end)
        ]
        return sorted(found, key=itemgetter(0))


def _swept(spans: list[Span]) -> Iterator[Span]:
    """Yield pieces that don't overlap, in order, of spans that may; each has the greatest power of its time."""
    open_spans: list[tuple[float, datetime]] = []  # the greatest power first
    waiting = 0
    moments = sorted({moment for span in spans for moment in (span.begin, span.end)})
    for moment, following in pairwise(moments):
        while waiting < len(spans) and spans[waiting].begin == moment:
            power = spans[waiting].power
            heappush(open_spans, (-math.inf if power is None else -power, spans[waiting].end))
            waiting += 1
        while open_spans and open_spans[0][1] <= moment:
            heappop(open_spans)
        if open_spans:
            power = -open_spans[0][0]
            yield Span(moment, following, None if math.isinf(power) else power)


def _merged(spans: Iterator[Span]) -> Iterator[Span]:
    """Join pieces that follow each other without a gap and have the same power."""
    last: Span | None = None
    for span in spans:
        if last is not None and last.end == span.begin and last.power == span.power:
            last = Span(last.begin, span.end, span.power)
            continue
        if last is not None:
            yield last
        last = span
    if last is not None:
        yield last
