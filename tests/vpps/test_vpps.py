"""Virtual power plants over HTTP: named, filled, added up, kept over a start, and each aggregator's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from stand import AGGREGATOR, ALICE, BOB, ENGINEER, PROSUMER, SERVICE, A, B, Caller, Stand, device, running_stand

from registry.principal import Role

OTHER = Caller(role=Role.AGGREGATOR, host=B)
SPAN = {"from": "2026-12-01T17:00:00+01:00", "to": "2026-12-01T19:00:00+01:00"}


@contextmanager
def registry(folder: Path) -> Iterator[Stand]:
    with running_stand(folder) as stand:
        stand.add(
            device(1, device_class="heatPump", available_capacity=3, flexibility_direction="down"),
            device(2, device_class="heatPump", available_capacity=2, flexibility_direction="both"),
            device(3, device_class="batteryDevice", max_capacity=5, flexibility_direction="both"),
            device(4),
            device(5, aggregator_id=B, account_id=BOB, device_class="heatPump", available_capacity=9),
        )
        yield stand


@pytest.fixture
def plants(tmp_path: Path) -> Iterator[Stand]:
    with registry(tmp_path) as stand:
        yield stand


@pytest.fixture(scope="module")
def unchanged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """A registry for tests that change nothing."""
    with registry(tmp_path_factory.mktemp("plants")) as stand:
        yield stand


def name(number: int) -> str:
    return str(device(number)["device_id"])


def put(
    stand: Stand, plant_id: str = "old-town", /, caller: Caller = AGGREGATOR, url_query: str = "", **body: Any
) -> Any:
    tag = body.pop("tag", None)
    headers = {"If-Match": tag} if tag else {}
    return stand.call("PUT", f"/1/vpps/{plant_id}{url_query}", caller, json=body, headers=headers)


def fill(
    stand: Stand, plant_id: str = "old-town", caller: Caller = AGGREGATOR, url_query: str = "", **body: Any
) -> Any:
    return stand.call("POST", f"/1/vpps/{plant_id}/members{url_query}", caller, json=body)


def members(stand: Stand, plant_id: str = "old-town", caller: Caller = AGGREGATOR, query: str = "") -> list[str]:
    answer = stand.get(f"/1/vpps/{plant_id}/members{query}", caller).json
    assert answer is not None
    return list(answer["_items"])


def test_a_plant_is_named_changed_and_forgotten(plants: Stand) -> None:
    created = put(plants, name="Old town", description="by the river")
    assert created.status_code == 201
    assert created.headers["Location"].endswith("/1/vpps/old-town")
    assert put(plants, name="New town").status_code == 428
    assert put(plants, name="New town", tag='"0"').status_code == 412
    changed = put(plants, name="New town", tag=created.headers["ETag"])
    assert (changed.status_code, changed.json["name"]) == (200, "New town")
    assert changed.json["_created"] == created.json["_created"]
    assert "description" not in changed.json
    gone = plants.call("DELETE", "/1/vpps/old-town", AGGREGATOR, headers={"If-Match": changed.headers["ETag"]})
    assert gone.status_code == 200
    assert plants.get("/1/vpps/old-town", AGGREGATOR).status_code == 404


@pytest.mark.parametrize(
    ("body", "member"),
    [
        ({"name": 1}, "name"),
        ({"name": ""}, "name"),
        ({"colour": "red"}, "colour"),
        ({"query": {"where": {}, "sparql": ""}}, "query"),
        ({"query": {"sparql": " "}}, "query"),
        ({"plant_id": "another"}, "plant_id"),
        ({"aggregator_id": B}, "aggregator_id"),
    ],
)
def test_what_is_no_plant_is_told_by_member(unchanged: Stand, body: dict[str, Any], member: str) -> None:
    answer = put(unchanged, **body)
    assert answer.status_code == 422
    assert list(answer.json["_issues"]) == [member]


def test_a_saved_query_that_can_not_be_read_is_refused_at_once(plants: Stand) -> None:
    assert put(plants, url_query="?x=1", name="n").status_code == 201
    answer = put(plants, "other", query={"where": {"$nonsense": 1}})
    assert answer.status_code == 400
    assert "$nonsense" in answer.json["_error"]["message"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"devices": [name(1), name(3)]}, [1, 3]),
        ({"where": {"device_class": "heatPump"}}, [1, 2]),
        ({"sparql": "SELECT ?device { ?device a flex:HeatPump }"}, [1, 2]),
        ({"saved": True}, [3]),
    ],
    ids=["list", "where", "sparql", "saved"],
)
def test_devices_are_put_in(plants: Stand, body: dict[str, Any], expected: list[int]) -> None:
    put(plants, query={"where": {"device_class": "batteryDevice"}})
    answer = fill(plants, **body)
    assert answer.json == {"changed": len(expected), "unchanged": 0, "refused": {}}
    assert members(plants) == [name(number) for number in expected]
    assert fill(plants, **body).json["unchanged"] == len(expected)


def test_clients_of_the_former_registry_and_plants_say_the_same(plants: Stand) -> None:
    put(plants, name="Old town")
    fill(plants, devices=[name(1)])
    seen = plants.get(f"/1/devices/{name(1)}", AGGREGATOR).json
    assert seen is not None
    assert seen["vpp_id"] == "old-town"
    plants.patch(name(2), {"vpp_id": "old-town"}, AGGREGATOR)
    plants.patch(name(1), {"vpp_id": "elsewhere"}, AGGREGATOR)
    assert members(plants) == [name(2)]
    listed = plants.get("/1/vpps", AGGREGATOR).json
    assert listed is not None
    assert [(each["plant_id"], each["devices"]) for each in listed["_items"]] == [("elsewhere", 1), ("old-town", 1)]
    assert members(plants, "elsewhere") == [name(1)]


def test_devices_are_taken_out_and_a_plant_lets_all_go(plants: Stand) -> None:
    tag = put(plants, name="Old town").headers["ETag"]
    fill(plants, devices=[name(1), name(2), name(3)])
    assert plants.call("DELETE", f"/1/vpps/old-town/members/{name(1)}", AGGREGATOR).status_code == 204
    assert plants.call("DELETE", f"/1/vpps/old-town/members/{name(1)}", AGGREGATOR).status_code == 404
    answer = plants.call("DELETE", "/1/vpps/old-town", AGGREGATOR, headers={"If-Match": tag})
    assert answer.json == {"changed": 2, "unchanged": 0, "refused": {}}
    found = plants.get('/1/devices?where={"vpp_id":"old-town"}', AGGREGATOR).json
    assert found is not None
    assert found["_items"] == []


def test_totals_add_up(plants: Stand) -> None:
    put(plants, name="Old town")
    fill(plants, devices=[name(number) for number in (1, 2, 3, 4)])
    answer = plants.get(f"/1/vpps/old-town?from={SPAN['from']}&to={SPAN['to']}".replace("+", "%2B"), AGGREGATOR).json
    assert answer is not None
    assert answer["totals"] == {
        "devices": 4,
        "power": 10.0,
        "unknown_power": 1,
        "by_direction": {
            "both": {"devices": 2, "power": 7.0},
            "down": {"devices": 1, "power": 3.0},
            "unknown": {"devices": 1, "power": 0.0},
        },
        "by_class": {
            "batteryDevice": {"devices": 1, "power": 5.0},
            "dhwDevice": {"devices": 1, "power": 0.0},
            "heatPump": {"devices": 2, "power": 5.0},
        },
        "free_power": 10.0,
    }


@pytest.mark.parametrize(
    ("wish", "expected", "power", "reached"),
    [
        ({"target_kw": 6}, [3, 2], 7.0, True),
        ({"target_kw": 8}, [3, 1], 8.0, True),
        ({"target_kw": 4, "where": {"device_class": "heatPump"}}, [1, 2], 5.0, True),
        ({"target_kw": 20}, [3, 1, 2], 10.0, False),
        ({"target_kw": 1, "prefer": "reserve", "most_devices": 2}, [3, 1], 8.0, True),
    ],
)
def test_a_proposal_reaches_the_target(
    unchanged: Stand, wish: dict[str, Any], expected: list[int], power: float, reached: bool
) -> None:
    answer = unchanged.call("POST", "/1/vpps/proposal", AGGREGATOR, json={**SPAN, **wish})
    assert answer.status_code == 200, answer.json
    found = answer.json
    assert found is not None
    assert [each["device_id"] for each in found["devices"]] == [name(number) for number in expected]
    assert (found["power"], found["reached"]) == (power, reached)


@pytest.mark.parametrize(
    ("wish", "member"),
    [
        ({"target_kw": "much"}, "target_kw"),
        ({"target_kw": -1}, "target_kw"),
        ({"target_kw": 1, "to": "2026-12-01T16:00:00+01:00"}, "to"),
        ({"target_kw": 1, "from": "2026-12-01"}, "from"),
        ({"target_kw": 1, "prefer": "best"}, "prefer"),
        ({"target_kw": 1, "most_devices": 0}, "most_devices"),
        ({"target_kw": 1, "where": []}, "where"),
        ({"target_kw": 1, "colour": 1}, "colour"),
    ],
)
def test_what_is_no_wish_is_told_by_member(unchanged: Stand, wish: dict[str, Any], member: str) -> None:
    answer = unchanged.call("POST", "/1/vpps/proposal", AGGREGATOR, json={**SPAN, **wish})
    assert answer.status_code == 422
    assert answer.json is not None
    assert list(answer.json["_issues"]) == [member]


@pytest.mark.parametrize("caller", [PROSUMER, ENGINEER], ids=lambda each: each.role)
@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", ""), ("GET", "/x"), ("PUT", "/x"), ("DELETE", "/x"), ("GET", "/x/members"), ("POST", "/x/members")],
)
def test_others_have_no_plants(unchanged: Stand, caller: Caller, method: str, path: str) -> None:
    assert unchanged.call(method, f"/1/vpps{path}", caller, json={}).status_code == 403


def test_an_aggregator_can_not_tell_anothers_plant_or_device_from_none(plants: Stand) -> None:
    put(plants, caller=OTHER, name="Theirs")
    fill(plants, caller=OTHER, devices=[name(5)])
    for path in ("/1/vpps/old-town", "/1/vpps/none"):
        answer = plants.get(path, AGGREGATOR)
        assert answer.status_code == 404
        assert answer.json is not None
        assert answer.json["_error"]["message"] == "There is no such virtual power plant."
    listed = plants.get("/1/vpps", AGGREGATOR).json
    assert listed is not None
    assert listed["_items"] == []
    assert plants.get(f"/1/vpps?aggregator_id={B}", AGGREGATOR).status_code == 403
    put(plants, name="Ours")
    missing = "00000000-0000-4000-8000-00000000ffff"
    answer = fill(plants, devices=[name(5), missing])
    assert answer.json == {
        "changed": 0,
        "unchanged": 0,
        "refused": dict.fromkeys((name(5), missing), "There is no such device."),
    }
    assert members(plants, caller=OTHER) == [name(5)]


def test_a_service_acts_for_the_aggregator_that_it_names(plants: Stand) -> None:
    assert put(plants, caller=SERVICE, name="x").status_code == 400
    assert put(plants, caller=SERVICE, url_query=f"?aggregator_id={A}", name="For A").status_code == 201
    answer = fill(plants, caller=SERVICE, url_query=f"?aggregator_id={A}", where={"device_class": "heatPump"})
    assert answer.json["changed"] == 2
    assert members(plants) == [name(1), name(2)]


def test_plants_are_found_by_sparql_by_those_alone_who_may_see_them(plants: Stand) -> None:
    put(plants, name="Old town")
    fill(plants, devices=[name(1), name(2)])
    text = (
        "SELECT ?name (COUNT(?device) AS ?devices) { ?plant a flex:VirtualPowerPlant ; flex:plantId ?id ; "
        "rdfs:label ?name . ?device flex:vppId ?id } GROUP BY ?name"
    )
    for caller, expected in ((AGGREGATOR, b"Old town,2"), (SERVICE, b"Old town,2"), (OTHER, b"")):
        answer = plants.get("/sparql", caller, query_string={"query": text}, headers={"Accept": "text/csv"})
        assert answer.get_data().split(b"\r\n")[1] == expected
    mine = Caller(role=Role.PROSUMER, host=A, account=ALICE)
    answer = plants.get("/sparql", mine, query_string={"query": "ASK { ?p a flex:VirtualPowerPlant }"})
    assert answer.json is not None
    assert answer.json["boolean"] is False


def test_a_query_that_selects_no_devices_or_may_not_run_is_told(plants: Stand) -> None:
    put(plants, name="x")
    for text, words in (
        ("SELECT ?d { ?d a flex:Device }", "must select ?device"),
        ("SELECT ?device { SERVICE <http://example.org/> { ?device ?p ?o } }", "SERVICE"),
        ("SELECT", "sparql"),
    ):
        answer = fill(plants, sparql=text)
        assert answer.status_code == 400
        assert words in answer.json["_error"]["message"]


def test_plants_are_there_after_a_start(tmp_path: Path) -> None:
    with running_stand(tmp_path) as stand:
        tag = put(stand, name="Old town", url_query="?a=1").headers["ETag"]
        put(stand, "gone", name="x")
        etag = stand.get("/1/vpps/gone", AGGREGATOR).headers["ETag"]
        stand.call("DELETE", "/1/vpps/gone", AGGREGATOR, headers={"If-Match": etag})
    with running_stand(tmp_path) as stand:
        assert stand.get("/1/vpps/old-town", AGGREGATOR).headers["ETag"] == tag
        assert stand.get("/1/vpps/gone", AGGREGATOR).status_code == 404
