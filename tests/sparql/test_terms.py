"""Terms: what enters a query text stays in its place, and comes back from the store as it went in."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparql.dataset import DatasetDescription
from sparql.embedded import EmbeddedStore
from sparql.graph_store import ChangeSet
from sparql.terms import (
    DATE_TIME,
    DECIMAL,
    DOUBLE,
    LANG_STRING,
    STRING,
    XSD,
    Iri,
    Literal,
    Quad,
    Term,
    decimal,
    double,
    to_sparql,
)

GRAPH = Iri("urn:graph")
TEXTS = st.text(st.characters(codec="utf-8"))
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


def through_the_store(term: Term, *, by_update: bool) -> Term | None:
    """Write `term` by the loader or by an update's text, find it by a query's text, and return what is found."""
    store = EmbeddedStore()
    quad = Quad(Iri("urn:s"), Iri("urn:p"), term, GRAPH)
    other = Quad(Iri("urn:s"), Iri("urn:p"), Iri("urn:other"), GRAPH)
    if by_update:
        store.apply(ChangeSet(added=[other]))
        store.apply(ChangeSet(removed=[other], added=[quad]))
    else:
        store.apply(ChangeSet(added=[quad]))
    query = f"SELECT ?o WHERE {{ ?s ?p ?o . ?s <urn:p> {to_sparql(term)} }}"
    ((found,),) = store.select(query, DatasetDescription(default=(GRAPH,)))
    return found


@pytest.mark.parametrize(
    ("term", "text"),
    [
        (Iri("urn:a"), "<urn:a>"),
        (Iri("https://example.com/%20?x=ü#f"), "<https://example.com/%20?x=ü#f>"),
        (Literal("x"), '"x"'),
        (Literal('a"b\\c\nd\re\tf'), r'"a\"b\\c\nd\re\tf"'),
        (Literal("x", language="en-GB", datatype=LANG_STRING), '"x"@en-GB'),
        (Literal("1", DOUBLE), '"1"^^<http://www.w3.org/2001/XMLSchema#double>'),
        (Literal('" . } #'), r'"\" . } #"'),
        (Literal("\\u0022"), r'"\\u0022"'),
    ],
)
def test_serialised(term: Term, text: str) -> None:
    assert to_sparql(term) == text


@pytest.mark.parametrize("character", [*map(chr, range(0x21)), *'<>"{}|^`\\'])
def test_an_iri_can_not_leave_its_brackets(character: str) -> None:
    with pytest.raises(ValueError, match="not an IRI"):
        to_sparql(Iri(f"urn:a{character}b"))
    with pytest.raises(ValueError, match="not an IRI"):
        to_sparql(Literal("x", Iri(f"urn:a{character}b")))


@pytest.mark.parametrize("language", ["", "en ", "en> .", "1", "en--gb", "en\n", "en_GB"])
def test_a_language_tag_can_not_leave_its_place(language: str) -> None:
    with pytest.raises(ValueError, match="not a language tag"):
        to_sparql(Literal("x", LANG_STRING, language))


@pytest.mark.parametrize("by_update", [False, True])
@given(text=TEXTS)
def test_every_text_comes_back(text: str, by_update: bool) -> None:
    assert through_the_store(Literal(text), by_update=by_update) == Literal(text, STRING)


@given(TEXTS)
def test_a_text_matches_no_other(text: str) -> None:
    store = EmbeddedStore()
    store.apply(ChangeSet(added=[Quad(Iri("urn:s"), Iri("urn:p"), Literal("kept"), GRAPH)]))
    query = f"SELECT ?s WHERE {{ ?s ?p {to_sparql(Literal(text))} }}"
    assert len(store.select(query, DatasetDescription(default=(GRAPH,)))) == (text == "kept")


@pytest.mark.parametrize("by_update", [False, True])
@given(value=NUMBERS)
def test_a_double_is_written_in_the_form_of_the_store(value: float, by_update: bool) -> None:
    written = double(value)
    assert through_the_store(written, by_update=by_update) == written
    assert float(written.lexical) == value


@pytest.mark.parametrize("by_update", [False, True])
@given(value=st.floats(-180, 180))
def test_a_decimal_is_written_in_the_form_of_the_store(value: float, by_update: bool) -> None:
    written = decimal(value)
    assert through_the_store(written, by_update=by_update) == written
    assert float(written.lexical) == value


@pytest.mark.parametrize("term", [double(-0.0), decimal(-0.0)])
def test_zero_has_no_sign(term: Literal) -> None:
    assert term.lexical == "0"


@pytest.mark.parametrize(
    ("value", "lexical"),
    [(3.0, "3"), (0.1, "0.1"), (-2.50, "-2.5"), (1e22, "1" + "0" * 22), (1e-7, "0.0000001"), (100.0, "100")],
)
def test_numbers_stand_in_plain_notation(value: float, lexical: str) -> None:
    assert double(value) == Literal(lexical, DOUBLE)
    assert decimal(value) == Literal(lexical, DECIMAL)


@pytest.mark.parametrize(
    "lexical", ["2021-05-01T00:00:00Z", "2021-05-01T00:00:00.5Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"]
)
def test_a_time_comes_back(lexical: str) -> None:
    assert through_the_store(Literal(lexical, DATE_TIME), by_update=False) == Literal(lexical, DATE_TIME)


def test_terms_of_one_text_are_not_the_same() -> None:
    assert len({Iri("1"), Literal("1"), Literal("1", DOUBLE), Literal("1", XSD.term("integer"))}) == 4
    assert math.isfinite(float(double(5e-324).lexical))
