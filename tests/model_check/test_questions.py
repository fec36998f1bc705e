"""Competency questions: the shipped ones are answered and well written, and wrong answers are told apart."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from model_folders import write

from registry.model_check.findings import Finding
from registry.model_check.model_files import read_model
from registry.model_check.model_store import ModelStore
from registry.model_check.questions import question_findings, question_folders
from registry.profile import Profile
from registry.profile.compilation import MODEL

SHIPPED = question_folders(MODEL / "tests/ontology/competency")
STORE = ModelStore(read_model(MODEL)[0])
HEAT_PUMPS = MODEL / "tests/ontology/competency/devices_that_are_heat_pumps"
QUERY, DATA, EXPECTED = ((HEAT_PUMPS / name).read_text() for name in ("query.rq", "data.ttl", "expected.csv"))
ORDERED = QUERY.replace("flex:HeatPump }", "flex:HvacDevice } ORDER BY DESC(?device)")
FIRST, SECOND = (f"urn:uuid:00000000-0000-4000-8000-{number:012d}" for number in (1, 2))

Ask = Callable[..., list[Finding]]


@pytest.fixture
def ask(tmp_path: Path, profile: Profile) -> Ask:
    def asked(query: str = QUERY, data: str | None = DATA, expected: str | None = EXPECTED) -> list[Finding]:
        for name, text in (("query.rq", query), ("data.ttl", data), ("expected.csv", expected)):
            if text is not None:
                write(tmp_path / "competency/q" / name, text)
        folders = question_folders(tmp_path / "competency")
        return list(question_findings(tmp_path, folders, profile, STORE))

    return asked


@pytest.mark.parametrize("folder", SHIPPED, ids=lambda folder: folder.name)
def test_a_shipped_question_is_answered_and_asked_in_words(folder: Path, profile: Profile) -> None:
    assert list(question_findings(MODEL, [folder], profile, STORE)) == []
    text = (folder / "query.rq").read_text()
    comment = " ".join(re.findall(r"^# (.*)$", text.partition("\n\n")[0], re.MULTILINE))
    assert "?" in comment
    assert len((folder / "expected.csv").read_text().splitlines()) > 1
    assert {path.name for path in folder.iterdir()} <= {"query.rq", "data.ttl", "expected.csv"}


@pytest.mark.parametrize(
    "folder", [folder for folder in SHIPPED if (folder / "data.ttl").exists()], ids=lambda folder: folder.name
)
def test_the_answer_of_a_shipped_question_depends_on_its_devices(folder: Path) -> None:
    expected = (folder / "expected.csv").read_text().splitlines()
    found = STORE.ask_devices((folder / "query.rq").read_text(), frozenset())
    assert [",".join(row) for row in found] != expected


def test_devices_of_one_question_are_gone_at_the_next(ask: Ask) -> None:
    assert ask() == []
    assert STORE.ask_devices(QUERY, frozenset()) == [["device"]]


def test_superclasses_are_not_written_but_found(ask: Ask) -> None:
    assert "HvacDevice," not in DATA
    assert ask(QUERY.replace("HeatPump }", "HvacDevice }"), expected=f"device\n{SECOND}\n{FIRST}\n") == []


@pytest.mark.parametrize(
    ("expected", "lines"),
    [
        ("device\n", [f"extra:   {FIRST}"]),
        (f"device\n{FIRST}\n{FIRST}\n", [f"missing: {FIRST}"]),
        (f"device\n{SECOND}\n", [f"missing: {SECOND}", f"extra:   {FIRST}"]),
        (f"devices\n{FIRST}\n", ["expected columns: devices", "found columns:    device"]),
        ("", ["expected columns: ", "found columns:    device"]),
    ],
)
def test_another_answer_is_shown(ask: Ask, expected: str, lines: list[str]) -> None:
    (finding,) = ask(expected=expected)
    assert (finding.file, finding.line, finding.kind) == ("competency/q/expected.csv", 1, "questions_are_answered")
    assert finding.message == "the answer is not the expected one: Which devices are heat pumps?"
    assert finding.excerpt.splitlines() == lines


def test_the_order_counts_where_the_query_asks_for_one(ask: Ask) -> None:
    assert ask(ORDERED, expected=f"device\n{SECOND}\n{FIRST}\n") == []
    (finding,) = ask(ORDERED, expected=f"device\n{FIRST}\n{SECOND}\n")
    assert finding.excerpt.splitlines() == ["the rows are in another order:", f"found: {SECOND}", f"found: {FIRST}"]
    assert ask(ORDERED.replace("ORDER", "#ORDER"), expected=f"device\n{FIRST}\n{SECOND}\n") == []


@pytest.mark.parametrize(
    ("part", "text", "file", "line", "words"),
    [
        ("query", "SELECT ?device WHERE { ?device a flex:HeatPump }", "query.rq", 1, "begin with a comment"),
        ("query", "# Which?\nSELECT ?device WHERE { ?device a flex:HeatPump }", "query.rq", 2, "flex: is not declared"),
        ("query", "# Which?\n" + QUERY.replace("?device a", "SERVICE <urn:x> {"), "query.rq", 7, "SERVICE"),
        ("query", "", "query.rq", 1, "begin with a comment"),
        ("data", DATA.replace("flex:deviceName", "flex:colour"), "data.ttl", 3, "no field stands for this predicate"),
        ("data", DATA.replace("flex:availability", "flex:online"), "data.ttl", 3, "availability must be"),
        ("data", DATA.replace("flex:ven <", "flex:ven ["), "data.ttl", 7, "The prefix urn: is not declared"),
        ("data", "<urn:x> a <urn:y> .", "data.ttl", 1, "the subject is <urn:x>"),
    ],
)
def test_what_is_wrong_with_a_question_itself_is_said(  # noqa: PLR0917
    ask: Ask, part: str, text: str, file: str, line: int, words: str
) -> None:
    (finding,) = ask(**{part: text})
    assert (finding.file, finding.line) == (f"competency/q/{file}", line)
    assert words in finding.message


def test_a_file_that_is_missing_is_named(ask: Ask) -> None:
    (finding,) = ask(expected=None)
    assert (finding.file, finding.kind) == ("competency/q/expected.csv", "unreadable")


def test_a_question_about_the_model_needs_no_devices(ask: Ask) -> None:
    query = "# What?\nSELECT ?code WHERE { <https://w3id.org/flexcoop/cim#HeatPump> <{}notation> ?code }"
    assert ask(query.replace("{}", "http://www.w3.org/2004/02/skos/core#"), None, "code\nheatPump\n") == []
