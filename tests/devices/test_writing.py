"""Writing: what a change moves, for whom, and what it leaves alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from device_strategies import documents
from hypothesis import given, settings
from hypothesis import strategies as st
from stand import ALICE, BOB, LOADER, A, B, Stand, device

from registry.access import DEVICES, placement
from registry.devices.device import Device
from registry.errors import Forbidden, NotFound, PreconditionFailed, ValidationFailed
from registry.principal import Principal, Role
from registry.profile import load_profile
from sparql.terms import Quad

PROFILE = load_profile()
ID = device()["device_id"]
AGGREGATOR = Principal(role=Role.AGGREGATOR, issuer="urn:x", subject="x", aggregator_id=A)
PROSUMER = Principal(role=Role.PROSUMER, issuer="urn:x", subject="x", aggregator_id=A, account_id=ALICE)
PRINCIPALS = {"aggregator": AGGREGATOR, "prosumer": PROSUMER, "service": LOADER}


def anything(_: Device) -> bool:
    return True


def views(stand: Stand) -> dict[str, Device]:
    return {name: stand.components.reader.get(principal, ID) for name, principal in PRINCIPALS.items()}


def change(stand: Stand, changes: Mapping[str, Any], principal: Principal = LOADER) -> Device:
    return stand.components.writer.change(principal, ID, changes, anything)


@pytest.mark.parametrize(
    ("changes", "moved"),
    [
        ({"max_capacity": 5}, "aggregator prosumer service"),
        ({"serial_number": "new"}, "prosumer service"),
        ({"external_ids": ["new"]}, "aggregator service"),
        ({"serial_number": None}, "prosumer service"),
        ({"serial_number": "new", "external_ids": ["new"]}, "aggregator prosumer service"),
        ({"status": {"mode": "1"}}, "aggregator prosumer service"),
        ({"serial_number": "old"}, ""),
        ({"external_ids": ["old", "old"]}, ""),
        ({"max_capacity": 7}, ""),
        ({"max_capacity": "7.0"}, ""),
        ({"vpp_id": None}, ""),
        ({}, ""),
    ],
    ids=str,
)
def test_a_change_moves_the_dates_and_etags_of_those_who_see_it(
    stand: Stand, changes: dict[str, Any], moved: str
) -> None:
    stand.add(device(serial_number="old", external_ids=["old"], max_capacity=7.0))
    before, dump = views(stand), stand.dump()
    change(stand, changes)
    after = views(stand)
    assert {name for name in before if before[name].etag != after[name].etag} == set(moved.split())
    later = {name for name in before if before[name].document["_updated"] < after[name].document["_updated"]}
    assert later == set(moved.split())
    assert {each.document["_created"] for each in after.values()} == {before["service"].document["_created"]}
    assert (stand.dump() == dump) == (not moved)


def test_a_hidden_change_stays_hidden_through_further_ones(stand: Stand) -> None:
    stand.add(device())
    first = views(stand)["aggregator"]
    for text in ("a", "b", "c"):
        change(stand, {"serial_number": text})
        assert views(stand)["aggregator"].document == first.document
    change(stand, {"max_capacity": 5})
    seen = views(stand)
    assert len({each.document["_updated"] for each in seen.values()}) == 1
    change(stand, {"external_ids": ["x"]})
    assert views(stand)["prosumer"].etag == seen["prosumer"].etag
    assert views(stand)["aggregator"].etag != seen["aggregator"].etag


@settings(max_examples=25)
@given(data=st.data())
def test_the_store_holds_exactly_the_placement_of_what_was_written(data: st.DataObject, shared_stand: Stand) -> None:
    shared_stand.clear()
    parties = {"account_id": st.sampled_from([ALICE, BOB]), "aggregator_id": st.sampled_from([A, B])}
    drawn = documents(PROFILE, device_id=st.just(ID), **parties)
    created, *steps = (data.draw(drawn) for _ in range(3))
    (device_,) = shared_stand.add(created)
    assert shared_stand.components.reader.get(LOADER, ID).etag == device_.etag
    writer = shared_stand.components.writer
    for document in steps:
        verb = data.draw(st.sampled_from([writer.change, writer.replace]))
        written = verb(LOADER, ID, document, anything)
        dump = shared_stand.dump()
        assert shared_stand.components.reader.get(LOADER, ID).etag == written.etag
        assert dump == placement(PROFILE, [quad.triple for quad in dump if quad.graph == DEVICES])
    writer.delete(LOADER, ID, anything)
    assert shared_stand.dump() == frozenset[Quad]()


def test_what_was_replaced_is_gone(stand: Stand) -> None:
    stand.add(device(vpp_id="a", status={"mode": "1"}, external_ids=["a"]))
    before = views(stand)["service"]
    after = stand.components.writer.replace(LOADER, ID, device(max_capacity=5.0, device_name=...), anything)
    kept = {"_created": before.document["_created"], "_updated": after.document["_updated"]}
    assert after.document == {**device(max_capacity=5.0, device_name="NO NAME"), **kept}


def test_a_device_that_moves_is_new_to_its_new_holders(stand: Stand) -> None:
    stand.add(device())
    change(stand, {"account_id": BOB, "aggregator_id": B})
    with pytest.raises(NotFound):
        stand.components.reader.get(AGGREGATOR, ID)
    with pytest.raises(NotFound):
        stand.components.reader.get(PROSUMER, ID)
    new = Principal(role=Role.PROSUMER, issuer="urn:x", subject="x", aggregator_id=B, account_id=BOB)
    assert stand.components.reader.get(new, ID).document["account_id"] == BOB


def test_whole_documents_can_be_sent_back(stand: Stand) -> None:
    stand.add(device(status={"mode": "1", "setPoint": 20.0}, state_of_charge=50.0))
    for principal in PRINCIPALS.values():
        document = stand.components.reader.get(principal, ID).document
        assert change(stand, document, principal).document == document
        assert change(stand, {**document, "max_capacity": 5}, principal).document["max_capacity"] == 5
        change(stand, {"max_capacity": None}, principal)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"device_id": device(2)["device_id"]}, "device_id"),
        ({"device_id": None}, "device_id"),
        ({"account_id": BOB}, "account_id"),
        ({"aggregator_id": B}, "aggregator_id"),
        ({"device_class": "heatPump"}, "device_class"),
        ({"status": {"mode": "2"}}, "status.mode"),
        ({"status.mode": "2"}, "status.mode"),
        ({"status": {"mode": None}}, "status.mode"),
        ({"status": None}, "status.mode"),
        ({"status": {"setPoint": 5}}, "status.setPoint"),
        ({"state_of_charge": True}, "state_of_charge"),
        ({"state_of_charge": None}, "state_of_charge"),
        ({"online": False}, "online"),
        ({"max_capacity": 5, "last_seen": "2026-11-23T06:39:22.000000Z"}, "last_seen"),
        ({"foo": 1, "account_id": BOB}, "account_id"),
    ],
    ids=str,
)
@pytest.mark.parametrize("principal", [AGGREGATOR, PROSUMER], ids=lambda principal: principal.role)
def test_what_is_not_the_roles_to_change_is_refused(
    stand: Stand, principal: Principal, changes: dict[str, Any], field: str
) -> None:
    stand.add(device(status={"mode": "1"}, state_of_charge=1.0))
    dump = stand.dump()
    with pytest.raises(Forbidden, match=f"The modification of the field {field} is not allowed"):
        change(stand, changes, principal)
    assert stand.dump() == dump


@pytest.mark.parametrize(
    "changes",
    [
        {"account_id": ALICE},
        {"account_id": ALICE.upper()},
        {"device_id": ID.upper()},
        {"state_of_charge": 1},
        {"status": {"mode": "1"}},
        {"status": {}},
        {"online": None},
        {"status": {"setPoint": None}},
    ],
    ids=str,
)
def test_what_changes_nothing_is_allowed(stand: Stand, changes: dict[str, Any]) -> None:
    stand.add(device(status={"mode": "1"}, state_of_charge=1.0))
    before = views(stand)["aggregator"]
    assert change(stand, changes, AGGREGATOR).etag == before.etag


def test_an_empty_status_is_a_change_too(stand: Stand) -> None:
    stand.add(device())
    with pytest.raises(Forbidden, match="the field status is"):
        change(stand, {"status": {}}, AGGREGATOR)
    assert change(stand, {"status": {}}).document["status"] == {}
    assert "status" not in change(stand, {"status": None}).document


@pytest.mark.parametrize(
    ("changes", "issues"),
    [
        ({"availability": "maybe", "foo": 1}, {"availability": "unallowed value maybe", "foo": "unknown field"}),
        (
            {"status": {"mode": "9", "foo": 1}},
            {"status": {"mode": "unallowed value 9", "foo": "unknown field"}},
        ),
        (
            {"device_name": None, "availability": None},
            dict.fromkeys(("device_name", "availability"), "null value not allowed"),
        ),
        ({"status": 5}, {"status": "must be of dict type"}),
        ({"location": {"coordinates": [1, 2]}}, {"location": "must be of point type"}),
        ({"_updated": "2000-01-01T00:00:00.000000Z"}, {"_updated": "unknown field"}),
    ],
    ids=str,
)
def test_all_issues_of_a_change_come_at_once(stand: Stand, changes: dict[str, Any], issues: dict[str, Any]) -> None:
    stand.add(device())
    dump = stand.dump()
    with pytest.raises(ValidationFailed) as caught:
        change(stand, changes)
    assert list(caught.value.issues) == [issues]
    assert stand.dump() == dump


def test_a_list_is_created_whole_or_not_at_all(stand: Stand) -> None:
    stand.add(device(1))
    dump = stand.dump()
    asked = [device(2), device(1), device(3, availability="maybe"), device(2), device(4, device_id="x"), device(5)]
    with pytest.raises(ValidationFailed) as caught:
        stand.add(*asked)
    assert [set(issues) for issues in caught.value.issues] == [
        set(), {"device_id"}, {"availability"}, {"device_id"}, {"device_id"}, set(),
    ]  # fmt: skip
    assert caught.value.issues[1] == {"device_id": f"value '{device(1)['device_id']}' is not unique"}
    assert caught.value.issues[3] == {"device_id": f"value '{device(2)['device_id']}' is not unique"}
    assert "4 document(s)" in caught.value.message
    assert stand.dump() == dump


def test_an_id_in_upper_case_is_the_same_id(stand: Stand) -> None:
    (made,) = stand.add(device(device_id=ALICE.upper()))
    assert made.document["device_id"] == ALICE
    with pytest.raises(ValidationFailed):
        stand.add(device(device_id=ALICE))


def test_nothing_is_written_when_the_precondition_fails(stand: Stand) -> None:
    stand.add(device())
    dump, writer = stand.dump(), stand.components.writer
    for attempt in (
        lambda: writer.change(LOADER, ID, {"max_capacity": 5}, lambda _: False),
        lambda: writer.replace(LOADER, ID, device(max_capacity=5), lambda _: False),
        lambda: writer.delete(LOADER, ID, lambda _: False),
    ):
        with pytest.raises(PreconditionFailed):
            attempt()
    assert stand.dump() == dump


@pytest.mark.parametrize("principal", [AGGREGATOR, PROSUMER], ids=lambda principal: principal.role)
def test_only_a_service_creates_replaces_and_deletes(stand: Stand, principal: Principal) -> None:
    stand.add(device())
    dump, writer = stand.dump(), stand.components.writer
    with pytest.raises(Forbidden, match="may not create devices; service may"):
        writer.create(principal, [device(2)], single=True)
    with pytest.raises(Forbidden, match="may not replace devices; service may"):
        writer.replace(principal, ID, device(), anything)
    with pytest.raises(Forbidden, match="may not delete devices; service may"):
        writer.delete(principal, ID, anything)
    assert stand.dump() == dump
