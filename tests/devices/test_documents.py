"""Documents and triples: two forms of the same, for every device that the profile allows."""

from __future__ import annotations

from typing import Any

import pytest
from device_strategies import UUIDS, created, documents, in_order, values
from hypothesis import given
from hypothesis import strategies as st

from registry.devices.documents import (
    device_iri,
    from_triples,
    node_iris,
    structural_issues,
    terms_at,
    to_triples,
    value_at,
)
from registry.principal import Role
from registry.profile import load_profile
from registry.vocabulary import FLEX, WGS84
from sparql.terms import DECIMAL, TYPE, Iri, Literal, Triple, to_sparql

PROFILE = load_profile()
DEVICE_ID = "0b7c1f5e-3a51-4c8e-9d0f-2f6a1c9e4b7d"
IRI = Iri(f"urn:uuid:{DEVICE_ID}")
EACH_FIELD = pytest.mark.parametrize("name", PROFILE.fields)


@given(documents(PROFILE))
def test_nothing_is_lost_between_the_two_forms(document: dict[str, Any]) -> None:
    whole = created(document)
    iri = device_iri(document["device_id"])
    assert iri is not None
    triples = to_triples(PROFILE, whole, iri)
    back = from_triples(PROFILE, triples)
    assert back == whole
    assert list(back) == list(in_order(PROFILE, whole))
    assert to_triples(PROFILE, back, iri) == triples


@given(documents(PROFILE))
def test_every_triple_has_a_node_of_the_device_and_a_term_that_can_be_written(document: dict[str, Any]) -> None:
    for triple in to_triples(PROFILE, document, IRI):
        assert triple.subject in node_iris(PROFILE, IRI) or triple.subject.startswith(f"{IRI}#window-")
        for term in triple:
            to_sparql(term)


@EACH_FIELD
@given(data=st.data())
def test_one_field_alone_comes_back(name: str, data: st.DataObject) -> None:
    field = PROFILE.fields[name]
    value: Any = data.draw(values(PROFILE, field))
    for key in reversed(field.names):
        value = {key: value}
    assert from_triples(PROFILE, to_triples(PROFILE, value, IRI)) == value


def test_an_empty_status_comes_back() -> None:
    assert from_triples(PROFILE, to_triples(PROFILE, {"status": {}}, IRI)) == {"status": {}}


def test_no_value_is_no_triple() -> None:
    triples = to_triples(PROFILE, {"external_ids": []}, IRI)
    assert triples == {Triple(IRI, TYPE, name) for name in PROFILE.entailment.device_types}


def test_superclasses_and_coordinates_are_entailed() -> None:
    document = {"device_class": "heatPump", "location": {"type": "Point", "coordinates": [2.5, 41]}}
    triples = to_triples(PROFILE, document, IRI)
    types = {triple.object for triple in triples if triple.predicate == TYPE}
    own = {FLEX.term(name) for name in ("HeatPump", "HvacDevice", "FlexibleLoad", "Device")}
    assert own | {Iri("https://saref.etsi.org/core/Device")} <= types
    assert Triple(IRI, WGS84.term("lat"), Literal("41", DECIMAL)) in triples
    assert Triple(IRI, WGS84.term("long"), Literal("2.5", DECIMAL)) in triples


def test_values_of_a_node_stand_at_its_iri() -> None:
    triples = to_triples(PROFILE, {"status": {"mode": "2"}}, IRI)
    assert Triple(IRI, FLEX.term("status"), Iri(f"{IRI}#status")) in triples
    assert Triple(Iri(f"{IRI}#status"), FLEX.term("mode"), FLEX.term("Mode2")) in triples


@given(UUIDS)
def test_a_device_is_named_by_its_id(device_id: str) -> None:
    assert device_iri(device_id) == device_iri(device_id.upper()) == f"urn:uuid:{device_id}"


@pytest.mark.parametrize(
    "value",
    ["", "x", None, 5, [], DEVICE_ID[:-1], DEVICE_ID + "0", DEVICE_ID + "\n", f"{{{DEVICE_ID}}}",
     DEVICE_ID.replace("-", ""), DEVICE_ID.replace("0", "g"), f"urn:uuid:{DEVICE_ID}",
     DEVICE_ID.replace("0", "\u0660")],
    ids=repr,
)  # fmt: skip
def test_what_is_no_uuid_names_no_device(value: Any) -> None:
    assert device_iri(value) is None


def test_terms_of_a_field() -> None:
    identity, ids = PROFILE.identity, PROFILE.fields["external_ids"]
    assert terms_at(PROFILE, {"device_id": DEVICE_ID.upper()}, identity) == {Literal(DEVICE_ID)}
    assert terms_at(PROFILE, {"external_ids": ["a", "b", "a"]}, ids) == {Literal("a"), Literal("b")}
    assert terms_at(PROFILE, {}, ids) == terms_at(PROFILE, {"status": None}, PROFILE.fields["status.mode"]) == set()


def test_value_at_a_place() -> None:
    document = {"a": {"b": None, "c": 0}, "d": "text"}
    assert value_at(document, ["a", "c"]) == 0
    assert value_at(document, ["a", "b"]) is None
    absent = value_at({}, ["a"])
    for names in (["x"], ["a", "x"], ["d", "x"], ["a", "b", "c"]):
        assert value_at(document, names) is absent


@pytest.mark.parametrize(
    ("document", "issues"),
    [
        ({}, {}),
        ({"device_name": 5, "status": {"mode": "nine"}}, {}),
        ({"foo": 1, "": 2}, {"foo": "unknown field", "": "unknown field"}),
        ({"_created": "x", "_id": "x"}, {"_created": "unknown field", "_id": "unknown field"}),
        ({"status": {"mode": "1", "foo": 2}}, {"status": {"foo": "unknown field"}}),
        ({"status": 5}, {"status": "must be of dict type"}),
        ({"status": ["mode"]}, {"status": "must be of dict type"}),
        ({"status": None}, {"status": "null value not allowed"}),
        ({"mode": "1"}, {"mode": "unknown field"}),
        ({"status.mode": "1"}, {"status.mode": "unknown field"}),
    ],
)
def test_names_that_no_field_has(document: dict[str, Any], issues: dict[str, Any]) -> None:
    assert structural_issues(PROFILE, document, Role.SERVICE) == issues


@EACH_FIELD
@pytest.mark.parametrize("role", Role)
def test_a_field_out_of_view_is_as_unknown_as_one_that_does_not_exist(name: str, role: Role) -> None:
    field = PROFILE.fields[name]
    document: Any = None
    for key in reversed(field.names):
        document = {key: document}
    issues = structural_issues(PROFILE, document, role)
    known = role in field.visible_to and not field.is_record
    assert (value_at(issues, field.names) == "unknown field") != known
