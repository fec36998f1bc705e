"""What a device entails, beside what a reasoner that nobody here wrote finds: owlrl's closure under OWL 2 RL."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

import pytest
from device_strategies import created, documents
from hypothesis import given, settings
from hypothesis import strategies as st
from owlrl import DeductiveClosure, OWLRL_Semantics
from rdflib import OWL, RDF, RDFS, Graph
from rdflib.term import BNode, URIRef

from registry.access import stated
from registry.devices.documents import device_iri, node_iris, to_triples
from registry.principal import Role
from registry.profile import Profile, ProfileError, compile_profile, load_profile
from registry.vocabulary import DEVICE, FLEX
from sparql.graph_formats import to_node
from sparql.terms import TYPE, Iri, Literal, Triple

SHIPPED = load_profile()
MODEL = (Path(__file__).parent / "model.ttl").read_text()
DEVICE_ID = "0b7c1f5e-3a51-4c8e-9d0f-2f6a1c9e4b7d"
IRI = Iri(f"urn:uuid:{DEVICE_ID}")
STATUS = Iri(f"{IRI}#status")
AXIOMS = {
    RDFS.subClassOf, RDFS.subPropertyOf, RDFS.domain, RDFS.range, RDF.type,
    OWL.equivalentClass, OWL.equivalentProperty, OWL.inverseOf,
}  # fmt: skip
TRIVIAL_TYPES = {OWL.Thing, RDFS.Resource}
OWN = {"device_id": DEVICE_ID, "account_id": "5f3c2b1a-9d8e-4f70-8a6b-1c2d3e4f5a6b", "aggregator_id": "coop"}
DOCUMENT = {**OWN, "device_class": "lamp", "tags": ["a", "b"], "status": {"mode": 1}}


def compiled(axioms: str) -> Profile:
    graph = Graph(bind_namespaces="none").parse(data=f"{MODEL} {axioms}", format="turtle")
    return compile_profile(graph, graph)


def reasoned(profile: Profile, triples: Collection[Triple], device: Iri) -> set[tuple[Any, ...]]:
    """Return what owlrl finds out about the nodes of `device`, but for what is true of everything."""
    graph = Graph(bind_namespaces="none")
    for axiom in profile.ontology:
        if axiom[1] in AXIOMS:
            graph.add(axiom)
    for triple in as_nodes(triples):
        graph.add(triple)
    DeductiveClosure(OWLRL_Semantics).expand(graph)
    nodes = set(map(URIRef, [*node_iris(profile, device), *(triple.subject for triple in triples)]))
    return {
        (subject, predicate, value)
        for subject, predicate, value in graph
        if subject in nodes
        and not isinstance(value, BNode)
        and not (predicate == OWL.sameAs and subject == value)
        and not (predicate == RDF.type and value in TRIVIAL_TYPES)
    }


def as_nodes(triples: Iterable[Triple]) -> set[Any]:
    return {(URIRef(subject), URIRef(predicate), to_node(value)) for subject, predicate, value in triples}


def asserted(profile: Profile, document: dict[str, Any], device: Iri) -> set[Triple]:
    """Return what is said of a device before anything is entailed: fields, windows, and that it is of its class."""
    said = set(stated(profile, to_triples(profile, document, device)))
    for each in tuple(said):
        if each.predicate in profile.by_predicate:
            said.update(profile.by_predicate[each.predicate].codec.nodes(device, each.object))
    field = profile.class_field
    assert field is not None
    return said | {Triple(device, TYPE, each.object) for each in said if each.predicate == field.predicate}


@settings(max_examples=12)
@given(document=documents(SHIPPED, account_id=st.just(OWN["account_id"]), ven_id=st.just(OWN["account_id"])))
def test_a_device_of_the_shipped_model_entails_what_the_reasoner_finds(document: dict[str, Any]) -> None:
    iri = device_iri(document["device_id"])
    assert iri is not None
    whole = created(document)
    found = as_nodes(to_triples(SHIPPED, whole, iri))
    assert found == reasoned(SHIPPED, asserted(SHIPPED, whole, iri), iri)


CODES = sorted(SHIPPED.entailment.consequences[FLEX.term("deviceClass")].value_types)


@pytest.mark.parametrize("name", CODES)
def test_each_class_of_the_shipped_model_has_the_superclasses_that_the_reasoner_finds(name: Iri) -> None:
    types = SHIPPED.entailment.consequences[FLEX.term("deviceClass")].value_types[name]
    found = reasoned(SHIPPED, [Triple(IRI, TYPE, name)], IRI)
    assert {(URIRef(IRI), RDF.type, URIRef(each)) for each in types} == found


CLASSES = st.sampled_from(["flex:Device", "flex:Load", "flex:Lamp", "flex:Boiler", *(f"flex:C{n}" for n in range(5))])
ABOVE_CLASSES = st.tuples(CLASSES, st.sampled_from(["rdfs:subClassOf", "owl:equivalentClass"]), CLASSES)
STATED = st.sampled_from(["flex:tag", "flex:mode", "flex:deviceId", "flex:account", "flex:deviceClass", "flex:status"])
OTHERS = st.sampled_from([f"flex:p{number}" for number in range(4)])
ABOVE_PROPERTIES = st.tuples(STATED | OTHERS, st.sampled_from(["rdfs:subPropertyOf", "owl:equivalentProperty"]), OTHERS)
INVERSES = st.tuples(OTHERS, st.just("owl:inverseOf"), st.just("flex:status") | OTHERS)
SYMMETRIC = st.tuples(OTHERS, st.just("a"), st.just("owl:SymmetricProperty"))
ENDS = st.tuples(STATED | OTHERS, st.sampled_from(["rdfs:domain", "rdfs:range"]), CLASSES)
TERMINOLOGIES = st.lists(ABOVE_CLASSES | ABOVE_PROPERTIES | ABOVE_PROPERTIES | INVERSES | SYMMETRIC | ENDS, max_size=9)


def with_axioms(axioms: list[tuple[str, str, str]]) -> Profile | None:
    """Return the small model with `axioms`, None if they entail what a field states."""
    try:
        return compiled("".join(f"{' '.join(axiom)} . " for axiom in axioms))
    except ProfileError as error:
        assert "which the registry itself reads" in str(error)  # noqa: PT017  this alone is refused of them
        return None


@settings(max_examples=60)
@given(axioms=TERMINOLOGIES)
def test_a_device_entails_what_the_reasoner_finds_whatever_the_terminology(axioms: list[tuple[str, str, str]]) -> None:
    profile = with_axioms(axioms)
    if profile is None:
        return
    found = as_nodes(to_triples(profile, DOCUMENT, IRI))
    # A value's own type is said of another thing than the device, unless the value is a node of the device.
    assert found == reasoned(profile, asserted(profile, DOCUMENT, IRI), IRI)


@settings(max_examples=30)
@given(axioms=TERMINOLOGIES, role=st.sampled_from(list(Role)))
def test_what_is_entailed_entails_nothing_more_and_each_triple_follows_from_one(
    axioms: list[tuple[str, str, str]], role: Role
) -> None:
    profile = with_axioms(axioms)
    if profile is None:
        return
    whole = to_triples(profile, DOCUMENT, IRI)
    said = stated(profile, whole, role)
    closed = profile.entailment.closed(said)
    assert closed <= whole
    assert profile.entailment.closed(stated(profile, closed)) == closed
    assert closed == set().union(*(profile.entailment.closed([each]) for each in said))


def types(profile: Profile, **document: Any) -> set[str]:
    """Return the local names of the device's classes."""
    triples = to_triples(profile, {**OWN, **document}, IRI)
    return {str(each.object).removeprefix(FLEX) for each in triples if each[:2] == (IRI, TYPE)}


@pytest.mark.parametrize(
    ("axioms", "entailed"),
    [
        ("flex:tag rdfs:subPropertyOf flex:p .", [Triple(IRI, FLEX.term("p"), Literal("a"))]),
        ("flex:p owl:equivalentProperty flex:tag .", [Triple(IRI, FLEX.term("p"), Literal("a"))]),
        ("flex:tag rdfs:domain flex:Tagged .", [Triple(IRI, TYPE, FLEX.term("Tagged"))]),
        ("flex:status rdfs:range flex:Status .", [Triple(STATUS, TYPE, FLEX.term("Status"))]),
        ("flex:mode rdfs:domain flex:Status .", [Triple(STATUS, TYPE, FLEX.term("Status"))]),
        ("flex:statusOf owl:inverseOf flex:status .", [Triple(STATUS, FLEX.term("statusOf"), IRI)]),
        ("flex:Load owl:equivalentClass flex:Consumer .", [Triple(IRI, TYPE, FLEX.term("Consumer"))]),
    ],
)
def test_an_axiom_adds_these_triples_and_no_others(axioms: str, entailed: list[Triple]) -> None:
    before, after = (to_triples(compiled(text), {**DOCUMENT, "tags": ["a"]}, IRI) for text in ("", axioms))
    assert after - before == set(entailed)
    assert before < after


@pytest.mark.parametrize(
    "axioms",
    [
        "flex:tag <http://www.w3.org/2004/02/skos/core#closeMatch> flex:p .",
        "flex:Lamp <http://www.w3.org/2004/02/skos/core#broadMatch> flex:Light .",
        "flex:Lamp rdfs:subClassOf owl:Thing, [ owl:onProperty flex:p ; owl:someValuesFrom flex:Q ] .",
        "flex:account rdfs:range flex:Account . flex:holds owl:inverseOf flex:account .",
        "flex:aggregator rdfs:range flex:Party .",
        "flex:mode rdfs:range <http://www.w3.org/2001/XMLSchema#integer> .",
    ],
    ids=["closeMatch", "broadMatch", "blank nodes", "another's inverse", "another's type", "datatype"],
)
def test_what_says_nothing_of_the_devices_own_nodes_adds_nothing(axioms: str) -> None:
    assert to_triples(compiled(axioms), DOCUMENT, IRI) == to_triples(compiled(""), DOCUMENT, IRI)


def test_types_that_a_field_brings_are_there_with_the_field_alone() -> None:
    profile = compiled("flex:tag rdfs:domain flex:Tagged . flex:Tagged rdfs:subClassOf flex:Marked .")
    assert types(profile, tags=["a"]) == {"Device", "Tagged", "Marked"}
    assert types(profile) == {"Device"}
    assert profile.entailment.device_types == {DEVICE}
