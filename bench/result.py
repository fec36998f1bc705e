"""What a bench found: figures of the registry beside those of the yardstick."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.stand import Stand


@dataclass(frozen=True, slots=True)
class Figures:
    """A number of runs, how many a second, and quantiles of a single one's time in ms, if it was taken."""

    count: int
    rate: float
    median: float | None = None
    p95: float | None = None
    p99: float | None = None

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Figures:
        """Sum up the times of runs that came one after another on one connection."""
        ordered = sorted(seconds)
        median, p95, p99 = (1000 * quantile(ordered, share) for share in (0.5, 0.95, 0.99))
        return cls(len(ordered), len(ordered) / sum(ordered), median, p95, p99)


@dataclass(frozen=True, slots=True)
class Result:
    """One row of the report."""

    name: str
    unit: str
    registry: Figures
    yardstick: Figures

    @property
    def ratio(self) -> float:
        """Give how many times as long as the yardstick the registry takes: by medians, else by rates."""
        if self.registry.median and self.yardstick.median:
            return self.registry.median / self.yardstick.median
        return self.yardstick.rate / self.registry.rate


@dataclass(frozen=True, slots=True)
class Bench:
    """A named measurement; it may give several results, one a role for instance."""

    name: str
    about: str
    measure: Callable[[Stand], Iterator[Result]]


def quantile(ordered: Sequence[float], share: float) -> float:
    """Give the smallest value that at least the share of all values does not exceed (nearest rank)."""
    return ordered[max(0, ceil(share * len(ordered)) - 1)]
