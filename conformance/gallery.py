"""Puts a test's data where roles really see it, and says what they may see.

A test's default graph stands in the graph of devices and in the graph of an aggregator: those that a service and that
aggregator read. The named graphs that a test asks for have no place in the registry, so for the tests they are
permitted besides, by a function in the place of the registry's own. A second aggregator's graph holds what nobody may
meet.
"""

from __future__ import annotations

from collections.abc import Mapping

from registry.access import DEVICES, aggregator_graph, view
from registry.principal import Principal
from sparql.dataset import DatasetDescription
from sparql.embedded import EmbeddedStore
from sparql.terms import Iri, to_sparql

AGGREGATOR = "coop.example"
_OTHER = aggregator_graph("other.example")
_HIDDEN = """\
<http://example/hidden> <http://example/p> <http://example/hidden> .
<http://example.org/hidden> <http://example.org/p1> "hidden" .
"""


class Gallery:
    """What is on show in `store`, one test at a time."""

    def __init__(self, store: EmbeddedStore) -> None:
        self._store = store
        self._named: tuple[Iri, ...] = ()
        store.replace_graph(_OTHER, _HIDDEN)

    def show(self, default: str, named: Mapping[str, str]) -> None:
        """Replace all that is there.

        Args:
            default: the triples of the default graph, as N-Triples.
            named: those of each named graph.
        """
        views = (DEVICES, aggregator_graph(AGGREGATOR))
        graphs = {**dict.fromkeys(views, default), **{Iri(name): triples for name, triples in named.items()}}
        clear = " ; ".join(f"CLEAR SILENT GRAPH {to_sparql(name)}" for name in {*views, *self._named})
        insert = " ".join(f"GRAPH {to_sparql(name)} {{ {triples} }}" for name, triples in graphs.items())
        self._store.update(f"{clear} ; INSERT DATA {{ {insert} }}")
        self._named = tuple(map(Iri, named))

    def permitted(self, principal: Principal) -> DatasetDescription:
        """Return the dataset of a principal: its view, and the named graphs of the test."""
        graph = view(principal)
        return DatasetDescription(default=() if graph is None else (graph,), named=self._named)
