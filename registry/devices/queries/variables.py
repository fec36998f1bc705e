"""Variables that are not used yet."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import TypeAlias

Variables: TypeAlias = Iterator[str]


def variables() -> Variables:
    """Yield ?v0, ?v1, … without end; one text takes all that it needs from one such row."""
    return (f"?v{number}" for number in count())
