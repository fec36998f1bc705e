"""Webhooks of a registry in this process, delivered over real HTTP: what comes, when, and to whom."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from receiver import TAKEN, Answer, Receiver, receiving
from sparql_stand import sparql_stand, until
from stand import AGGREGATOR, ENGINEER, OPERATOR, PROSUMER, SERVICE, Caller, Stand, device

from registry.event_settings import WebhookSettings
from registry.principal import Role

OTHER_SERVICE = Caller(role=Role.SERVICE, host=OPERATOR, account="another")
ELSEWHERE = "https://elsewhere.example"


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, receiver: Receiver) -> Iterator[Stand]:
    settings = WebhookSettings(allowed_origins=(receiver.origin, ELSEWHERE), timeout=1, subscriptions_each=3)
    with sparql_stand(tmp_path_factory.mktemp("registry"), webhooks=settings) as made:
        yield made


@pytest.fixture
def stand(shared: Stand, receiver: Receiver) -> Stand:
    """A registry without devices and webhooks, and a receiver that takes everything."""
    for caller in (SERVICE, OTHER_SERVICE):
        for each in own(shared, caller):
            assert shared.call("DELETE", f"/1/webhooks/{each['id']}", caller).status_code == 204
    shared.clear()
    receiver.answer = lambda _: TAKEN
    for kept in (receiver.taken, receiver.asked, receiver.unsigned):
        kept.clear()
    return shared


def own(stand: Stand, caller: Caller = SERVICE) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = stand.get("/1/webhooks", caller).get_json()["webhooks"]
    return found


def add(stand: Stand, receiver: Receiver, caller: Caller = SERVICE, **members: Any) -> dict[str, Any]:
    answer = stand.call("POST", "/1/webhooks", caller, json={"url": receiver.url, **members})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.get_json()
    receiver.secret = made["secret"]
    assert answer.headers["Location"] == f"/1/webhooks/{made['id']}"
    return made


def patch(stand: Stand, number: int, **changes: Any) -> None:
    assert stand.patch(device(number)["device_id"], changes).status_code == 200


def short(taken: list[tuple[str, dict[str, Any]]]) -> list[tuple[str, int]]:
    return [(each["type"], int(each["data"].get("device_id", "0")[-12:], 16)) for _, each in taken]


def state(stand: Stand, webhook: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = stand.get(f"/1/webhooks/{webhook['id']}").get_json()
    return found


def test_events_are_delivered_signed_and_in_order(stand: Stand, receiver: Receiver) -> None:
    stand.add(device(9))
    made = add(stand, receiver)
    stand.add(device(1), device(2))
    for number in range(40):
        patch(stand, 1 + number % 2, max_capacity=float(number))
    taken = receiver.got(42)
    assert [each["data"]["document"].get("max_capacity") for _, each in taken] == [None, None, *map(float, range(40))]
    assert len({identifier for identifier, _ in taken}) == 42
    assert receiver.unsigned == []
    kind, payload = taken[-1][1]["type"], taken[-1][1]
    assert (kind, set(payload)) == ("device_updated", {"type", "timestamp", "data"})
    assert payload["timestamp"] == payload["data"]["time"]
    shown = stand.get(f"/1/devices/{device(2)['device_id']}").get_json()
    assert payload["data"]["document"] == {name: shown[name] for name in payload["data"]["document"]}
    assert state(stand, made)["status"] == "active"


def test_only_what_was_asked_for_is_delivered(stand: Stand, receiver: Receiver) -> None:
    selected: dict[str, Any] = {"class": "heatPump", "where": {"availability": "no"}}
    add(stand, receiver, types=["device_created", "device_deleted"], **selected)
    stand.add(device(1), device(2, device_class="heatPump"), device(3, device_class="heatPump", availability="no"))
    patch(stand, 2, availability="no")
    patch(stand, 2, max_capacity=1.0)
    patch(stand, 3, availability="yes")
    taken = receiver.got(3)
    assert short(taken) == [("device_created", 3), ("device_created", 2), ("device_deleted", 3)]


def test_what_fails_is_tried_again_with_the_same_id_and_nothing_overtakes_it(stand: Stand, receiver: Receiver) -> None:
    failures = iter([(500, {}), (302, {"Location": f"{receiver.origin}/elsewhere"}), (404, {})])
    receiver.answer = lambda _: next(failures, TAKEN)
    made = add(stand, receiver)
    stand.add(device(1))
    stand.add(device(2))
    until(lambda: state(stand, made)["status"] == "failing")
    assert "answered 500" in state(stand, made)["error"] or "answered 302" in state(stand, made)["error"]
    assert short(receiver.got(2)) == [("device_created", 1), ("device_created", 2)]
    times = [moment for moment, _ in receiver.asked]
    identifiers = [identifier for _, identifier in receiver.asked]
    assert len(set(identifiers[:4])) == 1
    assert len(identifiers) == 5
    waits = [after - before for before, after in pairwise(times[:4])]
    assert all(wait >= least for wait, least in zip(waits, (0.5, 1.0, 2.0), strict=True)), waits
    until(lambda: state(stand, made)["status"] == "active")


def test_retry_after_is_heeded(stand: Stand, receiver: Receiver) -> None:
    answers = iter([(503, {"Retry-After": "2"})])
    receiver.answer = lambda _: next(answers, TAKEN)
    add(stand, receiver)
    stand.add(device(1))
    receiver.got(1)
    first, second = (moment for moment, _ in receiver.asked)
    assert second - first >= 1.9


def test_a_receiver_that_does_not_answer_in_time_has_failed(stand: Stand, receiver: Receiver) -> None:
    slow = iter([2.0])

    def answer(_: str) -> Answer:
        time.sleep(next(slow, 0.0))
        return TAKEN

    receiver.answer = answer
    made = add(stand, receiver)
    stand.add(device(1))
    until(lambda: state(stand, made)["error"] == "no answer in time")
    taken = receiver.got(2)  # it took the first one too, but too late: at least once
    assert taken[0] == taken[1]


def test_a_receiver_that_is_gone_is_called_no_more_until_it_is_resumed(stand: Stand, receiver: Receiver) -> None:
    receiver.answer = lambda _: (410, {})
    made = add(stand, receiver)
    stand.add(device(1))
    until(lambda: state(stand, made)["status"] == "suspended")
    stand.add(device(2))
    time.sleep(0.3)
    assert len(receiver.asked) == 1
    receiver.answer = lambda _: TAKEN
    answer = stand.call("POST", f"/1/webhooks/{made['id']}")
    assert (answer.status_code, answer.get_json()["status"]) == (200, "active")
    assert short(receiver.got(2)) == [("device_created", 1), ("device_created", 2)]


def test_one_that_fails_holds_up_no_other(stand: Stand, receiver: Receiver) -> None:
    bad = add(stand, receiver, url=f"{ELSEWHERE}/hook")  # no name that anybody finds
    add(stand, receiver, OTHER_SERVICE)
    stand.add(device(1))
    assert short(receiver.got(1)) == [("device_created", 1)]
    until(lambda: str(state(stand, bad)["error"]).startswith("no answer"))


def test_one_that_is_removed_is_called_no_more(stand: Stand, receiver: Receiver) -> None:
    made = add(stand, receiver)
    stand.add(device(1))
    receiver.got(1)
    path = f"/1/webhooks/{made['id']}"
    assert [stand.call("DELETE", path).status_code, stand.call("DELETE", path).status_code] == [204, 404]
    stand.add(device(2))
    time.sleep(0.3)
    assert len(receiver.asked) == 1


def test_a_secret_of_ones_own_is_used_and_shown_once(stand: Stand, receiver: Receiver) -> None:
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    made = add(stand, receiver, secret=secret)
    assert made["secret"] == secret
    stand.add(device(1))
    receiver.got(1)
    assert receiver.unsigned == []
    assert secret not in stand.get("/1/webhooks").text + stand.get(f"/1/webhooks/{made['id']}").text


def test_webhooks_are_their_owners_alone(stand: Stand, receiver: Receiver) -> None:
    made = add(stand, receiver)
    path = f"/1/webhooks/{made['id']}"
    assert [each["id"] for each in own(stand)] == [made["id"]]
    assert own(stand, OTHER_SERVICE) == []
    for method in ("GET", "POST", "DELETE"):
        assert stand.call(method, path, OTHER_SERVICE).status_code == 404
    for caller in (AGGREGATOR, PROSUMER, ENGINEER):
        for method, where in (("GET", path), ("GET", "/1/webhooks"), ("POST", "/1/webhooks"), ("DELETE", path)):
            answer = stand.call(method, where, caller, json={"url": receiver.url})
            assert (answer.status_code, answer.mimetype) == (403, "application/problem+json")
    assert stand.get("/1/webhooks", None).status_code == 401


REFUSED: list[tuple[Any, int, str]] = [
    ({}, 400, "url is missing"),
    ([], 400, "must be a JSON object"),
    ({"url": 5}, 400, "url must be a text"),
    ({"url": "ftp://elsewhere.example"}, 400, "http or https"),
    ({"url": "https://user@elsewhere.example/x"}, 400, "no user"),
    ({"url": "https://elsewhere.example:99999/x"}, 400, "url is no URL"),
    ({"url": "https://elsewhere.example\\@127.0.0.1/"}, 400, "no user"),
    (
        {"url": "https://elsewhere.example.evil.example/"},
        403,
        "has not allowed webhooks to https://elsewhere.example.evil",
    ),
    ({"url": "http://elsewhere.example/"}, 403, "has not allowed webhooks to http://elsewhere.example"),
    ({"url": "https://elsewhere.example:8443/"}, 403, "has not allowed webhooks to https://elsewhere.example:8443"),
    ({"url": "http://169.254.169.254/latest"}, 403, "has not allowed"),
    ({"url": ELSEWHERE, "types": "device_created"}, 400, "types must be a list"),
    ({"url": ELSEWHERE, "types": ["device_moved"]}, 400, "no type of event 'device_moved'"),
    ({"url": ELSEWHERE, "class": "toaster"}, 400, "no class 'toaster'"),
    ({"url": ELSEWHERE, "where": {"a": {"$gtt": 1}}}, 400, "$gtt"),
    ({"url": ELSEWHERE, "where": [1]}, 400, "where must be an object"),
    ({"url": ELSEWHERE, "diff": "yes"}, 400, "diff must be true or false"),
    ({"url": ELSEWHERE, "secret": "short"}, 400, "secret must be"),
    ({"url": ELSEWHERE, "retries": 5}, 400, "no member 'retries'"),
]


@pytest.mark.parametrize(("body", "status", "words"), REFUSED, ids=[str(each[0])[:50] for each in REFUSED])
def test_what_is_wrong_is_said_and_nothing_is_made(stand: Stand, body: Any, status: int, words: str) -> None:
    answer = stand.call("POST", "/1/webhooks", json=body)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json"), answer.text
    assert words in answer.get_json()["detail"]
    assert own(stand) == []


def test_an_origin_is_the_same_with_the_port_that_it_has_anyway(stand: Stand, receiver: Receiver) -> None:
    assert add(stand, receiver, url=f"{ELSEWHERE}:443/hook")["url"] == f"{ELSEWHERE}:443/hook"


def test_there_are_only_so_many_each(stand: Stand, receiver: Receiver) -> None:
    for _ in range(3):
        add(stand, receiver)
    assert stand.call("POST", "/1/webhooks", json={"url": receiver.url}).status_code == 409
    add(stand, receiver, OTHER_SERVICE)


def test_without_allowed_origins_webhooks_are_off(tmp_path: Path, receiver: Receiver) -> None:
    with sparql_stand(tmp_path) as off:
        answer = off.call("POST", "/1/webhooks", json={"url": receiver.url})
        assert answer.status_code == 403
        assert "the operator has allowed no origin" in answer.get_json()["detail"]
        assert own(off) == []


def test_after_a_restart_deliveries_go_on_without_a_gap(tmp_path: Path, receiver: Receiver) -> None:
    receiver.taken.clear()
    receiver.answer = lambda _: (500, {})
    settings = WebhookSettings(allowed_origins=(receiver.origin,))
    with sparql_stand(tmp_path, webhooks=settings) as first:
        made = add(first, receiver)
        first.add(device(1))
        until(lambda: state(first, made)["status"] == "failing")
        first.add(device(2))
    with sqlite3.connect(tmp_path / "webhooks.sqlite") as file:
        assert [each for (each,) in file.execute("SELECT attempts > 0 FROM webhook")] == [1]
    assert (tmp_path / "webhooks.sqlite").stat().st_mode & 0o077 == 0
    receiver.answer = lambda _: TAKEN
    with sparql_stand(tmp_path, webhooks=settings) as second:
        second.add(device(3))
        taken = receiver.got(3)
        assert short(taken) == [("device_created", number) for number in (1, 2, 3)]
        assert own(second)[0]["id"] == made["id"]
