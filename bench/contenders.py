"""Compares those who answer queries: all get each text in turn, and the rows that they give are compared, too."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from bench.connection import Answer, BenchError
from bench.result import Figures, Result
from bench.sparql_request import rows
from bench.turns import WARM_UP, Limits

ROUNDS = 200
"""Rounds of a query at most; --requests may ask for fewer."""
SHARE = 6
"""Each contender gets this part of --seconds for a query."""
WARM_UP_SECONDS = 1.0


@dataclass(slots=True)
class Contender:
    """Someone who answers queries, with the times of the current one.

    Attributes:
        name: for the report.
        ask: asks a query and takes its time.
        rounds: at most, of a query.
        optional: whether a failure is worth a note only.
        seconds: times that were taken.
        note: why there are none or no more.
    """

    name: str
    ask: Callable[[str], Answer]
    rounds: int
    optional: bool = False
    seconds: list[float] = field(default_factory=list)
    note: str = ""

    def take(self, text: str) -> Answer | None:
        """Ask once more; None and a note when there is no answer."""
        try:
            answer = self.ask(text)
        except BenchError as error:
            if not self.optional:
                raise
            self.note = " ".join(str(error).split())[:80]
            return None
        self.seconds.append(answer.seconds)
        return answer

    def goes_on(self, budget: float) -> bool:
        """Tell whether it may be asked again."""
        return not self.note and len(self.seconds) < self.rounds and sum(self.seconds) < budget


def compare(
    name: str, texts: Iterator[str], yardstick: Contender, others: Sequence[Contender], limits: Limits
) -> Iterator[Result]:
    """Ask texts of the yardstick and then of each other, again and again: A B C A B C …

    Args:
        name: of the query, for the report.
        texts: texts of the query, without end.
        yardstick: whose rows are right.
        others: whom to compare with it.
        limits: rounds, and the seconds that all may take together.
    """
    note = f"rows: {_warm_up(texts, yardstick, others)}"
    budget, rounds = limits.seconds / SHARE, limits.requests
    for each in (yardstick, *others):
        each.seconds.clear()
    while rounds and (todo := [other for other in others if other.goes_on(budget)]):
        text = next(texts)
        for each in (yardstick, *todo):
            each.take(text)
        rounds -= 1
    for other in others:
        same_rounds = yardstick.seconds[: len(other.seconds) or None]
        figures = Figures.of(other.seconds), Figures.of(same_rounds)
        yield Result(f"{name}, {other.name}", "queries", *figures, other.note or note)


def _warm_up(texts: Iterator[str], yardstick: Contender, others: Sequence[Contender]) -> str:
    """Let everybody answer a few times, compare the rows, and tell how many there were."""
    for each in (yardstick, *others):
        each.note = ""
        each.seconds.clear()
    counts: list[int] = []
    while len(counts) < WARM_UP and yardstick.goes_on(WARM_UP_SECONDS):
        text = next(texts)
        answer = yardstick.ask(text)
        yardstick.seconds.append(answer.seconds)
        expected = rows(answer.body)
        counts.append(expected.total())
        for other in [other for other in others if other.goes_on(WARM_UP_SECONDS)]:
            theirs = other.take(text)
            if theirs and (found := rows(theirs.body)) != expected:
                other.note = f"lacks {(expected - found).total():,} rows and has {(found - expected).total():,} others"
    few, many = min(counts), max(counts)
    return f"{few:,}" if few == many else f"{few:,} to {many:,}"
