"""Where a store stands in the journal: the sequence of the last entry that it has, among its own triples.

It changes in the same transaction as the data, so a store that was killed, or lost what was not on its disk, says
itself what it lacks.
"""

from __future__ import annotations

from dataclasses import dataclass

from registry.vocabulary import FLEX
from sparql.dataset import DatasetDescription
from sparql.graph_store import ChangeSet, GraphStore
from sparql.terms import INTEGER, Iri, Literal, Quad, to_sparql

NODE = Iri("https://w3id.org/flexcoop/registry#journal")
GRAPH = Iri("https://w3id.org/flexcoop/registry")
_SEQUENCE, _IDENTITY = FLEX.term("journalSequence"), FLEX.term("journalIdentity")


@dataclass(frozen=True, slots=True)
class Position:
    """The journal's identity, and the sequence of the last entry that the store has."""

    identity: str
    sequence: int


def read_position(store: GraphStore) -> Position | None:
    """Return where `store` stands; None if it was never written with a journal."""
    rows = store.select(f"SELECT ?p ?o WHERE {{ {to_sparql(NODE)} ?p ?o }}", DatasetDescription(default=(GRAPH,)))
    found = {predicate: value.lexical for predicate, value in rows if isinstance(value, Literal)}
    if _SEQUENCE not in found or _IDENTITY not in found:
        return None
    return Position(found[_IDENTITY], int(found[_SEQUENCE]))


def position_change(store: GraphStore, identity: str, sequence: int, known: int | None = None) -> ChangeSet:
    """Return the change that moves `store` to the entry `sequence`.

    Args:
        store: the store.
        identity: the journal's.
        sequence: that of the last entry that it will have.
        known: that of the last entry it has, if the caller knows; else the store is asked.
    """
    if known is not None:
        return ChangeSet(removed=[_sequence(known)], added=[_sequence(sequence)])
    before = read_position(store)
    removed = [_identity(before.identity), _sequence(before.sequence)] if before else []
    return ChangeSet(removed=removed, added=[_identity(identity), _sequence(sequence)])


def _sequence(number: int) -> Quad:
    return Quad(NODE, _SEQUENCE, Literal(str(number), INTEGER), GRAPH)


def _identity(identity: str) -> Quad:
    return Quad(NODE, _IDENTITY, Literal(identity), GRAPH)
