"""When did which part of which graph change last? Kept in memory, so that what was read can be kept and reused."""

from __future__ import annotations

import threading
from collections.abc import Collection

from sparql.changed_subjects import ChangedSubjects
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
        self._subjects = ChangedSubjects()
        self._lock = threading.Lock()

    def record(self, quads: Collection[Quad]) -> None:
        """Note one change that touched `quads`."""
        with self._lock:
            self._count += 1
            self._subjects.record(self._count, quads)
            for quad in quads:
                self._last[quad.graph] = self._count
                self._last[quad.graph, quad.predicate] = self._count
            if len(self._last) > _MOST_ENTRIES:
                self._forget()

    def forget(self) -> None:
        """Count everything as changed just now, as after a bulk load."""
        with self._lock:
            self._subjects.forget()
            self._forget()

    def of(self, graph: Iri, predicates: Collection[Iri] | None = None) -> int:
        """Return the number of the last change of `graph`, or of its triples with one of `predicates`."""
        if predicates is None:
            return self._last.get(graph, self._floor)
        return max((self._last.get((graph, name), self._floor) for name in predicates), default=self._floor)

    def subjects_since(self, version: int, graph: Iri, predicates: Collection[Iri]) -> frozenset[Iri] | None:
        """Return the subjects whose triples with one of `predicates` in `graph` changed after `version`.

        None when they are not all known, as of changes before the first question about these.
        """
        with self._lock:
            found = [self._subjects.since(version, graph, name, self.of(graph, [name])) for name in predicates]
        known = [subjects for subjects in found if subjects is not None]
        return frozenset().union(*known) if len(known) == len(found) else None

    def _forget(self) -> None:
        self._count += 1
        self._last.clear()
        self._floor = self._count
