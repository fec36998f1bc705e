"""What clients send, brought into the form of a whole document: dotted names, echoes, RFC 7396."""

from __future__ import annotations

from typing import Any

import pytest
from device_strategies import created, documents
from hypothesis import given

from registry.devices.device import Device
from registry.devices.patches import merged, nested, with_defaults, without, without_echo
from registry.profile import load_profile
from sparql.terms import Iri

PROFILE = load_profile()
SEEN = Device(Iri("urn:uuid:x"), created({"device_name": "boiler", "max_capacity": 5.0}), frozenset())
POINT = {"type": "Point", "coordinates": [2.5, 41.0]}


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({}, {}),
        ({"a": 1}, {"a": 1}),
        ({"status.mode": "2"}, {"status": {"mode": "2"}}),
        ({"status.mode": "2", "status.setPoint": 5}, {"status": {"mode": "2", "setPoint": 5}}),
        ({"status": {"setPoint": 5}, "status.mode": "2"}, {"status": {"setPoint": 5, "mode": "2"}}),
        ({"status.mode": "2", "status": {"setPoint": 5}}, {"status": {"mode": "2", "setPoint": 5}}),
        ({"status.mode": "2", "status": {"mode": "3"}}, {"status": {"mode": "3"}}),
        ({"status": None, "status.mode": "2"}, {"status": {"mode": "2"}}),
        ({"status.mode": "2", "status": None}, {"status": None}),
        ({"status": "on", "status.mode": "2"}, {"status": "on", "status.mode": "2"}),
        ({"status.x-fanspeed": 1}, {"status": {"x-fanspeed": 1}}),
        ({"status.mode.x": 1}, {"status": {"mode.x": 1}}),
        ({".": 1, "a.": 2}, {"": {"": 1}, "a": {"": 2}}),
        ({"location.a" + ".a" * 5000: 1}, {"location": {"a" + ".a" * 5000: 1}}),
    ],
    ids=lambda value: str(value)[:50],
)
def test_dotted_names_lead_into_objects(document: dict[str, Any], expected: dict[str, Any]) -> None:
    given = {name: dict(value) if isinstance(value, dict) else value for name, value in document.items()}
    assert nested(document) == expected
    assert document == given


@pytest.mark.parametrize(
    ("document", "patch", "expected"),
    [
        ({"vpp_id": "a"}, {}, {"vpp_id": "a"}),
        ({"vpp_id": "a"}, {"vpp_id": "b"}, {"vpp_id": "b"}),
        ({"vpp_id": "a"}, {"cluster_id": "b"}, {"vpp_id": "a", "cluster_id": "b"}),
        ({"vpp_id": "a"}, {"vpp_id": None}, {}),
        ({"vpp_id": "a"}, {"cluster_id": None}, {"vpp_id": "a"}),
        ({"external_ids": ["a", "b"]}, {"external_ids": ["c"]}, {"external_ids": ["c"]}),
        ({"external_ids": ["a"]}, {"external_ids": None}, {}),
        ({"status": {"mode": "1"}}, {"status": {"setPoint": 5}}, {"status": {"mode": "1", "setPoint": 5}}),
        ({"status": {"mode": "1"}}, {"status": {"mode": None}}, {"status": {}}),
        ({"status": {"mode": "1"}}, {"status": {}}, {"status": {"mode": "1"}}),
        ({"status": {"mode": "1"}}, {"status": None}, {}),
        ({"status": {"mode": "1"}}, {"status": "x"}, {"status": "x"}),
        ({}, {"status": {"mode": "1", "setPoint": None}}, {"status": {"mode": "1"}}),
        ({}, {"status": {"mode": None}}, {"status": {}}),
        ({}, {"location": POINT}, {"location": POINT}),
        ({"location": POINT}, {"location": {"coordinates": [3, 42]}}, {"location": {**POINT, "coordinates": [3, 42]}}),
        ({"location": POINT}, {"location": None}, {}),
        ({"device_name": "a"}, {"device_name": None}, {"device_name": None}),
        ({"availability": "yes"}, {"availability": None}, {"availability": None}),
        ({"max_capacity": 5.0}, {"max_capacity": {"kW": 5}}, {"max_capacity": {"kW": 5}}),
    ],
    ids=str,
)
def test_a_patch_is_merged(document: dict[str, Any], patch: dict[str, Any], expected: dict[str, Any]) -> None:
    before = {name: dict(value) if isinstance(value, dict) else value for name, value in document.items()}
    assert merged(document, patch, PROFILE) == expected
    assert document == before


@given(documents(PROFILE), documents(PROFILE))
def test_merging_a_whole_document_makes_its_fields_so(old: dict[str, Any], new: dict[str, Any]) -> None:
    outcome = merged(old, new, PROFILE)
    assert outcome == {
        **old,
        **new,
        **({"status": {**old.get("status", {}), **new["status"]}} if "status" in new else {}),
    }
    assert merged(outcome, new, PROFILE) == outcome
    assert merged(old, {}, PROFILE) == merged(old, old, PROFILE) == old


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ({"_etag": SEEN.etag, "_id": SEEN.record_id}, {}),
        ({"_created": SEEN.document["_created"], "_updated": SEEN.document["_updated"]}, {}),
        ({"_links": {"self": {}}, "_status": "OK"}, {}),
        ({"_etag": "another"}, {"_etag": "another"}),
        ({"_id": "another"}, {"_id": "another"}),
        ({"_updated": "2000-01-01T00:00:00.000000Z"}, {"_updated": "2000-01-01T00:00:00.000000Z"}),
        ({"_created": None}, {"_created": None}),
        ({"_other": 1}, {"_other": 1}),
        ({"device_name": "boiler"}, {"device_name": "boiler"}),
    ],
    ids=str,
)
def test_what_the_registry_said_itself_is_no_change(sent: dict[str, Any], kept: dict[str, Any]) -> None:
    assert without_echo(sent, SEEN) == kept


def test_nothing_is_an_echo_of_a_device_that_is_not_there() -> None:
    assert without_echo({"_etag": SEEN.etag}, None) == {"_etag": SEEN.etag}


@pytest.mark.parametrize(
    ("issues", "expected"),
    [
        ({}, {"a": 1, "s": {"b": 2, "c": 3}}),
        ({"a": "unknown field"}, {"s": {"b": 2, "c": 3}}),
        ({"s": {"b": "unknown field"}}, {"a": 1, "s": {"c": 3}}),
        ({"s": "must be of dict type"}, {"a": 1}),
    ],
)
def test_names_with_issues_are_left_out(issues: dict[str, Any], expected: dict[str, Any]) -> None:
    assert without({"a": 1, "s": {"b": 2, "c": 3}}, issues) == expected


def test_defaults_fill_what_is_absent() -> None:
    assert with_defaults({}, PROFILE) == {"device_name": "NO NAME"}
    assert with_defaults({"device_name": None}, PROFILE) == {"device_name": None}
