"""RDF as text: what is written reads back as the same triples, in every format."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterable

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyld_reader import read_by_pyld
from rdflib import BNode, Graph
from rdflib.compare import isomorphic

from registry.profile import load_profile
from sparql.graph_formats import GRAPH_FORMATS, GraphFormat, NotWritable, read_turtle, to_triples, write_graph
from sparql.terms import (
    BOOLEAN,
    DATE_TIME,
    DECIMAL,
    DOUBLE,
    INTEGER,
    JSON,
    LANG_STRING,
    RDF,
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
    "xml": ox.RdfFormat.RDF_XML,
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


MODELS = {
    "a list of texts": '[] <urn:p> ("a" "b" <urn:c> 1) .',
    "an empty list": "<urn:s> <urn:p> () .",
    "a list that is used twice": "<urn:s> <urn:p> _:l ; <urn:q> _:l . _:l <urn:first> 1 .",
    "a loop": "_:a <urn:p> _:b . _:b <urn:p> _:a .",
    "alternatives": "<urn:s> <urn:or> ( [ <urn:min> 1.5e0 ] [ <urn:in> ( true 'x'@en '1'^^<urn:t?a&b> ) ] ) .",
    "a list that goes on without end": f"_:l <{RDF}first> 1 ; <{RDF}rest> _:l . <urn:s> <urn:p> _:l .",
    "like twins": "<urn:s> <urn:p> [ <urn:q> 1 ] , [ <urn:q> 1 ] .",
    "a list whose nodes say more": f"<urn:s> <urn:p> _:l . _:l <{RDF}first> 1 ; <{RDF}rest> () ; <urn:q> 2 .",
}


@pytest.mark.parametrize("text", MODELS.values(), ids=list(MODELS))
@EACH_FORMAT
def test_blank_nodes_come_back(form: GraphFormat, text: str) -> None:
    graph = Graph().parse(data=text, format="turtle")
    triples = to_triples(graph)
    assert any(isinstance(each, Iri) and each.startswith("_:") for triple in triples for each in triple) == any(
        isinstance(each, BNode) for triple in graph for each in triple
    )
    written = write_graph(triples, form, PREFIXES)
    back = Graph().parse(
        data="".join(f"{quad.triple} .\n" for quad in ox.parse(written, PARSERS[form.name])), format="nt"
    )
    assert isomorphic(back, graph)


@EACH_FORMAT
def test_the_shipped_model_comes_back_the_same_in_every_process(form: GraphFormat) -> None:
    program = (
        "import sys; from registry.profile import load_profile; from sparql.graph_formats import *;"
        "profile = load_profile(); form = next(each for each in GRAPH_FORMATS if each.name == sys.argv[1]);"
        "sys.stdout.buffer.write(write_graph(to_triples(profile.shapes), form, profile.prefixes))"
    )
    written = {
        subprocess.run(
            [sys.executable, "-c", program, form.name], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(written) == 1
    lines = "".join(f"{quad.triple} .\n" for quad in ox.parse(written.pop(), PARSERS[form.name]))
    assert isomorphic(Graph().parse(data=lines, format="nt"), load_profile().shapes)


RDF_XML = GRAPH_FORMATS[3]


@pytest.mark.parametrize(
    "predicate",
    ["https://example.com/1", "urn:x:", f"{RDF}li", f"{RDF}about", "http://www.w3.org/XML/1998/namespacelang"],
)
def test_what_rdf_xml_has_no_form_for_is_said(predicate: str) -> None:
    with pytest.raises(NotWritable, match=re.escape(predicate)):
        write_graph([Triple(S, Iri(predicate), S)], RDF_XML, PREFIXES)


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


@given(triples=TRIPLES)
def test_rdf_xml_says_what_was_written_or_that_it_can_not(triples: frozenset[Triple]) -> None:
    prefixes = {**PREFIXES, "xml": "https://example.com/xml#", "ns1": "urn:ns#"}
    if all(re.search(r"[A-Za-z_][A-Za-z0-9._-]*\Z", triple.predicate) for triple in triples):
        assert {unfit(triple) for triple in triples} == read(write_graph(triples, RDF_XML, prefixes), RDF_XML)
    else:
        with pytest.raises(NotWritable, match="does not end in a name"):
            write_graph(triples, RDF_XML, prefixes)


def unfit(triple: Triple) -> Triple:
    """Return a triple as XML can hold it."""
    if not isinstance(triple.object, Literal):
        return triple
    lexical = "".join("\ufffd" if each in UNFIT else each for each in triple.object.lexical)
    return triple._replace(object=triple.object._replace(lexical=lexical))


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


@pytest.mark.parametrize(
    ("literal", "text"),
    [
        (Literal("12", INTEGER), "12"),
        (Literal("-012", INTEGER), "-012"),
        (Literal("1.0", INTEGER), '"1.0"^^xsd:integer'),
        (Literal("true", BOOLEAN), "true"),
        (Literal("1", BOOLEAN), '"1"^^xsd:boolean'),
    ],
)
def test_turtle_shortens_literals_that_keep_their_form(literal: Literal, text: str) -> None:
    assert f"ex:p {text} ." in write_graph([Triple(S, P, literal)], GRAPH_FORMATS[0], PREFIXES).decode()


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
