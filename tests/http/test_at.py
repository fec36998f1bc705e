"""`?at=`: what each reader got at an earlier time is what it gets now for that time."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st
from stand import AGGREGATOR, ALICE, BOB, ENGINEER, PROSUMER, SERVICE, A, B, Caller, Stand, device, running_stand

from registry.history import timeline
from registry.principal import Role
from registry.profile.codecs import DATE_FORMAT

OTHER = Caller(role=Role.AGGREGATOR, host=B)
NEIGHBOUR = Caller(role=Role.PROSUMER, host=A, account=BOB)
READERS = [SERVICE, AGGREGATOR, OTHER, PROSUMER, NEIGHBOUR, ENGINEER]
NUMBERS = [0xB1, 0xB2, 0xB3]
PLACE = {"type": "Point", "coordinates": [2.17, 41.39]}
FAR = {"type": "Point", "coordinates": [12.5, 41.9]}
CHANGES = st.sampled_from(
    [
        {"availability": "no"},
        {"availability": "yes"},
        {"device_name": "renamed"},
        {"serial_number": "s"},
        {"serial_number": None},
        {"external_ids": ["x", "y"]},
        {"status.setPoint": 21.5},
        {"status": None},
        {"max_capacity": 4},
        {"location": PLACE},
        {"location": FAR},
        {"aggregator_id": B},
        {"aggregator_id": A},
        {"account_id": BOB},
        {"account_id": ALICE},
    ]
)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["change"] * 5 + ["add", "delete"]), st.sampled_from(NUMBERS), CHANGES, st.integers(0, 3)
    ),
    min_size=2,
    max_size=7,
)
LISTINGS = [
    {"max_results": "300"},
    {
        "where": '{"availability": "yes"}',
        "sort": "-device_name",
        "max_results": "2",
        "projection": '{"device_name": 1}',
    },
    {"where": json.dumps({"location": {"$near": {"$geometry": PLACE, "$maxDistance": 5000}}})},
    {"where": '{"serial_number": {"$exists": true}}', "max_results": "1", "page": "2"},
]


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    with running_stand(tmp_path_factory.mktemp("past")) as stand:
        yield stand


def now() -> str:
    """Return a time after all that was changed so far and before all that will be."""
    time.sleep(0.002)
    moment = datetime.now(UTC).strftime(DATE_FORMAT)
    time.sleep(0.002)
    return moment


def listed(stand: Stand, caller: Caller, parameters: dict[str, str]) -> tuple[Any, Any, str | None]:
    answer = stand.get(f"/1/devices?{urlencode(parameters, quote_via=quote)}", caller)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    document = answer.get_json()
    return document["_items"], document["_meta"], answer.headers.get("Last-Modified")


def item(stand: Stand, caller: Caller, device_id: str, query: str = "") -> tuple[int, Any, str | None]:
    answer = stand.get(f"/1/devices/{device_id}{query}", caller)
    document = answer.get_json()
    if answer.status_code != 200:
        return answer.status_code, None, None
    return 200, {key: value for key, value in document.items() if key != "_links"}, answer.headers["ETag"]


def write(stand: Stand, what: str, number: int, changes: dict[str, Any], who: int) -> None:
    """Try to do something; whoever may not, or finds no such device, changes nothing."""
    document, caller = device(number), (SERVICE, AGGREGATOR, PROSUMER, OTHER)[who]
    path = f"/1/devices/{document['device_id']}"
    if what == "add":
        stand.call("POST", "/1/devices", SERVICE, json=document)
    elif (seen := stand.get(path, caller)).status_code == 200:
        method = "PATCH" if what == "change" else "DELETE"
        stand.call(method, path, caller, json=changes, headers={"If-Match": seen.headers["ETag"]})


HIDDEN_BETWEEN = [
    ("change", NUMBERS[0], {"serial_number": "s"}, 0),
    ("change", NUMBERS[0], {"availability": "no"}, 0),
    ("change", NUMBERS[1], {"aggregator_id": A}, 0),
    ("delete", NUMBERS[0], {}, 0),
    ("add", NUMBERS[0], {}, 0),
]
"""Steps of which the first is hidden from the aggregator, so that its time must be, too."""


@settings(max_examples=5, phases=[Phase.explicit, Phase.reuse, Phase.generate])  # to shrink a failure takes minutes
@example(HIDDEN_BETWEEN)
@given(STEPS)
def test_each_moment_shows_each_reader_what_it_got_then(
    registry: Stand, steps: Sequence[tuple[str, int, dict[str, Any], int]]
) -> None:
    registry.clear()
    registry.add(device(NUMBERS[0], location=PLACE), device(NUMBERS[1], aggregator_id=B, account_id=BOB))
    ids = [device(number)["device_id"] for number in NUMBERS]
    snapshots = []
    for step in steps:
        write(registry, *step)
        got = {
            caller: [
                [listed(registry, caller, each) for each in LISTINGS],
                [item(registry, caller, each) for each in ids],
            ]
            for caller in READERS
        }
        snapshots.append((now(), got))
    for moment, got in reversed(snapshots):
        for caller in READERS:
            found = [
                [listed(registry, caller, {**each, "at": moment}) for each in LISTINGS],
                [item(registry, caller, each, f"?at={moment}") for each in ids],
            ]
            assert found == got[caller], (moment, caller)


@pytest.fixture
def changed(stand: Stand) -> tuple[Stand, str, str]:
    """A device that was changed after a moment: the registry, the device's id, and the moment."""
    document = device(0xB9, status={"setPoint": 20.0})
    stand.add(document)
    moment = now()
    assert stand.patch(document["device_id"], {"status.setPoint": 25.0, "availability": "no"}).status_code == 200
    return stand, document["device_id"], moment


FORMS = ["{}Z", "{}+00:00", "{}%2B00:00", "{}z", "{} 00:00", "{}999Z"]


@pytest.mark.parametrize("form", FORMS)
def test_a_time_is_read_in_all_forms_of_rfc_3339(changed: tuple[Stand, str, str], form: str) -> None:
    stand, device_id, moment = changed
    _, document, _ = item(stand, AGGREGATOR, device_id, f"?at={form.format(moment.removesuffix('Z'))}")
    assert document["availability"] == "yes"


def test_an_offset_counts(changed: tuple[Stand, str, str]) -> None:
    stand, device_id, moment = changed
    there = datetime.fromisoformat(moment) + timedelta(hours=5, minutes=30)
    at = quote(there.strftime("%Y-%m-%dT%H:%M:%S.%f+05:30"))
    assert item(stand, AGGREGATOR, device_id, f"?at={at}")[1]["availability"] == "yes"


def test_a_change_counts_from_its_very_time_on(changed: tuple[Stand, str, str]) -> None:
    stand, device_id, _ = changed
    time_of_change = item(stand, AGGREGATOR, device_id)[1]["_updated"]
    before = datetime.fromisoformat(time_of_change) - timedelta(microseconds=1)
    assert item(stand, AGGREGATOR, device_id, f"?at={time_of_change}")[1]["availability"] == "no"
    assert item(stand, AGGREGATOR, device_id, f"?at={before.strftime(DATE_FORMAT)}")[1]["availability"] == "yes"


WRONG = ["", "now", "2026-03-01", "2026-03-01T12:00:00", "2026-13-01T12:00:00Z", "1700000000", "2026-03-01T12:00Z"]


@pytest.mark.parametrize("at", WRONG)
@pytest.mark.parametrize("path", ["/1/devices", f"/1/devices/{device(0xB9)['device_id']}"])
def test_what_is_no_time_with_an_offset_is_refused_with_an_example(stand: Stand, path: str, at: str) -> None:
    answer = stand.get(f"{path}?at={at}")
    assert answer.status_code == 400
    assert "at must be a time with an offset (RFC 3339), such as 2026" in answer.get_json()["_error"]["message"]


@pytest.mark.parametrize("path", ["/1/devices", f"/1/devices/{device(0xB9)['device_id']}"])
def test_a_time_to_come_is_refused(stand: Stand, path: str) -> None:
    answer = stand.get(f"{path}?at=9998-01-01T00:00:00Z")
    assert answer.status_code == 400
    assert "which is to come" in answer.get_json()["_error"]["message"]


@pytest.mark.parametrize("path", ["/1/devices", f"/1/devices/{device(0xB9)['device_id']}"])
def test_before_the_beginning_is_gone_and_says_since_when_history_is_there(stand: Stand, path: str) -> None:
    answer = stand.get(f"{path}?at=2001-01-01T00:00:00Z", headers={"Accept": "application/problem+json"})
    problem = answer.get_json()
    assert (answer.status_code, problem["code"]) == (410, "gone")
    assert stand.get(f"{path}?at={problem['since']}").status_code in {200, 404}
    assert problem["since"] in problem["detail"]


@pytest.mark.parametrize("method", ["PATCH", "PUT", "DELETE"])
def test_the_past_is_not_to_be_changed(changed: tuple[Stand, str, str], method: str) -> None:
    stand, device_id, moment = changed
    answer = stand.call(method, f"/1/devices/{device_id}?at={moment}", json={}, headers={"If-Match": "x"})
    assert (answer.status_code, "past" in answer.get_json()["_error"]["message"]) == (400, True)


def test_a_device_of_the_past_has_the_tag_and_time_that_it_had(changed: tuple[Stand, str, str]) -> None:
    stand, device_id, moment = changed
    answer = stand.get(f"/1/devices/{device_id}?at={moment}", AGGREGATOR)
    assert answer.headers["ETag"] != stand.get(f"/1/devices/{device_id}", AGGREGATOR).headers["ETag"]
    assert f'</1/devices/{device_id}>; rel="latest-version"' in answer.headers["Link"]
    again = {"If-None-Match": answer.headers["ETag"]}
    assert stand.get(f"/1/devices/{device_id}?at={moment}", AGGREGATOR, headers=again).status_code == 304
    assert stand.patch(device_id, {"availability": "yes"}, AGGREGATOR, answer.headers["ETag"]).status_code == 412


@pytest.mark.parametrize(
    ("accept", "value"), [("text/turtle", 'setPoint "20"'), ("application/xml", "<setPoint>20.0<")]
)
def test_the_past_comes_in_every_form(changed: tuple[Stand, str, str], accept: str, value: str) -> None:
    stand, device_id, moment = changed
    for path in (f"/1/devices/{device_id}", "/1/devices"):
        answer = stand.get(f"{path}?at={moment}", AGGREGATOR, headers={"Accept": accept})
        assert answer.mimetype == accept
        text = answer.get_data(as_text=True)
        assert value in text
        assert value.replace("20", "25") not in text


def test_pages_of_the_past_lead_on_in_the_past_and_are_made_from_one_copy(stand: Stand) -> None:
    stand.add(*(device(0xC00 + number) for number in range(5)))
    moment = now()
    stand.patch(device(0xC00)["device_id"], {"device_name": "later"})
    found, path = [], f"/1/devices?max_results=2&at={moment}"
    while path:
        answer = stand.get(path, AGGREGATOR)
        found += [each["device_name"] for each in answer.get_json()["_items"]]
        links = [each for each in answer.headers["Link"].split(", ") if 'rel="next"' in each]
        path = links[0].partition(">")[0].strip("<") if links else ""
    assert found == [device(0xC00 + number)["device_name"] for number in range(5)]
    folders = list((stand.components.settings.store.path / "past").iterdir())
    assert 1 <= len(folders) <= 4


def test_a_list_is_refused_where_too_much_has_changed_in_view_and_only_there(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand.add(*(device(0xD00 + number) for number in range(3)), device(0xD09, account_id=BOB))
    moment = now()
    for number in range(3):
        stand.patch(device(0xD00 + number)["device_id"], {"availability": "no"})
    monkeypatch.setattr(timeline, "MOST_DEVICES", 2)
    refused = stand.get(f"/1/devices?at={moment}", AGGREGATOR)
    assert refused.status_code == 400
    assert "More than 2 devices in your view changed after" in refused.get_json()["_error"]["message"]
    assert stand.get(f"/1/devices?at={moment}", NEIGHBOUR).get_json()["_meta"]["total"] == 1
    assert stand.get(f"/1/devices/{device(0xD00)['device_id']}?at={moment}", AGGREGATOR).status_code == 200
    monkeypatch.setattr(timeline, "MOST_DEVICES", 3)
    monkeypatch.setattr(timeline, "MOST_CHANGES", 1)
    assert "More than 1 changes" in stand.get(f"/1/devices?at={moment}", AGGREGATOR).get_json()["_error"]["message"]


def test_what_is_erased_is_not_in_the_past_either_and_no_copy_holds_it(registry: Stand) -> None:
    registry.clear()
    kept, erased = device(0xE8, account_id=BOB), device(0xE9, device_name="nobody may know")
    registry.add(kept, erased)
    moment = now()
    for reader in (SERVICE, AGGREGATOR):
        assert listed(registry, reader, {"at": moment})[1]["total"] == 2
    body = {"aggregator_id": A, "account_id": ALICE}
    assert registry.call("POST", "/1/erasures", SERVICE, json=body).status_code == 200
    assert list((registry.components.settings.store.path / "past").iterdir()) == []
    for reader in (SERVICE, AGGREGATOR):
        assert [each["device_id"] for each in listed(registry, reader, {"at": moment})[0]] == [kept["device_id"]]
        history = registry.get(f"/1/devices/{erased['device_id']}/history", reader).get_json()["_items"]
        assert [(each["what"], each["kind"], each["changes"]) for each in history] == [("deleted", "erase", {})]
        for path in ("", "/history", "/status/history"):
            answer = registry.get(f"/1/devices/{erased['device_id']}{path}?at={moment}", reader)
            assert erased["device_name"] not in answer.get_data(as_text=True)
    assert registry.get(f"/1/devices/{erased['device_id']}/history", PROSUMER).status_code == 404


def test_beside_writers_every_moment_that_has_passed_shows_one_state(registry: Stand) -> None:
    """Two devices are changed one after the other to the same number: no state has the second before the first."""
    registry.clear()
    ids = [device(0xE1)["device_id"], device(0xE2)["device_id"]]
    registry.add(device(0xE1, max_capacity=0), device(0xE2, max_capacity=0))
    stopped = threading.Event()

    def count() -> None:
        number = 0
        while not stopped.is_set():
            number += 1
            for each in ids:
                registry.patch(each, {"max_capacity": number})

    thread = threading.Thread(target=count)
    thread.start()
    try:
        shown: dict[str, tuple[float, ...]] = {}
        for _ in range(12):
            moment = now()
            items, meta, _ = listed(registry, SERVICE, {"at": moment, "sort": "device_id"})
            assert meta["total"] == 2
            shown[moment] = first, second = tuple(each["max_capacity"] for each in items)
            assert first - second in (0, 1)
    finally:
        stopped.set()
        thread.join()
    for moment, values in shown.items():
        again = [item(registry, SERVICE, each, f"?at={moment}")[1]["max_capacity"] for each in ids]
        assert tuple(again) == values
    assert len(set(shown.values())) > 1
