"""What the store itself knows of the model: which one its data is of, since when, and which were in force before.

These triples change in the same transaction as the data, so a process that is killed leaves them in step.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from registry.vocabulary import FLEX
from sparql.dataset import DatasetDescription
from sparql.graph_store import ChangeSet, GraphStore
from sparql.terms import DATE_TIME, Iri, Literal, Quad, to_sparql

GRAPH = Iri("https://w3id.org/flexcoop/registry")
"""The graph of what the registry notes about itself; in nobody's dataset."""

_IN_FORCE, _SINCE, _PUBLISHED = (FLEX.term(name) for name in ("modelInForce", "modelInForceSince", "publishedModel"))
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
"""When the first model came into force: before every change of a device."""


@dataclass(frozen=True, slots=True)
class Marker:
    """The names (digests) of models.

    Attributes:
        name: the one in force.
        since: when it came into force.
        published: all that ever were, in no order.
    """

    name: str
    since: datetime
    published: frozenset[str]


def read_marker(store: GraphStore) -> Marker | None:
    """Return the store's marker; None for a store that no model was ever put in force for."""
    found: dict[Iri, list[str]] = {_IN_FORCE: [], _SINCE: [], _PUBLISHED: []}
    for predicate, value in _rows(store):
        if isinstance(value, Literal) and predicate in found:
            found[Iri(str(predicate))].append(value.lexical)
    if not found[_IN_FORCE]:
        return None
    since = datetime.fromisoformat(found[_SINCE][0]).astimezone(UTC)
    return Marker(found[_IN_FORCE][0], since, frozenset(found[_PUBLISHED]))


def marker_change(store: GraphStore, name: str, since: datetime, earlier: Collection[str] = ()) -> ChangeSet:
    """Return the change that notes `name` as in force `since`, and it and `earlier` ones as published for good."""
    wanted = {
        _quad(_IN_FORCE, Literal(name)),
        _quad(_SINCE, Literal(since.isoformat().replace("+00:00", "Z"), DATE_TIME)),
        *(_quad(_PUBLISHED, Literal(each)) for each in (name, *earlier)),
    }
    old = {
        _quad(Iri(str(predicate)), value)
        for predicate, value in _rows(store)
        if isinstance(value, Literal) and predicate in (_IN_FORCE, _SINCE)
    }
    return ChangeSet(removed=old - wanted, added=wanted - old)


def _quad(predicate: Iri, value: Literal) -> Quad:
    return Quad(GRAPH, predicate, value, GRAPH)


def _rows(store: GraphStore) -> Sequence[Sequence[object]]:
    query = f"SELECT ?p ?o WHERE {{ {to_sparql(GRAPH)} ?p ?o }}"
    return store.select(query, DatasetDescription(default=(GRAPH,)))
