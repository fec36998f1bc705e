"""Answers about listings, kept for as long as nothing that they depend on changes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence
from typing import Any, TypeVar

from sparql.dataset import DatasetDescription
from sparql.graph_store import GraphStore, Row
from sparql.terms import Iri

MOST_ANSWERS = 2_000
MOST_ITEMS = 200_000
"""Answers to keep, and how many rows these may have together; a row takes some 300 bytes."""

Item = TypeVar("Item")


class Recent:
    """The latest answers by question and dataset.

    An answer depends on the triples with certain predicates in the graphs of its dataset; a change elsewhere leaves
    it standing. A store that can't tell its versions gets every question anew.

    Args:
        store: the store that is asked.
        most_answers: how many answers to keep.
        most_items: how many rows to keep; an answer with more than a tenth of them is not kept.
    """

    def __init__(self, store: GraphStore, most_answers: int = MOST_ANSWERS, most_items: int = MOST_ITEMS) -> None:
        self._store = store
        self._most_answers = most_answers
        self._most_items = most_items
        self._items = 0
        self._answers: OrderedDict[tuple[str, DatasetDescription], tuple[int, Sequence[Any]]] = OrderedDict()
        self._lock = threading.Lock()

    def rows(self, query: str, dataset: DatasetDescription, predicates: Collection[Iri]) -> Sequence[Row]:
        """Return the rows of `query`, whose answer depends on triples with `predicates` alone."""
        return self.kept(query, dataset, predicates, lambda: self._store.select(query, dataset))

    def kept(
        self,
        question: str,
        dataset: DatasetDescription,
        predicates: Collection[Iri],
        find: Callable[[], Sequence[Item]],
    ) -> Sequence[Item]:
        """Return the answer to `question`, which depends on triples with `predicates` alone: kept, or found now."""
        version = self._version(dataset, predicates)
        if version is None:
            return find()
        key = question, dataset
        with self._lock:
            known = self._answers.get(key)
            if known is not None and known[0] == version:
                self._answers.move_to_end(key)
                return known[1]
        found = find()
        with self._lock:
            self._drop(key)
            if len(found) <= self._most_items // 10:
                self._answers[key] = version, found
                self._items += len(found)
            while len(self._answers) > self._most_answers or self._items > self._most_items:
                self._drop(next(iter(self._answers)))
        return found

    def _drop(self, key: tuple[str, DatasetDescription]) -> None:
        known = self._answers.pop(key, None)
        self._items -= 0 if known is None else len(known[1])

    def _version(self, dataset: DatasetDescription, predicates: Collection[Iri]) -> int | None:
        versions = [self._store.version(graph, predicates) for graph in dataset.default]
        known = [version for version in versions if version is not None]
        return max(known, default=0) if len(known) == len(versions) else None
