"""Validation: each file under `invalid` changes a good document, and says which issues the outcome has."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest
from device_strategies import created, documents
from hypothesis import given, settings
from stand import Stand, device

from registry.devices.documents import device_iri, to_triples
from registry.devices.issues import issues_of, joined
from registry.devices.messages import Message
from registry.devices.validation import Validator, Violation
from registry.principal import Role
from registry.profile import load_profile
from sparql.terms import Iri, Literal

PROFILE = load_profile()
VALIDATOR = Validator(PROFILE)
INVALID = sorted((Path(__file__).parent / "invalid").glob("*.json"))


def violations(document: dict[str, Any], validator: Validator = VALIDATOR) -> list[Violation]:
    iri = device_iri(document["device_id"])
    assert iri is not None
    return validator.validate({iri: to_triples(PROFILE, created(document), iri)}).get(iri, [])


@given(documents(PROFILE))
def test_valid_documents_have_no_violations(document: dict[str, Any]) -> None:
    assert violations(document) == []


@pytest.mark.parametrize("file", INVALID, ids=lambda file: file.stem)
def test_invalid_document_has_exactly_these_issues(file: Path, stand: Stand) -> None:
    case = json.loads(file.read_text())
    document = {
        name: value for name, value in {**device(), **case["change"]}.items() if name not in case.get("without", ())
    }
    before = stand.dump()
    answer = stand.call("POST", "/1/devices", json=document)
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["_issues"] == case["issues"]
    assert stand.dump() == before


def test_there_are_invalid_documents() -> None:
    assert len(INVALID) > 20


@settings(max_examples=10)
@given(documents(PROFILE))
def test_all_required_fields_are_missed_at_once(document: dict[str, Any]) -> None:
    required = {name for name, field in PROFILE.fields.items() if field.required and not field.is_record}
    iri = device_iri(document["device_id"])
    assert iri is not None
    empty = to_triples(PROFILE, created({}), iri)
    issues = issues_of(PROFILE, VALIDATOR.validate({iri: empty})[iri], Role.SERVICE)
    assert issues == dict.fromkeys(required, "required field")


def test_each_of_many_devices_has_its_own_violations() -> None:
    devices = {
        Iri(f"urn:uuid:{document['device_id']}"): to_triples(
            PROFILE, created(document), Iri(f"urn:uuid:{document['device_id']}")
        )
        for document in (device(1), device(2, availability="maybe"), device(3), device(4, max_capacity="much"))
    }
    found = VALIDATOR.validate(devices)
    names = {iri[-1]: [each.field.name for each in broken if each.field] for iri, broken in found.items()}
    assert names == {"2": ["availability"], "4": ["max_capacity"]}


def test_threads_share_a_validator() -> None:
    shared = Validator(PROFILE)
    found: list[int] = []

    def work() -> None:
        found.extend(len(violations(device(availability=value), shared)) for value in ("yes", "maybe") * 5)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [0] * 20 + [1] * 20


def test_what_is_wrong_with_a_hidden_field_is_not_named() -> None:
    broken = violations(device(serial_number=5))
    assert issues_of(PROFILE, broken, Role.SERVICE) == {"serial_number": "must be of string type"}
    shown = issues_of(PROFILE, broken, Role.AGGREGATOR)
    assert shown == {"_rules": "the outcome breaks a rule about what you may not see"}


def test_a_rule_across_fields_has_its_message() -> None:
    violation = Violation(
        None, "LessThanConstraintComponent", Literal("x"), Message([Literal("it must begin before it ends")])
    )
    assert issues_of(PROFILE, [violation], Role.SERVICE) == {"_rules": "it must begin before it ends"}


@pytest.mark.parametrize(
    ("first", "second", "both"),
    [
        ({}, {}, {}),
        ({"a": "1"}, {"b": "2"}, {"a": "1", "b": "2"}),
        ({"a": "1"}, {"a": "2"}, {"a": "2"}),
        ({"s": {"a": "1"}}, {"s": {"b": "2"}}, {"s": {"a": "1", "b": "2"}}),
        ({"s": {"a": "1"}}, {"s": "2"}, {"s": "2"}),
    ],
)
def test_issues_are_joined(first: dict[str, Any], second: dict[str, Any], both: dict[str, Any]) -> None:
    assert joined(first, second) == both
