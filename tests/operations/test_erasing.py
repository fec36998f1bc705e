"""An erasure leaves no byte of the account in any file, and all that is other people's."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from operating import SECRET
from soundness import faults, files_with, names
from stand import (
    AGGREGATOR,
    ALICE,
    BOB,
    ENGINEER,
    PROSUMER,
    SERVICE,
    A,
    B,
    Caller,
    Stand,
    device,
    running_stand,
)

from registry.access import DEVICES, account_graph, aggregator_graph
from registry.cli.erase import erase
from registry.journal import Kind
from registry.journal.erasure import Account
from registry.journal.feed import Feed
from registry.operations.erasing import digest

ACCOUNT = {"aggregator_id": A, "account_id": ALICE}
PERSONAL = ("the secret boiler", "Alicestreet", "SN-ALICE-77")
"""Long enough that the engine keeps them apart from the triples."""
ALICES, BOBS, LEAVING, COMING, GONE = device(1), device(2), device(3), device(4), device(5)


def personal(number: int) -> dict[str, Any]:
    return device(
        number, device_name=f"{PERSONAL[0]} {number}", model=f"{PERSONAL[1]} 12 {number}", serial_number=PERSONAL[2]
    )


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    with running_stand(tmp_path_factory.mktemp("stand")) as stand:
        stand.add(personal(1), personal(3), personal(5))
        stand.add(*(device(number, account_id=BOB, device_name=f"bob's own {number}") for number in (2, 4)))
        stand.add(device(6, aggregator_id=B, device_name="alice elsewhere"))
        stand.patch(ALICES["device_id"], {"device_name": f"{PERSONAL[0]}, renamed"}, PROSUMER)
        stand.patch(
            LEAVING["device_id"], {"account_id": BOB, "device_name": "sold", "model": "m", "serial_number": "s"}
        )
        stand.patch(COMING["device_id"], {"account_id": ALICE, "device_name": f"{PERSONAL[0]}, bought"})
        stand.patch(COMING["device_id"], {"device_name": f"{PERSONAL[0]}, renamed too"}, PROSUMER)
        headers = {"If-Match": stand.etag(GONE["device_id"])}
        assert stand.call("DELETE", f"/1/devices/{GONE['device_id']}", headers=headers).status_code == 204
        yield stand


@pytest.fixture(scope="module")
def before(stand: Stand) -> dict[str, int]:
    feed = Feed(stand.components.recorder)
    return {view: feed.last(view) for view in (DEVICES, aggregator_graph(A), account_graph(A, BOB))}


@pytest.fixture(scope="module")
def erased(stand: Stand, before: dict[str, int]) -> dict[str, Any]:
    answer = stand.call("POST", "/1/erasures", json=ACCOUNT)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def data_of(stand: Stand) -> Path:
    return stand.components.settings.store.path


@pytest.mark.parametrize(
    ("caller", "body", "status", "words"),
    [
        (AGGREGATOR, ACCOUNT, 403, "service may"),
        (PROSUMER, ACCOUNT, 403, "service may"),
        (ENGINEER, ACCOUNT, 403, "service may"),
        (None, ACCOUNT, 401, ""),
        (SERVICE, {}, 400, "the members aggregator_id and account_id"),
        (SERVICE, [ACCOUNT], 400, "a JSON object"),
        (SERVICE, ACCOUNT | {"more": 1}, 400, "no other"),
        (SERVICE, ACCOUNT | {"account_id": "alice"}, 400, "must be a UUID"),
        (SERVICE, ACCOUNT | {"account_id": None}, 400, "must be a UUID"),
        (SERVICE, ACCOUNT | {"aggregator_id": ""}, 400, "1 to 256 characters"),
    ],
)
def test_who_may_not_or_asks_wrongly_erases_nothing(
    stand: Stand, caller: Caller | None, body: Any, status: int, words: str
) -> None:
    answer = stand.call("POST", "/1/erasures", caller, json=body)
    assert answer.status_code == status
    assert words in answer.text
    assert stand.get(f"/1/devices/{device(6)['device_id']}").status_code == 200


def test_it_says_when_how_many_and_for_whom_only_to_who_knows(stand: Stand, erased: dict[str, Any]) -> None:
    assert erased["devices"] == 2
    assert erased["account"] == digest(Account(A, ALICE), erased["salt"])
    assert erased["account"] != digest(Account(A, BOB), erased["salt"])
    (kept,) = [each for each in stand.components.recorder.journal.of_kind(Kind.ERASE) if each.device is None]
    assert json.loads(kept.after or "") == erased
    assert kept.author.subject == SERVICE.account


def test_no_byte_is_left_in_any_file(stand: Stand, erased: dict[str, Any]) -> None:
    assert files_with(data_of(stand), *PERSONAL) == []


def test_the_account_itself_stands_only_where_it_is_with_another_aggregator(
    stand: Stand, erased: dict[str, Any]
) -> None:
    journal = stand.components.recorder.journal
    rows = journal.read("SELECT device FROM entry WHERE INSTR(before, ?) OR INSTR(after, ?)", [ALICE] * 2)
    assert {row[0] for row in rows} == {device(6)["device_id"]}
    assert not journal.read("SELECT 1 FROM author WHERE INSTR(subject, ?)", (ALICE,))
    assert {name for (name,) in journal.read("SELECT name FROM view WHERE INSTR(name, ?)", (ALICE,))} == {
        account_graph(B, ALICE)
    }


def test_devices_of_others_are_as_they_were(stand: Stand, erased: dict[str, Any]) -> None:
    for number, name in ((2, "bob's own 2"), (3, "sold"), (6, "alice elsewhere")):
        assert stand.get(f"/1/devices/{device(number)['device_id']}").get_json()["device_name"] == name
    for number in (1, 4, 5):
        assert stand.get(f"/1/devices/{device(number)['device_id']}").status_code == 404
    assert stand.get("/1/devices", PROSUMER).headers["X-Total-Count"] == "0"


@pytest.mark.parametrize("view", [DEVICES, aggregator_graph(A)])
def test_others_hear_that_the_devices_are_gone_and_no_more(
    stand: Stand, before: dict[str, int], erased: dict[str, Any], view: Any
) -> None:
    shown = Feed(stand.components.recorder).after(view, before[view], 99)
    assert [(each.what, each.entry.device, each.entry.before, each.entry.after) for each in shown] == [
        ("deleted", ALICES["device_id"], None, None),
        ("deleted", COMING["device_id"], None, None),
    ]


def test_who_reads_from_the_beginning_ends_with_the_devices_that_there_are(
    stand: Stand, erased: dict[str, Any]
) -> None:
    there: set[str | None] = set()
    for each in Feed(stand.components.recorder).after(aggregator_graph(A), 0, 99):
        if each.what == "deleted":
            there.discard(each.entry.device)
        else:
            assert each.entry.after is not None
            there.add(each.entry.device)
    assert there == {BOBS["device_id"], LEAVING["device_id"]}


def test_the_neighbour_keeps_the_history_of_the_own_time(stand: Stand, erased: dict[str, Any]) -> None:
    shown = Feed(stand.components.recorder).of_device(account_graph(A, BOB), COMING["device_id"], None, 9)
    assert [(each.what, (each.entry.state_before or {}).get("device_name")) for each in shown] == [
        ("deleted", "bob's own 4"),
        ("created", None),
    ]


def test_it_is_sound_and_goes_on_after_a_start(stand: Stand, erased: dict[str, Any]) -> None:
    journal = stand.components.recorder.journal
    assert stand.patch(BOBS["device_id"], {"device_name": "bob goes on"}).status_code == 200
    assert journal.note("erasing") is None
    assert stand.call("POST", "/1/erasures", json=ACCOUNT).get_json()["devices"] == 0


def test_copies_of_query_workers_are_made_anew(stand: Stand, erased: dict[str, Any]) -> None:
    stand.add(personal(1))
    query = {"query": "SELECT (COUNT(*) AS ?n) WHERE { ?d flex:deviceName ?n }"}
    assert stand.call("POST", "/sparql", data=query).status_code == 200
    assert stand.call("POST", "/1/erasures", json=ACCOUNT).get_json()["devices"] == 1
    until = time.monotonic() + 30
    while files_with(data_of(stand), *PERSONAL) and time.monotonic() < until:
        time.sleep(0.2)
    assert files_with(data_of(stand), *PERSONAL) == []
    assert stand.call("POST", "/sparql", data=query).status_code == 200


def test_the_command_does_the_same_on_a_stopped_registry(data: Path) -> None:
    before = names(data)
    options = ["--aggregator", A, "--account", ALICE.upper(), "--data", str(data)]
    assert CliRunner().invoke(erase, options, input="n\n").exit_code == 1
    assert names(data) == before
    found = CliRunner().invoke(erase, [*options, "--yes"])
    assert found.exit_code == 0, found.output
    assert json.loads(found.stdout)["devices"] == 10
    assert len(names(data)) == len(before) - 10
    assert files_with(data, SECRET, ALICE) == []
    assert faults(data) == []


def test_the_command_refuses_what_is_no_account(data: Path) -> None:
    found = CliRunner().invoke(erase, ["--aggregator", A, "--account", "alice", "--data", str(data), "--yes"])
    assert (found.exit_code, "must be a UUID" in found.output) == (2, True)
