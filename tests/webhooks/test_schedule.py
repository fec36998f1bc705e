"""When a delivery is tried again: later each time, never all at once, and not for ever."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from registry.events.cursor import Cursor
from registry.webhooks.delivery import Outcome
from registry.webhooks.schedule import DAY, MOST, Schedule
from registry.webhooks.webhook import State

NEW = State(cursor=Cursor(5, 1))
FAILED = Outcome("answered 500")


def test_waits_double_within_bounds_and_are_scattered() -> None:
    schedule = Schedule(5, Random(1))
    for attempts in range(60):
        waits = [schedule.failed(replace(NEW, attempts=attempts), FAILED, 0.0).next_attempt for _ in range(20)]
        whole = min(2.0**attempts, MOST)
        assert all(whole / 2 <= wait <= whole for wait in waits)
        assert len(set(waits)) == 20


def test_the_receiver_may_ask_for_more_but_not_for_less() -> None:
    schedule = Schedule(5, Random(1))
    assert schedule.failed(NEW, Outcome("answered 503", wait=100.0), 1000.0).next_attempt == 1100.0
    assert schedule.failed(replace(NEW, attempts=9), Outcome("answered 503", wait=1.0), 0.0).next_attempt > 200


@pytest.mark.parametrize(("after", "suspended"), [(0.0, False), (4.9, False), (5.0, True), (9.0, True)])
def test_it_is_suspended_after_days_of_failing(after: float, suspended: bool) -> None:
    schedule = Schedule(5, Random(1))
    first = schedule.failed(NEW, FAILED, 1000.0)
    assert (first.failing_since, first.attempts, first.cursor) == (1000.0, 1, NEW.cursor)
    second = schedule.failed(first, FAILED, 1000.0 + after * DAY)
    assert (second.suspended, second.failing_since, second.attempts) == (suspended, 1000.0, 2)


def test_who_wants_no_more_is_suspended_at_once() -> None:
    assert Schedule(5, Random(1)).failed(NEW, Outcome("answered 410", gone=True), 0.0).suspended
