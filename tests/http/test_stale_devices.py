"""Stale devices: what REST lists is what the shipped query finds, for each role, and what is right."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from candidates import candidate, next_version
from sparql_stand import sparql_stand
from stand import AGGREGATOR, BOB, ENGINEER, HOLDERS, PROSUMER, SERVICE, A, B, Caller, Stand, device

from registry.http import moments
from registry.principal import Role
from registry.profile.codecs import DATE_FORMAT
from registry.settings import SandboxSection

QUERY = (Path(__file__).parents[2] / "sparql" / "queries" / "stale_devices.rq").read_text()
HOUR = timedelta(hours=1)
SILENCES = (None, timedelta(minutes=-5), timedelta(minutes=1), timedelta(minutes=29), HOUR, 23 * HOUR, 25 * HOUR)
CLASSES = {"dhwDevice": timedelta(minutes=30), "sensingDevice": timedelta(days=1), "pvDevice": timedelta(minutes=30)}
PARTIES: tuple[dict[str, Any], ...] = ({}, {"account_id": BOB}, {"aggregator_id": B})
STALE, FRESH = {"stale": "true"}, {"stale": "false"}


def scene(now: datetime) -> Iterator[dict[str, Any]]:
    """Yield a device for each class, silence and party."""
    number = 0
    for name in CLASSES:
        for silence in SILENCES:
            for party in PARTIES:
                number += 1
                seen: Any = ... if silence is None else (now - silence).strftime(DATE_FORMAT)
                yield device(number, device_class=name, last_seen=seen, max_capacity=float(number % 5), **party)


def is_stale(document: Mapping[str, Any], now: datetime) -> bool:
    seen = document.get("last_seen")
    return seen is None or datetime.fromisoformat(seen) < now - CLASSES[document["device_class"]]


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    section = SandboxSection(workers=1, memory=512 * 2**20)
    with sparql_stand(tmp_path_factory.mktemp("registry"), sandbox=section) as made:
        made.add(*scene(datetime.now(UTC)))
        yield made


def listed(stand: Stand, caller: Caller, **parameters: Any) -> list[dict[str, Any]]:
    answer = stand.get("/1/devices?" + urlencode({"max_results": 300, **parameters}), caller)
    assert answer.status_code == 200, answer.text
    found = json.loads(answer.data)
    assert found["_meta"]["total"] == len(found["_items"])
    items: list[dict[str, Any]] = found["_items"]
    return items


def ids(items: list[dict[str, Any]]) -> list[str]:
    return [item["device_id"] for item in items]


def asked_in_sparql(stand: Stand, caller: Caller) -> list[str]:
    headers = {"Accept": "application/sparql-results+json"}
    answer = stand.call("POST", "/sparql", caller, data=QUERY, content_type="application/sparql-query", headers=headers)
    assert answer.status_code == 200, answer.text
    rows = json.loads(answer.data)["results"]["bindings"]
    return [row["device"]["value"].removeprefix("urn:uuid:") for row in rows]


@pytest.mark.parametrize("role", HOLDERS)
def test_rest_and_sparql_find_the_same_devices_and_those_are_stale(role: Role, stand: Stand) -> None:
    caller, now = HOLDERS[role], datetime.now(UTC)
    everything = listed(stand, caller)
    right = {item["device_id"] for item in everything if is_stale(item, now)}
    assert 0 < len(right) < len(everything)
    assert set(ids(listed(stand, caller, **STALE))) == right
    assert set(ids(listed(stand, caller, **FRESH))) == set(ids(everything)) - right
    assert sorted(asked_in_sparql(stand, caller)) == sorted(right)


def test_others_devices_are_neither_stale_nor_fresh(stand: Stand) -> None:
    for parameters in (STALE, FRESH):
        assert {item["aggregator_id"] for item in listed(stand, AGGREGATOR, **parameters)} == {A}
    assert not {BOB} & {item["account_id"] for item in listed(stand, PROSUMER, **STALE)}


def test_stale_goes_with_where_sort_and_paging(stand: Stand) -> None:
    parameters = {**STALE, "where": '{"device_class":"dhwDevice"}', "sort": "-max_capacity,device_id"}
    whole = listed(stand, SERVICE, **parameters)
    assert {item["device_class"] for item in whole} == {"dhwDevice"}
    keys = [(-item["max_capacity"], item["device_id"]) for item in whole]
    assert keys == sorted(keys)
    pages = []
    for number in (1, 2, 3):
        answer = stand.get("/1/devices?" + urlencode({"max_results": 5, "page": number, **parameters}))
        found = json.loads(answer.data)
        assert found["_meta"]["total"] == len(whole)
        assert "stale=true" in found["_links"]["self"]["href"]
        pages += ids(found["_items"])
    assert pages == ids(whole)[:15]


def test_stale_is_a_moment_and_not_what_was_true_a_while_ago(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    def at(later: timedelta) -> tuple[list[str], str]:
        moment = datetime.now(UTC) + later

        class Clock(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> Clock:
                return cls.fromtimestamp(moment.timestamp(), tz)

        monkeypatch.setattr(moments, "datetime", Clock)
        answer = stand.get("/1/devices?" + urlencode({"max_results": 300, **FRESH}))
        return ids(json.loads(answer.data)["_items"]), answer.headers["ETag"]

    (now, tag), (same, still), (later, other) = at(timedelta()), at(timedelta(seconds=5)), at(timedelta(minutes=15))
    assert (same, still) == (now, tag)
    assert set(later) < set(now)
    assert other != tag
    assert at(timedelta(days=900))[0] == []


def test_what_is_asked_again_and_again_is_not_driven_out(stand: Stand) -> None:
    reader = stand.components.reader
    kept, passing = reader._recent, reader._passing
    listed(stand, SERVICE, where='{"max_capacity":{"$gt":2}}')
    before = dict(kept._answers)
    listed(stand, SERVICE, where='{"max_capacity":{"$gt":2}}', **STALE)
    assert dict(kept._answers) == before
    assert 0 < len(passing._answers) <= passing._most_answers < kept._most_answers


@pytest.mark.parametrize("text", ["yes", "True", "1", "true false", "null"])
def test_stale_is_true_or_false(text: str, stand: Stand) -> None:
    answer = stand.get(f"/1/devices?stale={text}")
    assert answer.status_code == 400
    assert "stale must be true or false" in answer.text


def test_a_role_without_devices_has_no_such_parameter(stand: Stand) -> None:
    answer = stand.get("/1/devices?stale=true", ENGINEER)
    assert answer.status_code == 400
    assert "no parameter stale for the role engineer" in answer.text


def test_a_report_makes_a_device_fresh(stand: Stand) -> None:
    identifier, before = ids(listed(stand, SERVICE, **STALE))[0], datetime.now(UTC).strftime(DATE_FORMAT)
    assert stand.patch(identifier, {"status": {"mode": "1"}}).status_code == 200
    assert identifier in ids(listed(stand, SERVICE, **FRESH))
    assert identifier not in asked_in_sparql(stand, SERVICE)
    assert identifier in ids(listed(stand, SERVICE, **STALE, at=before))  # at that time it was silent still


def test_a_role_that_does_not_see_the_time_learns_nothing_and_a_class_may_have_another_limit(stand: Stand) -> None:
    """The last test: it leaves another model in force."""
    text = '    api:stampedBy flex:status ;\n    api:visibleTo "aggregator", "prosumer", "service" ;'
    limits = 'flex:DhwDevice flex:staleAfter "PT2H"^^xsd:dayTimeDuration .'
    files = candidate(next_version("major"), ontology=limits, edits=((text, text.replace(', "prosumer"', "")),))
    stand.components.publisher.publish(files, "tests")
    answer = stand.get("/1/devices?stale=true", PROSUMER)
    assert answer.status_code == 400
    assert "no parameter stale for the role prosumer" in answer.text
    assert set(asked_in_sparql(stand, PROSUMER)) == set(ids(listed(stand, PROSUMER)))  # as if never heard of
    for caller in (AGGREGATOR, SERVICE):
        assert sorted(ids(listed(stand, caller, **STALE))) == sorted(asked_in_sparql(stand, caller))
    fresh = [item for item in listed(stand, SERVICE, **FRESH) if item["device_class"] == "dhwDevice"]
    assert any(datetime.fromisoformat(item["last_seen"]) < datetime.now(UTC) - HOUR / 2 for item in fresh)
