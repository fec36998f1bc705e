"""How much power of a device is free in a span of time: what it has at each instant, less what contracts hold of it.

Pure arithmetic, exact: powers are decimals, so that shares that fill a device to the last watt fit, and none beyond.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple, Protocol

from registry.calendars import Calendar, Span

NOTHING = Decimal(0)


class Held(Protocol):
    """What a contract holds of a device."""

    @property
    def begin(self) -> datetime:
        """From when."""

    @property
    def end(self) -> datetime:
        """Until when; not in it."""

    @property
    def power(self) -> Decimal:
        """How much, in kW."""


class Piece(NamedTuple):
    """A part of a span in which nothing changes.

    Attributes:
        begin: its beginning.
        end: its end.
        power: what the device has, in kW; None if that isn't known.
        available: whether the device is available.
        held: what contracts hold.
    """

    begin: datetime
    end: datetime
    power: Decimal | None
    available: bool
    held: Decimal


@dataclass(frozen=True)
class Capacity:
    """What a device has to give in a span.

    Attributes:
        pieces: the span, cut where anything changes.
        usual: what it has where no calendar says otherwise, in kW; None if that isn't known.
    """

    pieces: tuple[Piece, ...]
    usual: Decimal | None

    @cached_property
    def gaps(self) -> list[tuple[datetime, datetime]]:
        """When it is not available."""
        return _merged((each.begin, each.end) for each in self.pieces if not each.available)

    @cached_property
    def power(self) -> Decimal | None:
        """The least power that it has while it is available, whatever is held; None if that isn't known."""
        powers = [each.power for each in self.pieces if each.available] or [self.usual]
        known = [power for power in powers if power is not None]
        return min(known) if len(known) == len(powers) else None

    @cached_property
    def free(self) -> Decimal | None:
        """The power that is free during the whole span; 0 where it isn't available, None if it isn't known."""
        if any(not each.available for each in self.pieces):
            return NOTHING
        if self.power is None:
            return None
        return max(NOTHING, min(each.power - each.held for each in self.pieces if each.power is not None))

    def conflicts(self, required: Decimal | None) -> list[tuple[datetime, datetime]]:
        """Return when contracts hold so much that what is required, or anything at all, is not left."""
        return _merged(
            (each.begin, each.end)
            for each in self.pieces
            if each.available and each.power is not None and each.held and _short(each.power, each.held, required)
        )


def capacity(
    calendar: Calendar | None, usual: Decimal | None, held: Iterable[Held], start: datetime, end: datetime
) -> Capacity:
    """Return what a device has to give from `start` to `end`.

    Args:
        calendar: when it is available; None for always.
        usual: what it has where the calendar says nothing else, in kW; None if that isn't known.
        held: what contracts hold of it, at these and other times.
        start: in UTC.
        end: in UTC.
    """
    spans = [Span(start, end)] if calendar is None else calendar.spans(start, end)
    overlapping = [each for each in held if each.begin < end and start < each.end]
    if not overlapping and calendar is None:
        return Capacity((Piece(start, end, usual, True, NOTHING),), usual)
    edges = {start, end, *(edge for span in spans for edge in (span.begin, span.end))}
    edges |= {min(max(edge, start), end) for each in overlapping for edge in (each.begin, each.end)}
    waiting, pieces = list(reversed(spans)), []
    for begin, until in pairwise(sorted(edges)):
        while waiting and waiting[-1].end <= begin:
            waiting.pop()
        span = waiting[-1] if waiting and waiting[-1].begin <= begin else None
        taken = sum((each.power for each in overlapping if each.begin <= begin < each.end), NOTHING)
        power = usual if span is None or span.power is None else Decimal(repr(span.power))
        pieces.append(Piece(begin, until, power, span is not None, taken))
    return Capacity(tuple(pieces), usual)


def _short(power: Decimal, held: Decimal, required: Decimal | None) -> bool:
    if required is None:
        return power > NOTHING and power <= held
    return power < held + required


def _merged(spans: Iterable[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    merged: list[tuple[datetime, datetime]] = []
    for begin, end in spans:
        if merged and merged[-1][1] == begin:
            merged[-1] = merged[-1][0], end
        else:
            merged.append((begin, end))
    return merged
