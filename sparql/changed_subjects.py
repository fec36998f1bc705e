"""Which subjects changed, so that what was made of many triples can be brought up to date by reading a few.

Kept for those parts of graphs alone that somebody asked about before: most are never asked about.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field

from sparql.terms import Iri, Quad

_MOST_WATCHED = 64
_MOST_SUBJECTS = 5_000


@dataclass(slots=True)
class _Watch:
    """A part of a graph: subject -> its last change, oldest first, complete for changes after `floor`."""

    floor: int
    subjects: dict[Iri, int] = field(default_factory=dict)


class ChangedSubjects:
    """The subjects of changes, by graph and predicate. Its owner guards it: it has no lock of its own."""

    def __init__(self) -> None:
        self._watched: OrderedDict[tuple[Iri, Iri], _Watch] = OrderedDict()

    def record(self, number: int, quads: Iterable[Quad]) -> None:
        """Note the change of that number, greater than all before, as far as anybody asked about its parts."""
        for quad in quads:
            watch = self._watched.get((quad.graph, quad.predicate))
            if watch is not None:
                watch.subjects.pop(quad.subject, None)
                watch.subjects[quad.subject] = number
                if len(watch.subjects) > _MOST_SUBJECTS:
                    watch.floor = watch.subjects.pop(next(iter(watch.subjects)))

    def forget(self) -> None:
        """Note a change of which the subjects are not known."""
        self._watched.clear()

    def since(self, version: int, graph: Iri, predicate: Iri, latest: int) -> frozenset[Iri] | None:
        """Return the subjects of changes after `version`; None when they are not all known.

        Args:
            version: the change up to which the caller knows everything.
            graph: where.
            predicate: of which triples.
            latest: the number of the last change of these triples, for a part that nobody asked about before.
        """
        watch = self._watched.setdefault((graph, predicate), _Watch(latest))
        self._watched.move_to_end((graph, predicate))
        if len(self._watched) > _MOST_WATCHED:
            self._watched.popitem(last=False)
        if version < watch.floor:
            return None
        found = set()
        for subject, number in reversed(watch.subjects.items()):
            if number <= version:
                break
            found.add(subject)
        return frozenset(found)
