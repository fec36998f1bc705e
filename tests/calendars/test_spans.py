"""Spans and gaps, beside a reference that walks over every minute, across the changes of clocks of several zones."""

from __future__ import annotations

import time as clock
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.calendars import Calendar, Once, Span, Weekly, Window

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
CHANGES = {
    "Europe/Zagreb": [date(2026, 3, 29), date(2026, 10, 25)],
    "America/New_York": [date(2026, 3, 8), date(2026, 11, 1)],
    "Australia/Lord_Howe": [date(2026, 4, 5), date(2026, 10, 4)],  # by half an hour
    "Africa/Casablanca": [date(2026, 2, 15), date(2026, 3, 22)],  # back for Ramadan
    "Pacific/Apia": [date(2011, 12, 30)],  # the day that was left out
    "America/Caracas": [date(2007, 12, 9), date(2016, 5, 1)],  # for good
    "UTC": [date(2026, 6, 1)],
}
ALL_DAYS = tuple(range(7))
TIMES = st.builds(time, st.integers(0, 23), st.sampled_from([0, 1, 15, 29, 30, 45, 59]))
POWERS = st.none() | st.sampled_from([0.0, 1.5, 3.0])


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def weekly(
    start: str, until: str, zone: str = "Europe/Zagreb", days: tuple[int, ...] = ALL_DAYS, **more: Any
) -> Weekly:
    return Weekly(days=days, start=time.fromisoformat(start), until=time.fromisoformat(until), zone=zone, **more)


def once(begin: str, end: str, power: float | None = None) -> Once:
    return Once(begin=utc(begin), end=utc(end), power=power)


def occurrences(window: Weekly, around: date) -> list[tuple[datetime, datetime]]:
    """Return what a weekly window means within some days, said as simply as can be."""
    found = []
    for offset in range(-6, 7):
        day = around + offset * DAY
        if day.weekday() not in window.days:
            continue
        if (window.first and day < window.first) or (window.last and day > window.last):
            continue
        last = day if window.until > window.start else day + DAY
        ends = [
            datetime.combine(each, moment).replace(tzinfo=ZoneInfo(window.zone), fold=0)
            for each, moment in ((day, window.start), (last, window.until))
        ]
        found.append((ends[0].astimezone(UTC), ends[1].astimezone(UTC)))
    return found


@st.composite
def scenes(draw: st.DrawFn) -> tuple[tuple[Window, ...], date]:
    """Generate windows near a day on which the clocks of some zone change."""
    zone = draw(st.sampled_from(sorted(CHANGES)))
    around = draw(st.sampled_from(CHANGES[zone]))
    near = st.integers(-3, 3).map(lambda days: around + days * DAY)
    windows: list[Window] = []
    for _ in range(draw(st.integers(1, 4))):
        if draw(st.booleans()):
            begin = datetime.combine(draw(near), draw(TIMES), UTC)
            end = begin + draw(st.integers(1, 3000)) * MINUTE
            windows.append(Once(begin=begin, end=end, power=draw(POWERS)))
        else:
            windows.append(
                Weekly(
                    days=tuple(sorted(draw(st.sets(st.integers(0, 6), min_size=1)))),
                    start=draw(TIMES),
                    until=draw(TIMES),
                    zone=zone,
                    first=draw(st.none() | near),
                    last=draw(st.none() | near),
                    power=draw(POWERS),
                )
            )
    return tuple(windows), around


def power_at(windows: tuple[Window, ...], moment: datetime, around: date) -> float:
    """Return the power at a moment: -1 for none, infinity for all that the device has."""
    best = -1.0
    for window in windows:
        spans = [(window.begin, window.end)] if isinstance(window, Once) else occurrences(window, around)
        if any(begin <= moment < end for begin, end in spans):
            best = max(best, float("inf") if window.power is None else window.power)
    return best


@settings(max_examples=60)
@given(scene=scenes())
def test_each_minute_is_as_the_windows_say(scene: tuple[tuple[Window, ...], date]) -> None:
    windows, around = scene
    begin = datetime.combine(around - DAY, time(), UTC)
    end = begin + 3 * DAY
    found = {}
    for span in Calendar(windows).spans(begin, end):
        for number in range(int((span.end - span.begin) / MINUTE)):
            found[span.begin + number * MINUTE] = float("inf") if span.power is None else span.power
    minutes = [begin + number * MINUTE for number in range(3 * 24 * 60)]
    assert {moment: power for moment in minutes if (power := power_at(windows, moment, around)) >= 0} == found


@given(scene=scenes())
def test_spans_and_gaps_follow_each_other_and_fill_the_time(scene: tuple[tuple[Window, ...], date]) -> None:
    windows, around = scene
    begin, end = datetime.combine(around - DAY, time(), UTC), datetime.combine(around + 2 * DAY, time(), UTC)
    calendar = Calendar(windows)
    spans = calendar.spans(begin, end)
    pieces = sorted([*((span.begin, span.end) for span in spans), *calendar.gaps(begin, end)])
    assert pieces[0][0] == begin
    assert pieces[-1][1] == end
    assert all(one[1] == other[0] for one, other in pairwise(pieces))
    assert all(since < until for since, until in pieces)
    assert all(one.end < other.begin or one.power != other.power for one, other in pairwise(spans))


NIGHTS = {
    "the clocks go forward: an hour less": (weekly("22:00", "06:00"), "2026-03-28T12:00", "21:00", "04:00"),
    "the clocks go back: an hour more": (weekly("22:00", "06:00"), "2026-10-24T12:00", "20:00", "05:00"),
    "a beginning that is passed over has the offset before": (
        weekly("02:30", "05:00", days=(6,)),
        "2026-03-28T12:00",
        "01:30",
        "03:00",
    ),
    "a beginning that comes twice is the first": (
        weekly("02:30", "04:00", days=(6,)),
        "2026-10-24T12:00",
        "00:30",
        "03:00",
    ),
    "an end that comes twice is the first": (weekly("01:00", "02:30", days=(6,)), "2026-10-24T12:00", "23:00", "00:30"),
    "half an hour at Lord Howe": (
        weekly("01:00", "03:00", "Australia/Lord_Howe", (6,)),
        "2026-10-03T06:00",
        "14:30",
        "16:00",
    ),
}


@pytest.mark.parametrize("name", NIGHTS)
def test_clocks_change(name: str) -> None:
    window, around, begin, end = NIGHTS[name]
    (span,) = Calendar((window,)).spans(utc(around), utc(around) + DAY)
    assert (f"{span.begin:%H:%M}", f"{span.end:%H:%M}") == (begin, end)


def test_a_window_that_ends_before_it_begins_for_the_clocks_is_none() -> None:
    window = weekly("02:30", "03:15", days=(6,))
    assert Calendar((window,)).spans(utc("2026-03-28T12:00"), utc("2026-03-29T12:00")) == []


def test_from_and_until_alike_are_a_whole_day() -> None:
    spans = Calendar((weekly("00:00", "00:00", "UTC", (0,)),)).spans(utc("2026-06-01T00:00"), utc("2026-06-08T00:00"))
    assert spans == [Span(utc("2026-06-01T00:00"), utc("2026-06-02T00:00"))]


OVERLAPS: dict[str, tuple[list[Any], list[Any]]] = {
    "the greatest counts": ([(0, 4, 1.0), (1, 3, 2.0)], [(0, 1, 1.0), (1, 3, 2.0), (3, 4, 1.0)]),
    "all that it has is greater than any number": (
        [(0, 4, 9.0), (1, 2, None)],
        [(0, 1, 9.0), (1, 2, None), (2, 4, 9.0)],
    ),
    "the same power is one span": ([(0, 2, 1.0), (1, 4, 1.0)], [(0, 4, 1.0)]),
    "a lesser one within shows nowhere": ([(0, 4, 3.0), (1, 2, 1.0)], [(0, 4, 3.0)]),
    "what touches is joined": ([(0, 2, None), (2, 4, None)], [(0, 4, None)]),
    "nothing is a power": ([(0, 1, 0.0)], [(0, 1, 0.0)]),
    "what is between is a gap": ([(0, 1, 1.0), (2, 3, 1.0)], [(0, 1, 1.0), (2, 3, 1.0)]),
}


@pytest.mark.parametrize("name", OVERLAPS)
def test_overlaps(name: str) -> None:
    given_windows, expected = OVERLAPS[name]
    start = utc("2026-06-01T00:00")

    def at(hours: int) -> datetime:
        return start + timedelta(hours=hours)

    calendar = Calendar(tuple(Once(begin=at(one), end=at(two), power=power) for one, two, power in given_windows))
    assert calendar.spans(start, at(6)) == [Span(at(one), at(two), power) for one, two, power in expected]


def test_without_windows_it_is_always_available() -> None:
    begin, end = utc("2026-01-01T00:00"), utc("2027-01-01T00:00")
    assert Calendar().spans(begin, end) == [Span(begin, end)]
    assert Calendar().gaps(begin, end) == []


def test_spans_are_cut_at_the_ends_of_what_is_asked() -> None:
    calendar = Calendar((once("2026-01-01T00:00", "2026-01-03T00:00", 2.0),))
    begin, end = utc("2026-01-01T06:00"), utc("2026-01-02T06:00")
    assert calendar.spans(begin, end) == [Span(begin, end, 2.0)]
    assert calendar.spans(end, begin) == []
    assert calendar.gaps(utc("2025-12-31T00:00"), utc("2026-01-04T00:00")) == [
        (utc("2025-12-31T00:00"), utc("2026-01-01T00:00")),
        (utc("2026-01-03T00:00"), utc("2026-01-04T00:00")),
    ]


def test_first_and_last_date_are_those_of_the_beginnings() -> None:
    window = weekly("22:00", "06:00", "UTC", first=date(2026, 6, 2), last=date(2026, 6, 3))
    spans = Calendar((window,)).spans(utc("2026-06-01T00:00"), utc("2026-06-08T00:00"))
    assert [(f"{span.begin:%d %H}", f"{span.end:%d %H}") for span in spans] == [("02 22", "03 06"), ("03 22", "04 06")]


def test_a_year_of_a_usual_calendar_is_quick() -> None:
    windows = tuple(weekly(f"{hour:02}:00", f"{hour + 1:02}:30") for hour in range(0, 20, 2))
    began = clock.process_time()
    assert len(Calendar(windows).spans(utc("2026-01-01T00:00"), utc("2027-01-01T00:00"))) > 3000
    assert clock.process_time() - began < 2
