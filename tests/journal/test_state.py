"""A device's state in the journal says all that its triples say, and no more."""

from __future__ import annotations

import json

from device_strategies import documents
from hypothesis import given, settings
from hypothesis import strategies as st
from stand import device

from registry.access import BOOKKEEPING, DEVICES, date, placement
from registry.devices.documents import device_iri, to_triples
from registry.journal.entry import What
from registry.journal.state import SEEN, state_of, triples_of, views, write
from registry.profile import load_profile
from registry.profile.compilation import MODEL
from registry.vocabulary import MODIFIED
from sparql.terms import Iri, Literal, Quad

PROFILE = load_profile(MODEL)
TIME = PROFILE.fields["_updated"].codec
NOW = "2026-01-02T03:04:05.000600Z"


def record(document: dict[str, object]) -> dict[str, object]:
    return {**document, "_created": NOW, "_updated": NOW}


@settings(max_examples=60, deadline=None)
@given(documents(PROFILE))
def test_the_state_holds_all_that_the_triples_say(document: dict[str, object]) -> None:
    iri = device_iri(document["device_id"]) or Iri()
    triples = to_triples(PROFILE, record(document), iri)
    state = state_of(PROFILE, triples)
    assert placement(PROFILE, triples_of(PROFILE, json.loads(write(state)), iri)) == placement(PROFILE, triples)


@settings(max_examples=40, deadline=None)
@given(documents(PROFILE), documents(PROFILE), st.data())
def test_the_older_times_of_views_are_kept(
    before: dict[str, object], after: dict[str, object], data: st.DataObject
) -> None:
    iri = device_iri(before["device_id"]) or Iri()
    mixed = {**before, **{name: after[name] for name in data.draw(st.sets(st.sampled_from(sorted(after))))}}
    mixed = {**mixed, **{name: before[name] for name in ("device_id", "account_id", "aggregator_id")}}
    old = to_triples(PROFILE, record(before), iri)
    new = date(PROFILE, old, to_triples(PROFILE, record(mixed), iri), iri, TIME.encode("2026-02-03T00:00:00Z"))
    assert triples_of(PROFILE, json.loads(write(state_of(PROFILE, new))), iri) == new


def test_a_change_out_of_a_roles_view_is_told_apart() -> None:
    iri, now = device_iri(device()["device_id"]) or Iri(), TIME.encode("2026-02-03T00:00:00Z")
    old, new = (to_triples(PROFILE, record(device(serial_number=number)), iri) for number in "12")
    dated = date(PROFILE, old, new, iri, now)
    state = state_of(PROFILE, dated)
    assert state["_updated"] == "2026-02-03T00:00:00.000000Z"
    assert set(state[SEEN].values()) == {NOW}
    assert len(state[SEEN]) == len({each.predicate for each in dated} & (BOOKKEEPING - {MODIFIED}))


def quads(*graphs: str) -> list[Quad]:
    return [Quad(Iri("urn:s"), Iri("urn:p"), Literal("o"), Iri(graph)) for graph in graphs]


def test_views_say_where_a_change_shows() -> None:
    assert views((), quads("urn:a", "urn:b")) == ((Iri("urn:a"), What.CREATED), (Iri("urn:b"), What.CREATED))
    assert views(quads("urn:a", "urn:b"), quads("urn:b")) == ((Iri("urn:a"), What.DELETED),)
    other = [Quad(Iri("urn:s"), Iri("urn:p"), Literal("other"), Iri("urn:a"))]
    assert views(quads("urn:a", "urn:b"), [*other, *quads("urn:b")]) == ((Iri("urn:a"), What.UPDATED),)
    assert views(quads(DEVICES), quads(DEVICES)) == ()
