"""What a bench found: figures of a subject, mostly the registry, beside those of the yardstick."""

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
    def of(cls, seconds: Sequence[float], within: float | None = None) -> Figures:
        """Sum up the times of runs, none or more, that came one after another, or else `within` so many seconds."""
        if not seconds:
            return cls(0, 0.0)
        ordered = sorted(seconds)
        median, p95, p99 = (1000 * quantile(ordered, share) for share in (0.5, 0.95, 0.99))
        return cls(len(ordered), len(ordered) / (within or sum(ordered)), median, p95, p99)


@dataclass(frozen=True, slots=True)
class Result:
    """One row of the report.

    Attributes:
        name: what was measured.
        unit: what the runs are, in the plural.
        subject: figures of the registry, or of another server that is compared with the same yardstick.
        yardstick: figures of the yardstick.
        note: what else is to be said of the row.
    """

    name: str
    unit: str
    subject: Figures
    yardstick: Figures
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """Give how many times as long as the yardstick the subject takes: by medians, else by rates."""
        if self.subject.median and self.yardstick.median:
            return self.subject.median / self.yardstick.median
        return self.yardstick.rate / self.subject.rate if self.subject.rate else None

    @property
    def above(self) -> float | None:
        """Give how many ms the subject's median is above the yardstick's."""
        if self.subject.median is None or self.yardstick.median is None:
            return None
        return self.subject.median - self.yardstick.median


@dataclass(frozen=True, slots=True)
class Bench:
    """A named measurement; it may give several results, one a role for instance."""

    name: str
    about: str
    measure: Callable[[Stand], Iterator[Result]]


def quantile(ordered: Sequence[float], share: float) -> float:
    """Give the smallest value that at least the share of all values does not exceed (nearest rank)."""
    return ordered[max(0, ceil(share * len(ordered)) - 1)]
