"""The port behind which every store stands: a set of named graphs with a query and an update operation.

It asks for no more than SPARQL 1.1 Query and Update give, so that a server of another make can stand behind it.
Query texts given to a port are ours; text from outside never reaches it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence, Set
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from sparql.dataset import DatasetDescription
from sparql.terms import Iri, Quad, Term

Row: TypeAlias = tuple[Term | None, ...]
"""One solution, its values in the order of the projection; None where a variable is unbound."""


class StoreError(Exception):
    """The store can't be opened, read or written. The message says which one and why."""


class StoreLocked(StoreError):
    """Another process has the store open."""


class StoreDamaged(StoreError):
    """The store's files are damaged, as after a loss of power."""


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """Quads to remove and to add in one atomic step. `removed` is applied first."""

    removed: Collection[Quad] = ()
    added: Collection[Quad] = ()

    def __bool__(self) -> bool:
        return bool(self.removed or self.added)

    @classmethod
    def between(cls, was: Set[Quad], will: Set[Quad]) -> ChangeSet:
        """Return the change from some quads to others."""
        return cls(was - will, will - was)

    @classmethod
    def together(cls, changes: Iterable[ChangeSet]) -> ChangeSet:
        """Return several changes as one; no quad may be added by one of them and removed by another."""
        found = list(changes)
        return cls([quad for each in found for quad in each.removed], [quad for each in found for quad in each.added])


class GraphStore(Protocol):
    """A set of named graphs."""

    def select(self, query: str, dataset: DatasetDescription) -> Sequence[Row]:
        """Run a SELECT `query` over `dataset` alone and return all its rows."""

    def apply(self, change: ChangeSet) -> None:
        """Apply `change` wholly or, when it raises StoreError, not at all."""

    def update(self, text: str) -> None:
        """Run a SPARQL Update of ours wholly or, when it raises StoreError, not at all."""

    def load(self, quads: Iterable[Quad]) -> None:
        """Add many `quads` in one atomic step, by the engine's fastest way."""

    def load_nquads(self, data: bytes) -> None:
        """Add the quads of an N-Quads document in one atomic step, by the engine's fastest way."""

    def flush(self) -> None:
        """Have all that was written on the disk when this returns, whatever becomes of the power."""

    def compact(self) -> None:
        """Bring the store's files into the order in which they are read fastest, as after loading much."""

    def graphs(self) -> Sequence[Iri]:
        """Return the names of all graphs that hold a triple or once did."""

    def version(self, graph: Iri, predicates: Collection[Iri] | None = None) -> int | None:
        """Return a number that grows with every change of `graph`, or of its triples with one of `predicates`.

        What was read after asking for a version still holds while the version is the same. None means that the
        store can't tell, so nothing may be kept.
        """

    def changed_since(self, version: int, graph: Iri, predicates: Collection[Iri]) -> Collection[Iri] | None:
        """Return the subjects whose triples with one of `predicates` in `graph` changed after `version`.

        A subject may be among them that did not change. None means that the store can't tell, or not any more: what
        was made of these triples has to be made anew. A store may keep count of what it was asked about only, so who
        means to ask again asks for the first time before reading.
        """

    def close(self) -> None:
        """Release the store; nothing may be asked of it afterwards."""
