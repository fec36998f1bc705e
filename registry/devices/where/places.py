"""Reads the operands of the spatial operators into shapes.

Source: MongoDB's geospatial query operators, and GeoJSON (RFC 7946). What GeoJSON does not say is meant as in
`registry.geo.shapes`: edges are straight in longitude and latitude, and boundaries are inside.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from registry.errors import BadRequest
from registry.geo.box import Position
from registry.geo.shapes import RADIUS, Circle, Disc, Part, Region, Shape
from registry.geo.unrolling import unrolled, unrolled_polygon

SPATIAL: Final = ("$near", "$nearSphere", "$geoWithin", "$within", "$geoIntersects")
_MOST_POSITIONS = 1000
_HALF_ROUND = math.pi * RADIUS
_DEGREE = _HALF_ROUND / 180
_AREAS = ("Polygon", "MultiPolygon")


def read_shape(key: str, tests: Mapping[str, Any], place: str) -> Shape:
    """Return the shape that operator `key` among `tests` asks for.

    Raises:
        BadRequest: there is none; the message says where.
    """
    value, here = tests[key], f"{place}.{key}"
    if key.startswith("$near"):
        return _near(key, value, tests, here)
    if not isinstance(value, dict) or len(value) != 1:
        raise BadRequest(f"{here} must be an object of one shape: {', '.join(_shapes(key))}")
    ((name, operand),) = value.items()
    if name not in _shapes(key):
        raise BadRequest(f"{here}: unknown shape {name[:60]}; possible are {', '.join(_shapes(key))}")
    if name == "$geometry":
        return _geometry(operand, f"{here}.$geometry", _AREAS if key != "$geoIntersects" else (*_GEOMETRIES,))
    return _SHAPES[name](operand, f"{here}.{name}")


def _shapes(key: str) -> tuple[str, ...]:
    return ("$geometry",) if key == "$geoIntersects" else ("$geometry", *_SHAPES)


def _near(key: str, value: Any, tests: Mapping[str, Any], place: str) -> Disc:
    if isinstance(value, list):  # a legacy pair, with angles beside it
        unit = RADIUS if key == "$nearSphere" else _DEGREE
        return _ring_around(_position(value, place), tests, unit, place)
    if not isinstance(value, dict) or "$geometry" not in value:
        raise BadRequest(
            f'{place} must be {{"$geometry": {{"type": "Point", "coordinates": [lon, lat]}}, "$maxDistance": metres}}'
        )
    for name in value:
        if name not in ("$geometry", "$maxDistance", "$minDistance"):
            raise BadRequest(
                f"{place}: unknown operator {name[:60]}; possible are $geometry, $maxDistance, $minDistance"
            )
    centre = _geometry(value["$geometry"], f"{place}.$geometry", ("Point",)).parts[0].rings[0][0]
    limits = {**{name: tests[name] for name in ("$maxDistance", "$minDistance") if name in tests}, **value}
    return _ring_around(centre, limits, 1.0, place)


def _ring_around(centre: Position, limits: Mapping[str, Any], unit: float, place: str) -> Disc:
    farthest = _length(limits["$maxDistance"], f"{place}.$maxDistance") * unit if "$maxDistance" in limits else math.inf
    nearest = _length(limits["$minDistance"], f"{place}.$minDistance") * unit if "$minDistance" in limits else 0.0
    return Disc(centre, farthest, nearest)


def _box(value: Any, place: str) -> Region:
    (west, south), (east, north) = _positions(value, place, 2, 2)
    if south > north:
        raise BadRequest(f"{place}: the first corner is the south-western one, the second the north-eastern one")
    east += 360 if east < west else 0
    corners = dict.fromkeys([(west, south), (east, south), (east, north), (west, north)])
    if len(corners) < 4:
        return Region((Part((tuple(corners),), "LINESTRING" if len(corners) > 1 else "POINT"),))
    return Region((Part(((*corners, (west, south)),)),))


def _legacy_polygon(value: Any, place: str) -> Region:
    corners = _positions(value, place, 3, _MOST_POSITIONS)
    ring = corners if corners[0] == corners[-1] and len(corners) > 3 else [*corners, corners[0]]
    return Region((Part(unrolled_polygon([ring])),))


def _centre(value: Any, place: str) -> tuple[Position, float]:
    if not isinstance(value, list) or len(value) != 2:
        raise BadRequest(f"{place} must be [[longitude, latitude], radius]")
    return _position(value[0], f"{place}[0]"), _length(value[1], f"{place}[1]")


def _circle(value: Any, place: str) -> Circle:
    centre, radius = _centre(value, place)
    return Circle(centre, min(radius, 360.0))


def _sphere(value: Any, place: str) -> Disc:
    centre, angle = _centre(value, place)
    return Disc(centre, angle * RADIUS)


_SHAPES: Mapping[str, Callable[[Any, str], Shape]] = {
    "$box": _box,
    "$center": _circle,
    "$centerSphere": _sphere,
    "$polygon": _legacy_polygon,
}


def _geometry(value: Any, place: str, kinds: Sequence[str]) -> Region:
    if not isinstance(value, dict) or value.get("type") not in kinds or not isinstance(value.get("type"), str):
        raise BadRequest(f"{place} must be a GeoJSON geometry; its type can be {', '.join(kinds)}")
    unknown = value.keys() - {"type", "coordinates", "bbox"}
    if unknown:
        raise BadRequest(
            f"{place}: {min(unknown)[:60]!r} has no meaning here; coordinates are in CRS84, longitude first"
        )
    parts = tuple(_GEOMETRIES[value["type"]](value.get("coordinates"), f"{place}.coordinates"))
    if sum(len(ring) for part in parts for ring in part.rings) > _MOST_POSITIONS:
        raise BadRequest(f"{place} has more than {_MOST_POSITIONS} positions")
    return Region(parts)


def _point(value: Any, place: str) -> list[Part]:
    return [Part(((_position(value, place),),), "POINT")]


def _line(value: Any, place: str) -> list[Part]:
    return [Part((unrolled(_positions(value, place, 2, _MOST_POSITIONS)),), "LINESTRING")]


def _polygon(value: Any, place: str) -> list[Part]:
    rings = [_ring(ring, f"{place}[{number}]") for number, ring in enumerate(_listed(value, place))]
    return [Part(unrolled_polygon(rings))]


def _ring(value: Any, place: str) -> list[Position]:
    ring = _positions(value, place, 4, _MOST_POSITIONS)
    if ring[0] != ring[-1]:
        raise BadRequest(f"{place}: a ring must end where it begins")
    return ring


def _several(one: Callable[[Any, str], list[Part]]) -> Callable[[Any, str], list[Part]]:
    def read(value: Any, place: str) -> list[Part]:
        return [part for number, each in enumerate(_listed(value, place)) for part in one(each, f"{place}[{number}]")]

    return read


_GEOMETRIES: Mapping[str, Callable[[Any, str], list[Part]]] = {
    "Point": _point,
    "LineString": _line,
    "Polygon": _polygon,
    "MultiPoint": _several(_point),
    "MultiLineString": _several(_line),
    "MultiPolygon": _several(_polygon),
}


def _listed(value: Any, place: str) -> list[Any]:
    if not isinstance(value, list) or not 1 <= len(value) <= _MOST_POSITIONS:
        raise BadRequest(f"{place} must be a list of 1 to {_MOST_POSITIONS} members")
    return value


def _positions(value: Any, place: str, least: int, most: int) -> list[Position]:
    if not isinstance(value, list) or not least <= len(value) <= most:
        raise BadRequest(f"{place} must be a list of {least}{'' if least == most else f' to {most}'} positions")
    return [_position(each, f"{place}[{number}]") for number, each in enumerate(value)]


def _position(value: Any, place: str) -> Position:
    match value:
        case [int() | float() as longitude, int() | float() as latitude, *rest] if len(rest) <= 1:
            plain = not isinstance(longitude, bool) and not isinstance(latitude, bool)
            if plain and -180 <= longitude <= 180 and -90 <= latitude <= 90:
                return float(longitude), float(latitude)
    raise BadRequest(f"{place} must be [longitude, latitude] in degrees, -180 to 180 and -90 to 90")


def _length(value: Any, place: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1e12:
        raise BadRequest(f"{place} must be a number from 0")
    return float(value)
