"""Recorded states are seen by the same rule as the store's graphs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from device_strategies import documents
from hypothesis import given, settings
from hypothesis import strategies as st
from stand import ALICE, A, B

from registry.access import date, placement
from registry.devices.documents import device_iri, from_triples, to_triples
from registry.journal.sight import Sight
from registry.journal.state import state_of
from registry.principal import Principal, Role
from registry.profile import Profile, load_profile
from registry.profile.compilation import MODEL
from sparql.terms import Iri

PROFILE = load_profile(MODEL)
NOW, LATER = "2026-01-02T03:04:05.000600Z", "2026-02-03T00:00:00Z"
PRINCIPALS = [
    Principal(role=Role.SERVICE, issuer="urn:x", subject="x"),
    Principal(role=Role.AGGREGATOR, issuer="urn:x", subject="x", aggregator_id=A),
    Principal(role=Role.AGGREGATOR, issuer="urn:x", subject="x", aggregator_id=B),
    Principal(role=Role.PROSUMER, issuer="urn:x", subject=ALICE, aggregator_id=A, account_id=ALICE),
    Principal(role=Role.ENGINEER, issuer="urn:x", subject="x"),
]


def hiding(profile: Profile, hidden: set[str]) -> Profile:
    """Return the profile with some fields hidden from all but services."""
    fields = {
        name: replace(item, visible_to=item.visible_to & {Role.SERVICE}) if name in hidden else item
        for name, item in profile.fields.items()
    }
    return replace(profile, fields=fields)


def record(document: dict[str, Any]) -> dict[str, Any]:
    return {**document, "_created": NOW, "_updated": NOW}


HIDEABLE = sorted(name for name in PROFILE.fields if name not in ("device_id", "account_id", "aggregator_id"))


@settings(max_examples=80, deadline=None)
@given(
    documents(PROFILE, aggregator_id=st.sampled_from([A, B]), account_id=st.sampled_from([ALICE, ALICE[:-1] + "0"])),
    st.text(max_size=5),
    st.sets(st.sampled_from([name for name in HIDEABLE if not name.startswith("_")]), max_size=8),
    st.sampled_from(PRINCIPALS),
)
def test_a_state_is_seen_as_the_graph_of_the_view_shows_it(
    document: dict[str, Any], name: str, hidden: set[str], principal: Principal
) -> None:
    profile, iri = hiding(PROFILE, hidden), device_iri(document["device_id"]) or Iri()
    time = PROFILE.fields["_updated"].codec.encode(LATER)
    first = to_triples(profile, record(document), iri)
    changed = to_triples(profile, record({**document, "serial_number": name}), iri)
    triples = date(profile, first, changed, iri, time)
    sight = Sight(profile, principal)
    shown = [quad[:3] for quad in placement(profile, triples) if quad.graph == sight.view]
    expected = from_triples(profile, [type(next(iter(triples)))(*each) for each in shown]) if shown else None
    assert sight.of(state_of(profile, triples)) == expected


@pytest.mark.parametrize("principal", PRINCIPALS, ids=lambda each: each.role.value)
def test_nothing_is_seen_of_nothing(principal: Principal) -> None:
    assert Sight(PROFILE, principal).of(None) is None


def test_a_field_of_another_model_is_not_seen() -> None:
    state = {**record({"device_id": "x", "aggregator_id": A}), "former_field": 1}
    assert "former_field" not in (Sight(PROFILE, PRINCIPALS[0]).of(state) or {})
