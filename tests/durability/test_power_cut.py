"""The power fails: what was not synced is gone, and all the same everything acknowledged is there.

`python -m tests.durability --power --points --kills 500` cuts it at every point at which that matters, and at random.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from disk import Disk, built
from points import POINTS

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
KILLS = 5
CUT = (
    "writing: after COMMIT",
    "publishing: after store.update",
    "publishing: after journal.settle",
    "importing: after store.load_nquads",
    "first start: after put in force",
    "store lost: after load",
    "store without a journal: after COMMIT",
)
WRITING = """
import os, sys
from pathlib import Path
root = Path(sys.argv[1])
synced, written, renamed = root / "synced", root / "written", root / "renamed"
stream = synced.open("wb")
stream.write(b"kept")
stream.flush()
os.fsync(stream.fileno())
stream.write(b" and lost")
stream.flush()
written.write_bytes(b"lost")
(root / "folder").mkdir()
folder = os.open(root, os.O_RDONLY)
os.fsync(folder)
(root / "late").write_bytes(b"lost with its name")
synced.rename(renamed)
(root / "folder").rmdir()
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("library"))


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    (tmp_path / "disk").mkdir()
    return Disk(tmp_path / "disk", tmp_path)


@pytest.fixture(scope="module")
def report() -> list[str]:
    named = [option for point in CUT for option in ("--only", point)]
    command = [sys.executable, "-m", "tests.durability", "--power", *named, "--kills", str(KILLS)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return [*ran.stdout.splitlines(), ran.stderr]


def test_what_was_synced_is_left_and_nothing_else(disk: Disk, library: Path) -> None:
    command = [sys.executable, "-c", WRITING, str(disk.root)]
    environment = {**os.environ, **disk.environment(library)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stdin=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.kill()
    assert (disk.root / "renamed").read_bytes() == b"kept and lost"
    disk.cut()
    assert {path.name: path.read_bytes() for path in disk.root.iterdir() if path.is_file()} == {
        "synced": b"kept",
        "written": b"",
    }
    assert (disk.root / "folder").is_dir()


@pytest.mark.parametrize("point", CUT)
def test_everything_is_there_after_the_power_was_cut(report: list[str], point: str) -> None:
    assert point in map(str, POINTS)
    assert f"survived {point}" in report, report[-1]


def test_everything_is_there_after_cuts_at_any_moment(report: list[str]) -> None:
    assert "acknowledged changes, all there, once" in report[-2], report[-1]
