"""Versions: which changes move which number."""

from __future__ import annotations

import pytest

from sparql import versions
from sparql.terms import Iri, Literal, Quad
from sparql.versions import Versions

G, H, P, Q = Iri("urn:g"), Iri("urn:h"), Iri("urn:p"), Iri("urn:q")


def quad(graph: Iri, predicate: Iri) -> Quad:
    return Quad(Iri("urn:s"), predicate, Literal("x"), graph)


def test_a_change_moves_its_graph_and_its_predicates_alone() -> None:
    found = Versions()
    found.record([quad(G, P), quad(H, Q)])
    before = {(graph, names): found.of(graph, names) for graph in (G, H) for names in (None, (P,), (Q,), (P, Q), ())}
    found.record([quad(G, P)])
    moved = {key for key, version in before.items() if found.of(*key) != version}
    assert moved == {(G, None), (G, (P,)), (G, (P, Q))}
    assert all(found.of(*key) > before[key] for key in moved)


def test_what_was_never_touched_has_the_first_version() -> None:
    found = Versions()
    assert found.of(G) == found.of(G, [P]) == found.of(G, []) == 0


def test_forgetting_moves_everything() -> None:
    found = Versions()
    found.record([quad(G, P)])
    before = found.of(G), found.of(H), found.of(G, [P]), found.of(H, [Q]), found.of(G, [])
    found.forget()
    after = found.of(G), found.of(H), found.of(G, [P]), found.of(H, [Q]), found.of(G, [])
    assert all(new > old for new, old in zip(after, before, strict=True))


def test_too_many_entries_are_forgotten_and_count_as_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions, "_MOST_ENTRIES", 10)
    found = Versions()
    found.record([quad(G, P)])
    before = found.of(G, [P])
    for number in range(20):
        found.record([quad(Iri(f"urn:{number}"), P)])
    assert found.of(G, [P]) > before
