"""What is entailed is placed by the fields it follows from: what a role may not see changes nothing in its graph."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import pytest
from device_strategies import created, documents
from hypothesis import given
from hypothesis import strategies as st
from rdflib import Graph

from registry.access import DEVICES, account_graph, aggregator_graph, date, placement, stated
from registry.devices.documents import device_iri, to_triples
from registry.devices.patches import nested
from registry.principal import Role
from registry.profile import Profile, compile_profile, load_profile
from registry.vocabulary import DCT, FLEX, MODIFIED
from sparql.terms import DATE_TIME, TYPE, Iri, Literal, Quad, Triple

SHIPPED = load_profile()
DEVICE_ID, ACCOUNT, AGGREGATOR = (
    "0b7c1f5e-3a51-4c8e-9d0f-2f6a1c9e4b7d", "5f3c2b1a-9d8e-4f70-8a6b-1c2d3e4f5a6b", "coop-a.example"
)  # fmt: skip
IRI = Iri(f"urn:uuid:{DEVICE_ID}")
GRAPHS = {Role.AGGREGATOR: aggregator_graph(AGGREGATOR), Role.PROSUMER: account_graph(AGGREGATOR, ACCOUNT)}
ROLES = list(GRAPHS)
SHARED = """
@prefix dct: <http://purl.org/dc/terms/> .
@prefix flex: <https://w3id.org/flexcoop/cim#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .

flex:serialNumber rdfs:subPropertyOf flex:note ; rdfs:domain flex:Numbered .
flex:externalId rdfs:subPropertyOf flex:note ; rdfs:domain flex:Registered .
flex:deviceName rdfs:subPropertyOf flex:note .
flex:model rdfs:domain flex:Numbered .
flex:setPoint rdfs:subPropertyOf flex:reading ; rdfs:domain flex:Controlled .
flex:fanSpeed rdfs:subPropertyOf flex:reading ; rdfs:domain flex:Fan .
flex:statusOf <http://www.w3.org/2002/07/owl#inverseOf> flex:status .
dct:modified rdfs:subPropertyOf dct:date .
"""
"""Hidden and visible fields under one property and one class each."""


def hiding(profile: Profile, hidden: Mapping[str, Collection[Role]], axioms: str = SHARED) -> Profile:
    """Return a profile with further axioms, in which these fields are hidden from these roles."""
    shapes, ontology = Graph(bind_namespaces="none"), Graph(bind_namespaces="none")
    for graph, model in ((shapes, profile.shapes), (ontology, profile.ontology)):
        for triple in model:
            graph.add(triple)
    ontology.parse(data=axioms, format="turtle")
    for name, roles in hidden.items():
        for triple in list(shapes):
            about = str(triple[0]) == profile.fields[name].shape
            if about and str(triple[1]).startswith("https://w3id.org/flexcoop/api#") and str(triple[2]) in roles:
                shapes.remove(triple)
    return compile_profile(ontology, shapes)


PROFILES = {
    "shipped": SHIPPED,
    "shared": hiding(SHIPPED, {}),
    "nested": hiding(SHIPPED, {"status.setPoint": ROLES, "status.x-fanspeed": [Role.PROSUMER]}),
    "whole object": hiding(SHIPPED, {name: ROLES for name in SHIPPED.fields if name.startswith("status.")}),
    "place": hiding(SHIPPED, {"location": [Role.AGGREGATOR], "model": ROLES, "device_name": [Role.PROSUMER]}),
}
EACH_PROFILE = pytest.mark.parametrize("profile", PROFILES.values(), ids=list(PROFILES))
EACH_ROLE = pytest.mark.parametrize("role", ROLES)


def drawn(profile: Profile) -> st.SearchStrategy[dict[str, Any]]:
    fixed = {"device_id": st.just(DEVICE_ID), "account_id": st.just(ACCOUNT), "aggregator_id": st.just(AGGREGATOR)}
    return documents(profile, **fixed)


def flat(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document with dotted names; an object with members is there by them, one without by itself."""
    items: dict[str, Any] = {}
    for name, value in document.items():
        inner = value if name == "status" else None
        items |= {f"{name}.{key}": each for key, each in inner.items()} if inner else {name: value}
    return items


def in_graph(quads: Collection[Quad], graph: Iri) -> set[Triple]:
    return {quad.triple for quad in quads if quad.graph == graph}


def placed(profile: Profile, document: Mapping[str, Any]) -> frozenset[Quad]:
    return placement(profile, to_triples(profile, created(document), IRI))


@EACH_PROFILE
@EACH_ROLE
@given(data=st.data())
def test_hidden_fields_change_nothing_in_a_roles_graph(profile: Profile, role: Role, data: st.DataObject) -> None:
    one, other = data.draw(drawn(profile)), data.draw(drawn(profile))
    hidden = {field.name for field in profile.fields.values() if role not in field.visible_to}
    visible = {name: value for name, value in flat(one).items() if name not in hidden}
    first, second = (
        nested({**visible, **{name: value for name, value in flat(each).items() if name in hidden}})
        for each in (one, other)
    )
    graph = GRAPHS[role]
    assert in_graph(placed(profile, first), graph) == in_graph(placed(profile, second), graph)


@EACH_PROFILE
@given(data=st.data())
def test_a_view_is_the_closure_of_what_its_role_may_see(profile: Profile, data: st.DataObject) -> None:
    quads = placed(profile, data.draw(drawn(profile)))
    truth = in_graph(quads, DEVICES)
    for role, graph in GRAPHS.items():
        view = in_graph(quads, graph)
        seen = profile.visible_predicates(role)
        assert view <= truth
        assert view == profile.with_nodes(profile.entailment.closed(stated(profile, view)))
        assert {each for each in view if each.predicate in profile.visible_predicates(Role.SERVICE)} == {
            each for each in truth if each in view and each.predicate in seen
        }
        values = {field.predicate for field in profile.visible(role)}
        assert {each for each in truth if each.predicate in values} == {
            each for each in view if each.predicate in values
        }


@given(data=st.data())
def test_a_super_property_has_the_values_of_the_fields_that_a_role_sees_and_no_others(data: st.DataObject) -> None:
    texts = data.draw(st.tuples(st.sampled_from("ab"), st.sampled_from("ab"), st.sampled_from("ab")))
    name, serial, external = texts
    document = created({**minimal(), "device_name": name, "serial_number": serial, "external_ids": [external]})
    quads = placement(PROFILES["shared"], to_triples(PROFILES["shared"], document, IRI))
    notes = {
        graph: {str(each.object.lexical) for each in in_graph(quads, graph) if each.predicate == FLEX.term("note")}  # type: ignore[union-attr]
        for graph in (DEVICES, *GRAPHS.values())
    }
    assert notes[DEVICES] == {name, serial, external}
    assert notes[GRAPHS[Role.AGGREGATOR]] == {name, external}
    assert notes[GRAPHS[Role.PROSUMER]] == {name, serial}


def minimal(**fields: Any) -> dict[str, Any]:
    return {"device_id": DEVICE_ID, "account_id": ACCOUNT, "aggregator_id": AGGREGATOR, **fields}


def types(profile: Profile, role: Role, **fields: Any) -> set[str]:
    view = in_graph(placed(profile, minimal(**fields)), GRAPHS[role])
    return {str(each.object).removeprefix(FLEX) for each in view if each.predicate == TYPE}


def test_a_type_that_a_hidden_field_brings_is_hidden_and_one_that_a_visible_field_brings_too_is_not() -> None:
    profile = PROFILES["shared"]
    assert "Numbered" in types(profile, Role.PROSUMER, serial_number="1")
    assert "Numbered" not in types(profile, Role.AGGREGATOR, serial_number="1")
    assert "Numbered" in types(profile, Role.AGGREGATOR, serial_number="1", model="m")
    assert "Registered" not in types(profile, Role.PROSUMER, external_ids=["1"])


@pytest.mark.parametrize(
    ("status", "aggregator", "prosumer"),
    [
        ({"setPoint": 1.0}, False, False),
        ({"x-fanspeed": 1.0}, True, False),
        ({"mode": "1"}, True, True),
        ({"mode": "1", "setPoint": 1.0}, True, True),
        ({}, False, False),
    ],
    ids=str,
)
def test_a_nested_object_is_there_for_a_role_that_sees_a_member(
    status: dict[str, Any], aggregator: bool, prosumer: bool
) -> None:
    profile = PROFILES["nested"]
    quads = placed(profile, minimal(status=status))
    node = Iri(f"{IRI}#status")
    for role, there in ((Role.AGGREGATOR, aggregator), (Role.PROSUMER, prosumer)):
        view = in_graph(quads, GRAPHS[role])
        assert (Triple(IRI, FLEX.term("status"), node) in view) == there
        assert (Triple(node, FLEX.term("statusOf"), IRI) in view) == there
        assert (Triple(node, TYPE, FLEX.term("DeviceStatus")) in view) == there
    assert Triple(node, FLEX.term("statusOf"), IRI) in in_graph(quads, DEVICES)


def test_an_empty_object_is_there_for_roles_that_see_all_its_members() -> None:
    quads = placed(SHIPPED, minimal(status={}))
    link = Triple(IRI, FLEX.term("status"), Iri(f"{IRI}#status"))
    assert {quad.graph for quad in quads if quad.triple == link} == {DEVICES, *GRAPHS.values()}


def test_times_of_hidden_changes_do_not_show_by_a_super_property() -> None:
    profile = PROFILES["shared"]
    before = to_triples(profile, created(minimal(serial_number="1")), IRI)
    after = to_triples(profile, created(minimal(serial_number="2")), IRI)
    now = Literal("2031-01-01T00:00:00Z", DATE_TIME)
    quads = placement(profile, date(profile, before, after, IRI, now))
    dates = {
        graph: {each.object for each in in_graph(quads, graph) if each.predicate in (MODIFIED, DCT.term("date"))}
        for graph in (DEVICES, *GRAPHS.values())
    }
    (old,) = {each.object for each in before if each.predicate == MODIFIED}
    assert dates == {DEVICES: {now}, GRAPHS[Role.PROSUMER]: {now}, GRAPHS[Role.AGGREGATOR]: {old}}


def test_identifiers_of_the_shipped_model_are_those_that_a_role_sees() -> None:
    has_identifier = Iri("https://saref.etsi.org/core/hasIdentifier")
    quads = placed(SHIPPED, minimal(serial_number="s", external_ids=["e"]))
    found = {
        graph: {each.object for each in in_graph(quads, graph) if each.predicate == has_identifier}
        for graph in (DEVICES, *GRAPHS.values())
    }
    name, serial, external = Literal(DEVICE_ID), Literal("s"), Literal("e")
    assert found == {
        DEVICES: {name, serial, external},
        GRAPHS[Role.AGGREGATOR]: {name, external},
        GRAPHS[Role.PROSUMER]: {name, serial},
    }
    assert device_iri(DEVICE_ID) == IRI
