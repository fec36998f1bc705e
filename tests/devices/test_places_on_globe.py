"""Places that the store finds, against arithmetic that shares nothing with the product: not the unrolling either."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from places_on_documents import lies_in
from places_on_globe import meets
from stand import LOADER, device
from test_listing_query import FIELDS, polygons, positions, reader_of
from test_where_places import PLACES, READER

from registry.devices.criteria import Listing
from registry.devices.where import read_where
from registry.devices.where.places import read_shape
from registry.geo.shapes import Region

WHOLE = [[-180, -90], [180, -90], [180, 90], [-180, 90], [-180, -90]]
BAND = [[-180, 10], [180, 10], [180, 20], [-180, 20], [-180, 10]]
HOLED = [
    [[[170, -10], [-170, -10], [-170, 10], [170, 10], [170, -10]], [[-178, -4], [-174, -4], [-174, 4], [-178, -4]]],
    [[[-170, -10], [-170, 10], [170, 10], [170, -10], [-170, -10]], [[178, -4], [174, -4], [174, 4], [178, -4]]],
]
"""Polygons across 180° with a hole on the other side of it."""


@st.composite
def stars(draw: st.DrawFn) -> list[list[float]]:
    """Draw a ring whose corners are all around a place, in either direction, that may cross 180°."""
    x, y = draw(st.sampled_from([(0, 0), (179, 10), (-178, -20), (90, 60), (10, -70)]))
    angles = sorted(draw(st.sets(st.integers(0, 23), min_size=4, max_size=12)))
    assume(all((b - a) % 24 < 12 for a, b in zip(angles, [*angles[1:], angles[0] + 24], strict=True)))
    reach = [draw(st.integers(2, 18)) for _ in angles]
    corners = [
        [x + round(r * math.cos(math.radians(15 * a)), 3), y + round(r * math.sin(math.radians(15 * a)), 3)]
        for a, r in zip(angles, reach, strict=True)
    ]
    turned = [[(longitude + 180) % 360 - 180, latitude] for longitude, latitude in corners]
    return _closed(turned if draw(st.booleans()) else turned[::-1])


@st.composite
def caps(draw: st.DrawFn) -> list[list[float]]:
    """Draw a ring around a pole."""
    pole = draw(st.sampled_from([1, -1]))
    longitudes = sorted(draw(st.sets(st.integers(-12, 11), min_size=4, max_size=10)))
    assume(all((b - a) % 24 < 12 for a, b in zip(longitudes, [*longitudes[1:], longitudes[0] + 24], strict=True)))
    corners = [[15.0 * each, pole * draw(st.integers(40, 85))] for each in longitudes]
    return _closed(corners if draw(st.booleans()) else corners[::-1])


def _closed(corners: list[list[float]]) -> list[list[float]]:
    return [*corners, corners[0]]


AREAS = (
    st.one_of(stars(), caps(), st.just(WHOLE), st.just(BAND)).map(
        lambda ring: {"type": "Polygon", "coordinates": [ring]}
    )
    | st.sampled_from(HOLED).map(lambda rings: {"type": "Polygon", "coordinates": rings})
    | polygons().map(lambda rings: {"type": "Polygon", "coordinates": rings})
    | st.lists(polygons(), min_size=1, max_size=2).map(lambda each: {"type": "MultiPolygon", "coordinates": each})
)
FAR = st.tuples(st.integers(-18, 18).map(lambda each: each * 10), st.integers(-3, 3).map(lambda each: each * 10)).map(
    list
)
LINES = st.lists(positions() | FAR, min_size=2, max_size=4).map(
    lambda line: {"type": "LineString", "coordinates": line}
)
POINTS = positions().map(lambda place: {"type": "Point", "coordinates": place})
BOXES = st.tuples(positions(), positions()).map(
    lambda two: [[two[0][0], min(two[0][1], two[1][1])], [two[1][0], max(two[0][1], two[1][1])]]
)
SHAPES = st.one_of(
    AREAS.map(lambda each: ("$geoWithin", "$geometry", each)),
    st.one_of(AREAS, LINES, POINTS).map(lambda each: ("$geoIntersects", "$geometry", each)),
    BOXES.map(lambda each: ("$geoWithin", "$box", each)),
    stars().map(lambda ring: ("$geoWithin", "$polygon", ring[:-1])),
)
BESIDE = st.tuples(st.sampled_from([-178, -177, -176, -175, 174, 176, 177]), st.integers(-5, 5)).map(list)
ANYWHERE = positions() | FAR | BESIDE | st.tuples(st.integers(-180, 180), st.integers(-90, 90)).map(list)


@settings(max_examples=400)
@given(shape=SHAPES, places=st.lists(ANYWHERE, min_size=1, max_size=20))
def test_a_shape_holds_what_it_holds_on_the_globe(shape: tuple[str, str, Any], places: list[list[float]]) -> None:
    operator, kind, operand = shape
    read = read_shape(operator, {operator: {kind: operand}}, "where.location")
    assert isinstance(read, Region)
    for place in places:
        assert lies_in(place, read) == meets(place, kind, operand), place


@settings(max_examples=60)
@given(shape=SHAPES, places=st.lists(ANYWHERE, min_size=1, max_size=12))
def test_the_store_finds_what_lies_there_on_the_globe(shape: tuple[str, str, Any], places: list[list[float]]) -> None:
    operator, kind, operand = shape
    found = [
        device(number, location={"type": "Point", "coordinates": place}) for number, place in enumerate(places, start=1)
    ]
    criteria = read_where(json.dumps({"location": {operator: {kind: operand}}}), FIELDS)
    page = reader_of(found).page(LOADER, Listing(criteria=criteria))
    wanted = [each["device_id"] for each, place in zip(found, places, strict=True) if meets(place, kind, operand)]
    assert sorted(each.document["device_id"] for each in page.devices) == sorted(wanted)


@pytest.mark.parametrize(
    ("ring", "letters"),
    [
        ([[0, 80], [90, 80], [180, 80], [-90, 80], [0, 80]], "hi"),
        ([[0, 80], [-90, 80], [180, 80], [90, 80], [0, 80]], "hi"),
        ([[0, -80], [120, -80], [-120, -80], [0, -80]], "j"),
        ([[179, 9], [-179, 9], [-179, 11], [179, 11], [179, 9]], "defg"),
        (WHOLE, "abcdefghijk"),
        (BAND, "defgk"),
        ([[170, 9], [-5, 9], [-5, 12], [170, 12], [170, 9]], "k"),
        ([[175, 9], [-10, 9], [-10, 11], [175, 11], [175, 9]], "defg"),
    ],
)
def test_both_know_what_lies_across_180_and_around_a_pole(ring: list[list[float]], letters: str) -> None:
    """Guards the tests above against the same mistake in both."""
    geometry = {"type": "Polygon", "coordinates": [ring]}
    criteria = read_where(json.dumps({"location": {"$geoWithin": {"$geometry": geometry}}}), FIELDS)
    page = READER.page(LOADER, Listing(criteria=criteria))
    assert "".join(sorted(each.document["vpp_id"] for each in page.devices)) == letters
    assert "".join(name for name, place in PLACES.items() if meets(place, "$geometry", geometry)) == letters
