"""The few IRIs that the code itself has to know. Everything else is read from the Turtle."""

from __future__ import annotations

from sparql.terms import Namespace

FLEX = Namespace("https://w3id.org/flexcoop/cim#")
API = Namespace("https://w3id.org/flexcoop/api#")
SH = Namespace("http://www.w3.org/ns/shacl#")
SKOS = Namespace("http://www.w3.org/2004/02/skos/core#")
GEO = Namespace("http://www.opengis.net/ont/geosparql#")
WGS84 = Namespace("http://www.w3.org/2003/01/geo/wgs84_pos#")
DCT = Namespace("http://purl.org/dc/terms/")
TIME = Namespace("http://www.w3.org/2006/time#")
CELLS = Namespace("https://w3id.org/flexcoop/cell/")
TIME_ZONES = Namespace("https://w3id.org/flexcoop/timezone/")

DEVICE = FLEX.term("Device")
CREATED = DCT.term("created")
MODIFIED = DCT.term("modified")
MODIFIED_FOR_AGGREGATOR = FLEX.term("modifiedForAggregator")
MODIFIED_FOR_PROSUMER = FLEX.term("modifiedForProsumer")
CELL = FLEX.term("cell")
STALE_AFTER = FLEX.term("staleAfter")
WKT_LITERAL = GEO.term("wktLiteral")
