"""Recording, changing and ending contracts; and that devices, listings, counts and audits don't notice them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from agreements import asset, codes, contract, name, put, validate
from stand import AGGREGATOR, ALICE, BOB, ENGINEER, PROSUMER, SERVICE, A, B, Caller, Stand, running_stand

from registry.contracts.commitments import Commitments
from registry.devices.placement_audit import PlacementAudit
from registry.journal import Resource
from registry.principal import Role

OTHER = Caller(role=Role.AGGREGATOR, host=B)
NEIGHBOUR = Caller(role=Role.PROSUMER, host=A, account=BOB)


def shares(answer: dict[str, object]) -> list[float]:
    return [each["power"] for each in answer["assets"]]  # type: ignore[attr-defined]


def test_the_maximum_power_is_divided_in_proportion_to_what_is_free(stand: Stand) -> None:
    stand.add(asset(1, max_capacity=1), asset(2, max_capacity=2), asset(3, max_capacity=9))
    assets = [name(1), name(2), {"device_id": name(3), "power": 4}]
    answer = put(stand, contract(maximum_power=5, assets=assets))
    assert answer.status_code == 201
    assert answer.headers["Location"] == "/1/contracts/c-1"
    assert answer.json is not None
    assert sum(shares(answer.json)) == 5
    assert shares(answer.json) == [pytest.approx(1 / 3, abs=1e-5), pytest.approx(2 / 3, abs=1e-5), 4]


def test_a_contract_is_changed_only_by_who_read_it(stand: Stand) -> None:
    stand.add(asset(1))
    etag = put(stand, contract()).headers["ETag"]
    assert put(stand, contract(maximum_power=4)).status_code == 428
    assert put(stand, contract(maximum_power=4), etag='"0000"').status_code == 412
    changed = put(stand, contract(maximum_power=4), etag=etag)  # its own power does not stand in its way
    assert changed.status_code == 200
    assert shares(changed.json or {}) == [4]
    assert put(stand, contract(maximum_power=4), etag=etag).status_code == 412
    assert put(stand, contract("new"), etag=etag).status_code == 404


def test_an_ended_contract_stays_readable_and_frees_what_it_held(stand: Stand) -> None:
    stand.add(asset(1))
    etag = put(stand, contract(maximum_power=4)).headers["ETag"]
    assert put(stand, contract("c-2", maximum_power=1)).status_code == 409
    assert stand.call("DELETE", "/1/contracts/c-1", AGGREGATOR).status_code == 428
    ended = stand.call("DELETE", "/1/contracts/c-1", AGGREGATOR, headers={"If-Match": etag})
    assert ended.status_code == 200
    assert stand.get("/1/contracts/c-1", PROSUMER).json == ended.json
    assert "ended" in (ended.json or {})
    assert put(stand, contract(), etag=ended.headers["ETag"]).status_code == 409
    assert put(stand, contract("c-2", maximum_power=4)).status_code == 201


def test_a_contract_that_runs_is_free_from_its_end_on_only(stand: Stand) -> None:
    stand.add(asset(1))
    running = contract("c-1", start="2020-01-01T00:00:00Z", end="2027-01-01T00:00:00Z", maximum_power=4)
    etag = put(stand, running).headers["ETag"]
    stand.call("DELETE", "/1/contracts/c-1", AGGREGATOR, headers={"If-Match": etag})
    past = contract("c-2", start="2020-06-01T00:00:00Z", end="2020-07-01T00:00:00Z")
    assert put(stand, past).status_code == 409
    assert put(stand, contract("c-3", start="2026-12-30T00:00:00Z", end="2026-12-31T00:00:00Z")).status_code == 201


def test_who_sees_which_contracts(stand: Stand) -> None:
    stand.add(asset(1), asset(2, account_id=BOB), asset(3, aggregator_id=B))
    put(stand, contract("a-alice"))
    put(stand, contract("a-bob", account_id=BOB, assets=[name(2)]))
    put(stand, contract("b-alice", aggregator_id=B, assets=[name(3)]), OTHER)
    seen = {
        caller: {each["contract_id"] for each in (stand.get("/1/contracts", caller).json or {})["_items"]}
        for caller in (SERVICE, AGGREGATOR, OTHER, PROSUMER, NEIGHBOUR)
    }
    assert seen == {
        SERVICE: {"a-alice", "a-bob", "b-alice"},
        AGGREGATOR: {"a-alice", "a-bob"},
        OTHER: {"b-alice"},
        PROSUMER: {"a-alice"},
        NEIGHBOUR: {"a-bob"},
    }
    for caller, ids in seen.items():
        found = {each for each in seen[SERVICE] if stand.get(f"/1/contracts/{each}", caller).status_code == 200}
        assert found == ids
    assert stand.get("/1/contracts", ENGINEER).status_code == 403


def test_aggregators_name_their_contracts_as_they_like(stand: Stand) -> None:
    stand.add(asset(1), asset(3, aggregator_id=B))
    assert put(stand, contract()).status_code == 201
    assert put(stand, contract(aggregator_id=B, assets=[name(3)]), OTHER).status_code == 201
    assert stand.get("/1/contracts/c-1", SERVICE).status_code == 400
    one = stand.get(f"/1/contracts/c-1?aggregator_id={B}", SERVICE)
    assert (one.json or {})["aggregator_id"] == B
    assert stand.get(f"/1/contracts/c-1?aggregator_id={B}", AGGREGATOR).status_code == 404


def test_commitments_of_a_device_name_only_contracts_in_view(stand: Stand) -> None:
    stand.add(asset(1))
    put(stand, contract())
    assert stand.patch(name(1), {"aggregator_id": B}).status_code == 200
    (seen,) = (stand.get(f"/1/devices/{name(1)}/commitments", OTHER).json or {})["_items"]
    assert seen == {"start": "2026-12-01T08:00:00.000000Z", "end": "2026-12-01T10:00:00.000000Z", "power": 3.0}
    (seen,) = (stand.get(f"/1/devices/{name(1)}/commitments", SERVICE).json or {})["_items"]
    assert seen["contract_id"] == "c-1"
    assert stand.get(f"/1/devices/{name(1)}/commitments", AGGREGATOR).status_code == 404
    found = validate(stand, contract("c-2", aggregator_id=B, maximum_power=2), OTHER).json
    assert codes(found) == {"already-committed"}
    assert "c-1" not in str(found)


def test_devices_do_not_notice_contracts(stand: Stand) -> None:
    stand.add(asset(1), asset(2))
    paths = ["/1/devices", "/1/devices?sort=-max_capacity", f"/1/devices/{name(1)}"]
    before = [stand.get(path, caller).get_data() for path in paths for caller in (SERVICE, AGGREGATOR, PROSUMER)]
    etag = put(stand, contract()).headers["ETag"]
    assert before == [
        stand.get(path, caller).get_data() for path in paths for caller in (SERVICE, AGGREGATOR, PROSUMER)
    ]
    audit = PlacementAudit(stand.components.store, stand.components.profile)
    assert [found for block in audit.blocks() for found in block.differences] == []
    graph = stand.dump()
    stand.call("DELETE", "/1/contracts/c-1", AGGREGATOR, headers={"If-Match": etag})
    assert len(stand.dump()) < len(graph)


@pytest.mark.parametrize(
    ("changes", "member"),
    [
        ({"end": "2026-12-01T08:00:00Z"}, "end"),
        ({"end": "2040-12-01T08:00:00Z"}, "end"),
        ({"start": "2026-12-01T08:00:00"}, "start"),
        ({"type": "barter"}, "type"),
        ({"maximum_power": 0}, "maximum_power"),
        ({"maximum_power": "3"}, "maximum_power"),
        ({"assets": []}, "assets"),
        ({"assets": [name(), name().upper()]}, "assets"),
        ({"assets": ["no-uuid"]}, "assets"),
        ({"assets": [{"device_id": name(), "power": -1}]}, "assets"),
        ({"account_id": ...}, "account_id"),
        ({"contract_id": "a/b"}, "contract_id"),
        ({"price": 3}, "price"),
    ],
)
def test_what_is_no_contract_is_told_by_its_members(stand: Stand, changes: dict[str, Any], member: str) -> None:
    answer = validate(stand, contract(**changes))
    assert answer.status_code == 422
    assert list((answer.json or {})["_issues"]) == [member]


@pytest.mark.parametrize("body", [[], {}, 3, "x", [3], [contract(), {}], [contract()] * 101])
def test_nothing_that_is_sent_is_a_fault_of_the_server(stand: Stand, body: object) -> None:
    assert validate(stand, body).status_code in {403, 422}
    assert validate(stand, body, SERVICE).status_code in {400, 422}


@pytest.mark.parametrize("role", [PROSUMER, ENGINEER])
def test_who_may_not_agree_may_not_ask_either(stand: Stand, role: Caller) -> None:
    assert validate(stand, contract(), role).status_code == 403
    assert put(stand, contract(), role).status_code == 403
    assert stand.call("DELETE", "/1/contracts/c-1", role, headers={"If-Match": "x"}).status_code == 403


def test_contracts_are_there_after_a_start_and_when_the_store_is_lost(tmp_path: Path) -> None:
    with running_stand(tmp_path) as stand:
        stand.add(asset(1))
        put(stand, contract(maximum_power=4))
        before = stand.dump()
    with running_stand(tmp_path) as stand:
        assert stand.dump() == before
        assert put(stand, contract("c-2", maximum_power=1)).status_code == 409
    (tmp_path / "store").rename(tmp_path / "lost")
    with running_stand(tmp_path) as stand:
        assert stand.dump() == before
        assert put(stand, contract("c-2", maximum_power=1)).status_code == 409
        journal = stand.components.recorder.journal
        assert [entry.subject for entry in journal.latest_of(Resource.CONTRACT)] == [
            f"https://w3id.org/flexcoop/agreement/contract/{A}/c-1"
        ]
        assert [each.account_id for each in Commitments.of(journal).contracts()] == [ALICE]
