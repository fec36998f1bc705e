"""A disk that is full or fails, a locked journal: a clear answer, nothing half done, and reading goes on."""

from __future__ import annotations

import errno
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from disk import Disk, built
from served import COMMAND, Served, served

RECOVERY = 30.0
"""Seconds within which changes go on after a fault."""

JOURNAL = "journal.sqlite"


@dataclass(frozen=True)
class Fault:
    name: str
    error: int
    kind: str
    part: str
    status: int
    words: str


FAULTS = (
    Fault("full disk", errno.ENOSPC, "write", "", 507, "The disk is full, so nothing was changed; reading goes on"),
    Fault("failing disk", errno.EIO, "write", JOURNAL, 503, "The journal's disk fails"),
    Fault("read-only disk", errno.EROFS, "write", JOURNAL, 503, "The journal's disk fails"),
    Fault("full disk, syncing", errno.ENOSPC, "sync", JOURNAL, 503, "it is not known whether the change is kept"),
    Fault("failing disk, syncing", errno.EIO, "sync", JOURNAL, 503, "it is not known whether the change is kept"),
    Fault(
        "full disk under the store", errno.ENOSPC, "write", "/store/", 507, "The disk is full, so nothing was changed"
    ),
)


@dataclass(frozen=True)
class Scene:
    registry: Served
    disk: Disk
    device: str

    @property
    def data(self) -> Path:
        return self.disk.root / "data"

    def state(self) -> tuple[str, str]:
        answer = self.registry.ask("GET", f"/1/devices/{self.device}")
        assert answer.status_code == 200
        return answer.headers["ETag"], answer.text

    def entries(self) -> list[tuple[int, str]]:
        with sqlite3.connect(self.data / "journal.sqlite") as journal:
            found = journal.execute("SELECT sequence, after FROM entry ORDER BY sequence").fetchall()
        journal.close()
        return found

    def recover(self, value: float) -> None:
        until = time.monotonic() + RECOVERY
        while (answer := self.registry.patch(self.device, {"available_capacity": value})).status_code != 200:
            assert time.monotonic() < until, answer.text
            time.sleep(0.2)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("faults")
    (folder / "disk").mkdir()
    disk = Disk(folder / "disk", folder)
    with served(disk.root / "data", disk.environment(built(folder))) as registry:
        yield Scene(registry, disk, registry.ids(1)[0])


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_told_changes_nothing_and_passes(scene: Scene, fault: Fault) -> None:
    scene.recover(1.0)
    before, entries = scene.state(), scene.entries()
    scene.disk.fail(fault.error, fault.kind, fault.part)
    try:
        answers = [scene.registry.patch(scene.device, {"available_capacity": 2.0 + number}) for number in range(2)]
        assert scene.state() == before
        assert scene.registry.ask("GET", "/1/devices?max_results=5").status_code == 200
    finally:
        scene.disk.fail(None)
    assert {answer.status_code for answer in answers} == {fault.status}, answers[0].text
    assert fault.words in answers[0].json()["_error"]["message"]
    assert scene.entries() == entries
    scene.recover(9.0)
    assert len(scene.entries()) == len(entries) + 1


def test_a_locked_journal_is_told_and_waited_for(scene: Scene) -> None:
    scene.recover(1.0)
    before = scene.state()
    other = sqlite3.connect(scene.data / "journal.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    answer = scene.registry.patch(scene.device, {"available_capacity": 2.0})
    assert scene.state() == before
    other.execute("ROLLBACK")
    other.close()
    assert answer.status_code == 503
    assert "The journal is locked by another process, so nothing was changed" in answer.json()["_error"]["message"]
    assert scene.registry.patch(scene.device, {"available_capacity": 2.0}).status_code == 200


def test_a_store_that_fails_is_whole_again_after_a_start(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    disk = Disk(tmp_path / "disk", tmp_path)
    library = built(tmp_path)
    with served(disk.root / "data", disk.environment(library)) as registry:
        scene = Scene(registry, disk, registry.ids(1)[0])
        scene.recover(1.0)
        before, entries = scene.state(), scene.entries()
        disk.fail(errno.EIO, part="/store/")
        answer = registry.patch(scene.device, {"available_capacity": 2.0})
        assert (answer.status_code, scene.state(), scene.entries()) == (503, before, entries)
        assert "The store can't be written, so nothing was changed" in answer.text
        disk.fail(None)
        registry.process.send_signal(signal.SIGKILL)
        registry.process.wait()
    with served(disk.root / "data") as registry:
        again = Scene(registry, disk, scene.device)
        assert again.state()[0] == before[0]
        again.recover(2.0)
    (disk.root / "data" / "journal.sqlite-wal").unlink(missing_ok=True)
    with (disk.root / "data" / "journal.sqlite").open("r+b") as stream:
        stream.write(b"\xff" * 8192)
    refused = subprocess.run(
        [COMMAND, "serve", "--demo", "--data", str(disk.root / "data")], capture_output=True, text=True, check=False
    )
    assert refused.returncode != 0
    assert "restore it from a backup" in refused.stderr
