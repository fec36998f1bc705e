"""Listings: what the store finds is what plain Python finds in the documents."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from criteria_on_documents import holds, in_order
from device_strategies import SIMPLE, UUIDS, created, documents, values
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from places_on_documents import metres
from stand import ALICE, BOB, LOADER, A, B, device

from registry.access import placement
from registry.devices.criteria import Listing
from registry.devices.documents import ABSENT, device_iri, to_triples, value_at
from registry.devices.point_index import FEWEST_POINTS
from registry.devices.queries.members import members
from registry.devices.queries.normal_form import fields_of, normal_form
from registry.devices.queries.ordering import created_query, page_clause
from registry.devices.queries.variables import variables
from registry.devices.reading import DeviceReader
from registry.devices.view import Limits
from registry.devices.where import read_sort, read_where
from registry.principal import Principal, Role
from registry.profile import load_profile
from registry.vocabulary import CREATED
from sparql.embedded import EmbeddedStore

PROFILE = load_profile()
FIELDS = {field.name: field for field in PROFILE.visible(Role.SERVICE)}
SORTABLE = [name for name, field in FIELDS.items() if not field.multiple and field.codec.kind != "point"]
ORDERS = ("$gt", "$gte", "$lt", "$lte")
LOCAL = st.integers(-4, 4)
AROUND = st.sampled_from([(0, 0), (178, 0), (-180, 5), (2, 41), (-60, 86), (10, -87)])
"""Where the devices of these tests stand: small whole degrees around some places, and anywhere."""
PATTERNS = ("", "^a", "1", "[0-9a-f]{4}-", "A", "e$", "(?i)S|x", ".", r"\W", "y e s")
OTHERS: tuple[dict[str, Any], ...] = (
    {"$size": 0}, {"$size": 1}, {"$size": 2}, {"$size": 9}, {"$mod": [2, 0]}, {"$mod": [-3, 1]}, {"$mod": [3, -1]},
    {"$type": "number"}, {"$type": ["string", "object"]}, {"$type": 4}, {"$gte": None}, {"$gt": None},
)  # fmt: skip


@st.composite
def positions(draw: st.DrawFn) -> list[float]:
    """Draw a position, often one that others are at or near."""
    x, y = draw(AROUND)
    longitude, latitude = x + draw(LOCAL), max(-90, min(90, y + draw(LOCAL)))
    return [(longitude + 180) % 360 - 180, latitude]


PLACES = positions().map(lambda place: {"type": "Point", "coordinates": place})
DEVICES = st.lists(
    documents(
        PROFILE,
        account_id=st.sampled_from([ALICE, BOB]),
        aggregator_id=st.sampled_from([A, B]),
        location=SIMPLE["point"] | PLACES,
    ),
    max_size=6,
    unique_by=lambda document: document["device_id"],
)


LIMITS = st.sampled_from([Limits(), Limits(whole=0)]) | st.builds(
    Limits,
    whole=st.just(0),
    few=st.integers(0, 4),
    first=st.integers(1, 3),
    most=st.integers(1, 6),
    values=st.integers(1, 4),
)
"""Small ones, so that few devices are found in all ways."""


def reader_of(
    found: list[dict[str, Any]], limits: Limits | None = None, indexed_from: int = FEWEST_POINTS
) -> DeviceReader:
    store = EmbeddedStore()
    for number, document in enumerate(found):
        iri = device_iri(document["device_id"])
        assert iri is not None
        store.load(placement(PROFILE, to_triples(PROFILE, created(document, number), iri)))
    return DeviceReader(store, PROFILE, limits, indexed_from)


@st.composite
def polygons(draw: st.DrawFn) -> list[list[list[float]]]:
    """Draw the rings of a polygon: a triangle, or a square with a hole, that may cross 180°."""
    x, y = draw(AROUND)
    y = max(-85, min(85, y))
    if draw(st.booleans()):
        size = draw(st.integers(2, 4))
        rings = [[(x - s, y - s), (x + s, y - s), (x + s, y + s), (x - s, y + s), (x - s, y - s)] for s in (size, 1)]
    else:
        corners = draw(st.lists(st.tuples(LOCAL, LOCAL), min_size=3, max_size=3, unique=True))
        rings = [[(x + dx, y + dy) for dx, dy in (*corners, corners[0])]]
    return [[[(longitude + 180) % 360 - 180, latitude] for longitude, latitude in ring] for ring in rings]


@st.composite
def places(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a spatial condition."""
    centre = draw(positions())
    kind = draw(st.sampled_from(["$geoIntersects", "$box", "$center", "$centerSphere", "Polygon", "MultiPolygon"]))
    match kind:
        case "$box":
            (west, south), (east, north) = centre, draw(positions())
            return {"$geoWithin": {"$box": [[west, min(south, north)], [east, max(south, north)]]}}
        case "$center" | "$centerSphere":
            return {"$geoWithin": {kind: [centre, draw(st.sampled_from([0, 0.05, 1, 5, 400]))]}}
        case "Polygon" | "MultiPolygon":
            several = draw(st.lists(polygons(), min_size=1, max_size=2))
            geometry = {"type": kind, "coordinates": several if kind == "MultiPolygon" else several[0]}
            return {"$geoWithin": {"$geometry": geometry}}
    line = {"type": "LineString", "coordinates": [centre, draw(positions())]}
    return {"$geoIntersects": {"$geometry": draw(st.sampled_from([line, {"type": "Point", "coordinates": centre}]))}}


@st.composite
def conditions(draw: st.DrawFn, found: list[dict[str, Any]], depth: int = 2) -> dict[str, Any]:
    """Draw a where condition whose values are often those of the devices."""
    if depth and draw(st.booleans()):
        operator = draw(st.sampled_from(["$and", "$or", "$nor"]))
        return {operator: [draw(conditions(found, depth - 1)) for _ in range(draw(st.integers(1, 2)))]}
    names = draw(st.lists(st.sampled_from([*FIELDS, "nothing"]), max_size=2, unique=True))
    return {name: draw(demands(name, found)) for name in names}


@st.composite
def demands(draw: st.DrawFn, name: str, found: list[dict[str, Any]]) -> Any:  # noqa: PLR0911
    """Draw what a field is tested for."""
    there = [value for value in (value_at(created(each), name.split(".")) for each in found) if value is not ABSENT]
    field = FIELDS.get(name)
    flat = [each for value in there for each in (value if isinstance(value, list) else [value])]
    own = st.nothing() if field is None or field.multiple else values(PROFILE, field)
    value = st.sampled_from(flat) if flat else st.just("x")
    value = value | own | st.sampled_from([0, "", True, 1.5, "2026"])
    match draw(st.sampled_from(["plain", "operators", "list", "exists", "not", "regex", "other", "place"])):
        case "regex":
            return {"$regex": draw(st.sampled_from(PATTERNS)), "$options": draw(st.sampled_from(["", "i", "ms", "x"]))}
        case "other":
            return draw(st.sampled_from(OTHERS) | st.fixed_dictionaries({"$all": st.lists(value, max_size=2)}))
        case "place":
            return draw(places())
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
@given(data=st.data(), found=DEVICES, limits=LIMITS)
def test_the_store_finds_what_python_finds(data: st.DataObject, found: list[dict[str, Any]], limits: Limits) -> None:
    condition = data.draw(conditions(found))
    keys = data.draw(st.lists(st.tuples(st.sampled_from(SORTABLE), st.sampled_from([1, -1])), max_size=3))
    size = data.draw(st.integers(1, 4))
    criteria = read_where(json.dumps(condition), FIELDS)
    sort = read_sort(repr(keys), FIELDS)
    wanted = in_order(
        [whole for number, each in enumerate(found) if holds(criteria, whole := created(each, number))], sort
    )
    reader = reader_of(found, limits, data.draw(st.sampled_from([0, FEWEST_POINTS])))
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
        ({"max_capacity": "5"}, ""),
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
    assert set(fields_of(normal_form(criteria))) == {"status.mode", "vpp_id"}


@given(UUIDS)
def test_values_enter_the_query_as_terms_alone(value: str) -> None:
    names = variables()
    node = normal_form(read_where(json.dumps({"vpp_id": f'"}}{value}'}), FIELDS))
    assert rf'"\"}}{value}"' in members(node, names).pattern(names)


@settings(max_examples=60)
@given(
    found=DEVICES,
    centre=positions(),
    bounds=st.lists(st.sampled_from([0, 1.0, 150_000, 400_000, 2e6, 3e7]), max_size=2).map(sorted),
    form=st.sampled_from(["$near", "$nearSphere"]),
    indexed_from=st.sampled_from([0, FEWEST_POINTS]),
)
def test_the_nearest_come_first(
    found: list[dict[str, Any]], centre: list[float], bounds: list[float], form: str, indexed_from: int
) -> None:
    limits = dict(zip(("$maxDistance", "$minDistance"), reversed(bounds), strict=False))
    near = {form: {"$geometry": {"type": "Point", "coordinates": centre}, **limits}}
    wholes = [created(each, number) for number, each in enumerate(found) if "location" in each]
    distances = {each["device_id"]: metres(each["location"]["coordinates"], centre) for each in wholes}
    low, high = limits.get("$minDistance", 0.0), limits.get("$maxDistance", 1e9)
    assume(all(abs(each - bound) > 1e-3 for each in distances.values() for bound in (low, high) if bound))
    wanted = [name for name, each in distances.items() if low <= each <= high or (each < 1e-3 and not low)]
    listing = Listing(criteria=read_where(json.dumps({"location": near}), FIELDS))
    page = reader_of(found, indexed_from=indexed_from).page(LOADER, listing)
    got = [each.document["device_id"] for each in page.devices]
    assert sorted(got) == sorted(wanted)
    assert page.total == len(wanted)
    ordered = [distances[name] for name in got]
    assert all(one <= other + 1e-3 for one, other in pairwise(ordered))


def test_an_unfiltered_page_asks_for_nothing_but_what_orders_it() -> None:
    query = created_query(page_clause(0, 25))
    assert query.count("?device <") == 1
    assert f"?device <{CREATED}> ?created" in query
