"""Where results go, and that rows and bytes are held to their limits in every format."""

from __future__ import annotations

from pathlib import Path

import pytest

from sparql.dataset import DatasetDescription
from sparql.embedded import EmbeddedStore
from sparql.media_types import on_offer
from sparql.query_engine import Limits, Query, ResultKind, ResultTooLarge
from sparql.sandbox.output import INLINE, Output
from sparql.terms import Iri

GRAPH = Iri("urn:graph")
NONE = Limits(seconds=1, rows=10**9, size=10**9)
ROWS = on_offer(ResultKind.BINDINGS)
QUERIES = {
    "SELECT ?s ?o WHERE { ?s <urn:p> ?o }": 3,
    "SELECT ?s ?o WHERE { ?s <urn:none> ?o }": 0,
    "SELECT ?s WHERE { ?s <urn:p> 1 }": 1,
    "SELECT ?nothing WHERE { ?s <urn:p> ?o }": 3,
    "SELECT * WHERE { VALUES (?x ?y) { (UNDEF 1) (UNDEF UNDEF) (UNDEF UNDEF) (2 UNDEF) (UNDEF 3) } }": 5,
    "SELECT * WHERE { VALUES (?x ?y) { (1 2) (3 4) (UNDEF UNDEF) } }": 3,
    "SELECT * WHERE { }": 1,
    "SELECT (<<( <urn:a> <urn:b> 1 )>> AS ?t) WHERE { VALUES ?x { 1 2 } }": 2,
}


@pytest.fixture(scope="module")
def store() -> EmbeddedStore:
    made = EmbeddedStore()
    made.update(
        'INSERT DATA { GRAPH <urn:graph> { <urn:a> <urn:p> 1 . <urn:b> <urn:p> "x\\"y" . <urn:c> <urn:p> "z"@en } }'
    )
    return made


def written(  # noqa: PLR0917
    store: EmbeddedStore, text: str, media_type: str, file: Path, limits: Limits, piece: int = 0
) -> Output:
    output = Output(file, limits)
    if not piece:
        store.evaluate(query(text, media_type), output)
        return output
    whole = Output(file, NONE)
    store.evaluate(query(text, media_type), whole)
    data = whole.finish() or b""
    output.begin(media_type)
    for start in range(0, len(data), piece):
        output.write(data[start : start + piece])
    return output


def query(text: str, media_type: str) -> Query:
    kinds = dict.fromkeys(ResultKind, media_type)
    return Query(text=text, dataset=DatasetDescription(default=(GRAPH,)), media_types=kinds)


@pytest.mark.parametrize("piece", [0, 1, 3, 7])
@pytest.mark.parametrize(("text", "rows"), QUERIES.items())
@pytest.mark.parametrize("media_type", ROWS)
def test_rows_are_counted(  # noqa: PLR0917
    store: EmbeddedStore, tmp_path: Path, media_type: str, text: str, rows: int, piece: int
) -> None:
    output = written(store, text, media_type, tmp_path / "file", NONE, piece)
    output.finish()
    assert output.rows == rows


@pytest.mark.parametrize(("text", "rows"), QUERIES.items())
@pytest.mark.parametrize("media_type", ROWS)
def test_a_row_too_many_is_refused(store: EmbeddedStore, tmp_path: Path, media_type: str, text: str, rows: int) -> None:
    if rows > 1:
        written(store, text, media_type, tmp_path / "file", Limits(seconds=1, rows=rows, size=10**9))
        with pytest.raises(ResultTooLarge, match=f"more than {rows - 1} rows"):
            written(store, text, media_type, tmp_path / "file", Limits(seconds=1, rows=rows - 1, size=10**9))


@pytest.mark.parametrize("media_type", on_offer(ResultKind.GRAPH))
def test_a_triple_too_many_is_refused(store: EmbeddedStore, tmp_path: Path, media_type: str) -> None:
    text = "CONSTRUCT WHERE { ?s ?p ?o }"
    assert written(store, text, media_type, tmp_path / "file", Limits(seconds=1, rows=3, size=10**9)).rows == 3
    with pytest.raises(ResultTooLarge, match="more than 2 triples"):
        written(store, text, media_type, tmp_path / "file", Limits(seconds=1, rows=2, size=10**9))


@pytest.mark.parametrize("media_type", on_offer())
def test_a_byte_too_many_is_refused(store: EmbeddedStore, tmp_path: Path, media_type: str) -> None:
    text = "SELECT * WHERE { ?s ?p ?o }" if media_type in ROWS else "CONSTRUCT WHERE { ?s ?p ?o }"
    size = written(store, text, media_type, tmp_path / "file", NONE).size
    assert written(store, text, media_type, tmp_path / "file", Limits(seconds=1, rows=10, size=size)).size == size
    with pytest.raises(ResultTooLarge, match=f"more than {size - 1} bytes"):
        written(store, text, media_type, tmp_path / "file", Limits(seconds=1, rows=10, size=size - 1))


def test_a_small_result_stays_in_memory(tmp_path: Path) -> None:
    output = Output(tmp_path / "file", NONE)
    output.begin("text/csv")
    output.write(b"x" * INLINE)
    assert output.finish() == b"x" * INLINE
    assert not (tmp_path / "file").exists()


def test_a_large_result_goes_to_a_file_whole(tmp_path: Path) -> None:
    output = Output(tmp_path / "file", NONE)
    output.begin("text/csv")
    pieces = [bytes([number]) * 100_000 for number in range(5)]
    for piece in pieces:
        output.write(piece)
    assert output.finish() is None
    assert (tmp_path / "file").read_bytes() == b"".join(pieces)
    assert output.size == 500_000


def test_a_discarded_result_leaves_no_file(tmp_path: Path) -> None:
    output = Output(tmp_path / "file", NONE)
    output.begin("text/csv")
    output.write(b"x" * (INLINE + 1))
    assert (tmp_path / "file").exists()
    output.discard()
    assert not (tmp_path / "file").exists()
