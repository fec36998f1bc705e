"""Measures the registry and the yardstick in turn, so that whatever else the machine does hits both alike."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from bench.connection import Answer, Connection
from bench.result import Figures, Result

WARM_UP = 20
"""Rounds before the first that counts: connections, caches, verified tokens."""


@dataclass(frozen=True, slots=True)
class Limits:
    """When a case ends: after so many requests or so many seconds, whichever comes first."""

    requests: int
    seconds: float


def in_turn(name: str, subject: Callable[[], Answer], yardstick: Callable[[Answer], Answer], limits: Limits) -> Result:
    """Ask the registry, then the yardstick, again and again: A B A B …

    The yardstick is told the registry's answer, to give one of the same size.
    """
    for _ in range(min(WARM_UP, limits.requests)):
        yardstick(subject())
    ours: list[float] = []
    theirs: list[float] = []
    end = time.monotonic() + limits.seconds
    while not ours or (len(ours) < limits.requests and time.monotonic() < end):
        answer = subject()
        ours.append(answer.seconds)
        theirs.append(yardstick(answer).seconds)
    return Result(name, "requests", Figures.of(ours), Figures.of(theirs))


def same_size(connection: Connection, method: str = "GET", body: bytes | None = None) -> Callable[[Answer], Answer]:
    """Make the yardstick's side of a round: the same method and an answer of as many bytes."""
    headers = {"Accept": "application/json"} | ({"Content-Type": "application/json"} if body else {})
    return lambda answer: connection.ask(method, f"/bytes/{len(answer.body)}", headers=headers, body=body)
