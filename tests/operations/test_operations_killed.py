"""kill -9 at every step of an operation leaves a registry that starts with all it had; done again, it ends well."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from die_at import POINTS
from operating import SECRET, operate
from soundness import faults, files_with, names
from stand import ALICE

pytestmark = pytest.mark.long

SCRIPT = Path(__file__).with_name("die_at.py")
ALIKE = {"after checkpoint", "after fill", "after sync", "before names", "before renew", "after finished", "after file"}
"""Points next to others at which the same is on the disk."""
CASES = [
    (operation, f"{when} {place}")
    for operation, places in POINTS.items()
    for place in places
    for when in ("before", "after")
    if f"{when} {place}" not in ALIKE
]


def kill(operation: str, data: Path, other: Path, point: str) -> None:
    command = [sys.executable, str(SCRIPT), operation, str(data), str(other), point]
    assert subprocess.run(command, check=False, timeout=60).returncode == -9


def points(operation: str) -> list[str]:
    return [point for name, point in CASES if name == operation]


@pytest.fixture(scope="session")
def expected(original: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return names(Path(shutil.copytree(original, tmp_path_factory.mktemp("expected") / "data")))


@pytest.mark.parametrize("point", points("backup"))
def test_a_killed_backup_is_no_backup_and_the_next_one_is(data: Path, tmp_path: Path, point: str) -> None:
    target = tmp_path / "new"
    kill("backup", data, target, point)
    assert target.exists() == (point == "after manifest")
    if not target.exists():
        operate("backup", data, target)
    assert faults(target) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "new"]


@pytest.mark.parametrize("point", points("restore"))
def test_a_killed_restore_can_be_done_again_or_is_done(
    backup: Path, tmp_path: Path, point: str, expected: dict[str, str]
) -> None:
    restored = tmp_path / "restored"
    kill("restore", restored, backup, point)
    if not (restored / "journal.sqlite").exists():
        operate("restore", restored, backup)
    assert names(restored) == expected
    assert faults(restored) == []


@pytest.mark.parametrize("point", points("rebuild"))
def test_a_killed_rebuild_leaves_a_whole_store(data: Path, point: str, expected: dict[str, str]) -> None:
    kill("rebuild", data, data, point)
    assert names(data) == expected
    assert not list(data.glob("store.new")) + list(data.glob("store.old"))
    operate("rebuild", data, data)
    assert faults(data) == []


@pytest.mark.parametrize("point", points("erase"))
def test_a_killed_erasure_leaves_all_or_is_finished_by_a_start(
    data: Path, point: str, expected: dict[str, str]
) -> None:
    kill("erase", data, data, point)
    left = names(data)
    if left == expected:
        assert point in ("before forget", "before apply")  # the store's position is written first
        operate("erase", data, data)
        left = names(data)
    assert len(left) == len(expected) - 10
    assert files_with(data, SECRET, ALICE) == []
    assert faults(data) == []
