"""Each reason alone and beside each other, from data; and that each rule of the shapes has its case there."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from agreements import ago, asset, codes, contract, name, put, validate
from stand import AGGREGATOR, SERVICE, Stand

from registry.contracts.rules import contract_rules
from registry.profile import load_profile

CASES: dict[str, Any] = json.loads((Path(__file__).parent / "reasons" / "reasons.json").read_text())
"""Each reason: what breaks the rule, and what is nearest to it and does not; how to read them is said under //."""
del CASES["//"]
RULES = contract_rules(load_profile()).rules
LANGUAGES = {"en", "de", "es", "nl", "hr", "el"}
APART = {
    *(frozenset({"unknown-device", other}) for other in CASES),
    frozenset({"unknown-capacity", "insufficient-capacity"}),
    frozenset({"unknown-capacity", "already-committed"}),
    frozenset({"unknown-capacity", "shares-exceed-maximum"}),
}
"""Pairs that one device can't have, as nothing more is said of what is unknown. They are tried on two devices."""


def prepared(stand: Stand, number: int, case: dict[str, Any]) -> Any:
    """Put the device of a case into the registry, and what is held of it; return how a contract names it."""
    if (changes := case.get("device", {})) is None:
        return name(number)
    kept: dict[str, Any] = {key: ... if value is None else value for key, value in changes.items()}
    if "last_seen" in kept:
        kept["last_seen"] = ago(kept["last_seen"])
    if "committed" in case:
        begin, end, power = case["committed"]
        stand.add(asset(number))
        held = contract(f"held-{number}", start=begin, end=end, maximum_power=power, assets=[name(number)])
        assert put(stand, held).status_code == 201
        etag = stand.etag(name(number))
        patch = {key: None if value is ... else value for key, value in kept.items()}
        if patch:
            assert stand.patch(name(number), patch, etag=etag).status_code == 200
    else:
        stand.add(asset(number, **kept))
    return {"device_id": name(number), "power": case["power"]} if "power" in case else name(number)


def verdict(stand: Stand, *cases: dict[str, Any]) -> Any:
    """Return what is said of a contract with a device for each case."""
    assets = [prepared(stand, number, case) for number, case in enumerate(cases, 1)]
    changes = {key: value for case in cases for key, value in case.get("contract", {}).items()}
    if len(cases) > 1:
        changes["maximum_power"] = 3
    answer = validate(stand, contract(assets=assets, **changes), SERVICE)
    assert answer.status_code == 200, answer.text
    return answer.json


def merged(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Return the case of a device with which two things are wrong."""
    found = {**one, **other}
    found |= {"power": max(case["power"] for case in (one, other) if "power" in case)} if "power" in found else {}
    for key in ("device", "contract"):
        if isinstance(found.get(key, {}), dict):
            found[key] = {**(one.get(key) or {}), **(other.get(key) or {})}
    return found


@pytest.mark.parametrize("code", CASES)
def test_what_breaks_a_rule_is_refused_for_this_reason(stand: Stand, code: str) -> None:
    found = verdict(stand, CASES[code]["breaks"])
    assert code in codes(found)
    assert not found["valid"]


@pytest.mark.parametrize("code", CASES)
def test_what_keeps_a_rule_barely_is_not_refused(stand: Stand, code: str) -> None:
    found = verdict(stand, CASES[code]["keeps"])
    assert codes(found) == set()
    assert found["valid"]


@pytest.mark.parametrize(("one", "other"), list(combinations(CASES, 2)))
def test_two_reasons_against_one_device_are_both_named(stand: Stand, one: str, other: str) -> None:
    case = merged(CASES[one]["breaks"], CASES[other]["breaks"])
    if frozenset({one, other}) in APART:
        assert {one, other} <= codes(verdict(stand, CASES[one]["breaks"], CASES[other]["breaks"]))
    else:
        assert {one, other} <= codes(verdict(stand, case))


def test_all_reasons_come_at_once_each_at_its_device(stand: Stand) -> None:
    assets = [prepared(stand, number, case["breaks"]) for number, case in enumerate(CASES.values(), 1)]
    found = validate(stand, contract(assets=assets), SERVICE).json
    assert found is not None
    whole = {reason["code"] for reason in found["reasons"]}
    assert whole == {"shares-exceed-maximum"}
    for code, each in zip(CASES, found["devices"], strict=True):
        assert code in whole | {reason["code"] for reason in each["reasons"]}, each


@pytest.mark.parametrize(("most", "expected"), [(8, set()), (8.001, {"insufficient-capacity"})])
def test_devices_must_reach_the_maximum_power_together(stand: Stand, most: float, expected: set[str]) -> None:
    stand.add(asset(1), asset(2))
    found = validate(stand, contract(maximum_power=most, assets=[name(1), name(2)])).json
    assert found is not None
    assert {reason["code"] for reason in found["reasons"]} == expected == codes(found)


def test_devices_that_would_reach_it_without_other_contracts_are_committed(stand: Stand) -> None:
    stand.add(asset(1), asset(2))
    assert put(stand, contract("held", maximum_power=1, assets=[name(1)])).status_code == 201
    found = validate(stand, contract(maximum_power=8, assets=[name(1), name(2)])).json
    assert found is not None
    assert [sorted(reason["code"] for reason in each["reasons"]) for each in found["devices"]] == [
        ["already-committed"],
        [],
    ]
    assert put(stand, contract(maximum_power=7, assets=[name(1), name(2)])).status_code == 201


def test_every_rule_has_a_case_and_every_case_a_rule() -> None:
    assert {rule.code for rule in RULES} == set(CASES)


def test_a_device_that_was_never_heard_of_is_stale_as_in_listings(stand: Stand) -> None:
    stand.add(asset(1, last_seen=...))
    assert codes(validate(stand, contract()).json) == {"stale"}
    assert (stand.get("/1/devices?stale=true").json or {})["_meta"]["total"] == 1


def test_every_rule_speaks_every_language() -> None:
    assert {rule.shape: set(rule.message.texts) for rule in RULES} == dict.fromkeys(
        (rule.shape for rule in RULES), LANGUAGES
    )


def test_times_are_given_where_a_device_is_not_available_and_where_it_is_committed(stand: Stand) -> None:
    case = merged(CASES["not-available-in-span"]["breaks"], CASES["already-committed"]["breaks"])
    (device,) = verdict(stand, case)["devices"]
    reasons = {reason["code"]: reason for reason in device["reasons"]}
    gaps = reasons["not-available-in-span"]["gaps"]
    assert gaps == [["2026-12-01T08:00:00.000000Z", "2026-12-01T08:00:01.000000Z"]]
    span = {"start": "2026-12-01T09:59:59.000000Z", "end": "2026-12-01T10:00:00.000000Z"}
    assert reasons["already-committed"]["committed"] == [{**span, "contract_id": "held-1"}]
    assert "2026-12-01T09:59:59Z/2026-12-01T10:00:00Z (held-1)" in reasons["already-committed"]["message"]


@pytest.mark.parametrize(("asked", "words"), [("de-AT", "nicht verfügbar"), ("fr, el;q=0.5", "δεν είναι διαθέσιμη")])
def test_messages_come_in_the_language_that_is_asked_for(stand: Stand, asked: str, words: str) -> None:
    stand.add(asset(availability="no"))
    found = validate(stand, contract(), AGGREGATOR, **{"Accept-Language": asked}).json
    assert found is not None
    assert words in found["devices"][0]["reasons"][0]["message"]
