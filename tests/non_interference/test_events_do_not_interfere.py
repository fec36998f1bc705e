"""The events that a restricted role hears do not depend on changes outside of its view, in no byte but times."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from stand import AGGREGATOR, ALICE, BOB, PROSUMER, SERVICE, A, B, Caller, Stand, device, running_stand
from temptation import CANARY

Step = Callable[[Stand], Any]
PARAMETERS: list[dict[str, str]] = [
    {},
    {"diff": "true"},
    {"where": '{"availability":"no"}', "diff": "true"},
    {"where": '{"serial_number":{"$exists":true}}'},
    {"class": "dhwDevice"},
    {"types": "device_created,device_deleted"},
]
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z")
_MARK = re.compile(r"^(id: [0-9]+-[0-9]+)-[0-9a-f]{8}$", re.MULTILINE)


def add(number: int, **changes: Any) -> Step:
    return lambda stand: stand.add(device(number, **changes))


def patch(number: int, **changes: Any) -> Step:
    def step(stand: Stand) -> None:
        assert stand.patch(device(number)["device_id"], changes).status_code == 200

    return step


def delete(number: int) -> Step:
    def step(stand: Stand) -> None:
        path = f"/1/devices/{device(number)['device_id']}"
        assert (
            stand.call("DELETE", path, headers={"If-Match": stand.etag(device(number)["device_id"])}).status_code == 204
        )

    return step


OWN: list[Step] = [
    add(1, max_capacity=2.5),
    add(2, device_class="heatPump"),
    patch(1, availability="no"),
    patch(2, max_capacity=7.0),
    patch(1, account_id=BOB, aggregator_id=B),
    patch(1, account_id=ALICE, aggregator_id=A),
    delete(2),
]
HIDDEN: dict[Caller, list[Step]] = {
    AGGREGATOR: [
        add(11, aggregator_id=B, device_name=f"{CANARY}-1"),
        patch(11, max_capacity=3.0),
        patch(1, serial_number=f"{CANARY}-2"),
        add(12, aggregator_id=B, account_id=BOB),
        patch(1, serial_number=f"{CANARY}-3"),
        delete(11),
        patch(12, availability="no"),
    ],
    PROSUMER: [
        add(11, account_id=BOB, device_name=f"{CANARY}-1"),
        patch(11, max_capacity=3.0),
        patch(1, external_ids=[f"{CANARY}-2"]),
        add(12, aggregator_id=B),
        patch(1, external_ids=[f"{CANARY}-3"]),
        delete(11),
        patch(12, availability="no"),
    ],
}


def heard(stand: Stand, caller: Caller, since: str) -> list[str]:
    """Return the streams with all parameters, without what two registries never have in common."""
    texts = []
    for parameters in PARAMETERS:
        answer = stand.get(f"/events?{urlencode(parameters)}", caller, headers={"Last-Event-ID": since})
        texts.append(_TIME.sub("…", _MARK.sub(r"\1", answer.text)))
    return texts


def beginning(stand: Stand, caller: Caller) -> str:
    (line,) = re.findall(r"^id: (.*)$", stand.get("/events", caller).text, re.MULTILINE)
    return str(line)


@pytest.fixture(scope="module", params=[AGGREGATOR, PROSUMER], ids=lambda caller: caller.role)
def worlds(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[list[str], list[str], list[str]]:
    """Return the streams of a world without anything hidden, of one with it, and what a service hears in the latter."""
    caller: Caller = request.param
    found: list[list[str]] = []
    everything: list[str] = []
    for hidden in (False, True):
        with running_stand(_folder(tmp_path_factory)) as stand:
            since, since_service = beginning(stand, caller), beginning(stand, SERVICE)
            for own, other in zip(OWN, HIDDEN[caller], strict=True):
                own(stand)
                if hidden:
                    other(stand)
            found.append(heard(stand, caller, since))
            everything = heard(stand, SERVICE, since_service)
    return found[0], found[1], everything


def _folder(factory: pytest.TempPathFactory) -> Path:
    return factory.mktemp("world")


@pytest.mark.parametrize("number", range(len(PARAMETERS)), ids=lambda number: str(PARAMETERS[number]))
def test_hidden_changes_change_no_byte(worlds: tuple[list[str], list[str], list[str]], number: int) -> None:
    without, with_hidden, _ = worlds
    assert with_hidden[number] == without[number]
    assert CANARY not in with_hidden[number]


def test_the_streams_say_something_and_hide_something(worlds: tuple[list[str], list[str], list[str]]) -> None:
    """Guards the test above: silent streams would pass it too."""
    _, with_hidden, everything = worlds
    events = [text.count("\nevent: ") for text in with_hidden]
    assert events == [7, 7, 3, 0, 4, 5]
    assert everything[0].count("\nevent: ") == 14
    assert everything[0].count(CANARY) > 4
