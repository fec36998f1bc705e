"""The index of points: what it counts and orders is what the distances say, which are the engine's own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import islice, pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from places_on_documents import RADIUS, metres

from registry.geo.box import Position
from registry.geo.great_circle import distance_from
from registry.geo.point_grid import PointGrid
from registry.geo.shapes import Disc
from sparql.dataset import DatasetDescription
from sparql.embedded import EmbeddedStore
from sparql.terms import Literal

EDGES = st.integers(-512, 512).map(lambda each: each * 360 / 1024)
"""Longitudes on the edges of cells; half of each is such a latitude."""
POSITIONS = st.tuples(
    st.floats(-180, 180) | EDGES | st.sampled_from([180.0, -180.0, math.nextafter(180, 0)]),
    st.floats(-90, 90) | EDGES.map(lambda each: each / 2) | st.sampled_from([90.0, -90.0]),
)
CLOSE = st.tuples(st.floats(-0.02, 0.02), st.floats(-0.02, 0.02))
"""Offsets within which several cells of the finest level lie."""


@st.composite
def scenes(draw: st.DrawFn) -> tuple[list[Position], Position]:
    """Draw points and a centre, all of them anywhere or most of them close to each other."""
    x, y = centre = draw(POSITIONS)
    near = CLOSE.map(lambda by: ((x + by[0] + 180) % 360 - 180, max(-90.0, min(90.0, y + by[1]))))
    points = draw(st.lists(near | POSITIONS | st.just(centre), max_size=12))
    return points, centre


def grid_of(points: Sequence[Position]) -> PointGrid[int]:
    grid: PointGrid[int] = PointGrid()
    for number, point in enumerate(points):
        grid.put(number, point)
    return grid


def inside(points: Sequence[Position], disc: Disc) -> dict[int, float]:
    distance = distance_from(disc.centre)
    found = {number: distance(point) for number, point in enumerate(points)}
    return {number: away for number, away in found.items() if disc.nearest <= away <= disc.farthest}


@given(
    scene=scenes(),
    far=st.sampled_from([0.0, 1.0, 500.0, 2e3, 1e6, 3e7, math.inf]) | st.floats(0, 3e3),
    near=st.sampled_from([0.0, 0.0, 1.0, 700.0, 1e6]),
)
def test_a_disc_holds_the_points_at_its_distances(
    scene: tuple[list[Position], Position], far: float, near: float
) -> None:
    points, centre = scene
    disc = Disc(centre, far, near)
    grid, wanted = grid_of(points), inside(points, disc)
    assert grid.count(disc) == len(wanted)
    groups = list(grid.nearest(disc))
    assert {name: away for away, names in groups for name in names} == wanted
    assert all(one < other for (one, _), (other, _) in pairwise(groups))
    some = [*range(0, len(points), 2), 99]
    among = list(grid.nearest_among(some, disc))
    assert among == [(away, kept) for away, names in groups if (kept := sorted(set(names) & set(some)))]


@given(scene=scenes(), data=st.data())
def test_a_point_on_the_edge_of_a_disc_is_in_it(scene: tuple[list[Position], Position], data: st.DataObject) -> None:
    points, centre = scene
    edge = data.draw(POSITIONS | st.sampled_from(points or [centre]))
    radius = distance_from(centre)(edge)
    everything = [*points, edge]
    grid = grid_of(everything)
    for disc in (Disc(centre, radius), Disc(centre, math.inf, radius), Disc(centre, radius, radius)):
        assert grid.count(disc) == len(inside(everything, disc)) > 0


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.none() | st.sampled_from([(0.0, 0.0), (180.0, 1.0), (-180.0, 1.0)])),
        max_size=12,
    )
)
def test_points_move_and_go(changes: list[tuple[str, Position | None]]) -> None:
    grid: PointGrid[str] = PointGrid()
    there: dict[str, Position] = {}
    for name, position in changes:
        there.pop(name, None)
        if position is None:
            grid.remove(name)
        else:
            grid.put(name, position)
            there[name] = position
        everywhere = Disc((0.0, 0.0), 3e7)
        assert len(grid) == len(there) == grid.count(everywhere)
        assert sorted(name for _, names in grid.nearest(everywhere) for name in names) == sorted(there)
        assert grid.count(Disc((0.0, 0.0), 1.0)) == list(there.values()).count((0.0, 0.0))
        assert grid.count(Disc((179.9, 1.0), 2e4)) == sum(place[1] == 1.0 for place in there.values())


@pytest.mark.parametrize("position", [(180.1, 0.0), (0.0, 90.1), (-181.0, 0.0), (0.0, -91.0), (math.nan, 0.0)])
def test_what_is_not_on_the_globe_is_not_there(position: Position) -> None:
    grid = grid_of([(0.0, 0.0)])
    grid.put(0, position)
    assert len(grid) == grid.count(Disc((0.0, 0.0))) == 0


def test_the_first_are_found_without_the_rest() -> None:
    points = [(2.0 + x / 1e3, 41.0 + y / 1e3) for x in range(60) for y in range(60)]
    grid = grid_of(points)
    disc = Disc((2.03, 41.03), 5e4)
    ordered = sorted(inside(points, disc).items(), key=lambda each: each[1])
    first = [name for _, names in islice(grid.nearest(disc), 5) for name in names]
    assert first == [name for name, _ in ordered[: len(first)]]
    assert grid.count(disc) == len(points)


@given(one=POSITIONS, other=POSITIONS)
@example(one=(0.0, 90.0), other=(123.0, -90.0))
@example(one=(180.0, 10.0), other=(-180.0, 10.0))
def test_distances_are_those_along_great_circles(one: Position, other: Position) -> None:
    away = distance_from(one)(other)
    # near the antipodes the haversine formula loses half of the digits
    assert away == pytest.approx(metres(one, other), rel=1e-9, abs=1e-3 if away < 0.99 * math.pi * RADIUS else 1.0)


@given(centre=POSITIONS, points=st.lists(POSITIONS, min_size=1, max_size=20))
@example(centre=(12.5, 41.25), points=[(-167.5, -41.25), (-167.5, -41.250001), (12.5, 41.25)])
@example(centre=(0.1, 0.3), points=[(-179.9, -0.3), (180.0, 0.0), (-180.0, 0.0), (0.1, 90.0), (0.1, -90.0)])
def test_distances_are_those_of_the_engine(centre: Position, points: list[Position]) -> None:
    wkt = "<http://www.opengis.net/ont/geosparql#wktLiteral>"
    values = " ".join(f'("POINT({x!r} {y!r})"^^{wkt})' for x, y in points)
    rows = EmbeddedStore().select(
        "PREFIX geof: <http://www.opengis.net/def/function/geosparql/> "
        f'SELECT (geof:distance(?at, "POINT({centre[0]!r} {centre[1]!r})"^^{wkt}, '
        f"<http://www.opengis.net/def/uom/OGC/1.0/metre>) AS ?away) {{ VALUES (?at) {{ {values} }} }}",
        DatasetDescription(),
    )
    distance = distance_from(centre)
    for point, (away,) in zip(points, rows, strict=True):
        assert isinstance(away, Literal)
        assert float(away.lexical) == distance(point)
