"""Contracts are kept, verified, made anew and erased as devices are."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from agreements import asset, contract, name, put
from click.testing import CliRunner
from stand import AGGREGATOR, ALICE, BOB, PROSUMER, A, Caller, running_stand

from registry.access import AGREEMENTS
from registry.cli.backup import backup
from registry.cli.rebuild import rebuild
from registry.cli.restore import restore
from registry.cli.verify import verify
from registry.operations import erasing
from registry.principal import Role
from sparql.embedded import EmbeddedStore
from sparql.graph_store import ChangeSet, StoreError

NEIGHBOUR = Caller(role=Role.PROSUMER, host=A, account=BOB)
ACCOUNT = {"aggregator_id": A, "account_id": ALICE}
SECRET = "a-contract-of-alice-that-nobody-shall-find"


def prepare(data: Path) -> None:
    with running_stand(data) as stand:
        stand.add(asset(1), asset(2, account_id=BOB))
        assert put(stand, contract(SECRET)).status_code == 201
        assert put(stand, contract("bobs", account_id=BOB, assets=[name(2)])).status_code == 201
        etag = put(stand, contract("over", start="2031-01-01T00:00:00Z", end="2031-01-02T00:00:00Z")).headers["ETag"]
        stand.call("DELETE", "/1/contracts/over", AGGREGATOR, headers={"If-Match": etag})
        assert stand.call("PUT", "/1/vpps/old-town", AGGREGATOR, json={"name": "Old town"}).status_code == 201


def run(command: object, *arguments: object) -> None:
    result = CliRunner().invoke(command, [str(each) for each in arguments])  # type: ignore[arg-type]
    assert result.exit_code == 0, result.output


def test_a_backup_holds_them_and_they_are_verified_restored_and_made_anew(tmp_path: Path) -> None:
    data, copy, restored = tmp_path / "data", tmp_path / "copy", tmp_path / "restored"
    prepare(data)
    run(backup, copy, "--data", data)
    run(verify, copy)
    run(restore, copy, "--data", restored)
    run(rebuild, "--data", restored)
    run(verify, restored)
    with running_stand(restored) as stand:
        assert stand.get(f"/1/contracts/{SECRET}", PROSUMER).status_code == 200
        assert put(stand, contract("another", maximum_power=100)).status_code in (409, 422)
        assert "ended" in (stand.get("/1/contracts/over", AGGREGATOR).json or {})
        assert stand.get("/1/vpps/old-town", AGGREGATOR).status_code == 200
        query = {"query": "SELECT (COUNT(*) AS ?n) { ?c a flex:Contract }"}
        found = stand.get("/sparql", AGGREGATOR, query_string=query, headers={"Accept": "text/csv"})
        assert found.get_data().split() == [b"n", b"3"]


def test_erasing_an_account_erases_its_contracts_and_no_others(tmp_path: Path) -> None:
    prepare(tmp_path)
    with running_stand(tmp_path) as stand:
        assert stand.call("POST", "/1/erasures", json=ACCOUNT).status_code == 200
        assert stand.get(f"/1/contracts/{SECRET}", AGGREGATOR).status_code == 404
        assert stand.get("/1/contracts/bobs", NEIGHBOUR).status_code == 200
        listed = stand.get("/1/contracts", AGGREGATOR).json or {}
        assert [each["contract_id"] for each in listed["_items"]] == ["bobs"]
    with running_stand(tmp_path) as stand:
        assert stand.get(f"/1/contracts/{SECRET}", AGGREGATOR).status_code == 404
    run(verify, tmp_path)
    holding = [file for file in tmp_path.rglob("*") if file.is_file() and SECRET.encode() in file.read_bytes()]
    assert holding == []


@pytest.mark.parametrize("way", ["store", "power"])
def test_an_erasure_that_is_cut_short_is_finished_at_the_next_start_contracts_included(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    data = tmp_path / "data"
    prepare(data)
    with running_stand(data) as stand, monkeypatch.context() as fault:
        apply = EmbeddedStore.apply

        def cut_short(store: EmbeddedStore, change: ChangeSet) -> None:
            if way == "power":  # the store on the disk is the one of before, whatever was applied
                shutil.copytree(data / "store", tmp_path / "before")
                apply(store, change)
                return
            raise StoreError("broken")

        fault.setattr(EmbeddedStore, "apply", cut_short)
        if way == "power":
            fault.setattr(erasing, "clean", lambda *_: None)
        assert stand.call("POST", "/1/erasures", json=ACCOUNT).status_code == (503 if way == "store" else 200)
    if way == "power":
        shutil.rmtree(data / "store")
        (tmp_path / "before").rename(data / "store")
    with running_stand(data) as stand:
        held = {quad.subject for quad in stand.dump() if quad.subject.startswith(AGREEMENTS)}
        assert held
        assert not [subject for subject in held if SECRET in subject]
        assert stand.get(f"/1/devices/{name(1)}").status_code == 404
        assert stand.components.recorder.journal.pending(0) == []
    holding = [file for file in data.rglob("*") if file.is_file() and SECRET.encode() in file.read_bytes()]
    assert holding == []
