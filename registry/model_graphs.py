"""Puts the model, ontology and shapes, into the named graphs where queries find it, and tells what is there."""

from __future__ import annotations

import re

from rdflib import Graph
from rdflib.compare import to_canonical_graph
from rdflib.term import URIRef

from registry.access import ONTOLOGY, SHAPES
from registry.profile import Profile
from sparql.dataset import DatasetDescription
from sparql.graph_formats import to_term
from sparql.graph_store import ChangeSet, GraphStore
from sparql.terms import DECIMAL, DOUBLE, LANG_STRING, Iri, Literal, Quad, Term, Triple, decimal, double

AUTHORITY = "https://w3id.org/"
"""Where the IRIs are minted that stand for blank nodes (RDF 1.1 Concepts, section 3.5)."""
_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{0,6})?")
"""A number that a float holds exactly enough to be written again."""
_ALL = "SELECT ?s ?p ?o WHERE { ?s ?p ?o }"


def publish_model(store: GraphStore, profile: Profile) -> None:
    """Make the graphs of ontology and shapes in `store` those of `profile`."""
    store.apply(model_change(store, profile))


def model_change(store: GraphStore, profile: Profile) -> ChangeSet:
    """Return what makes the graphs of ontology and shapes in `store` those of `profile`.

    Blank nodes get IRIs made from what is said of them, so that they stay the same from one start to the next.
    """
    wanted = {
        quad
        for graph, model in ((ONTOLOGY, profile.ontology), (SHAPES, profile.shapes))
        for quad in _quads(graph, model)
    }
    found = {
        Quad(*Triple(*row), graph)  # type: ignore[arg-type]  # the pattern binds all three
        for graph in (ONTOLOGY, SHAPES)
        for row in store.select(_ALL, DatasetDescription(default=(graph,)))
    }
    return ChangeSet(removed=found - wanted, added=wanted - found)


def published_ontology(store: GraphStore) -> Graph:
    """Return what the graph of the ontology in `store` says between names: that of the profile published last."""
    graph = Graph(bind_namespaces="none")
    for row in store.select(_ALL, DatasetDescription(default=(ONTOLOGY,))):
        if all(isinstance(term, Iri) for term in row):
            subject, predicate, value = map(URIRef, map(str, row))
            graph.add((subject, predicate, value))
    return graph


def _quads(name: Iri, model: Graph) -> set[Quad]:
    named = to_canonical_graph(model).skolemize(authority=AUTHORITY)
    return {Quad(Iri(subject), Iri(predicate), _canonical(to_term(value)), name) for subject, predicate, value in named}


def _canonical(term: Term) -> Term:
    """Return a term in the form in which a store gives it back, so that it can be compared."""
    if not isinstance(term, Literal):
        return term
    if term.language is not None:
        return term._replace(datatype=LANG_STRING)
    write = {DOUBLE: double, DECIMAL: decimal}.get(term.datatype)
    return write(float(term.lexical)) if write and _NUMBER.fullmatch(term.lexical) else term
