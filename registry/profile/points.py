"""The codec of points: GeoJSON in JSON, WKT in RDF, and the cells of the grid that indexes them."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from registry.geo.cells import Cell, cells_at
from registry.profile.values import Plain, lexical, number, stray
from registry.vocabulary import CELL, CELLS, WGS84, WKT_LITERAL
from sparql.terms import Iri, Literal, Term, decimal, double

_POINT = re.compile(r"^POINT\((-?[0-9.]+) (-?[0-9.]+)\)$")


class PointCodec(Plain):
    """A GeoJSON point (RFC 7946) as a geo:wktLiteral in CRS84: longitude before latitude, in degrees."""

    kind: ClassVar[str] = "point"
    entailed_predicates: ClassVar[tuple[Iri, ...]] = (WGS84.term("lat"), WGS84.term("long"), CELL)

    def encode(self, value: Any) -> Term:
        """Return the WKT of a GeoJSON point of two numbers."""
        match value:
            case {"type": "Point", "coordinates": [longitude, latitude], **rest} if not rest:
                x, y = _coordinate(longitude), _coordinate(latitude)
                if x is not None and y is not None:
                    return Literal(f"POINT({x} {y})", WKT_LITERAL)
        return stray(value)

    def decode(self, term: Term) -> Any:
        """Return the GeoJSON point."""
        found = _POINT.match(lexical(term))
        if found is None:
            return lexical(term)
        return {"type": "Point", "coordinates": [float(found[1]), float(found[2])]}

    def entailed(self, term: Term) -> tuple[tuple[Iri, Term], ...]:
        """Return decimal latitude and longitude, for engines without GeoSPARQL functions, and the cells."""
        found = _POINT.match(lexical(term))
        if found is None:
            return ()
        longitude, latitude = float(found[1]), float(found[2])
        return (
            (WGS84.term("lat"), decimal(latitude)),
            (WGS84.term("long"), decimal(longitude)),
            *((CELL, cell_iri(cell)) for cell in cells_at(longitude, latitude)),
        )


def cell_iri(cell: Cell) -> Iri:
    """Return the IRI by which triples name a cell of the grid."""
    return CELLS.term(cell.name)


def _coordinate(value: Any) -> str | None:
    found = None if isinstance(value, str) else number(value)
    return None if found is None else double(found).lexical
