"""Pages of ordered listings: each way of finding them gives what plain Python gives, however many tie."""

from __future__ import annotations

import json
from typing import Any

from criteria_on_documents import holds, in_order
from device_strategies import created
from hypothesis import given, settings
from hypothesis import strategies as st
from stand import LOADER, device
from test_listing_query import FIELDS, reader_of

from registry.devices.criteria import Listing
from registry.devices.view import Limits
from registry.devices.where import read_sort, read_where

VALUES: dict[str, tuple[Any, ...]] = {
    "device_name": ("a", "b", "B", "é", "a long name of a device, which an engine keeps elsewhere", ""),
    "device_class": ("dhwDevice", "pvDevice", "heatPump"),
    "availability": ("yes", "no", ""),
    "max_capacity": (..., 0, 1.5, 10, 9),
    "online": (..., True, False),
    "last_seen": (..., "2026-01-01T00:00:00.000000Z", "2026-01-02T00:00:00.000000Z", "2026-01-02T00:00:00.500000Z"),
    "commissioned": (..., "2020-01-01", "2021-01-01"),
    "metering_point_id": (..., "87", "871", "9"),
    "external_ids": (..., ["a"], ["a", "b"], ["b", "c", "d"]),
    "status": (..., {"setPoint": 20.0}, {"setPoint": 21.0, "mode": "1"}, {"mode": "2"}),
}
"""Few different values, so that many devices tie."""
SORTABLE = [
    "device_name", "device_class", "availability", "max_capacity", "online", "last_seen", "commissioned",
    "metering_point_id", "status.setPoint", "status.mode", "_created",
]  # fmt: skip
CONDITIONS = [
    {}, {"availability": "yes"}, {"availability": {"$ne": "yes"}}, {"max_capacity": {"$gte": 1, "$lt": 10}},
    {"max_capacity": {"$exists": False}}, {"max_capacity": {"$exists": True}}, {"online": True},
    {"device_class": {"$in": ["pvDevice", "heatPump", "nothing"]}}, {"device_class": {"$nin": ["pvDevice"]}},
    {"external_ids": "a"}, {"external_ids": {"$size": 2}}, {"external_ids": {"$in": ["b", "c"]}},
    {"external_ids": {"$nin": ["b", "c"]}}, {"external_ids": {"$all": ["a", "b"]}}, {"status.mode": "1"},
    {"status.setPoint": {"$not": {"$gt": 20}}}, {"last_seen": {"$gt": "2026-01-01T12:00:00.000000Z"}},
    {"device_name": {"$regex": "^a"}}, {"device_name": {"$lt": "b"}}, {"metering_point_id": {"$gt": "87"}},
    {"$or": [{"max_capacity": {"$gt": 5}}, {"availability": "no"}]},
    {"$nor": [{"online": True}, {"availability": "no"}]},
    {"$or": [{"max_capacity": {"$gt": 5}}, {"availability": {"$ne": "no"}}, {"external_ids": {"$ne": "a"}}]},
    {"_created": {"$gt": "2026-09-21T13:33:25.000000Z"}}, {"account_id": "nobody"},
]  # fmt: skip
DEVICES = st.lists(st.fixed_dictionaries({name: st.sampled_from(each) for name, each in VALUES.items()}), max_size=30)
LIMITS = st.builds(
    Limits,
    whole=st.sampled_from([0, 0, 0, 10]),
    few=st.sampled_from([0, 2, 5, 50]),
    first=st.sampled_from([1, 3]),
    most=st.sampled_from([1, 4, 8, 40]),
    values=st.sampled_from([1, 2, 10]),
)


def pages(documents: list[dict[str, Any]], listing: Listing, limits: Limits) -> list[str]:
    """Return the names of all devices in the order of the pages, asking for the last page first."""
    reader = reader_of(documents, limits)
    last = len(documents) // listing.size + 2
    found = [
        reader.page(LOADER, Listing(criteria=listing.criteria, sort=listing.sort, page=page, size=listing.size))
        for page in range(last, 0, -1)
    ]
    names = [each.document["device_id"] for page in reversed(found) for each in page.devices]
    assert {page.total for page in found} == {len(names)}
    return names


@settings(max_examples=300)
@given(
    found=DEVICES,
    conditions=st.lists(st.sampled_from(CONDITIONS), max_size=2),
    sort=st.lists(st.tuples(st.sampled_from(SORTABLE), st.sampled_from([1, -1])), max_size=3),
    size=st.integers(1, 7),
    limits=LIMITS,
)
def test_each_way_finds_the_same_pages(
    found: list[dict[str, Any]],
    conditions: list[dict[str, Any]],
    sort: list[tuple[str, int]],
    size: int,
    limits: Limits,
) -> None:
    documents = [device(number, **each) for number, each in enumerate(found)]
    criteria = read_where(json.dumps({"$and": conditions} if conditions else {}), FIELDS)
    keys = read_sort(repr(sort), FIELDS)
    whole = [created(each, number) for number, each in enumerate(documents)]
    wanted = in_order([each for each in whole if holds(criteria, each)], keys)
    names = pages(documents, Listing(criteria=criteria, sort=keys, size=size), limits)
    assert names == [each["device_id"] for each in wanted]
