"""Damage of every kind is found, told in words, and nothing else is."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner
from soundness import faults
from stand import BOB, A, device

from registry.access import DEVICES, account_graph
from registry.cli.verify import verify as command
from registry.journal.position import position_change
from registry.operations.manifest import NAME, FileRecord, Manifest, NotABackup, file_digest, read_manifest
from sparql.embedded import EmbeddedStore
from sparql.graph_store import ChangeSet
from sparql.terms import TYPE, Iri, Literal, Quad

DEVICE = device(15)["device_id"]
SUBJECT = Iri(f"urn:uuid:{DEVICE}")
NAMED = Iri("https://w3id.org/flexcoop/cim#deviceName")


def flip(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 0x10
    path.write_bytes(content)


def largest(folder: Path) -> Path:
    return max(folder.glob("*.sst"), key=lambda path: path.stat().st_size)


OF_A_BACKUP: dict[str, tuple[Callable[[Path], object], str]] = {
    "a bit of the store": (lambda backup: flip(largest(backup / "store"), 100), "is not what was written"),
    "a bit of the journal": (lambda backup: flip(backup / "journal.sqlite", 5000), "journal.sqlite is not what was"),
    "a file is missing": (lambda backup: (backup / "store" / "CURRENT").unlink(), "store/CURRENT is missing"),
    "a file is cut short": (lambda backup: largest(backup / "store").write_bytes(b"short"), "has 5 bytes in place"),
    "a file too many": (lambda backup: (backup / "store" / "other").write_text("x"), "is no part of this backup"),
}


@pytest.mark.parametrize("damage", OF_A_BACKUP)
def test_a_backup_that_is_damaged_is_told(backup: Path, damage: str) -> None:
    plant, words = OF_A_BACKUP[damage]
    plant(backup)
    found = faults(backup)
    assert len(found) == 1
    assert words in found[0]


OF_A_MANIFEST: dict[str, tuple[str, str]] = {
    "no JSON": ("{", "can't be read"),
    "another document": ("[1]", "is no manifest"),
    "a later format": ('{"format": 2}', "of format 2"),
    "changed by hand": ('{"format": 1, "time": "2026", "digest": "0"}', "its digest is another"),
}


@pytest.mark.parametrize("damage", OF_A_MANIFEST)
def test_a_manifest_that_is_damaged_is_told(backup: Path, damage: str) -> None:
    text, words = OF_A_MANIFEST[damage]
    (backup / NAME).write_text(text)
    with pytest.raises(NotABackup, match=words):
        faults(backup)


def test_a_manifest_comes_back_as_it_was_written(backup: Path) -> None:
    manifest = read_manifest(backup)
    assert json.loads(manifest.text())["identity"] == manifest.identity
    (backup / NAME).write_text(manifest.text())
    assert read_manifest(backup) == manifest


@contextmanager
def journal(data: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(data / "journal.sqlite", isolation_level=None)) as connection:
        yield connection
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def sql(*statements: str) -> Callable[[Path], None]:
    def plant(data: Path) -> None:
        with journal(data) as connection:
            for statement in statements:
                connection.execute(statement, {"device": DEVICE} if ":device" in statement else {})

    return plant


def stored(*, removed: tuple[Quad, ...] = (), added: tuple[Quad, ...] = ()) -> Callable[[Path], None]:
    def plant(data: Path) -> None:
        store = EmbeddedStore(data / "store")
        store.apply(ChangeSet(removed, added))
        store.close()

    return plant


def moved(identity: str | None, sequence: int) -> Callable[[Path], None]:
    def plant(data: Path) -> None:
        with journal(data) as connection:
            ((own,),) = connection.execute("SELECT value FROM note WHERE name = 'identity'")
        store = EmbeddedStore(data / "store")
        store.apply(position_change(store, identity or own, sequence))
        store.close()

    return plant


def torn(data: Path) -> None:
    with journal(data) as connection:
        ((page,),) = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'entry'")
        ((size,),) = connection.execute("PRAGMA page_size")
    with (data / "journal.sqlite").open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)


NAME_OF_IT = Quad(SUBJECT, NAMED, Literal("device 15"), DEVICES)
OTHER = Iri("urn:uuid:99999999-0000-4000-8000-000000000000")
OF_DATA: dict[str, tuple[Callable[[Path], object], str]] = {
    "a page of the journal": (torn, "the journal's file is damaged"),
    "a state is changed": (
        sql("UPDATE entry SET after = replace(after, 'changed', 'changeD') WHERE sequence = 32"),
        "the store has another state",
    ),
    "an entry in the midst is lost": (
        sql("DELETE FROM seen WHERE sequence = 2", "DELETE FROM entry WHERE sequence = 2"),
        "the state before is not the one",
    ),
    "a state is no JSON": (sql("UPDATE entry SET after = '{' WHERE device = :device"), "a state is no JSON object"),
    "a state of another device": (
        sql("UPDATE entry SET after = replace(after, device, 'x') WHERE device = :device"),
        "a state is of another device",
    ),
    "a number of a view is lost": (sql("DELETE FROM seen WHERE number = 3"), "are missing"),
    "an order is wrong": (
        sql("UPDATE seen SET sequence = 99 WHERE number = 2 AND view = (SELECT MIN(view) FROM seen WHERE number = 5)"),
        "is of an entry before",
    ),
    "a view shows what is not there": (
        sql("INSERT INTO seen SELECT id, last + 1, 9999, 'updated' FROM view LIMIT 1"),
        "entry 9,999 that is not there",
    ),
    "a kind is unknown": (sql("UPDATE entry SET kind = 'other' WHERE device = :device"), "unknown kind 'other'"),
    "an author is lost": (sql("DELETE FROM author WHERE id = 2"), "names something that is not in author"),
    "a model is lost": (sql("UPDATE model SET files = NULL"), "can't be read"),
    "a model is another": (sql("UPDATE model SET name = 'f' || substr(name, 2)"), "is not the one that was published"),
    "the version of the journal": (sql("PRAGMA user_version = 77"), "no journal of version"),
    "the store is of another journal": (moved("other", 3), "belong to different registries"),
    "the store is ahead": (moved(None, 9999), "a part of the journal is lost"),
    "the store is empty of a value": (stored(removed=(NAME_OF_IT,)), "the store has another state"),
    "the store has a value of its own": (
        stored(added=(Quad(SUBJECT, NAMED, Literal("other"), DEVICES),)),
        "the store has another state",
    ),
    "a copy of a device lacks a value": (
        stored(removed=(Quad(SUBJECT, NAMED, Literal("device 15"), account_graph(A, BOB)),)),
        "1 triples are missing, 0 too many",
    ),
    "the store has what is no device": (
        stored(added=(Quad(OTHER, TYPE, Iri("urn:class"), account_graph(A, BOB)),)),
        "0 triples are missing, 1 too many",
    ),
    "the store's files": (lambda data: (data / "store" / "CURRENT").write_text("nonsense"), "can't be opened"),
}


@pytest.mark.parametrize("damage", OF_DATA)
def test_data_that_are_damaged_are_told(data: Path, damage: str) -> None:
    plant, words = OF_DATA[damage]
    plant(data)
    if damage == "the store's files":
        again = backup_of(data)
        assert any(words in each for each in faults(again))
        return
    found = faults(data)
    assert any(words in each for each in found), found
    assert not list(data.parent.glob("verifying-*"))


def backup_of(data: Path) -> Path:
    """Return a backup whose manifest fits what is damaged."""
    folder = Path(shutil.copytree(data, data.parent / "planted", ignore=shutil.ignore_patterns("models", "*-wal")))
    files = {
        path.relative_to(folder).as_posix(): FileRecord(path.stat().st_size, file_digest(path))
        for path in folder.rglob("*")
        if path.is_file()
    }
    manifest = Manifest(time="2026", software="0", identity="", sequence=1, store_sequence=1, files=files)
    (folder / NAME).write_text(manifest.text())
    return folder


def test_what_is_sound_is_sound_and_is_not_changed(data: Path, backup: Path) -> None:
    before = {path: path.read_bytes() for path in sorted(backup.rglob("*")) if path.is_file()}
    assert faults(backup) == []
    assert faults(data) == []
    assert {path: path.read_bytes() for path in sorted(backup.rglob("*")) if path.is_file()} == before


def test_a_store_that_is_lost_or_behind_is_no_fault(data: Path) -> None:
    shutil.rmtree(data / "store")
    assert faults(data) == []


@pytest.mark.parametrize(("options", "code", "words"), [([], 0, "sound"), (["--most", "1"], 1, "and 9 more")])
def test_the_command_counts(data: Path, options: list[str], code: int, words: str) -> None:
    if code:
        sql("UPDATE entry SET device = 'x' || device WHERE sequence BETWEEN 12 AND 16")(data)
    found = CliRunner().invoke(command, [str(data), *options])
    assert (found.exit_code, words in found.stdout) == (code, True), found.output


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    found = CliRunner().invoke(command, [str(tmp_path)])
    assert found.exit_code == 2
    assert "neither a backup nor the data folder" in found.output


def test_the_data_of_a_running_registry_are_refused(data: Path) -> None:
    store = EmbeddedStore(data / "store")
    found = CliRunner().invoke(command, [str(data)])
    store.close()
    assert found.exit_code == 2
    assert "in use by another process" in found.output
