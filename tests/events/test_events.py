"""Everybody hears of what changes in their own view, just as listings show it, and of nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from candidates import NOISE, NOISE_SHAPE, candidate, next_version
from hearing import differences, fold, hear, now, snapshot, told
from stand import AGGREGATOR, ALICE, BOB, ENGINEER, PROSUMER, SERVICE, A, B, Caller, Stand, device, running_stand

from registry.access import DEVICES
from registry.principal import Role

BOB_AT_A = Caller(role=Role.PROSUMER, host=A, account=BOB)
AGGREGATOR_B = Caller(role=Role.AGGREGATOR, host=B)
CALLERS = [SERVICE, AGGREGATOR, AGGREGATOR_B, PROSUMER, BOB_AT_A, ENGINEER]
Step = Callable[[Stand], Any]


def add(number: int, **changes: Any) -> Step:
    return lambda stand: stand.add(device(number, **changes))


def patch(number: int, **changes: Any) -> Step:
    def step(stand: Stand) -> None:
        answer = stand.patch(device(number)["device_id"], changes)
        assert answer.status_code == 200, answer.text

    return step


def delete(number: int) -> Step:
    def step(stand: Stand) -> None:
        path = f"/1/devices/{device(number)['device_id']}"
        tag = stand.get(path).headers["ETag"]
        assert stand.call("DELETE", path, headers={"If-Match": tag}).status_code == 204

    return step


STEPS: list[Step] = [
    add(1, max_capacity=2.5),
    add(2, account_id=BOB, device_class="heatPump"),
    add(3, aggregator_id=B, device_class="batteryDevice"),
    patch(1, availability="no"),
    patch(1, serial_number="hidden from aggregators"),
    patch(2, external_ids=["hidden from prosumers"]),
    patch(1, account_id=BOB),
    patch(3, aggregator_id=A),
    patch(2, device_class="batteryDevice", status={"mode": "2"}),
    delete(2),
    patch(1, account_id=ALICE, availability="yes"),
    delete(3),
]
HEARD = {
    "service": [
        *[("created", 1), ("created", 2), ("created", 3), ("updated", 1), ("updated", 1), ("updated", 2)],
        *[("updated", 1), ("updated", 3), ("updated", 2), ("deleted", 2), ("updated", 1), ("deleted", 3)],
    ],
    "aggregator": [
        *[("created", 1), ("created", 2), ("updated", 1), ("updated", 2), ("updated", 1), ("created", 3)],
        *[("updated", 2), ("deleted", 2), ("updated", 1), ("deleted", 3)],
    ],
    "another aggregator": [("created", 3), ("deleted", 3)],
    "prosumer": [
        *[("created", 1), ("updated", 1), ("updated", 1), ("deleted", 1), ("created", 3), ("created", 1)],
        ("deleted", 3),
    ],
    "another prosumer": [("created", 2), ("created", 1), ("updated", 2), ("deleted", 2), ("deleted", 1)],
    "engineer": [],
}
NAMES = ["service", "aggregator", "another aggregator", "prosumer", "another prosumer", "engineer"]


def play(stand: Stand) -> None:
    for step in STEPS:
        step(stand)


@pytest.mark.parametrize(("caller", "name"), [*zip(CALLERS, NAMES, strict=True)], ids=NAMES)
def test_each_one_hears_of_its_own_view(stand: Stand, caller: Caller, name: str) -> None:
    since = now(stand, caller)
    play(stand)
    heard = hear(stand, caller, since)
    assert told(heard) == HEARD[name]
    assert fold(heard) == snapshot(stand, caller)


def test_each_event_says_what_the_next_listing_shows(stand: Stand) -> None:
    places = [now(stand, caller) for caller in CALLERS]
    seen = [snapshot(stand, caller) for caller in CALLERS]
    for step in STEPS:
        step(stand)
        for number, caller in enumerate(CALLERS):
            heard, after = hear(stand, caller, places[number]), snapshot(stand, caller)
            events = {each.data["device_id"]: (each.type, each.data.get("document")) for each in heard.events}
            assert events == differences(seen[number], after)
            assert len(heard.events) == len(events)
            places[number], seen[number] = heard.last_id, after


def test_a_deleted_device_is_told_of_by_its_id_alone(stand: Stand) -> None:
    stand.add(device(1))
    since = now(stand, PROSUMER)
    patch(1, account_id=BOB)(stand)
    (event,) = hear(stand, PROSUMER, since).events
    assert set(event.data) == {"device_id", "time"}


SELECTIONS: list[tuple[str, Caller, dict[str, str], list[tuple[str, int]]]] = [
    ("a class", SERVICE, {"class": "heatPump"}, [("created", 2), ("updated", 2), ("deleted", 2)]),
    (
        "a class by its IRI",
        SERVICE,
        {"class": "https://w3id.org/flexcoop/cim#BatteryDevice"},
        [("created", 3), ("updated", 3), ("created", 2), ("deleted", 2), ("deleted", 3)],
    ),
    (
        "a class with those below it",
        AGGREGATOR,
        {"class": "hvacDevice"},
        [("created", 2), ("updated", 2), ("deleted", 2)],
    ),
    (
        "an aligned class of every device",
        BOB_AT_A,
        {"class": "https://saref.etsi.org/core/Device"},
        HEARD["another prosumer"],
    ),
    ("conditions", AGGREGATOR, {"where": '{"availability":"no"}'}, [("created", 1), ("updated", 1), ("deleted", 1)]),
    (
        "conditions that nothing ever meets",
        SERVICE,
        {"where": '{"max_capacity":{"$gt":3}}'},
        [],
    ),
    ("a hidden field is an unknown one", AGGREGATOR, {"where": '{"serial_number":{"$exists":true}}'}, []),
    (
        "the same field in view",
        SERVICE,
        {"where": '{"serial_number":{"$exists":true}}'},
        [("created", 1), ("updated", 1), ("updated", 1)],
    ),
    (
        "a class and conditions",
        SERVICE,
        {"class": "batteryDevice", "where": 'aggregator_id=="coop-a.example"'},
        [("created", 3), ("created", 2), ("deleted", 2), ("deleted", 3)],
    ),
    ("types", SERVICE, {"types": "device_deleted"}, [("deleted", 2), ("deleted", 3)]),
    (
        "types and conditions",
        AGGREGATOR,
        {"types": "device_created,device_deleted", "where": '{"availability":"no"}'},
        [("created", 1), ("deleted", 1)],
    ),
    ("an engineer's conditions", ENGINEER, {"where": '{"availability":"no"}'}, []),
]


@pytest.mark.parametrize(
    ("caller", "parameters", "expected"),
    [pytest.param(*each[1:], id=each[0]) for each in SELECTIONS],
)
def test_a_selection_is_told_of_as_a_view_of_its_own(
    stand: Stand, caller: Caller, parameters: dict[str, str], expected: list[tuple[str, int]]
) -> None:
    since = now(stand, caller)
    play(stand)
    heard = hear(stand, caller, since, parameters)
    assert told(heard) == expected
    if "types" not in parameters and "class" not in parameters:
        assert fold(heard) == snapshot(stand, caller, parameters["where"])


def test_many_changes_of_one_device_at_once_are_judged_one_by_one(stand: Stand) -> None:
    since = now(stand, SERVICE)
    stand.add(*(device(number) for number in range(1, 131)))
    for number in range(8):
        patch(7, availability="no" if number % 2 == 0 else "yes")(stand)
    heard = hear(stand, SERVICE, since, {"where": '{"availability":"no"}'})
    assert told(heard) == [("created", 7), ("deleted", 7)] * 4


def test_a_diff_says_what_changed_in_view(stand: Stand) -> None:
    stand.add(device(1, max_capacity=2.5, available_capacity=1.0, status={"mode": "1"}))
    places = {caller: now(stand, caller) for caller in (SERVICE, AGGREGATOR)}
    patch(1, max_capacity=3.0, status={"mode": "2", "setPoint": 21.5}, serial_number="X")(stand)
    patch(1, available_capacity=None)(stand)
    heard = {caller: hear(stand, caller, since, {"diff": "true"}).events for caller, since in places.items()}
    found = {caller: events[0].data for caller, events in heard.items()}
    for data in found.values():
        assert set(data["changes"].pop("last_seen")) == {"from", "to"}  # a status is a report
    seen = {
        "max_capacity": {"from": 2.5, "to": 3.0},
        "status.mode": {"from": "1", "to": "2"},
        "status.setPoint": {"from": None, "to": 21.5},
    }
    assert heard[AGGREGATOR][1].data["changes"] == {"available_capacity": {"from": 1.0, "to": None}}
    assert found[AGGREGATOR]["changes"] == seen
    assert found[SERVICE]["changes"] == {**seen, "serial_number": {"from": None, "to": "X"}}
    assert "changes" not in hear(stand, SERVICE, places[SERVICE]).events[0].data


def test_ids_are_consecutive_whatever_happens_elsewhere(stand: Stand) -> None:
    since = now(stand, PROSUMER)
    play(stand)
    numbers = [int(event.id.split("-")[0]) for event in hear(stand, PROSUMER, since).events]
    first = int(since.split("-")[0]) + 1
    assert numbers == list(range(first, first + len(HEARD["prosumer"])))


@pytest.mark.parametrize("caller", [SERVICE, PROSUMER], ids=lambda caller: caller.role)
def test_from_each_id_the_rest_follows(stand: Stand, caller: Caller) -> None:
    since = now(stand, caller)
    play(stand)
    events = hear(stand, caller, since).events
    for number, event in enumerate(events):
        assert hear(stand, caller, event.id).events == events[number + 1 :]


def test_a_place_without_events_is_told_too(stand: Stand) -> None:
    since = now(stand, SERVICE)
    play(stand)
    heard = hear(stand, SERVICE, since, {"types": "profile_published"})
    assert (heard.events, heard.last_id) == ([], now(stand, SERVICE))


def test_the_parameter_stands_in_for_the_header_and_the_header_wins(stand: Stand) -> None:
    since = now(stand, SERVICE)
    stand.add(device(1))
    assert told(hear(stand, SERVICE, "", {"last_event_id": since})) == [("created", 1)]
    assert told(hear(stand, SERVICE, now(stand, SERVICE), {"last_event_id": since})) == []


STRANGE = ["", "x", "1-1", "99999-1-{mark}", "1-99-{mark}", "1-1-00000000", "-1-1-{mark}", "1-1-{mark}\x7f"]


@pytest.mark.parametrize("text", STRANGE[1:], ids=repr)
def test_an_id_of_nothing_here_is_a_reset_and_goes_on_from_now(stand: Stand, text: str) -> None:
    stand.add(device(1))
    here = now(stand, SERVICE)
    heard = hear(stand, SERVICE, "", {"last_event_id": text.format(mark=here[-8:])})
    assert [(each.type, each.data["reason"]) for each in heard.events] == [("reset", "unknown")]
    assert heard.last_id == here


def test_an_id_of_another_view_is_a_reset(stand: Stand) -> None:
    heard = hear(stand, SERVICE, now(stand, AGGREGATOR))
    assert [each.data["reason"] for each in heard.events] == ["unknown"]


def test_an_id_older_than_what_is_kept_is_a_reset(stand: Stand) -> None:
    since = now(stand, SERVICE)
    stand.add(device(1), device(2), device(3))
    second = hear(stand, SERVICE, since).events[1].id
    forget(stand, int(second.split("-")[0]))
    heard = hear(stand, SERVICE, since)
    assert [(each.type, each.data["reason"]) for each in heard.events] == [("reset", "retention")]
    assert heard.last_id == now(stand, SERVICE)
    assert told(hear(stand, SERVICE, second)) == [("created", 3)]


def test_when_nothing_is_kept_numbers_go_on_and_who_lacks_something_is_told(stand: Stand) -> None:
    since = now(stand, SERVICE)
    stand.add(device(1))
    here = now(stand, SERVICE)
    forget(stand, int(here.split("-")[0]))
    assert now(stand, SERVICE) == here
    assert told(hear(stand, SERVICE, here)) == []
    assert [each.data["reason"] for each in hear(stand, SERVICE, since).events] == ["retention"]
    stand.add(device(2))
    assert told(hear(stand, SERVICE, here)) == [("created", 2)]


def forget(stand: Stand, number: int) -> None:
    """Forget what services could hear of, up to a number, as retention does."""
    with stand.components.recorder.journal.written() as connection:
        view = "(SELECT id FROM view WHERE name = ?)"
        connection.execute(f"DELETE FROM seen WHERE view = {view} AND number <= ?", (DEVICES, number))


REFUSED = [
    ({"types": "device_moved"}, 400, "there is no type of event 'device_moved'"),
    ({"class": "toaster"}, 400, "there is no class 'toaster'"),
    ({"class": "https://w3id.org/flexcoop/cim#Availability"}, 400, "there is no class"),
    ({"where": '{"a":{"$gtt":1}}'}, 400, "$gtt"),
    ({"where": "{"}, 400, "where"),
    ({"diff": "maybe"}, 400, "diff must be true or false"),
]


@pytest.mark.parametrize(("parameters", "status", "words"), REFUSED, ids=lambda each: str(each)[:30])
def test_what_cannot_be_read_is_said_before_the_stream(
    stand: Stand, parameters: dict[str, str], status: int, words: str
) -> None:
    answer = stand.get("/events", query_string=parameters)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert words in answer.get_json()["detail"]


def test_without_a_token_or_for_another_media_type_there_is_no_stream(stand: Stand) -> None:
    assert stand.get("/events", None).status_code == 401
    assert stand.get("/events", headers={"Authorization": "Bearer x"}).mimetype == "application/problem+json"
    assert stand.get("/events", headers={"Accept": "application/json"}).status_code == 406
    assert stand.get("/events", headers={"Accept": "text/*"}).status_code == 200
    assert stand.call("POST", "/events").status_code == 405
    head = stand.call("HEAD", "/events")
    assert (head.status_code, head.mimetype, head.data) == (200, "text/event-stream", b"")


# Models


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Stand]:
    with running_stand(tmp_path / "data") as running:
        running.add(device(1, max_capacity=5.0))
        yield running


def test_everybody_hears_of_a_publish_in_its_place(own: Stand) -> None:
    places = {caller: now(own, caller) for caller in CALLERS}
    patch(1, max_capacity=6.0)(own)
    repair = "DELETE { ?d flex:maxCapacity ?m } INSERT { ?d flex:maxCapacity 4.0e0 } WHERE { ?d flex:maxCapacity ?m }"
    version = next_version()
    files = candidate(version, ontology=NOISE, shapes=NOISE_SHAPE, migrations=(repair,))
    own.components.publisher.publish(files, "tests")
    patch(1, noise=40.0)(own)
    publish = ("profile_published", 0)
    expected = [("updated", 1), ("updated", 1), publish, ("updated", 1)]
    assert told(hear(own, SERVICE, places[SERVICE])) == expected
    assert told(hear(own, AGGREGATOR, places[AGGREGATOR])) == expected
    assert told(hear(own, PROSUMER, places[PROSUMER])) == expected[:3]  # noise is not for households
    (event,) = hear(own, ENGINEER, places[ENGINEER]).events
    assert event.type == "profile_published"
    assert (event.data["version"], event.data["model"]) == (version, files.digest)
    assert told(hear(own, AGGREGATOR_B, places[AGGREGATOR_B])) == [publish]


def test_who_listens_to_a_selection_is_told_to_read_again_after_a_publish(own: Stand) -> None:
    since = now(own, SERVICE)
    own.components.publisher.publish(candidate(next_version(), ontology=NOISE, shapes=NOISE_SHAPE), "tests")
    heard = hear(own, SERVICE, since, {"where": '{"noise":{"$gt":1}}'})
    assert [each.type for each in heard.events] == ["profile_published", "reset"]
    assert heard.events[1].data["reason"] == "model"
    assert heard.events[0].id == since  # a connection that is lost between both hears both again
    patch(1, noise=40.0)(own)
    assert told(hear(own, SERVICE, heard.last_id, {"where": '{"noise":{"$gt":1}}'})) == [("created", 1)]
