"""When did which part of which graph change last? Kept in memory, so that what was read can be kept and reused."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sparql.terms import Iri, Quad

_MOST_ENTRIES = 200_000


class Versions:
    """A counter of changes, remembered for each graph and for each predicate in it.

    Entries are bounded: when there are too many, all are forgotten and everything counts as changed just now,
    which costs its readers one more look and never a wrong answer.
    """

    def __init__(self) -> None:
        self._count = 0
        self._floor = 0
        self._last: dict[Iri | tuple[Iri, Iri], int] = {}

    def record(self, quads: Iterable[Quad]) -> None:
        """Note one change that touched `quads`."""
        self._count += 1
        for quad in quads:
            self._last[quad.graph] = self._count
            self._last[quad.graph, quad.predicate] = self._count
        if len(self._last) > _MOST_ENTRIES:
            self.forget()

    def forget(self) -> None:
        """Count everything as changed just now, as after a bulk load."""
        self._count += 1
        self._last.clear()
        self._floor = self._count

    def of(self, graph: Iri, predicates: Collection[Iri] | None = None) -> int:
        """Return the number of the last change of `graph`, or of its triples with one of `predicates`."""
        if predicates is None:
            return self._last.get(graph, self._floor)
        return max((self._last.get((graph, name), self._floor) for name in predicates), default=self._floor)
