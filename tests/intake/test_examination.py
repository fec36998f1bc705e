"""Examination: batches in, outcomes out, alike in this process and in others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from device_strategies import created, documents
from hypothesis import given
from hypothesis import strategies as st

from demo.households import devices
from registry.access import placement
from registry.clock import Clock
from registry.devices.documents import device_iri, to_triples
from registry.intake.batches import BATCH, batches
from registry.intake.examination import Examiner
from registry.intake.json_files import JsonForm
from registry.intake.records import Batch, Record
from registry.intake.workers import FEW, examined
from registry.profile import Profile
from registry.profile.compilation import MODEL
from sparql.dataset import DatasetDescription
from sparql.embedded import EmbeddedStore
from sparql.nquads import to_nquads
from sparql.terms import Iri, Quad, Triple

MOMENT = "2026-01-01T00:00:00.000000Z"


@pytest.fixture(scope="module")
def examiner(profile: Profile) -> Examiner:
    return Examiner(profile)


def batch(*given: object) -> Batch:
    records = tuple(Record(number, json.dumps(each).encode()) for number, each in enumerate(given, start=1))
    return Batch(0, JsonForm(), records, (MOMENT,) * len(records))


@given(data=st.data())
def test_quads_are_the_placement_of_the_document(data: st.DataObject, profile: Profile, examiner: Examiner) -> None:
    document = created(data.draw(documents(profile)))
    (outcome,) = examiner.examine(batch(document))
    assert outcome.issues == {}
    store = EmbeddedStore()
    store.load_nquads(outcome.quads)
    found = {
        Quad(*Triple(*row), graph)  # type: ignore[arg-type]  # the pattern binds all three
        for graph in store.graphs()
        for row in store.select("SELECT ?s ?p ?o WHERE { ?s ?p ?o }", DatasetDescription(default=(graph,)))
    }
    assert found == placement(profile, to_triples(profile, document, device_iri(document["device_id"]) or Iri()))


def test_a_device_twice_in_a_batch_is_judged_twice(examiner: Examiner) -> None:
    (document,) = devices(1, 1, 1)
    good, bad, again, unknown = examiner.examine(
        batch(document, {**document, "availability": "maybe"}, document, {**document, "device_id": "x"})
    )
    assert (good.issues, again.issues, good.digest) == ({}, {}, again.digest)
    assert bad.issues == {"availability": "unallowed value maybe"}
    assert list(unknown.issues) == ["device_id"]


def test_the_digest_is_of_what_is_said_and_not_of_when(examiner: Examiner) -> None:
    (document,) = devices(1, 1, 1)
    status = {**document.get("status", {}), "setPoint": 3}
    one, other, third = examiner.examine(
        batch(
            {**document, "status": status},
            {**document, "status": {**status, "setPoint": 3.0}, "_created": "2020-01-01T00:00:00Z"},
            {**document, "status": {**status, "setPoint": 4}},
        )
    )
    assert one.digest == other.digest != third.digest


def test_nquads_are_one_line_a_quad() -> None:
    assert to_nquads([]) == b""
    quads = [Quad(Iri("urn:s"), Iri("urn:p"), Iri("urn:o"), Iri(f"urn:g{number}")) for number in range(2)]
    assert to_nquads(quads) == b"<urn:s> <urn:p> <urn:o> <urn:g0> .\n<urn:s> <urn:p> <urn:o> <urn:g1> .\n"


def test_processes_give_the_same_as_this_one_and_in_order(tmp_path: Path, profile: Profile) -> None:
    found = list(devices(FEW + BATCH + 7, 2, 3))
    found[3]["availability"] = "maybe"
    file = tmp_path / "d.ndjson"
    file.write_text("".join(json.dumps(each) + "\n" for each in found), encoding="utf-8")
    given_batches = list(batches([file], profile, Clock()))
    done = list(examined(iter(given_batches), profile, MODEL, 2))
    assert [batch for batch, _ in done] == given_batches
    here = Examiner(profile)
    for each, outcomes in done:
        expected = here.examine(each)
        assert [outcome.digest for outcome in outcomes] == [outcome.digest for outcome in expected]
        assert [outcome.issues for outcome in outcomes] == [outcome.issues for outcome in expected]
        assert [sorted(outcome.quads.splitlines()) for outcome in outcomes] == [
            sorted(outcome.quads.splitlines()) for outcome in expected
        ]
