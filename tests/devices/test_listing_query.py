"""Listings: what the store finds is what plain Python finds in the documents."""

from __future__ import annotations

import json
from typing import Any

import pytest
from criteria_on_documents import holds, in_order
from device_strategies import UUIDS, created, documents, values
from hypothesis import given, settings
from hypothesis import strategies as st
from stand import ALICE, BOB, LOADER, A, B, device

from registry.access import placement
from registry.devices.criteria import Listing
from registry.devices.documents import ABSENT, device_iri, to_triples, value_at
from registry.devices.listing_query import page_query, predicates_of
from registry.devices.reading import DeviceReader
from registry.devices.where import read_sort, read_where
from registry.principal import Principal, Role
from registry.profile import load_profile
from registry.vocabulary import CREATED, FLEX
from sparql.embedded import EmbeddedStore

PROFILE = load_profile()
FIELDS = {field.name: field for field in PROFILE.visible(Role.SERVICE)}
SORTABLE = [name for name, field in FIELDS.items() if not field.multiple and field.codec.kind != "point"]
ORDERS = ("$gt", "$gte", "$lt", "$lte")
DEVICES = st.lists(
    documents(PROFILE, account_id=st.sampled_from([ALICE, BOB]), aggregator_id=st.sampled_from([A, B])),
    max_size=6,
    unique_by=lambda document: document["device_id"],
)


def reader_of(found: list[dict[str, Any]]) -> DeviceReader:
    store = EmbeddedStore()
    for number, document in enumerate(found):
        iri = device_iri(document["device_id"])
        assert iri is not None
        store.load(placement(PROFILE, to_triples(PROFILE, created(document, number), iri)))
    return DeviceReader(store, PROFILE)


@st.composite
def conditions(draw: st.DrawFn, found: list[dict[str, Any]], depth: int = 2) -> dict[str, Any]:
    """Draw a where condition whose values are often those of the devices."""
    if depth and draw(st.booleans()):
        operator = draw(st.sampled_from(["$and", "$or", "$nor"]))
        return {operator: [draw(conditions(found, depth - 1)) for _ in range(draw(st.integers(1, 2)))]}
    names = draw(st.lists(st.sampled_from([*FIELDS, "nothing"]), max_size=2, unique=True))
    return {name: draw(demands(name, found)) for name in names}


@st.composite
def demands(draw: st.DrawFn, name: str, found: list[dict[str, Any]]) -> Any:
    """Draw what a field is tested for."""
    there = [value for value in (value_at(created(each), name.split(".")) for each in found) if value is not ABSENT]
    field = FIELDS.get(name)
    flat = [each for value in there for each in (value if isinstance(value, list) else [value])]
    own = st.nothing() if field is None or field.multiple else values(PROFILE, field)
    value = st.sampled_from(flat) if flat else st.just("x")
    value = value | own | st.sampled_from([0, "", True, 1.5, "2026"])
    match draw(st.sampled_from(["plain", "operators", "list", "exists", "not"])):
        case "plain":
            return draw(value | st.none())
        case "operators":
            names = draw(st.lists(st.sampled_from([*ORDERS, "$eq", "$ne"]), min_size=1, max_size=2, unique=True))
            return {operator: draw(value) for operator in names}
        case "list":
            return {draw(st.sampled_from(["$in", "$nin"])): draw(st.lists(value, max_size=3))}
        case "exists":
            return {"$exists": draw(st.booleans())}
    return {"$not": {draw(st.sampled_from(ORDERS)): draw(value)}}


@settings(max_examples=150)
@given(data=st.data(), found=DEVICES)
def test_the_store_finds_what_python_finds(data: st.DataObject, found: list[dict[str, Any]]) -> None:
    condition = data.draw(conditions(found))
    keys = data.draw(st.lists(st.tuples(st.sampled_from(SORTABLE), st.sampled_from([1, -1])), max_size=3))
    size = data.draw(st.integers(1, 4))
    criteria = read_where(json.dumps(condition), FIELDS)
    sort = read_sort(repr(keys), FIELDS)
    wanted = in_order(
        [whole for number, each in enumerate(found) if holds(criteria, whole := created(each, number))], sort
    )
    reader = reader_of(found)
    pages = [
        reader.page(LOADER, Listing(criteria=criteria, sort=sort, page=page, size=size))
        for page in range(1, len(found) // size + 3)
    ]
    assert {page.total for page in pages} == {len(wanted)}
    assert [dict(each.document) for page in pages for each in page.devices] == wanted
    assert all(len(page.devices) <= size for page in pages)


@settings(max_examples=25)
@given(found=DEVICES, account=st.sampled_from([ALICE, BOB]), aggregator=st.sampled_from([A, B]))
def test_a_listing_holds_what_is_in_view_alone(found: list[dict[str, Any]], account: str, aggregator: str) -> None:
    reader = reader_of(found)
    names = {"issuer": "urn:x", "subject": account, "aggregator_id": aggregator}
    for principal, wanted in (
        (Principal(role=Role.AGGREGATOR, **names), {"aggregator_id": aggregator}),
        (
            Principal(role=Role.PROSUMER, account_id=account, **names),
            {"aggregator_id": aggregator, "account_id": account},
        ),
        (Principal(role=Role.ENGINEER, issuer="urn:x", subject="x"), {"device_id": "none"}),
    ):
        page = reader.page(principal, Listing())
        expected = [each["device_id"] for each in found if wanted.items() <= each.items()]
        assert [each.document["device_id"] for each in page.devices] == expected
        assert page.total == len(expected)


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ({"status.setPoint": {"$gt": 20}}, "2"),
        ({"status.setPoint": {"$lte": 20}}, "1"),
        ({"status": {"setPoint": 20.0, "operationState": "1"}}, "1"),
        ({"status": {"setPoint": 20.0}}, ""),
        ({"status": {"setPoint": 21.5, "mode": "1"}}, "2"),
        ({"status": {"mode": "1"}}, ""),
        ({"status": {"$exists": True}}, "12"),
        ({"status": {"$exists": False}}, "3"),
        ({"status": None}, "3"),
        ({"status": {}}, ""),
        ({"status": {"nothing": 1}}, ""),
        ({"max_capacity": "5"}, "1"),
        ({"max_capacity": 0}, "3"),
        ({"max_capacity": {"$gt": "abc"}}, ""),
        ({"max_capacity": True}, ""),
        ({"external_ids": "a"}, "12"),
        ({"external_ids": {"$in": ["b", "c"]}}, "1"),
        ({"external_ids": {"$nin": ["b", "c"]}}, "23"),
        ({"external_ids": {"$exists": False}}, "3"),
        ({"external_ids": {"$gt": "a"}}, "1"),
        ({"account_id": ALICE.upper()}, "123"),
        ({"location": {"type": "Point", "coordinates": [2.50, 41]}}, "1"),
        ({"location": {"$exists": True}}, "1"),
        ({"device_name": '" . ?device ?p ?o . FILTER("'}, ""),
        ({"_created": {"$lt": "2026-09-21T00:00:00.000000Z"}}, ""),
        ({"_created": {"$gte": "2020-01-01T00:00:00.000000Z"}}, "123"),
        ({"commissioned": {"$lt": "2021-01-01"}}, "1"),
        ({"commissioned": {"$gte": "2021-01-01"}}, "2"),
        ({"status.operationState": "1.0"}, "1"),
        ({"status.mode": {"$lte": "1"}}, "2"),
        ({"status.mode": {"$lt": "1"}}, ""),
        ({"status.mode": {"$gte": "1"}}, "2"),
        ({"status.mode": {"$gt": "1"}}, ""),
        ({"status.mode": {"$gt": "0", "$lt": "2"}}, "2"),
        ({"status.mode": {"$lt": 2}}, ""),
        ({"aggregator_id": {"$gte": A}}, "123"),
        ({"aggregator_id": {"$gt": A}}, ""),
        ({"max_capacity": {"$gte": 5, "$lte": 5}}, "1"),
    ],
    ids=str,
)
def test_found(condition: dict[str, Any], found: str) -> None:
    reader = reader_of(
        [
            device(1, max_capacity=5.0, external_ids=["a", "b"], commissioned="2020-12-31",
                   status={"setPoint": 20.0, "operationState": "1"},
                   location={"type": "Point", "coordinates": [2.5, 41]}),
            device(2, external_ids=["a"], commissioned="2021-01-01", status={"setPoint": 21.5, "mode": "1"}),
            device(3, max_capacity=-0.0),
        ]
    )  # fmt: skip
    page = reader.page(LOADER, Listing(criteria=read_where(json.dumps(condition), FIELDS)))
    assert "".join(each.document["device_id"][-1] for each in page.devices) == found
    assert page.total == len(found)


@pytest.mark.parametrize("sort", ["location", "-location", "status.mode,location", *SORTABLE])
def test_sorting_by_any_field_loses_none(sort: str) -> None:
    reader = reader_of([device(number) for number in range(1, 4)])
    page = reader.page(LOADER, Listing(sort=read_sort(sort, FIELDS)))
    assert sorted(each.document["device_id"] for each in page.devices) == [
        device(number)["device_id"] for number in (1, 2, 3)
    ]


def test_the_largest_condition_is_answered() -> None:
    reader = reader_of([device(number, status={"setPoint": 20.0 + number}) for number in range(1, 30)])
    condition = {"$and": [{"status.setPoint": {"$gt": 20}}] * 200}
    assert reader.page(LOADER, Listing(criteria=read_where(json.dumps(condition), FIELDS))).total == 29


def test_a_listing_depends_on_the_predicates_that_it_names() -> None:
    criteria = read_where('{"$or":[{"status.mode":"1"},{"vpp_id":{"$not":{"$gt":"a"}}}]}', FIELDS)
    found = predicates_of(PROFILE, Listing(criteria=criteria, sort=read_sort("max_capacity", FIELDS)))
    assert found == {CREATED, *map(FLEX.term, ("deviceId", "status", "mode", "vppId", "maxCapacity"))}


@given(UUIDS)
def test_values_enter_the_query_as_terms_alone(value: str) -> None:
    text = page_query(PROFILE, Listing(criteria=read_where(json.dumps({"vpp_id": f'"}}{value}'}), FIELDS)))
    assert rf'"\"}}{value}"' in text
