"""What a start makes of a store that is damaged, lost or behind, and of a clock that was put back."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from stand import Stand, device, running_stand

from registry.cli import main
from registry.clock import Clock
from registry.journal.database import JournalError
from registry.journal.position import GRAPH, NODE, read_position
from registry.publishing.opening import open_store
from sparql.dataset import DatasetDescription
from sparql.embedded import EmbeddedStore
from sparql.graph_store import StoreDamaged, StoreError
from sparql.terms import to_sparql

NUMBER = 5


@dataclass
class Prepared:
    """A data folder with some devices, and what they looked like."""

    data: Path
    tags: list[str]


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    data = tmp_path_factory.mktemp("original") / "data"
    with running_stand(data) as stand:
        stand.add(*(device(number) for number in range(1, NUMBER + 1)))
        stand.patch(device(1)["device_id"], {"device_name": "changed"})
        return Prepared(data, tags(stand))


@pytest.fixture
def prepared(original: Prepared, tmp_path: Path) -> Prepared:
    return Prepared(Path(shutil.copytree(original.data, tmp_path / "data")), original.tags)


def tags(stand: Stand) -> list[str]:
    return [stand.etag(device(number)["device_id"]) for number in range(1, NUMBER + 1)]


def positions(store: EmbeddedStore) -> int:
    query = f"SELECT ?p ?o WHERE {{ {to_sparql(NODE)} ?p ?o }}"
    return len(store.select(query, DatasetDescription(default=(GRAPH,))))


def damage_manifest(data: Path) -> None:
    (manifest,) = (data / "store").glob("MANIFEST-*")
    manifest.write_bytes(b"\xff" * 4096)


def damage_current(data: Path) -> None:
    (data / "store" / "CURRENT").write_bytes(b"")


def lose_a_table(data: Path) -> None:
    for path in (data / "store").glob("*.sst"):
        path.unlink()


@pytest.mark.parametrize("damage", [damage_manifest, damage_current, lose_a_table])
def test_a_damaged_store_is_put_aside_and_made_anew(prepared: Prepared, damage: Callable[[Path], None]) -> None:
    damage(prepared.data)
    said: list[str] = []
    open_store(prepared.data, said.append).close()
    assert len(said) == 1
    assert "is made anew from the journal" in said[0]
    with running_stand(prepared.data) as stand:
        assert tags(stand) == prepared.tags
    (aside,) = prepared.data.glob("store.damaged-*")
    assert str(aside) in said[0]
    assert any(aside.iterdir())


def test_without_a_journal_a_damaged_store_is_left_where_it_is(prepared: Prepared) -> None:
    damage_manifest(prepared.data)
    for path in prepared.data.glob("journal.sqlite*"):
        path.unlink()
    with pytest.raises(StoreDamaged, match="has to come from a backup"):
        open_store(prepared.data)
    assert not list(prepared.data.glob("store.damaged-*"))
    assert not (prepared.data / "journal.sqlite").exists()


def test_a_command_that_only_reads_puts_nothing_aside(prepared: Prepared) -> None:
    damage_manifest(prepared.data)
    ran = CliRunner().invoke(main, ["export", "--data", str(prepared.data)])
    assert ran.exit_code == 2
    assert "start the registry, which makes it anew" in ran.output
    assert not list(prepared.data.glob("store.damaged-*"))


def test_a_data_folder_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(StoreError, match="can't be made"):
        open_store(tmp_path / "data" / "below")


def test_numbers_that_were_taken_back_leave_the_store_at_one_place(prepared: Prepared) -> None:
    with running_stand(prepared.data) as stand:
        journal = stand.components.recorder.journal
        (last,) = journal.entries(journal.last - 1, 1)
        journal.append([last])
        journal.retract(journal.last)
    with running_stand(prepared.data) as stand:
        stand.patch(device(2)["device_id"], {"device_name": "changed too"})
        store, recorder = stand.components.store, stand.components.recorder
        assert isinstance(store, EmbeddedStore)
        assert positions(store) == 2
        position = read_position(store)
        assert position is not None
        assert position.sequence == recorder.journal.last == recorder.applied


def test_a_journal_that_lacks_what_the_store_has_is_told(prepared: Prepared, original: Prepared) -> None:
    with running_stand(prepared.data) as stand:
        stand.patch(device(2)["device_id"], {"device_name": "later"})
    for path in prepared.data.glob("journal.sqlite*"):
        path.unlink()
    for path in original.data.glob("journal.sqlite*"):
        shutil.copy(path, prepared.data)
    with pytest.raises(JournalError, match="a part of the journal is lost"), running_stand(prepared.data):
        pass


def test_times_go_on_from_the_journal_whatever_the_clock_says(prepared: Prepared) -> None:
    with running_stand(prepared.data) as stand:
        latest = stand.components.recorder.journal.last_time()
    assert latest is not None
    clock = Clock(lambda: datetime(2001, 1, 1, tzinfo=UTC), last=latest)
    first, second = clock.text(), clock.text()
    assert latest < first < second
