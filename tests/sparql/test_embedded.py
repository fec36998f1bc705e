"""The embedded store: the contract of a GraphStore, and the boundary that a dataset is."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from sparql.dataset import DatasetDescription
from sparql.embedded import EmbeddedStore
from sparql.embedded.store import FLUSH_EVERY
from sparql.graph_store import ChangeSet, StoreError, StoreLocked
from sparql.terms import Iri, Literal, Quad

P = Iri("urn:p")
OPEN, SECRET = Iri("urn:graph:open"), Iri("urn:graph:secret")
HERE, THERE = Quad(Iri("urn:here"), P, Literal("1"), OPEN), Quad(Iri("urn:there"), P, Literal("2"), SECRET)
ALL = "SELECT ?s WHERE { ?s ?p ?o }"
BOTH = DatasetDescription(default=(OPEN, SECRET))


@pytest.fixture(params=["memory", "folder"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[EmbeddedStore]:
    made = EmbeddedStore(tmp_path / "store" if request.param == "folder" else None)
    made.apply(ChangeSet(added=[HERE, THERE]))
    yield made
    made.close()


def subjects(store: EmbeddedStore, dataset: DatasetDescription, query: str = ALL) -> set[str]:
    return {str(row[0]) for row in store.select(query, dataset)}


@pytest.mark.parametrize(
    ("dataset", "expected"),
    [
        (DatasetDescription(), set()),
        (DatasetDescription(default=(OPEN,)), {"urn:here"}),
        (DatasetDescription(default=(SECRET,)), {"urn:there"}),
        (BOTH, {"urn:here", "urn:there"}),
        (DatasetDescription(default=(Iri("urn:graph:none"),)), set()),
        (DatasetDescription(named=(OPEN, SECRET)), set()),
    ],
)
def test_the_default_graph_is_what_the_dataset_lists(
    store: EmbeddedStore, dataset: DatasetDescription, expected: set[str]
) -> None:
    assert subjects(store, dataset) == expected


@pytest.mark.parametrize(
    "dataset",
    [
        DatasetDescription(),
        DatasetDescription(default=(OPEN,)),
        DatasetDescription(named=(OPEN,)),
        DatasetDescription(default=(OPEN,), named=(OPEN,)),
    ],
)
@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?s WHERE { GRAPH ?g { ?s ?p ?o } }",
        "SELECT ?s WHERE { GRAPH <urn:graph:secret> { ?s ?p ?o } }",
        "SELECT ?s FROM <urn:graph:secret> WHERE { ?s ?p ?o }",
        "SELECT ?s FROM NAMED <urn:graph:secret> WHERE { GRAPH ?g { ?s ?p ?o } }",
        "SELECT ?s FROM <urn:graph:secret> FROM NAMED <urn:graph:secret> "
        "WHERE { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }",
        "SELECT ?s WHERE { { SELECT ?s WHERE { GRAPH ?g { ?s ?p ?o } } } }",
        "SELECT ?s WHERE { GRAPH ?s { } }",
        "SELECT ?s WHERE { ?s (<urn:x>|!<urn:x>)* ?o . GRAPH ?g { ?s ?p ?v } }",
    ],
)
def test_nothing_outside_of_the_dataset_is_seen(store: EmbeddedStore, dataset: DatasetDescription, query: str) -> None:
    assert subjects(store, dataset, query) <= {"urn:here", "urn:graph:open"}


def test_a_named_graph_is_seen_by_its_name(store: EmbeddedStore) -> None:
    dataset = DatasetDescription(named=(SECRET,))
    query = "SELECT ?g WHERE { GRAPH ?g { ?s ?p ?o } }"
    assert store.select(query, dataset) == [(SECRET,)]


def test_a_row_follows_the_projection_and_has_none_for_what_is_unbound(store: EmbeddedStore) -> None:
    query = "SELECT ?o ?nothing ?s WHERE { ?s ?p ?o }"
    assert store.select(query, DatasetDescription(default=(OPEN,))) == [(Literal("1"), None, Iri("urn:here"))]


def test_rows_can_be_read_by_another_thread(store: EmbeddedStore) -> None:
    found: list[object] = []
    thread = threading.Thread(target=lambda: found.extend(store.select(ALL, BOTH)))
    thread.start()
    thread.join()
    assert len(found) == 2


def test_a_change_removes_first_and_then_adds(store: EmbeddedStore) -> None:
    new = Quad(Iri("urn:new"), P, Iri("urn:o"), OPEN)
    store.apply(ChangeSet(removed=[HERE, new], added=[new]))
    assert subjects(store, DatasetDescription(default=(OPEN,))) == {"urn:new"}


def test_the_same_triple_stays_in_other_graphs(store: EmbeddedStore) -> None:
    store.apply(ChangeSet(added=[HERE._replace(graph=SECRET)]))
    store.apply(ChangeSet(removed=[HERE]))
    assert subjects(store, BOTH) == {"urn:here", "urn:there"}


@pytest.mark.parametrize(
    "bad", [Quad(Iri("urn:bad iri"), P, Literal("x"), OPEN), Quad(Iri("urn:s"), P, Literal("\ud800"), OPEN)]
)
@pytest.mark.parametrize("removed", [(), (HERE,)])
def test_a_change_that_fails_changes_nothing(store: EmbeddedStore, bad: Quad, removed: tuple[Quad, ...]) -> None:
    good = Quad(Iri("urn:good"), P, Literal("x"), OPEN)
    with pytest.raises(ValueError, match=r"IRI|surrogates"):
        store.apply(ChangeSet(removed=removed, added=[good, bad]))
    assert subjects(store, BOTH) == {"urn:here", "urn:there"}


def test_a_load_that_fails_loads_nothing(store: EmbeddedStore) -> None:
    def broken() -> Iterator[Quad]:
        for number in range(1000):
            yield Quad(Iri(f"urn:{number}"), P, Literal("x"), OPEN)
        raise RuntimeError("the file ends here")

    with pytest.raises(RuntimeError, match="the file ends here"):
        store.load(broken())
    with pytest.raises(StoreError, match="line 2"):
        store.load_nquads(b"<urn:a> <urn:p> <urn:c> <urn:graph:open> .\nno N-Quads")
    assert subjects(store, BOTH) == {"urn:here", "urn:there"}


def test_loading_adds(store: EmbeddedStore) -> None:
    store.load([Quad(Iri("urn:a"), P, Literal("x"), OPEN)])
    store.load_nquads(b'<urn:b> <urn:p> "x" <urn:graph:open> .\n')
    assert subjects(store, DatasetDescription(default=(OPEN,))) == {"urn:here", "urn:a", "urn:b"}
    assert set(store.graphs()) == {OPEN, SECRET}


def test_versions_move_with_what_is_written(store: EmbeddedStore) -> None:
    def versions() -> list[int]:
        return [
            store.version(OPEN),
            store.version(OPEN, [P]),
            store.version(OPEN, [Iri("urn:q")]),
            store.version(SECRET),
        ]

    first = versions()
    store.apply(ChangeSet())
    assert versions() == first
    store.apply(ChangeSet(removed=[HERE]))
    second = versions()
    assert [new > old for new, old in zip(second, first, strict=True)] == [True, True, False, False]
    store.load([HERE])
    assert all(new > old for new, old in zip(versions(), second, strict=True))


def test_a_folder_keeps_what_was_written(tmp_path: Path) -> None:
    first = EmbeddedStore(tmp_path)
    first.apply(ChangeSet(added=[HERE]))
    first.load([THERE])
    first.close()
    again = EmbeddedStore(tmp_path)
    assert subjects(again, BOTH) == {"urn:here", "urn:there"}
    again.close()


def test_a_folder_in_use_is_locked(tmp_path: Path) -> None:
    first = EmbeddedStore(tmp_path)
    with pytest.raises(StoreLocked, match="in use"):
        EmbeddedStore(tmp_path)
    first.close()


def test_a_folder_that_can_not_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="file"):
        EmbeddedStore(tmp_path / "file" / "store")


def test_files_stay_small_under_changes_without_end(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path / "store")
    old: list[Quad] = []
    for number in range(6 * FLUSH_EVERY):
        text = Literal(f"{number} {'long' * 250}")
        new = [Quad(Iri("urn:s"), Iri("urn:p"), text, Iri(f"urn:g{graph}")) for graph in range(3)]
        store.apply(ChangeSet(removed=old, added=new))
        old = new
    sizes = [file.stat().st_size for file in (tmp_path / "store").glob("*.log")]
    assert sum(sizes) < 20_000_000  # left alone it is 36 MB, and grows
    assert len(store.select("SELECT ?o { ?s ?p ?o }", DatasetDescription(default=(Iri("urn:g0"),)))) == 1
    store.close()
