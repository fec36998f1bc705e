"""kill -9 at every step of a publish leaves the old model or the new one, and never a mixture."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from publish_and_die import COMFORT, PLACES
from stand import LOADER, running_stand

from registry.devices.criteria import Listing
from registry.devices.placement_audit import PlacementAudit
from registry.model_graphs import model_change
from registry.publishing.founding import shipped_files

SCRIPT = Path(__file__).with_name("publish_and_die.py")
POINTS = [f"{when} {name}" for name in PLACES for when in ("before", "after")]
NEW_AFTER = {"before adopt", "after adopt"}  # the store has it all when `adopt` is called


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("prepared")
    subprocess.run([sys.executable, str(SCRIPT), str(data), "prepare"], check=True)
    return data


def killed(data: Path, point: str, after: float | None = None) -> bool:
    """Publish on `data`, kill it at a point or after so many seconds, and tell whether that was in time."""
    command = [sys.executable, str(SCRIPT), str(data), point]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        if after is not None:
            process.stdout.readline()  # the check has begun
            time.sleep(after)
            process.kill()
        process.stdout.read()
        return process.wait() == -9


def model_of(data: Path) -> str:
    """Start a registry on `data`, verify that everything in it is of one model, and return the name of that."""
    with running_stand(data) as stand:
        components = stand.components
        name = components.in_force.edition.name
        audit = PlacementAudit(components.store, components.profile)
        assert [found for block in audit.blocks() for found in block.differences] == []
        assert not model_change(components.store, components.profile)
        listed = components.reader.page(LOADER, Listing(size=300)).devices
        assert {device.document["model"] for device in listed} == {"short" if name == COMFORT.digest else "a long name"}
        assert len(listed) == 40
        return name


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_a_point_the_registry_starts_with_one_model(prepared: Path, tmp_path: Path, point: str) -> None:
    data = Path(shutil.copytree(prepared, tmp_path / "data"))
    assert killed(data, point)
    assert model_of(data) == (COMFORT if point in NEW_AFTER else shipped_files()).digest


@pytest.mark.parametrize("seed", range(6))
def test_killed_at_any_moment_the_registry_starts_with_one_model(prepared: Path, tmp_path: Path, seed: int) -> None:
    data = Path(shutil.copytree(prepared, tmp_path / "data"))
    killed(data, "later", after=random.Random(seed).uniform(0, 6))
    assert model_of(data) in {COMFORT.digest, shipped_files().digest}
    subprocess.run([sys.executable, str(SCRIPT), str(data), "again"], check=True, capture_output=True)
    assert model_of(data) == COMFORT.digest
