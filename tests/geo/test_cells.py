"""The grid: every point of a shape lies in a cell of its cover, at the poles and across 180° too."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from places_on_documents import RADIUS, metres

from registry.geo.box import Position
from registry.geo.cells import LEVELS, cells_at
from registry.geo.cover import Cover, cover
from registry.geo.shapes import Circle, Disc, Part, Region

LONGITUDES = st.floats(-180, 180) | st.integers(-512, 512).map(lambda each: each * 360 / 1024) | st.just(180.0)
LATITUDES = st.floats(-90, 90) | st.integers(-256, 256).map(lambda each: each * 180 / 512)
POSITIONS = st.tuples(LONGITUDES, LATITUDES)
CLOSE = st.floats(-1e-3, 1e-3)


def covered(position: Position, cells: Cover | None) -> bool:
    return cells is None or not (cells.inner | cells.border).isdisjoint(cells_at(*position))


@given(POSITIONS)
def test_a_point_lies_in_one_cell_of_each_level_and_within_its_bounds(position: Position) -> None:
    cells = cells_at(*position)
    assert tuple(cell.level for cell in cells) == LEVELS
    for level, column, row in cells:
        west = Fraction(360 * column, 2**level) - 180
        south = Fraction(180 * row, 2**level) - 90
        east, north = west + Fraction(360, 2**level), south + Fraction(180, 2**level)
        longitude = Fraction(-180 if position[0] == 180 else position[0])
        slack = Fraction(1, 10**12)  # the grid rounds as floats do
        assert west - slack <= longitude <= east + slack
        assert south - slack <= Fraction(position[1]) <= north + slack


@pytest.mark.parametrize(
    ("position", "name"),
    [
        ((-180, -90), "4/0/0"),
        ((180, -90), "4/0/0"),
        ((0, 0), "4/8/8"),
        ((179.999, 90), "4/15/15"),
        ((math.nextafter(0, -1), 0), "4/8/8"),
        ((-1e-9, -1e-9), "4/7/7"),
        ((22.5, 11.25), "4/9/9"),
    ],
)
def test_cells_include_their_western_and_southern_edge(position: Position, name: str) -> None:
    assert cells_at(*position)[0].name == name


@pytest.mark.parametrize("position", [(180.1, 0), (0, 90.1), (-181, 0), (0, -91), (math.nan, 0), (0, math.inf)])
def test_what_is_not_on_the_globe_has_no_cell(position: Position) -> None:
    assert cells_at(*position) == ()


@given(centre=POSITIONS, point=POSITIONS, slack=st.sampled_from([0.0, 1e-6, 1.0, 1e5]))
@example(centre=(180.0, 0.0), point=(-180.0, 0.0), slack=0.0)
@example(centre=(0.0, 89.99), point=(180.0, 89.99), slack=0.0)
def test_a_disc_is_covered(centre: Position, point: Position, slack: float) -> None:
    assert covered(point, cover(Disc(centre, metres(centre, point) + slack)))


@given(centre=POSITIONS, dx=CLOSE, dy=CLOSE)
def test_a_small_disc_is_covered_by_few_cells(centre: Position, dx: float, dy: float) -> None:
    longitude = (centre[0] + dx + 180) % 360 - 180
    point = (longitude, min(90.0, max(-90.0, centre[1] + dy)))
    cells = cover(Disc(centre, metres(centre, point)))
    assert covered(point, cells)
    assert cells is None or len(cells.inner) + len(cells.border) <= 1024
    assert cells is not None or abs(centre[1]) > 89


@given(centre=POSITIONS, radius=st.floats(0, 200), part=st.floats(0, 1), angle=st.floats(0, 2 * math.pi))
def test_a_circle_is_covered(centre: Position, radius: float, part: float, angle: float) -> None:
    x, y = centre[0] + radius * part * math.cos(angle), centre[1] + radius * part * math.sin(angle)
    assume(abs(y) <= 90)
    assert covered(((x + 180) % 360 - 180, y), cover(Circle(centre, radius)))


@given(
    west=LONGITUDES, width=st.floats(0, 360), south=LATITUDES, height=st.floats(0, 90),
    x=st.floats(0, 1), y=st.floats(0, 1),
)  # fmt: skip
def test_a_box_is_covered(west: float, width: float, south: float, height: float, x: float, y: float) -> None:  # noqa: PLR0917
    north = min(90.0, south + height)
    point = min(west + width * x, west + width), min(south + (north - south) * y, north)
    turned = point[0] - 360 if point[0] > 180 else point[0]
    assume(-180 <= turned <= 180)
    ring = ((west, south), (west + width, south), (west + width, north), (west, north), (west, south))
    assert covered((turned, point[1]), cover(Region((Part((ring,)),))))


@given(centre=POSITIONS, part=st.floats(0, 1), radius=st.floats(0, 1e6), turn=st.floats(0, 6.3))
def test_every_point_of_an_inner_cell_is_in_the_disc(centre: Position, part: float, radius: float, turn: float) -> None:
    """And of every point near the edge it is known on which side it is."""
    angle = math.degrees(radius * part / RADIUS)
    latitude = centre[1] + angle * math.cos(turn)
    assume(abs(latitude) < 89)
    point = ((centre[0] + angle * math.sin(turn) / math.cos(math.radians(latitude)) + 180) % 360 - 180, latitude)
    cells = cover(Disc(centre, radius))
    if cells is not None and not cells.inner.isdisjoint(cells_at(*point)):
        assert metres(centre, point) <= radius + 1e-6
    if metres(centre, point) <= radius - 1e-6:
        assert covered(point, cells)


@pytest.mark.parametrize("centre", [(2.1, 41.4), (179.999, -60.0), (0.0, 0.0), (-180.0, 70.0)])
@pytest.mark.parametrize("radius", [50.0, 3e3, 5e3, 4e4, 5e5])
def test_corners_of_inner_cells_are_in_the_disc(centre: Position, radius: float) -> None:
    cells = cover(Disc(centre, radius))
    assert cells is not None
    assert (len(cells.inner) > 3) == (radius > 100)
    assert cells.inner.isdisjoint(cells.border)
    for level, x, y in cells.inner:
        for east, north in ((x, y), (x + 1, y), (x, y + 1), (x + 1, y + 1)):
            assert metres(centre, (east / 2**level * 360 - 180, north / 2**level * 180 - 90)) <= radius


def test_the_finest_level_is_taken_that_needs_few_cells() -> None:
    covers = [cover(Disc((2.1, 41.4), km * 1000.0)) for km in (1, 5, 50, 500, 3000)]
    assert [max(cell.level for cell in cells.border) for cells in covers if cells] == [16, 16, 10, 7, 4]
    squares = [
        cover(Region((Part((((2, 41), (2 + d, 41), (2 + d, 41 + d), (2, 41)),)),))) for d in (0.01, 0.1, 1, 9, 30)
    ]
    assert [max(cell.level for cell in cells.border) for cells in squares if cells] == [16, 13, 10, 7, 4]
    assert cover(Disc((0.0, 0.0), 2e7)) is None
