"""Answers of listing queries, kept for as long as nothing that they depend on changes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection, Sequence

from sparql.dataset import DatasetDescription
from sparql.graph_store import GraphStore, Row
from sparql.terms import Iri

_MOST_ANSWERS = 2_000


class Recent:
    """The latest answers by query and dataset.

    An answer depends on the triples with certain predicates in the graphs of its dataset; a change elsewhere leaves
    it standing. A store that can't tell its versions gets every query anew.
    """

    def __init__(self, store: GraphStore) -> None:
        self._store = store
        self._answers: OrderedDict[tuple[str, DatasetDescription], tuple[int, Sequence[Row]]] = OrderedDict()
        self._lock = threading.Lock()

    def rows(self, query: str, dataset: DatasetDescription, predicates: Collection[Iri]) -> Sequence[Row]:
        """Return the rows of `query`, whose answer depends on triples with `predicates` alone."""
        version = self._version(dataset, predicates)
        if version is None:
            return self._store.select(query, dataset)
        key = query, dataset
        with self._lock:
            kept = self._answers.get(key)
            if kept is not None and kept[0] == version:
                self._answers.move_to_end(key)
                return kept[1]
        rows = self._store.select(query, dataset)
        with self._lock:
            self._answers[key] = version, rows
            if len(self._answers) > _MOST_ANSWERS:
                self._answers.popitem(last=False)
        return rows

    def _version(self, dataset: DatasetDescription, predicates: Collection[Iri]) -> int | None:
        versions = [self._store.version(graph, predicates) for graph in dataset.default]
        known = [version for version in versions if version is not None]
        return max(known, default=0) if len(known) == len(versions) else None
