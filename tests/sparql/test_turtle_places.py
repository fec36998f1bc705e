"""Where terms stand in Turtle: right for all that is shipped, and for what is hard to tell apart without a grammar."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from rdflib import RDF, Graph, URIRef

from sparql.refusal import line_and_column
from sparql.turtle_places import DEEPEST, read_places

ROOT = Path(__file__).parents[2]
FILES = sorted([*ROOT.glob("ontology/**/*.ttl"), *ROOT.glob("shapes/*.ttl"), *ROOT.glob("tests/ontology/**/*.ttl")])
P = "@prefix e: <http://e/> .\n"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_finds_every_subject_and_every_mention_of_a_file(file: Path) -> None:
    text = file.read_text()
    places = read_places(text)
    graph = Graph().parse(file, format="turtle")
    assert set(places.subjects) == {str(subject) for subject in graph.subjects() if isinstance(subject, URIRef)}
    named = {str(term) for triple in graph for term in triple if isinstance(term, URIRef) and term not in RDF}
    assert named <= set(places.mentions)
    assert places.open == ()
    assert places.too_deep is None
    assert places.end == len(text)


@pytest.mark.parametrize(
    ("text", "subjects"),
    [
        ("e:a e:b e:c . e:d e:e e:f .", {"a": (2, 1), "d": (2, 15)}),
        ("e:a e:b e:c ;\n e:d e:e ,\n e:f .\n\n  e:g a e:h .", {"a": (2, 1), "g": (6, 3)}),
        ("<http://e/a> e:b 1.5 . <http://e/d> e:b 2. e:f e:b 1e3 .", {"a": (2, 1), "d": (2, 24), "f": (2, 44)}),
        ('e:a e:b \'. e:x e:y \' .\ne:c e:b """x\n. e:x e:y""" .', {"a": (2, 1), "c": (3, 1)}),
        ("# e:x e:y e:z .\ne:a e:b e:c . # e:x", {"a": (3, 1)}),
        ("[ e:x e:y ] e:b e:c . ( e:x e:y ) e:b e:c . _:x e:b e:c . e:a e:b e:c .", {"a": (2, 59)}),
        ("e:a e:b [ e:x e:y . e:z e:w ] .", {"a": (2, 1)}),
        ("PREFIX f: <http://f/> f:a e:b f:c .\nBASE <http://e/>\n<a> e:b e:c .", {"http://f/a": (2, 23), "a": (4, 1)}),
        ("@base <http://e/> . <a> e:b e:c . @prefix g: <b/> . g:c e:b e:d .", {"a": (2, 21), "b/c": (2, 53)}),
        ("@prefix : <http://e/> . :a :b :c . :d.e :b :c.", {"a": (2, 25), "d.e": (2, 36)}),
        (
            "e:a\\-b e:b e:c . <http://e/\\u0041> e:b e:c . e:%41 e:b e:c .",
            {"a-b": (2, 1), "A": (2, 18), "%41": (2, 46)},
        ),
        ("e:a e:b true, 'x'@en, 'y'^^e:z . e:c e:b false .", {"a": (2, 1), "c": (2, 34)}),
        ("e:prefix e:b e:c . e:ä e:b 'ß😀' . e:c e:b 1 .", {"prefix": (2, 1), "ä": (2, 20), "c": (2, 35)}),
        ("x:unknown e:b e:c . e:a e:b e:c .", {"a": (2, 21)}),
    ],
)
def test_finds_subjects(text: str, subjects: dict[str, tuple[int, int]]) -> None:
    found = {iri: line_and_column(P + text, at) for iri, at in read_places(P + text).subjects.items()}
    assert found == {name if name.startswith("http") else f"http://e/{name}": at for name, at in subjects.items()}


def test_the_first_place_counts() -> None:
    text = f"{P}e:a e:b e:c .\ne:a e:b e:d ."
    assert line_and_column(text, read_places(text).subjects["http://e/a"]) == (2, 1)
    assert line_and_column(text, read_places(text).mentions["http://e/b"]) == (2, 5)


@pytest.mark.parametrize(
    ("text", "end", "brackets"),
    [
        ("e:a e:b 'x", 8, ""),
        ("e:a e:b [ e:c ( 1 2 ) ; e:d (", 30, "[("),
        ('e:a e:b [ "x', 10, "["),
        ("e:a ] ) e:b", 11, ""),
        ("e:a <http://e/b", 4, ""),
        ("e:a & e:b", 4, ""),
        ("<< e:a e:b e:c >> e:d <<( e:a e:b e:c )>> .", 43, ""),
    ],
)
def test_reads_as_far_as_it_can(text: str, end: int, brackets: str) -> None:
    places = read_places(P + text)
    assert places.end - len(P) == end or (P + text)[places.end :].strip() == text[end:].strip()
    assert "".join((P + text)[at] for at in places.open) == brackets


def test_reads_up_to_an_index() -> None:
    assert len(read_places("<a:a> <b:b> ( [ ) .", 15).open) == 2


@pytest.mark.parametrize(("opening", "closing"), [("[ e:p ", "]"), ("( ", ")"), ("<<( e:a e:b ", ")>> ")])
def test_stops_where_brackets_are_too_deep(opening: str, closing: str) -> None:
    def deep(levels: int) -> str:
        return f"{P}e:a e:b {opening * levels}1{closing * levels} ."

    assert read_places(deep(DEEPEST)).too_deep is None
    assert read_places(deep(DEEPEST + 1)).too_deep == len(f"{P}e:a e:b {opening * DEEPEST}")


@pytest.mark.parametrize("piece", ["[ <a:b> ", "( ", "{", "<<", "'", '"', "<", "#", "e:a ", ". ", "'x' , ", "[ ] "])
def test_takes_time_in_proportion_to_the_text(piece: str) -> None:
    started = time.process_time()
    read_places(P + "e:a e:b " + piece * (300_000 // len(piece)))
    assert time.process_time() - started < 5
