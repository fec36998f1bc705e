"""The whole check: sound models, broken folders, several things wrong at once, and files that mean harm."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from model_folders import PREFIXES, copied_model, replace, write

from registry.model_check import Finding, Report, Severity, check_model
from registry.model_check.model_files import LARGEST
from registry.profile.compilation import MODEL
from sparql.turtle_places import DEEPEST


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return copied_model(tmp_path)


def kinds(report: Report) -> set[str]:
    return {finding.kind for finding in report}


def errors(report: Report) -> list[Finding]:
    return [finding for finding in report if finding.severity is Severity.ERROR]


def test_the_shipped_model_is_sound_and_everything_is_looked_at_in_time() -> None:
    started = time.process_time()
    report = check_model(MODEL)
    assert report.findings == ()
    assert time.process_time() - started < 5
    assert report.checked["files"] == len([*MODEL.glob("ontology/**/*.ttl"), *MODEL.glob("shapes/*.ttl")])
    assert report.checked["rules"] == len([*MODEL.glob("registry/model_check/hygiene/*.rq")])
    assert report.checked["questions"] == len([*MODEL.glob("tests/ontology/competency/*/query.rq")]) >= 15
    assert report.checked["examples"] == len([*MODEL.glob("tests/ontology/examples/*/*.ttl")]) >= 45


def test_a_copy_of_the_model_is_sound_without_questions_and_examples(folder: Path) -> None:
    report = check_model(folder)
    assert report.findings == ()
    assert (report.checked["questions"], report.checked["examples"]) == (0, 0)


def test_everything_is_found_at_once_in_order(folder: Path) -> None:
    shapes, ontology = folder / "shapes/device.ttl", folder / "ontology/flexcoop.ttl"
    shape = replace(
        shapes, "flexsh:online a sh:PropertyShape ;", "flexsh:online a sh:PropertyShape ; sh:minCount 'x' ;"
    )
    replace(shapes, 'sh:message "model must', 'sh:massage "model must')
    concept = replace(ontology, 'rdfs:label "up"@en, ', "rdfs:label ") - 1
    write(folder / "hygiene/nothing.rq", "SELECT ?error WHERE {")
    report = check_model(folder)
    found = [(finding.file, finding.line, finding.kind) for finding in errors(report)]
    assert ("ontology/flexcoop.ttl", concept, "every_term_has_an_english_label") in found
    assert ("shapes/device.ttl", shape, "shapes_are_shacl") in found
    assert ("hygiene/nothing.rq", 1, "syntax") in found
    assert {"profile_compiles", "standard_terms_exist", "property_shapes_have_a_message"} <= kinds(report)
    assert found == sorted(found, key=lambda each: (each[0] or "", each[1] or 0))


@pytest.mark.parametrize(
    ("file", "old", "new", "message", "term"),
    [
        ("shapes/device.ttl", "sh:targetClass flex:Device", "sh:targetClass flex:Devices", "no node shape", None),
        ("shapes/device.ttl", "sh:datatype xsd:dateTime ;\n    api:field \"last_seen\"",
         "sh:datatype xsd:time ;\n    api:field \"last_seen\"", "needs sh:in", "flexsh:last_seen"),
        ("shapes/device.ttl", "sh:order 12 ;", "sh:order 'twelve' ;", "can't be read", "flexsh:online"),
        ("shapes/device.ttl", 'api:field "account_id"', 'api:field "account"', "account_id", None),
        ("shapes/device.ttl", 'api:iriTemplate "https://w3id.org/flexcoop/aggregator/{value}"', 'api:iriTemplate "x"',
         "must hold {value} once", "flexsh:aggregator_id"),
    ],
)  # fmt: skip
def test_what_can_not_be_compiled_is_a_finding(  # noqa: PLR0917
    folder: Path, file: str, old: str, new: str, message: str, term: str | None
) -> None:
    replace(folder / file, old, new)
    report = check_model(folder)
    (finding,) = [each for each in report if each.kind == "profile_compiles"]
    assert message in finding.message
    assert (finding.term or "").replace("https://w3id.org/flexcoop/shapes#", "flexsh:") in (term or finding.term or "")
    assert (finding.file, finding.line is None) == ((file, False) if term else (finding.file, finding.line is None))
    assert [each.severity for each in report if each.kind == "not_checked"] == [Severity.NOTE]


def test_a_file_that_is_no_turtle_does_not_hide_what_is_wrong_with_others(folder: Path) -> None:
    line = replace(folder / "ontology/alignments/brick.ttl", "flex:BatteryDevice rdfs:subClassOf", "flex:BatteryDevice")
    replace(folder / "ontology/flexcoop.ttl", 'rdfs:label "up"@en, ', "rdfs:label ")
    replace(folder / "shapes/device.ttl", 'api:visibleTo "prosumer", "service"', 'api:visibleTo "prosumers"')
    report = check_model(folder)
    assert kinds(report) == {
        "syntax", "every_term_has_an_english_label", "roles_are_known", "who_may_change_a_field_sees_it", "not_checked",
    }  # fmt: skip
    (syntax,) = [finding for finding in report if finding.kind == "syntax"]
    assert (syntax.file, syntax.line, syntax.column) == ("ontology/alignments/brick.ttl", line, 34)
    assert syntax.excerpt == "flex:BatteryDevice brick:Battery .\n" + " " * 33 + "^"
    assert 0 < report.checked["rules"] < len([*MODEL.glob("registry/model_check/hygiene/*.rq")])


def test_an_empty_folder_says_what_belongs_there(tmp_path: Path) -> None:
    report = check_model(tmp_path)
    assert [finding.message for finding in errors(report)] == [
        "there is no ontology/*.ttl in the folder",
        "there is no shapes/*.ttl in the folder",
    ]
    assert report.checked["files"] == 0


@pytest.mark.parametrize(
    ("content", "kind", "line", "column"),
    [
        (b"", "empty_file", 1, 1),
        (b"# nothing\n", "empty_file", 1, 1),
        (b'@prefix e: <http://e/> .\ne:a e:b "\xc3\xa4\xff" .', "encoding", 2, 11),
        (b"\xff\xfe@\x00p\x00", "encoding", 1, 1),
        (b"\xef\xbb\xbf@prefix e: <http://e/> .", "syntax", 1, 1),
        (b"\x00", "syntax", 1, 1),
        (b"<a:a> <a:b> <<( <a:a> <a:b> <a:c> )>> .", "syntax", 1, 1),
        (b'<a:a> <a:b> "' + b"x" * LARGEST + b'" .', "too_large", None, None),
        (b"<a:a> <a:b> " + b"[ <a:b> " * 51 + b"]" * 51 + b" .", "nesting", 1, 13 + 8 * DEEPEST),
        (b"<a:a> <a:b> " + b"[ <a:b> " * 130_000, "nesting", 1, 13 + 8 * DEEPEST),
        (b"<a:a> <a:b> " + b"(" * 1_000_000, "nesting", 1, 13 + DEEPEST),
        (b"<a:a> <a:b> " + b"<<( <a:a> <a:b> " * 60_000 + b"1" + b")>>" * 60_000, "nesting", 1, 13 + 16 * DEEPEST),
        (b"<a:a> <a:b> '\\' [ [ " + b"<<(" * 300_000, "syntax", 1, None),
        (b"{" * 1_000_000, "nesting", 1, 1 + DEEPEST),
        (b"<a:a> <a:b> <a:c> .\n<a:a> <a:b> <a:c> {| <a:d> 1 |} .", "syntax", 2, 1),
    ],
    ids=[
        "empty",
        "comment",
        "latin",
        "utf16",
        "bom",
        "zero",
        "term",
        "large",
        "deep",
        "mb",
        "lists",
        "terms",
        "hid",
        "n3",
        "annotation",
    ],
)
def test_a_file_that_can_not_be_used_is_named(
    tmp_path: Path, content: bytes, kind: str, line: int | None, column: int | None
) -> None:
    write(tmp_path / "shapes/x.ttl", "")
    (tmp_path / "shapes/x.ttl").write_bytes(content)
    (finding,) = [finding for finding in errors(check_model(tmp_path)) if finding.file]
    assert (finding.file, finding.kind, finding.line) == ("shapes/x.ttl", kind, line)
    assert column in (finding.column, None)
    assert len(finding.message) < 400
    assert len(finding.excerpt) < 250


def test_what_is_no_readable_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "shapes/folder.ttl").mkdir(parents=True)
    (tmp_path / "shapes/gone.ttl").symlink_to(tmp_path / "nowhere")
    (tmp_path / "shapes/loop.ttl").symlink_to(tmp_path / "shapes/loop.ttl")
    write(tmp_path / "shapes/secret.ttl", "<a:a> <a:b> <a:c> .")
    (tmp_path / "shapes/secret.ttl").chmod(0)
    named = [finding.file for finding in check_model(tmp_path) if finding.kind == "unreadable"]
    readable_by_root = ["shapes/secret.ttl"] if os.geteuid() else []
    assert named == ["shapes/folder.ttl", "shapes/gone.ttl", "shapes/loop.ttl", *readable_by_root]


@pytest.mark.parametrize(
    "content",
    [
        "flexsh:x a sh:NodeShape ; sh:in _:a . _:a <http://www.w3.org/1999/02/22-rdf-syntax-ns#rest> _:a .",
        "flexsh:x a sh:PropertyShape ; sh:path flex:a ; sh:node flexsh:x ; sh:property flexsh:x .",
        "flexsh:x a sh:NodeShape ; sh:in ( " + "1 " * 3000 + "flex:none ) .",
        "flexsh:DeviceShape sh:property flexsh:x . flexsh:x sh:path _:a ; api:field 'x' . _:a sh:inversePath _:a .",
        " ".join(f"flexsh:x{i} a sh:NodeShape ; sh:node flexsh:x{i + 1} ." for i in range(300)),
        "flexsh:x sh:pattern '" + "(" * 2000 + "' .",
        "flexsh:x sh:class " + ", ".join(f"flex:x{i}" for i in range(500)) + " .",
        "flexsh:x sh:and ( " + "flexsh:online " * 3000 + ") .",
        "flexsh:x sh:in _:a0 . " + " ".join(
            f"_:a{i} <http://www.w3.org/1999/02/22-rdf-syntax-ns#rest> _:a{i + 1} ." for i in range(3000)
        ),
        " ".join(f"flex:x{i} <http://www.w3.org/2000/01/rdf-schema#subClassOf> flex:x{i + 1} ." for i in range(3000)),
        " ".join(f"flexsh:x{i} a sh:NodeShape ; sh:nodeKind sh:Iri ; sh:name 'x'@en ." for i in range(7000)),
        "flexsh:x sh:minCount '" + "9" * 5000 + "'^^xsd:integer ; sh:order 1e999 .",
    ],
    ids=["list", "node", "long_list", "path", "chain", "pattern", "wide", "and", "endless", "tall", "many", "digits"],
)  # fmt: skip
def test_graphs_that_mean_harm_end_in_findings(folder: Path, content: str) -> None:
    for place in ("shapes", "ontology"):
        write(folder / place / "harm.ttl", PREFIXES + content)
    started = time.process_time()
    report = check_model(folder)
    assert errors(report)
    assert time.process_time() - started < 20


def test_a_finding_about_a_term_says_where_it_stands(folder: Path) -> None:
    line = replace(folder / "ontology/flexcoop.ttl", "flex:chargeRate a owl:DatatypeProperty ;",
                   "flex:chargeRate a owl:DatatypeProperty ; rdfs:range xsd:double ;")  # fmt: skip
    replace(folder / "ontology/flexcoop.ttl", "qudt:hasUnit unit:KiloW .", "qudt:hasUnit unit:KiloW . ")
    text = (folder / "ontology/flexcoop.ttl").read_text()
    start = text.index("flex:chargeRate a")
    end = text.index("\nflex:dischargeRate a")
    (folder / "ontology/flexcoop.ttl").write_text(
        text[:start] + text[start:end].replace(" ;\n    qudt:hasUnit unit:KiloW . ", " .") + text[end:]
    )
    (finding,) = check_model(folder)
    assert (finding.kind, finding.file, finding.line) == (
        "numbers_have_a_unit_or_say_why_not", "ontology/flexcoop.ttl", line,
    )  # fmt: skip
    assert finding.message.startswith("flex:chargeRate has numbers, but no qudt:hasUnit")


def test_a_literal_that_is_no_value_of_its_datatype_is_found(folder: Path) -> None:
    line = replace(folder / "shapes/device.ttl", "flexsh:online a sh:PropertyShape ;",
                   'flexsh:online a sh:PropertyShape ; sh:maxCount "one"^^xsd:integer ;')  # fmt: skip
    found = [(each.line, each.message) for each in check_model(folder) if each.kind == "ill_typed_literal"]
    assert found == [(line, '"one" of sh:maxCount is no value of xsd:integer')]
