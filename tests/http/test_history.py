"""Who changed what of a device: each reader gets the changes of its own view, and nothing that tells of others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from candidates import candidate, next_version
from stand import AGGREGATOR, BOB, ENGINEER, PROSUMER, SERVICE, A, B, Caller, Stand, device, running_stand

from registry.history.device_history import author_as_seen
from registry.journal.entry import OPERATOR, SOFTWARE, Author
from registry.principal import Principal, Role

OTHER = Caller(role=Role.AGGREGATOR, host=B)
NEIGHBOUR = Caller(role=Role.PROSUMER, host=A, account=BOB)
FIRST = device(0xA1, status={"mode": "1", "setPoint": 20.0})
MOVED = device(0xA2)
UNKNOWN = device(0xA3)["device_id"]
ID, MOVED_ID = FIRST["device_id"], MOVED["device_id"]
HIDDEN_FIRMWARE = (
    'api:field "firmware_version" ;\n    api:visibleTo "aggregator", "prosumer", "service" ;\n'
    '    api:writableBy "aggregator", "prosumer", "service" .',
    'api:field "firmware_version" ;\n    api:visibleTo "service" ;\n    api:writableBy "service" .',
)
"""What makes a field the services' alone."""
CALLERS = {
    "service": SERVICE,
    "aggregator": AGGREGATOR,
    "other": OTHER,
    "prosumer": PROSUMER,
    "neighbour": NEIGHBOUR,
    "engineer": ENGINEER,
}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """A registry in which one device was changed by everybody, and another one has moved."""
    with running_stand(tmp_path_factory.mktemp("told")) as stand:
        stand.add(FIRST)
        stand.add(MOVED)
        for changes, caller in (
            ({"status.setPoint": 25.0}, SERVICE),
            ({"serial_number": "hidden from the aggregator"}, SERVICE),
            ({"external_ids": ["hidden from the household"]}, SERVICE),
            ({"availability": "no"}, AGGREGATOR),
            ({"device_name": "boiler", "status": None}, SERVICE),
        ):
            assert stand.patch(ID, changes, caller).status_code == 200
        for changes in ({"account_id": BOB}, {"aggregator_id": B}, {"device_name": "far"}, {"aggregator_id": A}):
            assert stand.patch(MOVED_ID, changes).status_code == 200
        yield stand


def history(stand: Stand, caller: str, device_id: str, query: str = "") -> dict[str, Any]:
    answer = stand.get(f"/1/devices/{device_id}/history{query}", CALLERS[caller])
    assert answer.status_code == 200, answer.get_data(as_text=True)
    document: dict[str, Any] = answer.get_json()
    return document


CHANGES: dict[str, list[tuple[str, list[str]]]] = {
    "service": [
        ("updated", ["device_name", "status.setPoint", "status.mode"]),
        ("updated", ["availability"]),
        ("updated", ["external_ids"]),
        ("updated", ["serial_number"]),
        ("updated", ["status.setPoint", "last_seen"]),
        ("created", []),
    ],
    "aggregator": [
        ("updated", ["device_name", "status.setPoint", "status.mode"]),
        ("updated", ["availability"]),
        ("updated", ["external_ids"]),
        ("updated", ["status.setPoint", "last_seen"]),
        ("created", []),
    ],
    "prosumer": [
        ("updated", ["device_name", "status.setPoint", "status.mode"]),
        ("updated", ["availability"]),
        ("updated", ["serial_number"]),
        ("updated", ["status.setPoint", "last_seen"]),
        ("created", []),
    ],
}


@pytest.mark.parametrize("caller", CHANGES)
def test_a_reader_gets_the_changes_of_what_it_sees_the_latest_first(told: Stand, caller: str) -> None:
    items = history(told, caller, ID)["_items"]
    found = [(each["what"], list(each["changes"])) for each in items]
    assert [what for what, _ in found] == [what for what, _ in CHANGES[caller]]
    assert [names for what, names in found if what == "updated"] == [names for _, names in CHANGES[caller][:-1]]
    assert [each["time"] for each in items] == sorted((each["time"] for each in items), reverse=True)
    numbers = [each["number"] for each in items]
    assert numbers == sorted(numbers, reverse=True)


@pytest.mark.parametrize("caller", CHANGES)
def test_the_latest_change_has_the_time_that_the_device_has_in_this_view(told: Stand, caller: str) -> None:
    latest = history(told, caller, ID)["_items"][0]["time"]
    assert latest == told.get(f"/1/devices/{ID}", CALLERS[caller]).get_json()["_updated"]


def test_values_before_and_afterwards_are_there_as_far_as_there_were_any(told: Stand) -> None:
    items = history(told, "service", ID)["_items"]
    assert items[0]["changes"]["status.setPoint"] == {"from": 25.0}
    assert items[1]["changes"] == {"availability": {"from": "yes", "to": "no"}}
    assert items[3]["changes"] == {"serial_number": {"to": "hidden from the aggregator"}}
    assert items[-1]["changes"]["device_id"] == {"to": ID}
    assert all("from" not in each for each in items[-1]["changes"].values())


def test_the_registrys_own_marks_are_no_changes(told: Stand) -> None:
    names = {name for each in history(told, "service", ID)["_items"] for name in each["changes"]}
    assert not {name for name in names if name.startswith("_")}


AUTHORS = {
    "service": [
        {"role": "service", "issuer": "https://operator.example", "subject": "someone"},
        {"role": "aggregator", "issuer": f"https://{A}", "subject": "someone"},
    ],
    "aggregator": [{"role": "service"}, {"role": "aggregator", "issuer": f"https://{A}", "subject": "someone"}],
    "prosumer": [{"role": "service"}, {"role": "aggregator"}],
}


@pytest.mark.parametrize("caller", AUTHORS)
def test_services_know_authors_and_others_their_roles_but_for_themselves(told: Stand, caller: str) -> None:
    assert [each["by"] for each in history(told, caller, ID)["_items"][:2]] == AUTHORS[caller]


@pytest.mark.parametrize("caller", AUTHORS)
def test_only_services_get_ids_of_requests(told: Stand, caller: str) -> None:
    items = history(told, caller, ID)["_items"]
    assert all(("request" in each) == (caller == "service") for each in items[:-1])


@pytest.mark.parametrize(
    ("author", "word"), [(OPERATOR, "operator"), (SOFTWARE, "software"), (Author(None, "x", "y"), "software")]
)
def test_who_needs_no_token_is_called_by_a_word(author: Author, word: str) -> None:
    service = Principal(role=Role.SERVICE, issuer="x", subject="y")
    assert author_as_seen(author, service) == {"role": word}


MOVES = {
    "service": [
        ("updated", "change", ["aggregator_id"]),
        ("updated", "change", ["device_name"]),
        ("updated", "change", ["aggregator_id"]),
        ("updated", "change", ["account_id"]),
        ("created", "create", None),
    ],
    "aggregator": [
        ("created", "create", None),
        ("deleted", "delete", None),
        ("updated", "change", ["account_id"]),
        ("created", "create", None),
    ],
    "prosumer": [("deleted", "delete", None), ("created", "create", None)],
    "neighbour": [("created", "create", None), ("deleted", "delete", None), ("created", "create", None)],
    "other": [("deleted", "delete", None), ("updated", "change", ["device_name"]), ("created", "create", None)],
}


@pytest.mark.parametrize("caller", MOVES)
def test_a_device_that_moves_is_new_where_it_comes_and_gone_where_it_leaves(told: Stand, caller: str) -> None:
    """Where it came from, and that it still is somewhere, is not said."""
    items = history(told, caller, MOVED_ID)["_items"]
    found = [
        (each["what"], each["kind"], list(each["changes"]) if each["what"] == "updated" else None) for each in items
    ]
    assert found == MOVES[caller]
    for each in items:
        sides = {side for change in each["changes"].values() for side in change}
        assert sides == {"created": {"to"}, "deleted": {"from"}, "updated": {"from", "to"}}[each["what"]]


def test_what_left_a_view_is_not_in_its_history(told: Stand) -> None:
    text = told.get(f"/1/devices/{MOVED_ID}/history", AGGREGATOR).get_data(as_text=True)
    assert B not in text
    assert text.count("far") == 1  # the name that it has when it comes back


NOT_THERE = [
    ("service", UNKNOWN),
    ("service", "no-uuid"),
    ("other", ID),
    ("neighbour", ID),
    ("engineer", ID),
    ("engineer", UNKNOWN),
]


@pytest.mark.parametrize(("caller", "device_id"), NOT_THERE)
@pytest.mark.parametrize("path", ["history", "status/history", "nothing/history"])
def test_a_device_never_in_view_is_as_one_that_does_not_exist(
    told: Stand, caller: str, device_id: str, path: str
) -> None:
    headers = {"X-Request-Id": "same"}
    answer = told.get(f"/1/devices/{device_id}/{path}", CALLERS[caller], headers=headers)
    unknown = told.get(f"/1/devices/{UNKNOWN}/{path}", CALLERS[caller], headers=headers)
    assert answer.status_code == 404
    assert answer.get_data() == unknown.get_data()


def test_pages_lead_from_the_latest_to_the_oldest_without_a_gap(told: Stand) -> None:
    whole = history(told, "aggregator", ID)["_items"]
    found, path = [], f"/1/devices/{ID}/history?max_results=2"
    while path:
        answer = told.get(path, AGGREGATOR)
        found += answer.get_json()["_items"]
        following = answer.get_json()["_links"].get("next")
        links = [each for each in answer.headers["Link"].split(", ") if 'rel="next"' in each]
        assert bool(following) == bool(links)
        path = links[0].partition(">")[0].strip("<") if links else ""
        assert not following or path == f"/1/{following['href']}"
    assert found == whole


BAD = ["before=0", "before=-1", "before=x", "before=", "before=99999999999999999999", "before=%D9%A3"]


@pytest.mark.parametrize("query", BAD)
def test_a_bad_number_is_refused_with_what_would_be_right(told: Stand, query: str) -> None:
    answer = told.get(f"/1/devices/{ID}/history?{query}", AGGREGATOR)
    assert answer.status_code == 400
    assert answer.mimetype == "application/problem+json"
    assert "before must be a whole number" in answer.get_json()["detail"]


def test_before_the_first_change_there_is_nothing(told: Stand) -> None:
    page = history(told, "service", ID, "?before=1")
    assert page["_items"] == []
    assert "next" not in page["_links"]


def test_it_comes_as_xml_for_who_asks(told: Stand) -> None:
    answer = told.get(f"/1/devices/{ID}/history", AGGREGATOR, headers={"Accept": "application/xml"})
    root = ElementTree.fromstring(answer.get_data())
    assert [each.findtext("what") for each in root.findall("resource")] == [what for what, _ in CHANGES["aggregator"]]


def test_it_is_304_while_it_is_the_same(told: Stand) -> None:
    path = f"/1/devices/{ID}/history"
    tag = told.get(path, AGGREGATOR).headers["ETag"]
    assert told.get(path, AGGREGATOR, headers={"If-None-Match": tag}).status_code == 304
    assert told.get(path, PROSUMER, headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize("accept", ["application/json", "application/xml", "text/turtle"])
def test_a_device_leads_to_its_history(told: Stand, accept: str) -> None:
    answer = told.get(f"/1/devices/{ID}", AGGREGATOR, headers={"Accept": accept})
    assert f'</1/devices/{ID}/history>; rel="version-history"' in answer.headers["Link"]
    assert "history" not in answer.get_data(as_text=True)


@pytest.mark.parametrize("caller", [None, ENGINEER])
def test_it_needs_a_token_that_sees_devices(told: Stand, caller: Caller | None) -> None:
    answer = told.get(f"/1/devices/{ID}/history", caller)
    assert answer.status_code == (401 if caller is None else 404)


def test_a_deleted_device_keeps_its_history_and_says_who_deleted_it(stand: Stand) -> None:
    gone = device(0xA4)
    stand.add(gone)
    path = f"/1/devices/{gone['device_id']}"
    assert stand.call("DELETE", path, headers={"If-Match": stand.etag(gone["device_id"])}).status_code == 204
    for caller in (SERVICE, AGGREGATOR, PROSUMER):
        items = stand.get(f"{path}/history", caller).get_json()["_items"]
        assert [(each["what"], each["kind"]) for each in items] == [("deleted", "delete"), ("created", "create")]
        assert items[0]["changes"]["device_name"] == {"from": gone["device_name"]}


def test_a_field_that_is_hidden_now_is_hidden_in_the_past_with_the_time_of_its_changes(tmp_path: Path) -> None:
    with running_stand(tmp_path) as stand:
        stand.add(device(1, firmware_version="1"))
        path = f"/1/devices/{device(1)['device_id']}"
        stand.patch(device(1)["device_id"], {"firmware_version": "2"})
        secret = stand.get(path, AGGREGATOR).get_json()["_updated"]
        stand.patch(device(1)["device_id"], {"availability": "no"})
        shown = stand.get(f"{path}/history", AGGREGATOR).get_data(as_text=True)
        assert secret in shown
        stand.components.publisher.publish(candidate(next_version("major"), edits=(HIDDEN_FIRMWARE,)), "tests")
        for query in ("", "?max_results=1", "?max_results=2"):
            answer = stand.get(f"{path}/history{query}", AGGREGATOR)
            assert secret not in answer.get_data(as_text=True)
            assert "firmware_version" not in answer.get_data(as_text=True)
        items = stand.get(f"{path}/history", SERVICE).get_json()["_items"]
        assert [list(each["changes"]) for each in items[:-1]] == [["availability"], ["firmware_version"]]
