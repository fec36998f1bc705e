"""Windows in OWL-Time: what each kind says, by terms that were looked up, and one node for each window."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from device_strategies import WINDOW_LISTS
from hypothesis import given

from registry.calendars import read_windows
from registry.calendars.owl_time import PREDICATES, window_triples
from registry.profile import Profile
from registry.profile.compilation import MODEL
from registry.vocabulary import FLEX, TIME, TIME_ZONES
from sparql.terms import TYPE, Iri, Literal, to_sparql

DEVICE = Iri("urn:uuid:0b7c1f5e-3a51-4c8e-9d0f-2f6a1c9e4b7d")
VERIFIED = Path(MODEL / "ontology/alignments/verified.csv")
ONCE = {"begin": "2026-12-01T08:00:00+01:00", "end": "2026-12-01T10:00:00+01:00", "available_power": 2.5}
WEEKLY = {
    "days": ["monday", "sunday"],
    "from": "22:00",
    "until": "06:00",
    "time_zone": "America/Argentina/Buenos_Aires",
    "first_date": "2026-01-01",
    "last_date": "2026-12-31",
}


def triples_of(value: Any) -> set[tuple[str, str, str]]:
    """Return triples with short names: of the device's nodes the fragment alone."""
    found = window_triples(DEVICE, read_windows(value))
    return {tuple(map(_short, triple)) for triple in found}  # type: ignore[misc]  # three


def _short(term: Any) -> str:
    text = term.lexical if isinstance(term, Literal) else str(term)
    for start, prefix in ((f"{DEVICE}#", "#"), (FLEX, "flex:"), (TIME, "time:"), (TIME_ZONES, "zone:"), (TYPE, "a")):
        if not isinstance(term, Literal) and text.startswith(start):
            return prefix + text.removeprefix(start)
    return text.removeprefix(DEVICE) or "device"


def test_a_single_window() -> None:
    assert triples_of([ONCE]) == {
        ("device", "flex:availabilityWindow", "#window-1"),
        ("#window-1", "a", "flex:AvailabilityWindow"),
        ("#window-1", "time:hasBeginning", "#window-1-begin"),
        ("#window-1-begin", "a", "time:Instant"),
        ("#window-1-begin", "time:inXSDDateTimeStamp", "2026-12-01T07:00:00Z"),
        ("#window-1", "time:hasEnd", "#window-1-end"),
        ("#window-1-end", "a", "time:Instant"),
        ("#window-1-end", "time:inXSDDateTimeStamp", "2026-12-01T09:00:00Z"),
        ("#window-1", "flex:availablePower", "2.5"),
    }


def test_a_weekly_window() -> None:
    found = triples_of([ONCE, WEEKLY])
    days = {
        (node, predicate, value)
        for day in ("monday", "sunday")
        for node, predicate, value in (
            ("#window-2", "flex:recursOn", f"#window-2-{day}"),
            (f"#window-2-{day}", "a", "time:DateTimeDescription"),
            (f"#window-2-{day}", "time:unitType", "time:unitDay"),
            (f"#window-2-{day}", "time:dayOfWeek", f"time:{day.capitalize()}"),
            (f"#window-2-{day}", "time:timeZone", "zone:America/Argentina/Buenos_Aires"),
        )
    }
    assert {triple for triple in found if "window-2" in triple[0] or "window-2" in triple[2]} == days | {
        ("device", "flex:weeklyAvailability", "#window-2"),
        ("#window-2", "a", "flex:WeeklyAvailability"),
        ("#window-2", "flex:localBeginning", "22:00:00"),
        ("#window-2", "flex:localEnd", "06:00:00"),
        ("#window-2", "flex:timeZoneName", "America/Argentina/Buenos_Aires"),
        ("#window-2", "flex:firstDate", "2026-01-01"),
        ("#window-2", "flex:lastDate", "2026-12-31"),
    }


@given(value=WINDOW_LISTS)
def test_every_term_is_known_and_every_node_is_the_devices(value: Any) -> None:
    with VERIFIED.open(encoding="utf-8", newline="") as lines:
        verified = {row["iri"] for row in csv.DictReader(lines)}
    for triple in window_triples(DEVICE, read_windows(value)):
        assert triple.subject == DEVICE or triple.subject.startswith(f"{DEVICE}#window-")
        assert triple.predicate in {*PREDICATES, TYPE}
        assert {part for part in triple if part.__class__ is Iri and part.startswith(TIME)} <= verified
        assert to_sparql(triple.object)


@pytest.mark.parametrize("predicate", [each for each in PREDICATES if each.startswith(FLEX)])
def test_our_own_terms_are_in_the_ontology(predicate: Iri, profile: Profile) -> None:
    assert any(profile.ontology.predicate_objects(next(s for s in profile.ontology.subjects() if str(s) == predicate)))


def test_a_single_window_is_a_proper_interval_by_the_alignment(profile: Profile) -> None:
    field = profile.calendar_field
    assert field is not None
    found = profile.entailment.closed(field.codec.nodes(DEVICE, field.codec.encode([ONCE, WEEKLY])))
    types = {(triple.subject, triple.object) for triple in found if triple.predicate == TYPE}
    assert (Iri(f"{DEVICE}#window-1"), TIME.term("ProperInterval")) in types
    assert (Iri(f"{DEVICE}#window-2"), TIME.term("ProperInterval")) not in types
    assert (Iri(f"{DEVICE}#window-2"), FLEX.term("AvailabilityPeriod")) in types
