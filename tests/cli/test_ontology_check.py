"""`der-registry ontology check`: formats, exit codes, and what a wrong call is told."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from registry.cli import main
from registry.cli.finding_formats import as_github, as_text
from registry.model_check import Finding, Report, Severity

FINDINGS = (
    Finding(kind="not_checked", message="not all files can be read", severity=Severity.NOTE),
    Finding(kind="roles_are_known", message="100% wrong: a,b\nc", file="shapes/a,b:c.ttl", line=3, column=5),
    Finding(
        kind="syntax", message="expected .", file="shapes/x.ttl", line=12, column=2, excerpt=" x\n ^", term=None
    ),
    Finding(kind="labels", message="no\x1b[31m label", file="shapes/x.ttl", severity=Severity.WARNING),
)  # fmt: skip
REPORT = Report(findings=FINDINGS, checked={"files": 3, "rules": 31, "questions": 0, "examples": 0})


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["ontology", "check", *arguments])


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A folder with an error, a warning and a note."""
    (tmp_path / "shapes").mkdir()
    (tmp_path / "shapes/x.ttl").write_text('<urn:a> <http://www.w3.org/2000/01/rdf-schema#label> "x" .')
    return tmp_path


@pytest.fixture
def doubtful(tmp_path: Path) -> Path:
    """The shipped model with a warning."""
    for name in ("ontology", "shapes"):
        (tmp_path / name).symlink_to(Path(__file__).parents[2] / name)
    (tmp_path / "hygiene").mkdir()
    (tmp_path / "hygiene/nothing_is_a_class.rq").write_text(
        "# Nothing is a class.\n# Severity: warning\nPREFIX owl: <http://www.w3.org/2002/07/owl#>\n"
        'SELECT ?term ?error { ?term a owl:Class BIND(CONCAT("<", STR(?term), "> is one") AS ?error) }'
    )
    return tmp_path


def test_the_shipped_model_is_sound() -> None:
    result = run("--strict")
    assert (result.exit_code, result.stderr) == (0, "")
    assert re.fullmatch(
        r"\d+ files, \d+ rules, \d+ competency questions, \d+ examples: no errors, no warnings\n", result.stdout
    )


def test_errors_end_with_code_1(broken: Path) -> None:
    result = run(str(broken))
    assert result.exit_code == 1
    assert f"{broken.as_posix()}/shapes/x.ttl\n        -  warning  no owl:Ontology" in result.stdout
    assert "\n      1:1  warning  <http://www.w3.org/2000/01/rdf-schema#label> of <urn:a> has no" in result.stdout
    assert "there is no ontology/*.ttl in the folder" in result.stdout
    assert result.stdout.splitlines()[-1].endswith(": 1 error, 2 warnings")


def test_warnings_end_with_code_0_and_if_strict_with_1(doubtful: Path) -> None:
    assert run(str(doubtful)).exit_code == 0
    result = run(str(doubtful), "--strict")
    assert result.exit_code == 1
    assert "warning  flex:HeatPump is one  [nothing_is_a_class]" in result.stdout


@pytest.mark.parametrize(
    "arguments", [["nowhere"], [__file__], ["--format", "xml"], [".", "."], ["--nothing"]], ids=" ".join
)
def test_a_wrong_call_ends_with_code_2(arguments: list[str]) -> None:
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Error: " in result.stderr


def test_text_is_grouped_by_file_and_obeys_no_control_characters() -> None:
    assert as_text(REPORT, Path("model")).splitlines() == [
        "model",
        "        -  note     not all files can be read  [not_checked]",
        "",
        "model/shapes/a,b:c.ttl",
        "      3:5  error    100% wrong: a,b c  [roles_are_known]",
        "",
        "model/shapes/x.ttl",
        "     12:2  error    expected .  [syntax]",
        "                     x",
        "                     ^",
        "        -  warning  no [31m label  [labels]",
        "",
        "3 files, 31 rules, 0 competency questions, 0 examples: 2 errors, 1 warning",
    ]


def test_github_gets_workflow_commands_that_are_escaped() -> None:
    assert as_github(REPORT, Path("model")).splitlines()[:4] == [
        "::notice title=not_checked::not all files can be read",
        "::error file=model/shapes/a%2Cb%3Ac.ttl,line=3,col=5,title=roles_are_known::100%25 wrong: a,b%0Ac",
        "::error file=model/shapes/x.ttl,line=12,col=2,title=syntax::expected .%0A x%0A ^",
        "::warning file=model/shapes/x.ttl,title=labels::no\x1b[31m label",
    ]


def test_json_is_one_document(broken: Path) -> None:
    result = run(str(broken), "--format", "json")
    document = json.loads(result.stdout)
    assert result.exit_code == 1
    assert document["folder"] == broken.as_posix()
    assert (document["errors"], document["warnings"]) == (1, 2)
    assert document["checked"]["files"] == 1
    (finding,) = [each for each in document["findings"] if each["kind"] == "labels_have_a_language"]
    assert finding == {
        "severity": "warning",
        "kind": "labels_have_a_language",
        "message": 'rdfs:label of <urn:a> has no language: "x"'.replace(
            "rdfs:label", "<http://www.w3.org/2000/01/rdf-schema#label>"
        ),
        "file": "shapes/x.ttl",
        "line": 1,
        "column": 1,
        "term": "urn:a",
        "excerpt": "",
    }


def test_github_shows_where_an_error_of_a_real_folder_is(broken: Path) -> None:
    (broken / "shapes/x.ttl").write_text("<urn:a> <urn:b>\n<urn:c> .\n<urn:d>")
    lines = run(str(broken), "--format", "github").stdout.splitlines()
    assert f"::error file={broken.as_posix()}/shapes/x.ttl,line=3,col=8,title=syntax::" in "\n".join(lines)
