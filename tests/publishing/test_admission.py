"""The check of a candidate at its publish: what is refused, what is listed, and that it ends in time."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from candidates import COMFORT, NOISE, NOISE_SHAPE, candidate, next_version
from stand import ENGINEER, Stand, device, running_stand
from werkzeug.test import TestResponse

from registry.errors import ModelRefused
from registry.model_check import Finding, Report, Severity
from registry.publishing import admitting
from registry.publishing.admission import Candidate, checked
from registry.publishing.admitting import admitted
from registry.publishing.findings import LONGEST_MESSAGE, MOST_FINDINGS, findings_document
from registry.publishing.founding import shipped_files
from registry.publishing.model_files import ModelFiles

MINOR = next_version("minor")
CROSS_PRODUCT = " . ".join(f"?a{n} ?b{n} ?c{n}" for n in range(6))
ENDLESS = f"# How many are there?\nSELECT (COUNT(*) AS ?n) WHERE {{ {CROSS_PRODUCT} }}\n"
GREEDY = f"# Which are there?\nSELECT DISTINCT * WHERE {{ {CROSS_PRODUCT} }} ORDER BY ?c1 ?c2\n"
NO_SAUNA = '# Is there a sauna?\nASK { ?x <http://www.w3.org/2004/02/skos/core#notation> "sauna" }\n'
NO_NOISE = """# Nothing is noisy.
# Severity: warning
SELECT ?term ?error { BIND(<https://w3id.org/flexcoop/cim#noise> AS ?term) ?term a ?kind
    BIND(CONCAT("<", STR(?term), "> is noise") AS ?error) }
"""
DEVICE = """@prefix flex: <https://w3id.org/flexcoop/cim#> .
<urn:uuid:00000000-0000-4000-8000-000000000001> a flex:Device ; flex:deviceName "nothing else" .
"""


def along(files: ModelFiles, **companions: str) -> ModelFiles:
    """Return a candidate with files that it brings along; the names have __ for / and ___ for a dot."""
    texts = {name.replace("___", ".").replace("__", "/"): text.encode() for name, text in companions.items()}
    return ModelFiles({**files.content, **texts})


def noisy(**companions: str) -> ModelFiles:
    return along(candidate(MINOR, ontology=NOISE, shapes=NOISE_SHAPE), **companions)


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    with running_stand(tmp_path_factory.mktemp("admission")) as running:
        running.add(device(1, max_capacity=5.0))
        yield running


def put(stand: Stand, files: ModelFiles, *, dry_run: bool = True) -> TestResponse:
    headers = {"If-Match": stand.get("/ontology", None).headers["ETag"]}
    path = f"/ontology?dry_run={str(dry_run).lower()}"
    return stand.call("PUT", path, ENGINEER, data=files.zipped(), content_type="application/zip", headers=headers)


def at_the_door(stand: Stand, files: ModelFiles, folder: Path, **options: Any) -> Candidate:
    files.write(folder)
    library = stand.components.publisher.library
    return Candidate(
        name=files.digest,
        folder=str(folder),
        library=str(library.folder),
        in_force=stand.components.in_force.edition.name,
        published=[each.name for each in stand.components.publisher.published()],
        **options,
    )


def test_errors_refuse_a_model_and_are_listed_by_file_and_line(stand: Stand) -> None:
    unlabelled = NOISE.replace('    rdfs:label "noise"@en ;\n', "").replace("    qudt:hasUnit unit:DeciB .", "    .")
    files = candidate(MINOR, ontology=unlabelled, shapes=NOISE_SHAPE.replace("sh:maxCount", "sh:maxCuont"))
    answer = put(stand, files, dry_run=False)
    problem = answer.get_json()
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert problem["code"] == "model-check-failed"
    check = problem["check"]
    found = {each["rule"]: each for each in check["findings"]}
    assert set(found) >= {
        "every_term_has_an_english_label",
        "numbers_have_a_unit_or_say_why_not",
        "standard_terms_exist",
    }
    assert check["errors"] == sum(each["severity"] == "error" for each in check["findings"]) >= 3
    text = files.content["ontology/flexcoop.ttl"].decode()
    label = found["every_term_has_an_english_label"]
    assert (label["file"], label["column"]) == ("ontology/flexcoop.ttl", 1)
    assert text.splitlines()[label["line"] - 1].startswith("flex:noise a owl:DatatypeProperty")
    assert label["message"] == "flex:noise has no rdfs:label in English (@en)"
    assert found["standard_terms_exist"]["file"] == "shapes/device.ttl"
    assert check["findings"][0]["message"] in problem["detail"]
    assert "/tmp" not in answer.text
    assert stand.get("/openapi.json", None).text.count("noise") == 0


def test_turtle_that_cannot_be_read_is_shown_where(stand: Stand) -> None:
    problem = put(stand, candidate(MINOR, shapes="\nflexsh:x a sh:NodeShape ] .\n")).get_json()
    (finding,) = (each for each in problem["check"]["findings"] if each["severity"] == "error")
    lines = candidate(MINOR).content["shapes/device.ttl"].decode().count("\n")
    assert (finding["rule"], finding["file"]) == ("syntax", "shapes/device.ttl")
    assert (finding["line"], finding["column"]) == (lines + 2, 25)
    assert f"shapes/device.ttl:{lines + 2}:25" in problem["detail"]


def test_warnings_are_shown_and_refuse_nothing(stand: Stand) -> None:
    answer = put(stand, noisy(hygiene__nothing_is_noisy___rq=NO_NOISE))
    assert (answer.status_code, answer.get_json()["published"]) == (200, False)
    check = answer.get_json()["check"]
    assert (check["errors"], check["warnings"], check["findings_not_listed"]) == (0, 1, 0)
    (finding,) = check["findings"]
    assert (finding["severity"], finding["rule"], finding["message"]) == (
        "warning", "nothing_is_noisy", "flex:noise is noise",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("companions", "rule", "file"),
    [
        ({"hygiene__x___rq": NO_NOISE.replace("warning", "error")}, "x", "ontology/flexcoop.ttl"),
        ({"hygiene__x___rq": "SELECT"}, "syntax", "hygiene/x.rq"),
        (
            {"competency__sauna__query___rq": NO_SAUNA, "competency__sauna__expected___csv": "yes\n"},
            "syntax",
            "competency/sauna/query.rq",
        ),
        ({"examples__conforms__bare___ttl": DEVICE}, "examples_are_judged_right", "examples/conforms/bare.ttl"),
    ],
    ids=["a rule", "a rule that is none", "a question", "an example"],
)
def test_what_a_candidate_brings_along_counts(tmp_path: Path, companions: dict[str, str], rule: str, file: str) -> None:
    noisy(**companions).write(tmp_path)
    with pytest.raises(ModelRefused) as refused:
        checked(tmp_path)
    first = refused.value.report["check"]["findings"][0]
    assert (refused.value.code, first["rule"], first["file"]) == ("model-check-failed", rule, file)


def test_many_findings_are_counted_and_some_listed_errors_first() -> None:
    severities = {99: Severity.ERROR}
    findings = [
        Finding(kind=f"rule {number}", message="x" * 10_000, severity=severities.get(number, Severity.WARNING))
        for number in range(100)
    ]
    document = findings_document(Report(findings=tuple(findings)))
    assert (document["errors"], document["warnings"]) == (1, 99)
    assert len(document["findings"]) + document["findings_not_listed"] == 100
    assert len(document["findings"]) == MOST_FINDINGS
    assert document["findings"][0]["rule"] == "rule 99"
    assert {len(each["message"]) for each in document["findings"]} == {LONGEST_MESSAGE + 1}


def test_a_check_without_end_is_ended_and_the_server_answers_meanwhile(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admitting, "WITHIN", 4.0)
    files = noisy(competency__all__query___rq=ENDLESS, competency__all__expected___csv="n\n1\n")
    answers: list[TestResponse] = []
    thread = threading.Thread(target=lambda: answers.append(put(stand, files, dry_run=False)))
    thread.start()
    took = []
    while thread.is_alive():
        began = time.monotonic()
        assert stand.get("/1/devices").status_code == 200
        took.append(time.monotonic() - began)
    thread.join()
    (answer,) = answers
    assert (answer.status_code, answer.get_json()["code"]) == (422, "model-check-too-long")
    assert "within 4 seconds" in answer.get_json()["detail"]
    assert len(took) > 50
    assert max(took) < admitting.WITHIN
    assert left_over(stand) == []
    monkeypatch.undo()
    assert put(stand, noisy(), dry_run=True).status_code == 200


def left_over(stand: Stand) -> list[Path]:
    """Return what publishes have left in their folder."""
    return list((stand.components.settings.store.path / "publishing").iterdir())


def test_a_check_that_takes_too_much_memory_ends_alone(stand: Stand, tmp_path: Path) -> None:
    files = noisy(competency__all__query___rq=GREEDY, competency__all__expected___csv="n\n1\n")
    door = at_the_door(stand, files, tmp_path / "files", memory=400 * 2**20)
    with pytest.raises(ModelRefused, match=r"needs more than 0\.39\d* GiB") as refused:
        admitted(door, tmp_path, lambda _: None)
    assert refused.value.code == "model-check-ended"
    assert stand.get("/1/devices").status_code == 200


def test_what_was_in_force_comes_back_whatever_is_asked_of_new_models(stand: Stand, tmp_path: Path) -> None:
    bare = candidate(MINOR, ontology="flex:Bare a owl:Class .\n")
    new = at_the_door(stand, bare, tmp_path / "new")
    with pytest.raises(ModelRefused, match="has no rdfs:label"):
        admitted(new, tmp_path, lambda _: None)
    known = at_the_door(stand, bare, tmp_path / "known")
    found = admitted(Candidate(**{**_members(known), "published": [*known.published, bare.digest]}), tmp_path, print)
    assert (found.version, found.check) == (MINOR, None)
    assert found.diff is not None
    assert any("Bare" in change["what"] for change in found.diff["changes"])


def _members(known: Candidate) -> dict[str, Any]:
    return {name: getattr(known, name) for name in Candidate.__dataclass_fields__}


def test_the_shipped_model_is_not_checked_at_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admitting, "WITHIN", 0.0)
    with running_stand(tmp_path / "data") as running:
        publisher = running.components.publisher
        outcome = publisher.publish(candidate(MINOR, ontology=COMFORT), "the software", shipped=True)
        assert (outcome.published, outcome.version) == (True, MINOR)
        with pytest.raises(ModelRefused, match="within 0 seconds"):
            publisher.publish(shipped_files(), "tests")
