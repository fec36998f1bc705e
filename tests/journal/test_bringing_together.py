"""A registry starts with whatever of its store, journal and library is there, and refuses what can't be right."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from stand import AGGREGATOR, PROSUMER, B, Stand, device, running_stand

from registry.access import GRAPHS
from registry.devices.documents import device_iri, to_triples
from registry.journal import Journal, Kind
from registry.journal.database import JournalError
from registry.journal.position import NODE
from registry.profile import load_profile
from registry.publishing.marker import GRAPH
from sparql.dataset import DatasetDescription
from sparql.embedded import EmbeddedStore
from sparql.graph_store import ChangeSet
from sparql.terms import Iri, Quad, Triple

PROFILE = load_profile()


def fill(stand: Stand) -> None:
    stand.add(device(1), device(2, aggregator_id=B), device(3, serial_number="1"))
    stand.patch(device(1)["device_id"], {"device_name": "renamed"}, PROSUMER)
    stand.patch(device(3)["device_id"], {"serial_number": "2"})  # out of some roles' view
    etag = stand.etag(device(2)["device_id"])
    assert stand.call("DELETE", f"/1/devices/{device(2)['device_id']}", headers={"If-Match": etag}).status_code == 204


def notes(data: Path, graph: Iri) -> list[Quad]:
    store = EmbeddedStore(data / "store")
    rows = store.select("SELECT ?s ?p ?o WHERE { ?s ?p ?o }", DatasetDescription(default=(graph,)))
    store.close()
    return [Quad(*Triple(*row), graph) for row in rows]  # type: ignore[arg-type]  # the pattern binds all three


def without(data: Path, quads: list[Quad]) -> None:
    store = EmbeddedStore(data / "store")
    store.apply(ChangeSet(removed=quads))
    store.close()


def test_a_store_that_is_lost_is_made_anew_from_the_journal(tmp_path: Path) -> None:
    with running_stand(tmp_path) as stand:
        fill(stand)
        whole, tag = stand.dump(), stand.etag(device(3)["device_id"], AGGREGATOR)
    shutil.rmtree(tmp_path / "store")
    shutil.rmtree(tmp_path / "models")
    with running_stand(tmp_path) as stand:
        assert stand.dump() == whole
        assert stand.etag(device(3)["device_id"], AGGREGATOR) == tag


@pytest.mark.parametrize("marked", [True, False], ids=["marked", "unmarked"])
def test_a_store_from_before_there_was_a_journal_gets_one_of_all_its_devices(tmp_path: Path, marked: bool) -> None:
    with running_stand(tmp_path) as stand:
        fill(stand)
        whole = stand.dump()
    for file in tmp_path.glob("journal.sqlite*"):
        file.unlink()
    without(tmp_path, [quad for quad in notes(tmp_path, GRAPH) if not marked or quad.subject == NODE])
    if not marked:  # as before there was publishing
        shutil.rmtree(tmp_path / "models")
    with running_stand(tmp_path) as stand:
        assert stand.dump() == whole
        kinds = [each.kind for each in stand.components.recorder.journal.entries(0, 99)]
        assert kinds == [Kind.PUBLISH, Kind.IMPORT, Kind.IMPORT]
        stand.patch(device(1)["device_id"], {"device_name": "once more"}, PROSUMER)
        whole = stand.dump()
    shutil.rmtree(tmp_path / "store")
    with running_stand(tmp_path) as stand:
        assert stand.dump() == whole


def test_a_lost_journal_is_not_made_good_in_silence(tmp_path: Path) -> None:
    with running_stand(tmp_path) as stand:
        fill(stand)
    for file in tmp_path.glob("journal.sqlite*"):
        file.unlink()
    with pytest.raises(JournalError, match="is not the journal of this store"), running_stand(tmp_path):
        pass


def test_a_journal_that_ends_before_the_store_is_refused(tmp_path: Path) -> None:
    with running_stand(tmp_path) as stand:
        stand.add(device(1))
    shutil.copy(tmp_path / "journal.sqlite", tmp_path / "older")
    with running_stand(tmp_path) as stand:
        stand.add(device(2))
    for file in tmp_path.glob("journal.sqlite*"):
        file.unlink()
    (tmp_path / "older").rename(tmp_path / "journal.sqlite")
    with (
        pytest.raises(JournalError, match=r"ends at entry 2, but the store has 3.*Restore both"),
        running_stand(tmp_path),
    ):
        pass


def test_what_the_store_lacks_is_applied_at_the_start(tmp_path: Path) -> None:
    with running_stand(tmp_path) as stand:
        stand.add(device(1))
    shutil.copytree(tmp_path / "store", tmp_path / "older")
    with running_stand(tmp_path) as stand:
        stand.add(device(2))
        stand.patch(device(1)["device_id"], {"device_name": "renamed"}, PROSUMER)
        whole = stand.dump()
    shutil.rmtree(tmp_path / "store")
    (tmp_path / "older").rename(tmp_path / "store")
    with running_stand(tmp_path) as stand:
        assert stand.dump() == whole


def test_a_store_with_other_data_is_not_taken_for_an_empty_one(tmp_path: Path) -> None:
    with running_stand(tmp_path) as stand:
        fill(stand)
    shutil.rmtree(tmp_path / "store")
    store, iri = EmbeddedStore(tmp_path / "store"), device_iri(device(7)["device_id"]) or Iri()
    store.apply(ChangeSet(added=[Quad(*each, Iri(f"{GRAPHS}devices")) for each in to_triples(PROFILE, device(7), iri)]))
    store.close()
    with pytest.raises(JournalError, match="is not empty: move it away first"), running_stand(tmp_path):
        pass
    Journal(tmp_path / "journal.sqlite").close()
