"""Content negotiation: headers as clients send them, and what they get for each kind of result."""

from __future__ import annotations

import pytest

from sparql.media_types import offers, on_offer
from sparql.negotiation import ANYTHING, MediaRange, best, negotiate, parse_accept
from sparql.query_engine import ResultKind

BINDINGS, BOOLEAN, GRAPH = ResultKind.BINDINGS, ResultKind.BOOLEAN, ResultKind.GRAPH
JSON, XML = "application/sparql-results+json", "application/sparql-results+xml"
CSV, TSV, TURTLE = "text/csv; charset=utf-8", "text/tab-separated-values; charset=utf-8", "text/turtle; charset=utf-8"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
SPARQL_WRAPPER = "application/sparql-results+json,application/json,text/javascript,application/javascript"
JENA = (
    "application/sparql-results+json, application/sparql-results+xml;q=0.9, text/tab-separated-values;q=0.7, "
    "text/csv;q=0.5, application/json;q=0.2, application/xml;q=0.2, */*;q=0.1"
)
JENA_GRAPH = "text/turtle,application/n-triples;q=0.9,application/ld+json;q=0.8,application/rdf+xml;q=0.7,*/*;q=0.3"
RDF4J = (
    "application/trig;q=0.9, text/x-nquads;q=0.9, application/n-quads;q=0.8, application/rdf+xml;q=0.7, "
    "text/turtle;q=0.8, application/n-triples;q=0.6, text/plain;q=0.5"
)


@pytest.mark.parametrize(
    ("accept", "rows", "graph"),
    [
        (None, JSON, TURTLE),
        ("", JSON, TURTLE),
        ("*/*", JSON, TURTLE),
        ("nonsense", JSON, TURTLE),
        ("application/*", JSON, "application/n-triples"),
        ("text/*", CSV, TURTLE),
        ("text/csv", CSV, None),
        ("TEXT/CSV", CSV, None),
        ("text/turtle", None, TURTLE),
        ("text/csv;q=0.5, text/tab-separated-values;q=0.6", TSV, None),
        ("text/csv;q=0, */*", JSON, TURTLE),
        ("application/sparql-results+json;q=0, */*;q=0.1", XML, TURTLE),
        ("*/*;q=0", None, None),
        ("text/csv; header=present; q=0.9, application/sparql-results+xml;q=0.8", CSV, None),
        ("text/csv;q=0.9, application/sparql-results+xml ; q = 0.95", XML, None),
        ("text/csv;q=2, application/sparql-results+xml;q=0.9", CSV, None),
        ("text/csv;q=x", CSV, None),
        ("application/json", "application/json", "application/json"),
        ("application/xml", "application/xml", "application/xml"),
        ("text/xml", "text/xml; charset=utf-8", "text/xml; charset=utf-8"),
        ("application/json, application/sparql-results+json", JSON, "application/json"),
        ("application/json, application/sparql-results+json;q=0.5", "application/json", "application/json"),
        ('application/ld+json;profile="http://a.example/x,y";q=0.5, text/turtle;q=0.4', None, "application/ld+json"),
        ('application/ld+json;profile="q=0;q=0"', None, "application/ld+json"),
        ("image/png", None, None),
        (BROWSER, "application/xml", "application/xml"),
        (SPARQL_WRAPPER, JSON, "application/json"),
        (JENA, JSON, "application/json"),
        (JENA_GRAPH, JSON, TURTLE),
        (RDF4J, None, "application/trig"),
        (", ,, text/csv ,", CSV, None),
        ("text/csv" + ", image/png" * 3000, CSV, None),
    ],
)
def test_an_accept_header_decides(accept: str | None, rows: str | None, graph: str | None) -> None:
    choices = negotiate(accept)
    found = {kind: choice.answered_as for kind, choice in choices.items()}
    assert (found.get(BINDINGS), found.get(BOOLEAN), found.get(GRAPH)) == (rows, rows, graph)


@pytest.mark.parametrize(
    ("form", "rows", "graph"),
    [
        ("json", JSON, "application/ld+json"),
        ("xml", XML, "application/rdf+xml"),
        ("csv", CSV, None),
        ("tsv", TSV, None),
        ("turtle", None, TURTLE),
        ("ttl", None, TURTLE),
        ("n3", None, TURTLE),
        ("nt", None, "application/n-triples"),
        ("nq", None, "application/n-quads"),
        ("trig", None, "application/trig"),
        ("jsonld", None, "application/ld+json"),
        ("json-ld", None, "application/ld+json"),
        ("rdfxml", None, "application/rdf+xml"),
        ("rdf+xml", None, "application/rdf+xml"),
        ("rdf xml", None, "application/rdf+xml"),
        ("JSON", JSON, "application/ld+json"),
        ("application/sparql-results+json", JSON, None),
        ("application/sparql-results json", JSON, None),
        ("application/json", "application/json", "application/json"),
        ("text/turtle", None, TURTLE),
        ("text/turtle;charset=utf-8", None, TURTLE),
        ("xlsx", None, None),
        ("image/png", None, None),
    ],
)
def test_a_format_stands_above_the_header(form: str, rows: str | None, graph: str | None) -> None:
    for accept in (None, "text/csv, text/turtle", "image/png"):
        found = {kind: choice.answered_as for kind, choice in negotiate(accept, form).items()}
        assert (found.get(BINDINGS), found.get(BOOLEAN), found.get(GRAPH)) == (rows, rows, graph)


@pytest.mark.parametrize("form", [None, ""])
def test_an_empty_format_is_none(form: str | None) -> None:
    assert negotiate("text/csv", form)[BINDINGS].answered_as == CSV


@pytest.mark.parametrize("kind", ResultKind)
def test_whatever_is_on_offer_can_be_had_by_its_media_type(kind: ResultKind) -> None:
    for media_type, serialisation in offers(kind).items():
        choice = negotiate(f"{media_type}, */*;q=0.1")[kind]
        assert choice.media_type == serialisation.media_type
        assert choice.answered_as.startswith(media_type)
        assert serialisation.media_type in on_offer(kind)


def test_a_header_is_read_range_by_range() -> None:
    assert parse_accept("a/b;q=0.5, c/*;x=1, */*;q=0.000") == (
        MediaRange("a", "b", 0.5),
        MediaRange("c", "*"),
        MediaRange("*", "*", 0.0),
    )
    assert parse_accept(None) == parse_accept("?") == (ANYTHING,)


def test_the_most_specific_range_counts() -> None:
    ranges = parse_accept("*/*, text/*;q=0.5, text/csv;q=0.1")
    assert best(ranges, ["text/csv"]) == "text/csv"
    assert best(ranges, ["text/csv", "text/plain"]) == "text/plain"
    assert best(ranges, ["text/csv", "text/plain", "a/b"]) == "a/b"
    assert best(ranges, []) is None
