"""Commands on a data folder read what was acknowledged, and say in a sentence what they can't use."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from stand import device, running_stand

from registry.cli import main


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments])


@pytest.fixture
def behind(tmp_path: Path) -> Path:
    """A registry whose store lost its last changes, as after a loss of power."""
    data = tmp_path / "data"
    with running_stand(data) as stand:
        stand.add(device(1), device(2))
    shutil.copytree(data / "store", tmp_path / "older")
    with running_stand(data) as stand:
        stand.add(device(3))
        headers = {"If-Match": stand.etag(device(1)["device_id"])}
        assert stand.call("DELETE", f"/1/devices/{device(1)['device_id']}", headers=headers).status_code == 204
    shutil.rmtree(data / "store")
    (tmp_path / "older").rename(data / "store")
    return data


def test_export_gives_what_was_acknowledged_also_where_the_store_is_behind_its_journal(behind: Path) -> None:
    result = run("export", "--data", behind)
    assert result.exit_code == 0
    found = [json.loads(line)["device_id"] for line in result.stdout.splitlines()]
    assert found == [device(2)["device_id"], device(3)["device_id"]]


def test_check_looks_at_what_was_acknowledged(behind: Path) -> None:
    result = run("check", "--data", behind)
    assert result.exit_code == 0
    assert "2 devices checked: all copies agree" in result.stdout


def test_a_restored_registry_can_be_exported_before_its_first_start(behind: Path) -> None:
    shutil.rmtree(behind / "models")  # the journal has the models, too
    assert run("export", "--data", behind).exit_code == 0


@pytest.mark.parametrize(
    "command",
    [
        ("export",),
        ("check",),
        ("ontology", "publish", "1.0.0"),
        ("erase", "--aggregator", "a", "--account", device()["account_id"], "--yes"),
    ],
    ids=lambda each: each[0],
)
def test_a_journal_of_another_registry_is_told_in_a_sentence(behind: Path, command: tuple[str, ...]) -> None:
    for file in behind.glob("journal.sqlite*"):
        file.unlink()
    with running_stand(behind.parent / "other"):
        pass
    shutil.copy(behind.parent / "other" / "journal.sqlite", behind / "journal.sqlite")
    result = run(*command, "--data", behind)
    assert result.exit_code == 2
    assert "is not the journal of this store" in result.stderr
    assert "Traceback" not in result.output
