"""kill -9 at every point of the way to the disk, and at random moments: what was acknowledged is there, once.

For thousands of random kills: `python -m tests.durability --kills 2000`.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from points import POINTS, Point

ROOT = Path(__file__).parents[2]
KILLS = 12


@pytest.fixture(scope="module")
def report() -> list[str]:
    command = [sys.executable, "-m", "tests.durability", "--points", "--kills", str(KILLS)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return [*ran.stdout.splitlines(), ran.stderr]


@pytest.mark.parametrize("point", POINTS, ids=str)
def test_everything_is_there_after_a_kill(report: list[str], point: Point) -> None:
    assert f"survived {point}" in report, report[-1]


def test_everything_is_there_after_kills_at_any_moment(report: list[str]) -> None:
    assert "acknowledged changes, all there, once" in report[-2], report[-1]
    kills = int(report[-2].split()[0])
    assert kills >= len(POINTS) + KILLS
