"""The journal's file: what is appended is there, whole, in order, numbered for each view, and damage is told."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from registry.errors import InsufficientStorage, RegistryError, ServiceUnavailable
from registry.journal import Author, Entry, Journal, Kind, What
from registry.journal.database import JournalError, connect
from registry.journal.readers import MOST_IDLE
from sparql.terms import Iri

ALICE = Author("prosumer", "https://coop-a.example", "alice")
OTHER = Author(None, "", "the operator")
VIEW, ANOTHER = Iri("urn:view:a"), Iri("urn:view:b")


def entry(number: int = 1, *seen: tuple[Iri, What], kind: Kind = Kind.CHANGE, author: Author = ALICE) -> Entry:
    return Entry(
        kind=kind,
        time=f"2026-01-01T00:00:{number:02}.000000Z",
        author=author,
        model="m" * 40,
        device=f"00000000-0000-4000-8000-{number:012x}",
        before='{"a":1}',
        after='{"a":2}',
        seen=seen,
        request=f"request-{number}",
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    journal = Journal(path)
    yield journal
    journal.close()


def numbers(journal: Journal, view: Iri) -> list[tuple[int, int]]:
    query = "SELECT number, sequence FROM seen JOIN view ON view.id = view WHERE name = ? ORDER BY number"
    return [(number, sequence) for number, sequence in journal.read(query, (view,))]


def test_what_is_appended_comes_back(journal: Journal) -> None:
    given = [entry(1), entry(2, author=OTHER, kind=Kind.DELETE)]
    assert journal.append(given) == 2
    found = journal.entries(0, 10)
    assert [each.sequence for each in found] == [1, 2]
    assert [(each.kind, each.time, each.author, each.device, each.request) for each in found] == [
        (each.kind, each.time, each.author, each.device, each.request) for each in given
    ]
    assert found[0].state_before == {"a": 1}
    assert found[0].state_after == {"a": 2}


def test_it_goes_on_where_it_ended(path: Path, journal: Journal) -> None:
    journal.append([entry(1, (VIEW, What.CREATED))])
    journal.close()
    again = Journal(path)
    assert again.identity == journal.identity
    assert again.append([entry(2, (VIEW, What.UPDATED))]) == 2
    assert numbers(again, VIEW) == [(1, 1), (2, 2)]
    again.close()


def test_each_view_numbers_its_own_changes_without_a_gap(journal: Journal) -> None:
    journal.append([entry(1, (VIEW, What.CREATED)), entry(2, (ANOTHER, What.CREATED)), entry(3, (VIEW, What.DELETED))])
    assert numbers(journal, VIEW) == [(1, 1), (2, 3)]
    assert numbers(journal, ANOTHER) == [(1, 2)]


def test_what_is_taken_back_was_never_there_and_leaves_no_gap_in_a_view(journal: Journal) -> None:
    journal.append([entry(1, (VIEW, What.CREATED))])
    journal.append([entry(2, (VIEW, What.UPDATED), (ANOTHER, What.CREATED))])
    journal.retract(2)
    assert [each.sequence for each in journal.entries(0, 10)] == [1]
    assert journal.append([entry(3, (VIEW, What.UPDATED), (ANOTHER, What.CREATED))]) == 3
    assert numbers(journal, VIEW) == [(1, 1), (2, 3)]
    assert numbers(journal, ANOTHER) == [(1, 3)]


def test_an_error_in_the_midst_leaves_nothing(journal: Journal) -> None:
    def broken() -> Iterator[Entry]:
        yield entry(1, (VIEW, What.CREATED))
        raise RuntimeError

    with pytest.raises(RuntimeError):
        journal.append(broken())
    assert journal.last == 0
    assert journal.entries(0, 10) == []
    assert journal.append([entry(2, (VIEW, What.CREATED))]) == 1
    assert numbers(journal, VIEW) == [(1, 1)]


def test_pending_changes_stay_until_they_are_settled(path: Path, journal: Journal) -> None:
    journal.append([entry(1)])
    journal.append([entry(2), entry(3)], "INSERT DATA {}")
    journal.close()
    again = Journal(path)
    ((first, last, text),) = [(each.first, each.last, each.text) for each in again.pending(1)]
    assert (first, last, text) == (2, 3, "INSERT DATA {}")
    assert again.pending(3) == []
    again.settle()
    assert again.pending(0) == []
    again.close()


def test_the_latest_entry_of_each_device_in_blocks(journal: Journal) -> None:
    journal.append([entry(number) for number in (1, 2, 3, 1, 3, 3)])
    found = [[each.sequence for each in block] for block in journal.latest(2)]
    assert found == [[4, 2], [6]]


def test_models_are_kept_as_they_were_first(journal: Journal) -> None:
    journal.put_model("a", "record", b"files")
    journal.put_model("a", "other", b"other")
    assert journal.models() == {"a": ("record", b"files")}


def test_every_commit_is_synced(path: Path, journal: Journal) -> None:
    for pragma, value in (("journal_mode", "wal"), ("synchronous", 2), ("secure_delete", 1)):
        assert journal._connection.execute(f"PRAGMA {pragma}").fetchone() == (value,)
    reader = connect(path, read_only=True)
    with pytest.raises(sqlite3.OperationalError):
        reader.execute("DELETE FROM entry")
    reader.close()


def full(journal: Journal) -> None:
    ((pages,),) = journal._connection.execute("PRAGMA page_count")
    journal._connection.execute(f"PRAGMA max_page_count = {pages}")


def read_only(journal: Journal) -> None:
    journal._connection.execute("PRAGMA query_only = ON")


def locked(journal: Journal) -> None:
    journal._connection.execute("PRAGMA busy_timeout = 10")
    other = sqlite3.connect(journal.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    journal._readers._idle.append(other)


@pytest.mark.parametrize(
    ("fault", "error", "words"),
    [
        (full, InsufficientStorage, "The disk is full"),
        (read_only, ServiceUnavailable, "read-only"),
        (locked, ServiceUnavailable, "locked by another process"),
    ],
)
def test_a_fault_is_told_and_changes_nothing(
    journal: Journal, fault: Callable[[Journal], None], error: type[RegistryError], words: str
) -> None:
    journal.append([entry(1)])
    fault(journal)
    with pytest.raises(error, match=words) as caught:
        journal.append([entry(number) for number in range(2, 60)])
    assert "nothing was changed" in caught.value.message
    assert [each.sequence for each in journal.entries(0, 99)] == [1]
    assert journal.last == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"no database" * 200, "not a database.*restore"), (b"SQLite format 3\0" + b"\xff" * 4096, "restore")],
)
def test_a_damaged_file_is_told_at_the_start(path: Path, content: bytes, words: str) -> None:
    path.write_bytes(content)
    with pytest.raises(JournalError, match=words):
        Journal(path)


def test_another_database_is_told(path: Path) -> None:
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE anything (a)")
    with pytest.raises(JournalError, match="is no journal"):
        Journal(path)


def test_a_newer_version_is_told(path: Path, journal: Journal) -> None:
    journal._connection.execute("PRAGMA user_version = 99")
    journal.close()
    with pytest.raises(JournalError, match="version 99"):
        Journal(path)


def test_a_file_that_is_damaged_while_it_is_open_fails_no_reader_with_a_bug(path: Path, journal: Journal) -> None:
    journal.append([entry(number) for number in range(1, 60)])
    journal._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with path.open("r+b") as stream:
        stream.seek(4096)
        stream.write(b"\xff" * 200_000)
    with pytest.raises(ServiceUnavailable, match="can't be read"):
        journal.entries(0, 99)


def damaged_schema(path: Path) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute("UPDATE sqlite_schema SET rootpage = 9999 WHERE name = 'note'")
    connection.close()


def test_damage_below_the_header_is_told_at_the_start_too(path: Path, journal: Journal) -> None:
    journal.close()
    damaged_schema(path)
    with pytest.raises(JournalError, match=r"can't be opened: .*malformed.*restore"):
        Journal(path)


def test_readers_that_come_and_go_leave_no_connections_behind(journal: Journal) -> None:
    journal.append([entry(number) for number in range(1, 20)])
    gate = threading.Barrier(40)
    found: list[int] = []

    def read() -> None:
        gate.wait(5)
        found.append(len(journal.entries(0, 99)))

    for _ in range(3):
        threads = [threading.Thread(target=read) for _ in range(40)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == [19] * 120
    assert len(journal._readers._idle) <= MOST_IDLE


class FailingSync:
    """The writer's connection, whose next commits fail as when a disk does. tests/durability has one that does."""

    def __init__(self, connection: sqlite3.Connection, failures: int) -> None:
        self._connection = connection
        self.failures = failures

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def execute(self, text: str, *parameters: Any) -> sqlite3.Cursor:
        if text != "COMMIT" or not self.failures:
            return self._connection.execute(text, *parameters)
        self.failures -= 1
        raise _io_error()


def _io_error() -> sqlite3.Error:
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR | (4 << 8)
    return error


@pytest.mark.parametrize(
    ("failures", "words"), [(1, "nothing was changed"), (2, "not known whether the change is kept")]
)
def test_a_commit_that_fails_is_made_void_or_called_uncertain(journal: Journal, failures: int, words: str) -> None:
    journal.append([entry(1)])
    journal._connection = FailingSync(journal._connection, failures)  # type: ignore[assignment]
    with pytest.raises(ServiceUnavailable, match=words):
        journal.append([entry(2)])
    assert [each.sequence for each in journal.entries(0, 9)] == [1]
    journal.append([entry(3)])
    assert [each.device for each in journal.entries(0, 9)] == [entry(1).device, entry(3).device]


def test_it_names_its_latest_time(journal: Journal) -> None:
    assert journal.last_time() is None
    journal.append([entry(2), entry(5), entry(4)])
    assert journal.last_time() == entry(5).time


def test_the_folders_that_it_makes_are_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []
    sync = os.fsync

    def fsync(descriptor: int) -> None:
        synced.append(os.readlink(f"/proc/self/fd/{descriptor}"))
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    Journal(tmp_path / "a" / "b" / "journal.sqlite").close()
    assert {str(tmp_path), str(tmp_path / "a")} <= set(synced)
