"""Availability windows at both doors: said over REST, as JSON and as iCalendar, and found in SPARQL as OWL-Time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from rdflib import Graph, URIRef
from sparql_stand import sparql_stand
from stand import AGGREGATOR, ALICE, BOB, ENGINEER, PROSUMER, SERVICE, A, B, Caller, Stand, device
from werkzeug.test import TestResponse

from registry.principal import Role
from registry.settings import SandboxSection
from registry.vocabulary import FLEX, TIME

ONCE = {"begin": "2026-12-01T17:00:00Z", "end": "2026-12-01T19:30:00Z", "available_power": 3.5}
NIGHTS = {"days": ["monday", "friday"], "from": "22:00", "until": "06:00", "time_zone": "Europe/Zagreb"}
ID = device(1)["device_id"]
PATH = f"/1/devices/{ID}/availability"
OTHERS = [
    Caller(role=Role.PROSUMER, host=A, account=BOB),
    Caller(role=Role.PROSUMER, host=B, account=ALICE),
    Caller(role=Role.AGGREGATOR, host=B),
    ENGINEER,
]
ICS = {"Accept": "text/calendar"}


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    section = SandboxSection(workers=1, memory=512 * 2**20)
    with sparql_stand(tmp_path_factory.mktemp("registry"), sandbox=section) as made:
        yield made


@pytest.fixture
def stand(registry: Stand) -> Stand:
    registry.clear()
    registry.add(device(1), device(2))
    return registry


def put(stand: Stand, body: Any, caller: Caller = PROSUMER, **request: Any) -> TestResponse:
    headers = {"If-Match": stand.etag(ID, SERVICE if caller in OTHERS else caller), **request.pop("headers", {})}
    if isinstance(body, str):
        request |= {"data": body.encode(), "content_type": "text/calendar"}
    else:
        request["json"] = body
    return stand.call("PUT", request.pop("path", PATH), caller, headers=headers, **request)


def ask(stand: Stand, text: str, caller: Caller) -> list[str]:
    """Return the lines of a query's result as CSV."""
    answer = stand.get(f"/sparql?{urlencode({'query': text})}", caller, headers={"Accept": "text/csv"}, buffered=True)
    assert answer.status_code == 200, answer.text
    return answer.text.split()[1:]


WHEN = """PREFIX time: <http://www.w3.org/2006/time#> SELECT ?at WHERE {
    ?device flex:availabilityWindow/time:hasBeginning/time:inXSDDateTimeStamp ?at }"""
DAYS = """PREFIX time: <http://www.w3.org/2006/time#> SELECT ?day WHERE {
    ?device flex:weeklyAvailability/flex:recursOn/time:dayOfWeek ?day }"""


@pytest.mark.parametrize("caller", [PROSUMER, AGGREGATOR, SERVICE], ids=lambda caller: caller.role)
def test_each_role_that_holds_the_device_says_and_sees_windows_at_both_doors(stand: Stand, caller: Caller) -> None:
    answer = put(stand, [ONCE, NIGHTS], caller)
    assert (answer.status_code, answer.get_json()) == (200, {"windows": [ONCE, NIGHTS]})
    for reader in (PROSUMER, AGGREGATOR, SERVICE):
        assert stand.get(PATH, reader).get_json() == {"windows": [ONCE, NIGHTS]}
        assert stand.get(f"/1/devices/{ID}", reader).get_json()["availability_windows"] == [ONCE, NIGHTS]
        assert ask(stand, WHEN, reader) == ["2026-12-01T17:00:00Z"]
        assert sorted(ask(stand, DAYS, reader)) == [TIME.term("Friday"), TIME.term("Monday")]
    assert answer.headers["ETag"] == stand.get(PATH, caller).headers["ETag"]


@pytest.mark.parametrize("caller", OTHERS, ids=["other account", "other aggregator", "aggregator", "engineer"])
def test_who_does_not_see_the_device_finds_nothing_of_its_windows(stand: Stand, caller: Caller) -> None:
    put(stand, [ONCE, NIGHTS])
    assert ask(stand, WHEN, caller) == ask(stand, DAYS, caller) == []
    nowhere = f"/1/devices/{device(9)['device_id']}/availability"
    answers = [
        (stand.get(path, caller), put(stand, [ONCE], caller, path=path), stand.call("DELETE", path, caller))
        for path in (PATH, nowhere)
    ]
    for seen, unknown in zip(*answers, strict=True):
        assert (seen.status_code, seen.get_data()) == (unknown.status_code, unknown.get_data())
        assert seen.status_code == 404


def test_a_device_without_windows_is_always_available(stand: Stand) -> None:
    assert stand.get(PATH).get_json() == {"windows": []}
    asked = "from=2026-12-01T00:00:00Z&to=2026-12-02T00:00:00Z"
    assert stand.get(f"{PATH}?{asked}").get_json() == {
        "windows": [],
        "from": "2026-12-01T00:00:00Z",
        "to": "2026-12-02T00:00:00Z",
        "spans": [{"begin": "2026-12-01T00:00:00Z", "end": "2026-12-02T00:00:00Z"}],
        "gaps": [],
    }
    assert "availability_windows" not in stand.get(f"/1/devices/{ID}").get_json()


def test_spans_and_gaps_of_a_time_that_is_asked_for(stand: Stand) -> None:
    put(stand, [ONCE, {**NIGHTS, "available_power": 2}])
    found = stand.get(f"{PATH}?from=2026-11-30T20:00:00%2B01:00&to=2026-12-01T18:00:00Z", PROSUMER).get_json()
    assert found["spans"] == [
        {"begin": "2026-11-30T21:00:00Z", "end": "2026-12-01T05:00:00Z", "available_power": 2.0},
        {"begin": "2026-12-01T17:00:00Z", "end": "2026-12-01T18:00:00Z", "available_power": 3.5},
    ]
    assert found["gaps"] == [
        {"begin": "2026-11-30T19:00:00Z", "end": "2026-11-30T21:00:00Z"},
        {"begin": "2026-12-01T05:00:00Z", "end": "2026-12-01T17:00:00Z"},
    ]


BAD_RANGES = {
    "from=2026-12-01T00:00:00Z": "belong together",
    "to=2026-12-01T00:00:00Z": "belong together",
    "from=today&to=2026-12-01T00:00:00Z": "from must be a moment",
    "from=2026-12-01T00:00:00Z&to=2026-12-01T00:00:00": "to must be a moment",
    "from=2026-12-01T00:00:00+01:00&to=2026-12-02T00:00:00Z": "a + is written %2B",
    "from=2026-12-02T00:00:00Z&to=2026-12-01T00:00:00Z": "later than from",
    "from=2026-12-02T00:00:00Z&to=2028-12-01T00:00:00Z": "by 400 days at the most",
    "from=0001-01-01T00:00:00Z&to=2028-12-01T00:00:00Z": "must lie within",
}


@pytest.mark.parametrize("asked", BAD_RANGES)
def test_a_time_that_is_none_is_400(stand: Stand, asked: str) -> None:
    answer = stand.get(f"{PATH}?{asked}")
    assert answer.status_code == 400
    assert BAD_RANGES[asked] in answer.get_json()["_error"]["message"]


def test_what_was_read_can_be_sent_back(stand: Stand) -> None:
    put(stand, [ONCE, NIGHTS])
    read = stand.get(f"{PATH}?from=2026-12-01T00:00:00Z&to=2026-12-02T00:00:00Z", PROSUMER)
    answer = put(stand, read.get_json())
    assert (answer.status_code, answer.headers["ETag"]) == (200, read.headers["ETag"])


@pytest.mark.parametrize("empty", [[], {"windows": []}])
def test_no_windows_any_more_by_delete_or_by_an_empty_list(stand: Stand, empty: Any) -> None:
    before = stand.dump()
    put(stand, [ONCE, NIGHTS])
    assert put(stand, empty).get_json() == {"windows": []}
    put(stand, [NIGHTS])
    answer = stand.call("DELETE", PATH, PROSUMER, headers={"If-Match": stand.etag(ID, PROSUMER)})
    assert (answer.status_code, answer.headers["ETag"]) == (204, stand.get(PATH, PROSUMER).headers["ETag"])
    assert "availability_windows" not in stand.get(f"/1/devices/{ID}").get_json()
    undated = [{quad for quad in dump if "modified" not in quad.predicate} for dump in (before, stand.dump())]
    assert undated[0] == undated[1]


def test_conditions(stand: Stand) -> None:
    tag = stand.etag(ID, PROSUMER)
    assert stand.call("PUT", PATH, PROSUMER, json=[ONCE]).status_code == 428
    assert stand.call("DELETE", PATH, PROSUMER).status_code == 428
    assert put(stand, [ONCE], headers={"If-Match": tag}).status_code == 200
    for method, body in (("PUT", {"json": [NIGHTS]}), ("DELETE", {})):
        answer = stand.call(method, PATH, PROSUMER, headers={"If-Match": tag}, **body)
        assert answer.status_code == 412
    now = stand.get(PATH, PROSUMER).headers["ETag"]
    assert stand.get(PATH, PROSUMER, headers={"If-None-Match": now}).status_code == 304
    assert stand.get(PATH, PROSUMER, headers={"If-None-Match": tag}).status_code == 200
    assert stand.get(PATH, PROSUMER, headers={"If-None-Match": now, **ICS}).status_code == 200
    calendar = stand.get(PATH, PROSUMER, headers=ICS).headers["ETag"]
    assert stand.get(PATH, PROSUMER, headers={"If-None-Match": calendar, **ICS}).status_code == 304
    assert put(stand, [NIGHTS], headers={"If-Match": calendar}).status_code == 200


WRONG: dict[str, tuple[Any, dict[str, Any] | str]] = {
    "a member": (
        [ONCE, {**NIGHTS, "until": "6am"}],
        {"1": {"until": "must be a local time of 24 hours, as 06:00, not '6am'"}},
    ),
    "no list": ({"windows": "always"}, "must be a list of windows, not 'always'"),
    "an object": ({"windows": {"a": 1}}, "must be a list of windows, not an object"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said_where_it_is(stand: Stand, name: str) -> None:
    body, issues = WRONG[name]
    answer = put(stand, body)
    assert (answer.status_code, answer.get_json()["_issues"]) == (422, {"availability_windows": issues})
    stated = body["windows"] if isinstance(body, dict) else body
    patched = stand.patch(ID, {"availability_windows": stated}, PROSUMER)
    assert (patched.status_code, patched.get_json()["_issues"]) == (422, {"availability_windows": issues})
    created = stand.call("POST", "/1/devices", SERVICE, json=device(7, availability_windows=stated))
    assert created.get_json()["_issues"] == {"availability_windows": issues}
    assert stand.get(PATH).get_json() == {"windows": []}


@pytest.mark.parametrize("body", [{"window": []}, {"windows": [], "more": 1}, 5, "x"])
def test_another_body_says_what_is_expected(stand: Stand, body: Any) -> None:
    answer = stand.call("PUT", PATH, PROSUMER, json=body, headers={"If-Match": stand.etag(ID, PROSUMER)})
    assert answer.status_code in (400, 422)
    assert "list of windows" in answer.text


def test_null_is_refused_at_creation_and_removes_by_patch(stand: Stand) -> None:
    created = stand.call("POST", "/1/devices", SERVICE, json=device(7, availability_windows=None))
    assert created.get_json()["_issues"] == {"availability_windows": "null value not allowed"}
    stand.patch(ID, {"availability_windows": [NIGHTS]}, PROSUMER)
    assert stand.patch(ID, {"availability_windows": None}, PROSUMER).status_code == 200
    assert stand.get(PATH).get_json() == {"windows": []}


def test_calendars_out_and_in(stand: Stand) -> None:
    put(stand, [ONCE, NIGHTS])
    answer = stand.get(PATH, PROSUMER, headers=ICS)
    assert answer.content_type == "text/calendar; charset=utf-8"
    assert "RRULE:FREQ=WEEKLY;BYDAY=MO,FR\r\n" in answer.text
    assert "X-FLEXCOOP-POWER-KW:3.5\r\n" in answer.text
    assert "BEGIN:VTIMEZONE\r\nTZID:Europe/Zagreb\r\n" in answer.text
    put(stand, [])
    assert put(stand, answer.text).get_json() == {"windows": [ONCE, NIGHTS]}
    assert stand.get(PATH, PROSUMER, headers=ICS).text.count("BEGIN:VEVENT") == 2


def calendar(*lines: str) -> str:
    event = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//t//EN", "BEGIN:VEVENT", "UID:1", *lines, "END:VEVENT"]
    return "\r\n".join([*event, "END:VCALENDAR", ""])


def test_what_a_calendar_says_that_windows_cannot_is_422_with_its_name(stand: Stand) -> None:
    answer = put(stand, calendar("DTSTART:20261201T080000Z", "DURATION:PT1H", "RRULE:FREQ=MONTHLY"))
    assert answer.status_code == 422
    (words,) = answer.get_json()["_issues"]["availability_windows"].values()
    assert words.startswith("RRULE with FREQ=MONTHLY can't be expressed")
    assert put(stand, calendar(), AGGREGATOR).get_json()["_issues"] == {
        "availability_windows": {"VEVENT 1": "DTSTART is missing"}
    }
    assert put(stand, calendar(), headers={"If-Match": "0" * 40}).status_code == 412
    assert stand.get(PATH).get_json() == {"windows": []}


def test_a_bad_calendar_tells_nothing_of_a_device_out_of_view(stand: Stand) -> None:
    for caller in OTHERS:
        assert put(stand, calendar(), caller).status_code == 404


def test_what_is_no_calendar_is_400(stand: Stand) -> None:
    for text in ("hello", "BEGIN:VCALENDAR\r\n", "BEGIN:VCALENDAR\r\n" + "x" * 300_000):
        assert put(stand, text).status_code == 400


def test_days_are_those_of_the_zone_that_the_request_names(stand: Stand) -> None:
    text = calendar("DTSTART;VALUE=DATE:20261201")
    assert put(stand, text).status_code == 422
    answer = put(stand, text, path=f"{PATH}?time_zone=America/New_York")
    assert answer.get_json() == {"windows": [{"begin": "2026-12-01T05:00:00Z", "end": "2026-12-02T05:00:00Z"}]}
    answer = put(stand, text, path=f"{PATH}?time_zone=Nowhere")
    assert (answer.status_code, "IANA" in answer.text) == (400, True)


def test_xml_and_head_and_override(stand: Stand) -> None:
    put(stand, [NIGHTS])
    assert "<from>22:00</from>" in stand.get(PATH, headers={"Accept": "application/xml"}).text
    assert stand.call("HEAD", PATH).headers["ETag"] == stand.get(PATH).headers["ETag"]
    headers = {"X-HTTP-Method-Override": "DELETE", "If-Match": stand.etag(ID, PROSUMER)}
    assert stand.call("POST", PATH, PROSUMER, headers=headers).status_code == 204


def test_the_device_in_rdf_has_its_windows_whole(stand: Stand) -> None:
    put(stand, [ONCE, NIGHTS])
    for path in (f"/1/devices/{ID}", "/1/devices"):
        text = stand.get(path, PROSUMER, headers={"Accept": "text/turtle"}).text
        graph = Graph().parse(data=text, format="turtle")
        (window,) = graph.objects(URIRef(f"urn:uuid:{ID}"), URIRef(FLEX.term("availabilityWindow")))
        end = graph.value(window, URIRef(TIME.term("hasEnd")))
        assert str(graph.value(end, URIRef(TIME.term("inXSDDateTimeStamp")))) == "2026-12-01T19:30:00+00:00"
        (weekly,) = graph.objects(URIRef(f"urn:uuid:{ID}"), URIRef(FLEX.term("weeklyAvailability")))
        assert len(list(graph.objects(weekly, URIRef(FLEX.term("recursOn"))))) == 2


WHERE = {
    '{"availability_windows":{"$exists":true}}': 1,
    '{"availability_windows":{"$exists":false}}': 1,
    '{"availability_windows":null}': 1,
    '{"availability_windows":{"$type":"array"}}': 1,
    '{"availability_windows":{"$type":"string"}}': 0,
    '{"availability_windows":"x"}': 0,
    '{"availability_windows":[]}': 0,
    '{"availability_windows":{"$gt":"a"}}': 0,
    '{"availability_windows":{"$regex":"monday"}}': 0,
    '{"availability_windows":{"$size":1}}': 0,
    '{"availability_windows":{"$ne":1}}': 2,
    'availability_windows=="x"': 0,
}


@pytest.mark.parametrize("where", WHERE)
def test_a_listing_can_ask_whether_there_are_windows(stand: Stand, where: str) -> None:
    put(stand, [NIGHTS])
    answer = stand.get(f"/1/devices?{urlencode({'where': where, 'sort': '-availability_windows'})}", AGGREGATOR)
    assert answer.get_json()["_meta"]["total"] == WHERE[where]
