"""RDF as text: what is written reads back as the same triples, in every format."""

from __future__ import annotations

import json
from collections.abc import Iterable

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyld_reader import read_by_pyld

from sparql.graph_formats import GRAPH_FORMATS, GraphFormat, read_turtle, write_graph
from sparql.terms import (
    BOOLEAN,
    DATE_TIME,
    DECIMAL,
    DOUBLE,
    INTEGER,
    JSON,
    LANG_STRING,
    TYPE,
    XSD,
    Iri,
    Literal,
    Term,
    Triple,
    double,
)

S, P = Iri("urn:s"), Iri("https://example.com/ns#p")
PREFIXES = {"ex": "https://example.com/ns#", "xsd": str(XSD), "unused": "https://example.com/unused#"}
UNFIT = [chr(code) for code in range(32) if chr(code) not in "\t\n\r"] + ["\ufffe", "\uffff"]
LITERALS = (
    st.text(st.characters(codec="utf-8", exclude_characters=UNFIT)).map(Literal)
    | st.floats(allow_nan=False, allow_infinity=False).map(double)
    | st.sampled_from([Literal("true", BOOLEAN), Literal("1", BOOLEAN), Literal("12.50", DECIMAL)])
    | st.datetimes().map(lambda moment: Literal(f"{moment.isoformat()}Z", DATE_TIME))
)
EACH_FORMAT = pytest.mark.parametrize("form", GRAPH_FORMATS, ids=lambda form: form.name)
PARSERS = {
    "turtle": ox.RdfFormat.TURTLE,
    "json-ld": ox.RdfFormat.JSON_LD,
    "nt11": ox.RdfFormat.N_TRIPLES,
    "pretty-xml": ox.RdfFormat.RDF_XML,
}


def read(data: bytes, form: GraphFormat) -> set[Triple]:
    """Read by a parser that is not the writer's."""
    return {
        Triple(Iri(quad.subject.value), Iri(quad.predicate.value), term(quad.object))
        for quad in ox.parse(data, PARSERS[form.name])
    }


def term(found: ox.NamedNode | ox.Literal) -> Term:
    if isinstance(found, ox.NamedNode):
        return Iri(found.value)
    return Literal(found.value, Iri(found.datatype.value), found.language)


@EACH_FORMAT
@given(values=st.lists(LITERALS, min_size=1, max_size=4))
def test_literals_come_back(form: GraphFormat, values: list[Literal]) -> None:
    triples = {Triple(S, P, value) for value in values}
    assert read(write_graph(triples, form, PREFIXES), form) == triples


@pytest.mark.parametrize(
    "text",
    ['a\n\\"', 'a\n"""', '\n""""', 'ends with "', "\r\n", "\t", "\\", '"', "'''", "\\u0041", "<&>]]>", "\x85\u2028"],
)
@EACH_FORMAT
def test_awkward_text_comes_back(form: GraphFormat, text: str) -> None:
    triples = {Triple(S, P, Literal(text))}
    assert read(write_graph(triples, form, PREFIXES), form) == triples


@pytest.mark.parametrize("number", [0.123456789, 1 / 3, 1e300, 5e-324, 123456789.123, 3.0])
@EACH_FORMAT
def test_a_double_keeps_all_its_digits(form: GraphFormat, number: float) -> None:
    triples = {Triple(S, P, double(number))}
    assert read(write_graph(triples, form, PREFIXES), form) == triples


@pytest.mark.parametrize("name", ["x%20y", "x%C3%A9", "a.b.", "a(b)", "-", "1", "a/b", "ü"])
@EACH_FORMAT
def test_an_iri_comes_back(form: GraphFormat, name: str) -> None:
    triples = {Triple(Iri(PREFIXES["ex"] + name), P, Iri(f"https://example.com/other/{name}"))}
    assert read(write_graph(triples, form, PREFIXES), form) == triples


JSON_LD = GRAPH_FORMATS[1]
IRIS = st.builds(
    lambda start, rest: Iri(start + rest),
    st.sampled_from(
        [*PREFIXES.values(), "https://example.com/", "urn:uuid:", "geo:", "ex:", "xsd:", "tag:", "mailto:"]
    ),
    st.text("aZ09-._~!$&'()*+,;=:@/?", max_size=8),
)
TERMS = (
    IRIS
    | LITERALS
    | st.text(max_size=5).map(lambda text: Literal(text, JSON))
    | st.sampled_from(
        [
            *(
                Literal(text, datatype)
                for text in ("1", "01", "x", "", "1E0", "true")
                for datatype in (INTEGER, BOOLEAN, JSON)
            ),
            *(Literal("x", LANG_STRING, tag) for tag in ("en", "de-at")),
            *(Literal(text, Iri("geo:x")) for text in ("@id", "@type", "@json")),
            *map(Literal, ("@id", "@type", "ex:p", "_:b", "urn:x", "")),
        ]
    )
)
TRIPLES = st.frozensets(st.builds(Triple, IRIS, IRIS | st.just(TYPE), TERMS), max_size=6)


def numbers(triples: Iterable[Triple]) -> set[tuple[Iri, Iri, Term | float]]:
    """Return triples with numbers of 16 digits for doubles: PyLD makes these of texts too."""
    return {(s, p, number(o) if isinstance(o, Literal) and o.datatype == DOUBLE else o) for s, p, o in triples}


def number(literal: Literal) -> float:
    return float(f"{float(literal.lexical):.15E}")


@given(triples=TRIPLES)
def test_json_ld_says_to_other_processors_what_was_written(triples: frozenset[Triple]) -> None:
    prefixes = {**PREFIXES, "geo": "http://www.opengis.net/ont/geosparql#", "urn": "https://example.com/urn/"}
    data = write_graph(triples, JSON_LD, prefixes)
    assert numbers(read_by_pyld(json.loads(data))) == numbers(triples)
    assert read(data, JSON_LD) == triples


def test_turtle_shortens_by_the_prefixes_that_are_used() -> None:
    text = write_graph([Triple(S, P, Literal("1.5", XSD.term("double")))], GRAPH_FORMATS[0], PREFIXES).decode()
    assert 'ex:p "1.5"^^xsd:double' in text
    assert "unused" not in text


def test_turtle_is_read() -> None:
    triples = {Triple(S, P, Literal("x")), Triple(S, P, Iri("urn:o")), Triple(S, P, Literal("true", BOOLEAN))}
    assert set(read_turtle(write_graph(triples, GRAPH_FORMATS[0], PREFIXES))) == triples


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"<urn:a> <urn:b>", "no Turtle"),
        (b"<urn:a> <urn:b> [] .", "blank node"),
        (b"\xff", "no Turtle"),
        (b"[] <urn:b> 1 .", "blank node"),
    ],
)
def test_what_is_no_turtle_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_turtle(data)
