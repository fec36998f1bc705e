"""Changed subjects: what is known of changes, what is not, and how much is kept."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparql import changed_subjects
from sparql.embedded import EmbeddedStore
from sparql.graph_store import ChangeSet
from sparql.terms import Iri, Literal, Quad
from sparql.versions import Versions

G, H, P, Q = Iri("urn:g"), Iri("urn:h"), Iri("urn:p"), Iri("urn:q")
NAMES = [Iri(f"urn:s{number}") for number in range(4)]
QUADS = st.builds(Quad, st.sampled_from(NAMES), st.sampled_from([P, Q]), st.just(Literal("x")), st.sampled_from([G, H]))
PARTS: tuple[tuple[Iri, tuple[Iri, ...]], ...] = ((G, (P,)), (G, (Q,)), (G, (P, Q)), (H, (P,)))


def quad(subject: str, predicate: Iri = P, graph: Iri = G) -> Quad:
    return Quad(Iri(f"urn:{subject}"), predicate, Literal("x"), graph)


def since(found: Versions, version: int, graph: Iri = G, predicates: tuple[Iri, ...] = (P,)) -> set[str] | None:
    subjects = found.subjects_since(version, graph, predicates)
    return None if subjects is None else set(map(str, subjects))


def watching(*before: Quad) -> tuple[Versions, int]:
    """Return versions of which somebody has asked about P in G, and the version then."""
    found = Versions()
    if before:
        found.record(before)
    version = found.of(G, [P])
    assert since(found, version) == set()
    return found, version


@given(st.lists(st.lists(QUADS, min_size=1, max_size=3), max_size=8), st.integers(0, 8))
def test_all_subjects_are_known_from_the_first_question_on(changes: list[list[Quad]], asked: int) -> None:
    found = Versions()
    asked = min(asked, len(changes))
    for change in changes[:asked]:
        found.record(change)
    first = {part: found.of(*part) for part in PARTS}
    assert [since(found, first[part], *part) for part in PARTS] == [set()] * len(PARTS)
    for change in changes[asked:]:
        found.record(change)
    for graph, predicates in PARTS:
        wanted = {q.subject for each in changes[asked:] for q in each if q.graph == graph and q.predicate in predicates}
        assert since(found, first[graph, predicates], graph, predicates) == wanted
        assert since(found, found.of(graph, predicates), graph, predicates) == set()


def test_what_changed_before_the_first_question_is_not_known() -> None:
    found = Versions()
    version = found.of(G, [P])
    found.record([quad("a")])
    assert since(found, version) is None
    assert since(found, found.of(G, [P])) == set()


def test_after_a_bulk_load_nothing_is_known() -> None:
    found, version = watching()
    found.forget()
    assert since(found, version) is None


def test_too_many_versions_cost_no_subject(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sparql.versions._MOST_ENTRIES", 3)
    found, version = watching()
    found.record([quad("a"), quad("b", Q, H), quad("c", Q, H)])
    assert found.of(G, [Q]) > version
    assert since(found, version) == {"urn:a"}


def test_the_oldest_of_too_many_subjects_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changed_subjects, "_MOST_SUBJECTS", 2)
    found, first = watching()
    versions = []
    for name in "abac":
        found.record([quad(name)])
        versions.append(found.of(G, [P]))
    assert since(found, first) is None
    assert since(found, versions[1]) == {"urn:a", "urn:c"}


def test_the_part_that_was_not_asked_about_for_longest_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changed_subjects, "_MOST_WATCHED", 2)
    found = Versions()
    for graph in (G, H, G, Iri("urn:third")):
        assert since(found, 0, graph) == set()
    found.record([quad("a"), quad("a", graph=H)])
    assert since(found, 0) == {"urn:a"}
    assert since(found, 0, H) is None


def test_the_store_tells_of_what_is_added_and_removed() -> None:
    store = EmbeddedStore()
    store.apply(ChangeSet(added=[quad("a"), quad("b")]))
    version = store.version(G, [P])
    assert store.changed_since(version, G, [P]) == frozenset()
    store.apply(ChangeSet(removed=[quad("a")], added=[quad("c"), quad("d", Q)]))
    assert store.changed_since(version, G, [P]) == {"urn:a", "urn:c"}
    store.load([quad("e")])
    assert store.changed_since(version, G, [P]) is None
    version = store.version(G, [P])
    assert store.changed_since(version, G, [P]) == frozenset()
    store.update("INSERT DATA { GRAPH <urn:g> { <urn:f> <urn:p> 1 } }")
    assert store.changed_since(version, G, [P]) is None


def test_no_change_is_lost_between_a_version_and_its_subjects() -> None:
    """Who asks for the version first gets the subjects of all changes up to it, while another thread writes."""
    found, version = watching()
    names = [f"s{number}" for number in range(1500)]
    writer = threading.Thread(target=lambda: list(map(found.record, ([quad(name)] for name in names))))
    writer.start()
    seen: set[str] = set()
    while True:
        alive = writer.is_alive()
        now = found.of(G, [P])
        changed = since(found, version)
        assert changed is not None
        assert len(seen | changed) >= now
        seen |= changed
        version = now
        if not alive:
            break
    assert seen == {f"urn:{name}" for name in names}
