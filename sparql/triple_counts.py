"""How many triples a graph holds, counted again only when it changed."""

from __future__ import annotations

import threading

from sparql.dataset import DatasetDescription
from sparql.graph_store import GraphStore
from sparql.terms import Iri, Literal

_MOST_KEPT = 10_000
_COUNT = "SELECT (COUNT(*) AS ?triples) WHERE { ?s ?p ?o }"


class TripleCounts:
    """Counts the triples of single graphs in `store`, one graph at a time."""

    def __init__(self, store: GraphStore) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._known: dict[Iri, tuple[int, int]] = {}

    def of(self, graph: Iri) -> int:
        """Return how many triples `graph` holds; 0 for one that does not exist."""
        with self._lock:
            version = self._store.version(graph)
            if version is not None and self._known.get(graph, (None, 0))[0] == version:
                return self._known[graph][1]
            ((value,),) = self._store.select(_COUNT, DatasetDescription(default=(graph,)))
            number = int(value.lexical) if isinstance(value, Literal) else 0
            if len(self._known) >= _MOST_KEPT:
                self._known.clear()
            if version is not None:
                self._known[graph] = version, number
            return number
