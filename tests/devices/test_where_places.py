"""Spatial operators: which shapes they mean at 180°, at the poles and on boundaries, and what is refused."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from stand import LOADER, device
from test_listing_query import FIELDS, reader_of

from registry.devices.criteria import All, Listing
from registry.devices.queries.nearest import closer, ranking
from registry.devices.queries.normal_form import Every, normal_form
from registry.devices.where import read_sort, read_where
from registry.errors import BadRequest

PLACES = {
    "a": (0, 0), "b": (1, 1), "c": (2, 1), "d": (179.5, 10), "e": (-179.5, 10), "f": (180, 10), "g": (-180, 10.5),
    "h": (0, 89.5), "i": (180, 89.5), "j": (90, -90), "k": (22.5, 11.25),
}  # fmt: skip
"""Where devices stand, by letters."""
DEVICES = [
    *(
        device(number, vpp_id=name, location={"type": "Point", "coordinates": list(place)})
        for number, (name, place) in enumerate(PLACES.items(), start=1)
    ),
    device(99, vpp_id="z"),
]
READER, INDEXED = reader_of(DEVICES), reader_of(DEVICES, indexed_from=1)


def found(condition: Any, **listing: Any) -> str:
    """Return the letters of the devices that are found, in order; with and without an index they are the same."""
    asked = Listing(criteria=read_where(json.dumps({"location": condition}), FIELDS), **listing)
    page = READER.page(LOADER, asked)
    assert INDEXED.page(LOADER, asked) == page
    assert page.total == len(page.devices)
    return "".join(each.document["vpp_id"] for each in page.devices)


def square(west: float, south: float, east: float, north: float) -> list[list[float]]:
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def within(*rings: list[list[float]], kind: str = "Polygon") -> dict[str, Any]:
    coordinates: Any = [[ring] for ring in rings] if kind == "MultiPolygon" else list(rings)
    return {"$geoWithin": {"$geometry": {"type": kind, "coordinates": coordinates}}}


def near(longitude: float, latitude: float, **limits: float) -> dict[str, Any]:
    point = {"type": "Point", "coordinates": [longitude, latitude]}
    return {"$near": {"$geometry": point, **{f"${name}": limit for name, limit in limits.items()}}}


@pytest.mark.parametrize(
    ("condition", "letters"),
    [
        (within(square(0, 0, 2, 1)), "abc"),
        (within(square(-1, -1, 2, 2), square(0.5, 0.5, 1.5, 1.5)), "ac"),
        (within(square(-1, -1, 2, 2), square(1, 0.5, 1.5, 1.5)), "abc"),
        (within([[0, 0], [2, 0], [2, 2], [0, 0]]), "abc"),
        (within([[0.1, 0], [2.1, 0], [2.1, 2], [0.1, 0]]), "c"),
        (within(square(179, 9, -179, 11)), "defg"),
        (within(square(-179, 9, 179, 11)), "defg"),
        (within(square(179, 9, 180, 11), square(-180, 9, -179, 11), kind="MultiPolygon"), "defg"),
        (within(square(179, 9, 180, 10)), "df"),
        (within(square(-180, 9, -179, 10)), "ef"),
        (within(square(-180, -90, 180, 90)), "abcdefghijk"),
        (within([[0, 80], [90, 80], [180, 80], [-90, 80], [0, 80]]), "hi"),
        (within([[0, -80], [120, -80], [-120, -80], [0, -80]]), "j"),
        ({"$geoWithin": {"$box": [[0, 0], [1, 1]]}}, "ab"),
        ({"$geoWithin": {"$box": [[179.5, 9], [-179.6, 10]]}}, "df"),
        ({"$geoWithin": {"$box": [[1, 1], [2, 1]]}}, "bc"),
        ({"$geoWithin": {"$box": [[1, 1], [1, 1]]}}, "b"),
        ({"$geoWithin": {"$polygon": [[0, 0], [2, 0], [2, 2]]}}, "abc"),
        ({"$geoWithin": {"$center": [[1, 1], 1]}}, "bc"),
        ({"$geoWithin": {"$center": [[180, 10], 0.5]}}, "defg"),
        ({"$geoWithin": {"$centerSphere": [[1, 1], 0.0175]}}, "bc"),
        ({"$geoWithin": {"$centerSphere": [[90, 90], 0.009]}}, "hi"),
        ({"$geoIntersects": {"$geometry": {"type": "Point", "coordinates": [-180, 10]}}}, "f"),
        ({"$geoIntersects": {"$geometry": {"type": "LineString", "coordinates": [[179, 10], [-179, 10]]}}}, "def"),
        ({"$geoIntersects": {"$geometry": {"type": "MultiPoint", "coordinates": [[1, 1], [22.5, 11.25]]}}}, "bk"),
        ({"$not": {"$geoWithin": {"$box": [[-180, -90], [179.9, 89]]}}}, "hiz"),
        (near(1, 1), "bcakgedfhij"),
        (near(1, 1, maxDistance=120_000), "bc"),
        (near(1, 1, maxDistance=120_000, minDistance=1), "c"),
        (near(180, 10, maxDistance=60_000), "fdeg"),
        (near(0, 90, maxDistance=60_000), "hi"),
        (near(0, -90, maxDistance=0.001), "j"),
        (near(22.5, 11.25, maxDistance=0), "k"),
        ({"$nearSphere": [1, 1], "$maxDistance": 0.0176}, "bc"),
        ({"$near": [1, 1], "$maxDistance": 1.001}, "bc"),
    ],
    ids=lambda value: json.dumps(value)[:70],
)
def test_found(condition: Any, letters: str) -> None:
    if "$near" in condition and letters.startswith("bca"):
        got = found(condition)
        assert got.startswith("bcak")
        assert sorted(got) == sorted(PLACES)
    elif letters == "fdeg":
        assert found(condition)[0] == "f"
        assert set(found(condition)) == set(letters)
    else:
        assert found(condition) == letters


def test_a_sort_takes_the_place_of_the_distance() -> None:
    assert found(near(1, 1, maxDistance=120_000), sort=read_sort("-vpp_id", FIELDS)) == "cb"


def test_the_nearest_are_those_of_the_first_full_page_of_a_part() -> None:
    criteria = read_where(json.dumps({"location": near(1, 1, maxDistance=2e7)}), FIELDS)
    place, others = ranking(normal_form(criteria)) or pytest.fail("the distance ranks")
    parts = list(closer(place))
    pages = [
        [each.iri for each in READER.page(LOADER, Listing(criteria=part.criteria, size=2)).devices] for part in parts
    ]
    assert others == Every()
    assert parts[-1] == place
    assert len(parts) > 2
    assert all(page == pages[-1] for page in pages if len(page) == 2)
    assert sum(len(page) == 2 for page in pages) > 1
    assert ranking(normal_form(All())) is None


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ({"$near": 5}, 'where.location.$near must be {"$geometry"'),
        ({"$near": {}}, 'where.location.$near must be {"$geometry"'),
        ({"$near": {"$geometry": square(0, 0, 1, 1)}}, "where.location.$near.$geometry must be a GeoJSON geometry"),
        (within() | {}, "where.location.$geoWithin.$geometry.coordinates must be a list of 1 to 1000"),
        (near(0, 0, maxDistance=-1), "where.location.$near.$maxDistance must be a number from 0"),
        (near(0, 0, maxDistanc=1), "where.location.$near: unknown operator $maxDistanc"),
        (near(181, 0), "where.location.$near.$geometry.coordinates must be [longitude, latitude]"),
        ({"$near": [1], "$maxDistance": 1}, "where.location.$near must be [longitude, latitude]"),
        ({"$near": [1, 1], "$maxDistance": True}, "where.location.$near.$maxDistance must be a number"),
        (
            {"$geoWithin": {"$circle": 1}},
            "where.location.$geoWithin: unknown shape $circle; possible are $geometry, $box",
        ),
        ({"$geoWithin": {"$box": 1, "$center": 1}}, "where.location.$geoWithin must be an object of one shape"),
        ({"$geoWithin": {"$box": [[0, 5], [1, 1]]}}, "where.location.$geoWithin.$box: the first corner"),
        (
            {"$geoWithin": {"$center": [[0, 0]]}},
            "where.location.$geoWithin.$center must be [[longitude, latitude], radius]",
        ),
        ({"$geoWithin": {"$center": [[0, 0], "1"]}}, "where.location.$geoWithin.$center[1] must be a number"),
        (within([[0, 0], [1, 0], [1, 1], [0, 1]]), "coordinates[0]: a ring must end where it begins"),
        (within([[0, 0], [1, 0], [0, 0]]), "coordinates[0] must be a list of 4 to 1000 positions"),
        (within(*[square(0, 0, 1, 1)] * 201), "has more than 1000 positions"),
        ({"$geoIntersects": {"$box": [[0, 0], [1, 1]]}}, "unknown shape $box; possible are $geometry"),
        ({"$geoIntersects": {"$geometry": {"type": ["x"]}}}, "must be a GeoJSON geometry"),
        ({"$geoIntersects": {"$geometry": {"type": "Point", "coordinates": [1, 1], "crs": 5}}}, "'crs' has no meaning"),
        ({"$not": near(0, 0)}, "where.location.$not.$near orders the whole listing"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_is_refused(condition: Any, words: str) -> None:
    with pytest.raises(BadRequest, match=re.escape(words)):
        read_where(json.dumps({"location": condition}), FIELDS)


def test_near_stands_once_and_not_in_or() -> None:
    both = {"location": near(0, 0)}
    for condition in ({"$or": [both]}, {"$nor": [both]}, {"$and": [both, both]}):
        with pytest.raises(BadRequest, match="can stand once, at the top or in"):
            read_where(json.dumps(condition), FIELDS)
    read_where(json.dumps({"$and": [both, {"vpp_id": "a"}]}), FIELDS)
