"""When a delivery that failed is tried again, and when no more."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from registry.webhooks.delivery import Outcome
from registry.webhooks.webhook import State

FIRST, MOST = 1.0, 3600.0
"""Seconds until the first attempt again, and between two at most."""
DAY = 24 * 3600.0


class Schedule:
    """Exponential back-off with jitter.

    Args:
        days: of failing, after which a webhook is suspended.
        random: gives the jitter.
    """

    def __init__(self, days: float, random: Random) -> None:
        self._days = days
        self._random = random

    def failed(self, state: State, outcome: Outcome, now: float) -> State:
        """Return the state after one more failure."""
        since = now if state.failing_since is None else state.failing_since
        delay = min(MOST, FIRST * 2.0 ** min(state.attempts, 20)) * self._random.uniform(0.5, 1.0)
        return replace(
            state,
            attempts=state.attempts + 1,
            failing_since=since,
            next_attempt=now + max(delay, outcome.wait),
            suspended=outcome.gone or now - since >= self._days * DAY,
            error=outcome.error,
        )
