"""Draws from a `random.Random` that come out alike on every version of Python.

Python promises only that `random()` keeps its sequence for a seed; `choices`, `gauss` and the like may change. So all
that is drawn here is made from `random()`.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TypeVar
from uuid import UUID

Item = TypeVar("Item")
WORD = 1 << 32


def uuid4(rng: Random) -> str:
    """Draw a random UUID (RFC 9562 version 4) in its lower-case form of 36 characters."""
    bits = 0
    for _ in range(4):
        bits = bits << 32 | int(rng.random() * WORD)
    return str(UUID(int=bits, version=4))


def pick(rng: Random, items: Sequence[Item], weights: Sequence[float] = ()) -> Item:
    """Draw one of the items, each alike or in proportion to its weight."""
    if not weights:
        return items[int(rng.random() * len(items))]
    point = rng.random() * sum(weights)
    for item, weight in zip(items, weights, strict=True):
        point -= weight
        if point < 0:
            return item
    return items[-1]


def happens(rng: Random, share: float) -> bool:
    """Draw whether an event of the given probability (0 to 1) happens."""
    return rng.random() < share


def between(rng: Random, low: float, high: float, step: float) -> float:
    """Draw a number of [low, high] in steps, as nameplates give it; the middle is likelier than the ends."""
    mean = (rng.random() + rng.random()) / 2
    return round(float(low + round((high - low) * mean / step) * step), 6)
