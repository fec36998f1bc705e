"""Conditions on places: cells that cover the shape first, and a look at the point where they don't decide (D25)."""

from __future__ import annotations

import math
from collections.abc import Collection

from registry.devices.queries.paths import path_pattern
from registry.devices.queries.variables import Variables
from registry.geo.cells import Cell
from registry.geo.cover import cover
from registry.geo.shapes import Circle, Disc, Shape
from registry.profile import Field
from registry.profile.points import cell_iri
from registry.vocabulary import CELL, WGS84, WKT_LITERAL
from sparql.terms import DOUBLE, Iri, Literal, Namespace, double, to_sparql

GEOF = Namespace("http://www.opengis.net/def/function/geosparql/")
METRE = Iri("http://www.opengis.net/def/uom/OGC/1.0/metre")
_LATITUDE, _LONGITUDE = WGS84.term("lat"), WGS84.term("long")


def inside_pattern(field: Field, shape: Shape, names: Variables) -> str:
    """Return the pattern of the devices whose point lies in `shape`."""
    name = next(names)
    cells = cover(shape)
    where = f"{path_pattern(field, name, names)}FILTER({inside(shape, name, names)}) "
    if cells is None:
        return where
    where = f"{_in_cells(cells.border, names)}{where}"
    return f"{{ {_in_cells(cells.inner, names)}}} UNION {{ {where}}} " if cells.inner else where


def distance_pattern(field: Field, shape: Disc, distance: str, names: Variables) -> str:
    """Return the pattern of the devices whose point lies in `shape`; it binds how far that is from the centre."""
    name = next(names)
    where = path_pattern(field, name, names)
    where += f"BIND({_distance(shape, name)} AS {distance}) FILTER({_between(shape, distance)}) "
    cells = cover(shape)
    return where if cells is None else _in_cells(cells.inner | cells.border, names) + where


def inside(shape: Shape, name: str, names: Variables) -> str:
    """Return the expression that tells whether the point in the variable `name` lies in `shape`."""
    match shape:
        case Disc():
            return _between(shape, _distance(shape, name))
        case Circle():
            return _in_circle(shape, names)
    meets = to_sparql(GEOF.term("sfIntersects"))
    return " || ".join(f"{meets}({name}, {to_sparql(Literal(wkt, WKT_LITERAL))})" for wkt in shape.wkts())


def _in_cells(cells: Collection[Cell], names: Variables) -> str:
    cell = next(names)
    values = " ".join(to_sparql(cell_iri(each)) for each in sorted(cells))
    return f"VALUES {cell} {{ {values} }} ?device {to_sparql(CELL)} {cell} . "


def _distance(shape: Disc, name: str) -> str:
    x, y = (double(number).lexical for number in shape.centre)
    centre = to_sparql(Literal(f"POINT({x} {y})", WKT_LITERAL))
    return f"{to_sparql(GEOF.term('distance'))}({name}, {centre}, {to_sparql(METRE)})"


def _between(shape: Disc, distance: str) -> str:
    tests = [f"{distance} >= {to_sparql(double(shape.nearest))}"]
    if shape.farthest < math.inf:
        tests.append(f"{distance} <= {to_sparql(double(shape.farthest))}")
    return " && ".join(tests)


def _in_circle(shape: Circle, names: Variables) -> str:
    """Return the test of a distance on the plane, where the engine has no function for one in degrees."""
    x, y = next(names), next(names)
    longitude, latitude = (f"{to_sparql(DOUBLE)}({name})" for name in (x, y))
    radius = to_sparql(double(shape.radius))
    tests = []
    for east, north in shape.centres():
        dx, dy = (f"({one} - {to_sparql(double(other))})" for one, other in ((longitude, east), (latitude, north)))
        tests.append(f"{dx} * {dx} + {dy} * {dy} <= {radius} * {radius}")
    inner = f"EXISTS {{ ?device {to_sparql(_LATITUDE)} {y} FILTER({' || '.join(tests)}) }}"
    return f"EXISTS {{ ?device {to_sparql(_LONGITUDE)} {x} FILTER({inner}) }}"
