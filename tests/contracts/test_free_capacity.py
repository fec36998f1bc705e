"""Free capacity by both doors: the listing against plain arithmetic, and the shipped query."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from agreements import END, START, asset, contract, name, put
from stand import AGGREGATOR, PROSUMER, SERVICE, B, Caller, Stand, device

from registry.principal import Role

QUERY = Path(__file__).parents[2] / "sparql" / "queries" / "free_power_in_time.rq"
OTHER = Caller(role=Role.AGGREGATOR, host=B)
WINDOW = {"begin": "2026-12-01T07:00:00Z", "end": "2026-12-01T12:00:00Z"}


def found(stand: Stand, caller: Caller = AGGREGATOR, **parameters: object) -> list[int]:
    """Return the numbers of the devices that a listing has, in its order."""
    query = urlencode({"free_from": START, "free_to": END, "max_results": 100, **parameters})
    answer = stand.get(f"/1/devices?{query}", caller)
    assert answer.status_code == 200, answer.text
    assert answer.json is not None
    assert answer.json["_meta"]["total"] >= len(answer.json["_items"])
    return [int(each["device_id"][-12:], 16) for each in answer.json["_items"]]


@pytest.fixture
def market(stand: Stand) -> Stand:
    """Return a registry with devices of 1 to 8 kW; some are committed, some have calendars, of one nothing is known."""
    stand.add(*(asset(number, max_capacity=float(number)) for number in range(1, 9)))
    stand.add(asset(10, max_capacity=9, available_capacity=2.5), device(11))
    stand.add(asset(12, max_capacity=5, availability_windows=[WINDOW]))
    stand.add(asset(13, max_capacity=5, availability_windows=[{**WINDOW, "begin": "2026-12-01T09:00:00Z"}]))
    stand.add(asset(14, max_capacity=1, availability_windows=[{**WINDOW, "available_power": 6}]))
    assert put(stand, contract("c-1", maximum_power=7, assets=[name(8)])).status_code == 201
    later = {"start": "2026-12-01T09:30:00Z", "end": "2026-12-01T18:00:00Z"}
    assert put(stand, contract("c-2", maximum_power=4, assets=[name(7)], **later)).status_code == 201
    assert put(stand, contract("c-3", maximum_power=3, assets=[name(3)])).status_code == 201
    after = {"start": END, "end": "2026-12-01T18:00:00Z"}
    assert put(stand, contract("c-4", maximum_power=6, assets=[name(6)], **after)).status_code == 201
    return stand


FREE = {1: 1, 2: 2, 3: 0, 4: 4, 5: 5, 6: 6, 7: 3, 8: 1, 10: 2.5, 12: 5, 13: 0, 14: 6}
"""Number of a device -> its free power, worked out by hand."""


@pytest.mark.parametrize("least", [None, 0, 1, 1.001, 2.5, 3, 5, 6, 6.001])
def test_a_listing_has_exactly_the_devices_with_so_much_free_power(market: Stand, least: float | None) -> None:
    expected = {number for number, free in FREE.items() if free > 0 and free >= (least or 0)}
    asked: dict[str, Any] = {} if least is None else {"min_kw": least}
    assert set(found(market, **asked)) == expected


def test_it_combines_with_criteria_order_and_pages(market: Stand) -> None:
    where = json.dumps({"max_capacity": {"$lt": 8}})
    first = found(market, min_kw=3, where=where, sort="-max_capacity", max_results=3)
    second = found(market, min_kw=3, where=where, sort="-max_capacity", max_results=3, page=2)
    assert first[:2] == [7, 6]
    assert set(first) | set(second) == {4, 5, 6, 7, 12, 14}
    assert len(first + second) == 6


def test_free_power_is_seen_of_devices_in_view_alone(market: Stand) -> None:
    assert found(market, OTHER) == []
    assert (
        set(found(market, PROSUMER)) == set(found(market, SERVICE)) == {number for number, free in FREE.items() if free}
    )


def test_what_is_freed_is_found_again(market: Stand) -> None:
    etag = market.get("/1/contracts/c-3", AGGREGATOR).headers["ETag"]
    assert 3 not in found(market, min_kw=3)
    market.call("DELETE", "/1/contracts/c-3", AGGREGATOR, headers={"If-Match": etag})
    assert 3 in found(market, min_kw=3)


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"free_from": START}, "free_to"),
        ({"min_kw": "2"}, "free_from"),
        ({"free_from": END, "free_to": START}, "later"),
        ({"free_from": "soon", "free_to": END}, "free_from"),
        ({"free_from": START, "free_to": "2026-12-01"}, "free_to"),
        ({"free_from": START, "free_to": END, "min_kw": "much"}, "min_kw"),
        ({"free_from": START, "free_to": END, "min_kw": "NaN"}, "min_kw"),
        ({"free_from": START, "free_to": END, "min_kw": "-1"}, "min_kw"),
    ],
)
def test_what_can_not_be_understood_is_said(stand: Stand, parameters: dict[str, str], words: str) -> None:
    answer = stand.get(f"/1/devices?{urlencode(parameters)}")
    assert answer.status_code == 400
    assert words in (answer.json or {})["_error"]["message"]


@pytest.mark.parametrize("caller", [AGGREGATOR, PROSUMER, SERVICE, OTHER])
def test_the_shipped_query_subtracts_what_contracts_hold(market: Stand, caller: Caller) -> None:
    answer = market.get("/sparql?" + urlencode({"query": QUERY.read_text()}), caller)
    assert answer.status_code == 200
    rows = json.loads(answer.data)["results"]["bindings"]
    free = {int(row["device"]["value"][-12:], 16): float(row["free"]["value"]) for row in rows}
    calendars = {12: 5, 13: 5, 14: 1}  # which the query does not heed
    wanted = {number: power for number, power in {**FREE, **calendars}.items() if power > 0}
    assert free == ({} if caller is OTHER else wanted)
    assert list(free.values()) == sorted(free.values(), reverse=True)


def test_the_span_of_a_commitment_is_an_interval_of_owl_time(market: Stand) -> None:
    query = """
        PREFIX time: <http://www.w3.org/2006/time#>
        SELECT ?from ?until WHERE {
          ?contract a flex:Contract ; flex:contractId "c-2" ; flex:contractAsset/flex:span ?span .
          ?span a time:ProperInterval ; time:hasBeginning/time:inXSDDateTimeStamp ?from ;
            time:hasEnd/time:inXSDDateTimeStamp ?until }"""
    rows = json.loads(market.get("/sparql?" + urlencode({"query": query}), PROSUMER).data)["results"]["bindings"]
    assert [datetime.fromisoformat(rows[0][each]["value"]).hour for each in ("from", "until")] == [9, 18]
