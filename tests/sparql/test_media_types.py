"""The table of media types: complete, without contradictions, and no more than the engine can write."""

from __future__ import annotations

from collections import Counter

import pytest

from sparql.embedded.evaluation import GRAPH_FORMATS, RESULT_FORMATS
from sparql.media_types import SERIALISATIONS, content_type, offers, on_offer
from sparql.query_engine import ResultKind


def test_what_is_on_offer_is_what_the_engine_writes() -> None:
    assert set(on_offer(ResultKind.BINDINGS)) == set(on_offer(ResultKind.BOOLEAN)) == set(RESULT_FORMATS)
    assert set(on_offer(ResultKind.GRAPH)) == set(GRAPH_FORMATS)
    assert len(on_offer()) == len(SERIALISATIONS) == len(RESULT_FORMATS) + len(GRAPH_FORMATS)


@pytest.mark.parametrize("kind", ResultKind)
def test_a_name_means_one_thing_for_each_kind_of_result(kind: ResultKind) -> None:
    able = [each for each in SERIALISATIONS if kind in each.kinds]
    names = Counter(name for each in able for name in (each.media_type, *each.aliases, *each.names))
    assert [name for name, times in names.items() if times > 1] == []


@pytest.mark.parametrize("kind", ResultKind)
def test_registered_media_types_come_before_their_aliases(kind: ResultKind) -> None:
    registered = on_offer(kind)
    assert tuple(offers(kind))[: len(registered)] == registered


def test_each_has_its_own_iri() -> None:
    assert len({each.iri for each in SERIALISATIONS}) == len(SERIALISATIONS)


@pytest.mark.parametrize(
    ("media_type", "expected"),
    [
        ("text/csv", "text/csv; charset=utf-8"),
        ("text/turtle", "text/turtle; charset=utf-8"),
        ("application/json", "application/json"),
        ("application/n-triples", "application/n-triples"),
    ],
)
def test_text_says_that_it_is_utf_8(media_type: str, expected: str) -> None:
    assert content_type(media_type) == expected
