"""The model stands in its named graphs, without blank nodes, and is written only when it changed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rdflib import BNode, Graph
from rdflib.compare import isomorphic

from registry.access import MODEL, ONTOLOGY, SHAPES, query_dataset, view
from registry.model_graphs import publish_model
from registry.principal import Principal, Role
from registry.profile import Profile
from sparql.dataset import DatasetDescription
from sparql.embedded import EmbeddedStore
from sparql.graph_formats import to_node
from sparql.terms import Iri, Quad, Triple


def stored(store: EmbeddedStore, graph: Iri) -> Graph:
    found = Graph()
    for row in store.select("SELECT ?s ?p ?o WHERE { ?s ?p ?o }", DatasetDescription(default=(graph,))):
        found.add(tuple(map(to_node, row)))  # type: ignore[arg-type]  # all three are bound
    return found


def test_both_graphs_hold_the_model(profile: Profile) -> None:
    store = EmbeddedStore()
    publish_model(store, profile)
    for name, model in ((ONTOLOGY, profile.ontology), (SHAPES, profile.shapes)):
        graph = stored(store, name)
        assert len(graph) == len(model)
        assert not [term for term in graph.all_nodes() if isinstance(term, BNode) or str(term).startswith("_:")]
    assert isomorphic(stored(store, ONTOLOGY), profile.ontology)


def test_publishing_again_writes_nothing(profile: Profile) -> None:
    store = EmbeddedStore()
    publish_model(store, profile)
    before = [store.version(graph) for graph in MODEL]
    publish_model(store, profile)
    assert [store.version(graph) for graph in MODEL] == before


def test_only_what_differs_is_written(profile: Profile) -> None:
    store = EmbeddedStore()
    publish_model(store, profile)
    before = stored(store, ONTOLOGY)
    smaller = Graph()
    smaller += sorted(profile.ontology)[1:]
    publish_model(store, replace(profile, ontology=smaller))
    assert set(before) - set(stored(store, ONTOLOGY)) == {min(profile.ontology)}
    publish_model(store, profile)
    assert set(stored(store, ONTOLOGY)) == set(before)


def test_other_graphs_are_left_alone(profile: Profile) -> None:
    store = EmbeddedStore()
    other = Quad(*Triple(Iri("urn:s"), Iri("urn:p"), Iri("urn:o")), Iri("urn:other"))
    store.load([other])
    publish_model(store, profile)
    publish_model(store, replace(profile, ontology=Graph(), shapes=Graph()))
    assert set(store.graphs()) - set(MODEL) == {Iri("urn:other")}
    assert [len(stored(store, graph)) for graph in MODEL] == [0, 0]
    assert len(stored(store, Iri("urn:other"))) == 1


@pytest.mark.parametrize("role", Role)
def test_a_role_queries_its_view_and_the_model(role: Role) -> None:
    caller = Principal(role=role, issuer="https://i", subject="s", aggregator_id="a", account_id="b")
    own = view(caller)
    expected = MODEL if own is None else (own, *MODEL)
    assert query_dataset(caller) == DatasetDescription(default=expected, named=expected)
    assert (role is Role.ENGINEER) == (own is None)
