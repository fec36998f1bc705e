"""`der-registry ontology diff`: its exit codes, its forms, and what it says of a folder that can't be read."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from candidates import SHIPPED_VERSION, next_version
from click.testing import CliRunner, Result

from registry.cli import main
from registry.profile.compilation import MODEL


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a copy of the shipped model."""
    for name in ("ontology", "shapes"):
        shutil.copytree(MODEL / name, tmp_path / name)
    return tmp_path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["ontology", "diff", *map(str, arguments)])


def replace(file: Path, text: str, replacement: str) -> None:
    content = file.read_text(encoding="utf-8")
    assert text in content
    file.write_text(content.replace(text, replacement), encoding="utf-8")


def test_a_copy_of_the_shipped_model_is_the_same(folder: Path) -> None:
    result = run("shipped", folder)
    assert result.exit_code == 0, result.output
    assert result.output.startswith("no changes\n")


def test_a_label_changes_nothing_for_clients(folder: Path) -> None:
    replace(folder / "ontology/flexcoop.ttl", '"Wärmepumpe"@de', '"Wärmepumpenanlage"@de')
    result = run("shipped", folder)
    assert result.exit_code == 0, result.output
    assert '`flex:HeatPump`: the label (de) changes from "Wärmepumpe" to "Wärmepumpenanlage"' in result.output
    assert f"it must be {next_version('patch')} at least" in result.output


def test_a_break_under_the_old_version_is_1_and_under_a_new_major_one_0(folder: Path) -> None:
    replace(folder / "shapes/device.ttl", "sh:maxInclusive 1.0e2", "sh:maxInclusive 5.0e1")
    result = run("shipped", folder)
    assert result.exit_code == 1, result.output
    assert "`state_of_charge`: the largest allowed value falls from 100 to 50 %" in result.output
    for name, header in (("ontology/flexcoop.ttl", "cim"), ("shapes/device.ttl", "shapes")):
        replace(folder / name, f"{header}/{SHIPPED_VERSION}>", f"{header}/2.0.0>")
        replace(folder / name, f'owl:versionInfo "{SHIPPED_VERSION}"', 'owl:versionInfo "2.0.0"')
    result = run("shipped", folder)
    assert result.exit_code == 0, result.output
    assert "must be" not in result.output
    assert run(folder, "shipped").exit_code == 0  # a wider range breaks nothing, though the version goes back
    assert "which is lower than 2.0.0 before" not in run(folder, folder).output


def test_json_and_markdown(folder: Path) -> None:
    replace(folder / "shapes/device.ttl", 'api:field "vpp_id"', 'api:field "plant_id"')
    result = run("shipped", folder, "--format", "json")
    assert result.exit_code == 1
    (change,) = json.loads(result.output)["changes"]
    assert (change["kind"], change["old"], change["new"]) == ("field-renamed", "vpp_id", "plant_id")
    markdown = run("shipped", folder, "--format", "markdown").output
    assert "### Renamed\n\n- The field `vpp_id` is now called `plant_id` (**breaking** for JSON clients)." in markdown


def test_a_file_that_is_no_turtle_is_2_with_its_place(folder: Path) -> None:
    (folder / "ontology" / "more.ttl").write_text("@prefix a: <http://a/> .\na:b a:c a:d\na:e a:f .\n")
    result = run("shipped", folder)
    assert result.exit_code == 2
    assert f"{folder}/ontology/more.ttl:3:" in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["shipped", "nowhere"], "nowhere: holds no ontology/*.ttl or no shapes/*.ttl"),
        (["shipped"], "Missing argument 'NEW'"),
        (["shipped", "shipped", "--format", "yaml"], "'yaml' is not one of"),
    ],
)
def test_a_wrong_call_is_2(arguments: list[str], said: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert said in result.output
