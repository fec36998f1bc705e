"""Each hygiene rule finds what it is there for and nothing else: patches in Turtle that are added to the shipped model.

The head of a patch says to which file it is added, what it takes out of the shipped files, and which errors it makes.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from rdflib import Graph

from registry.model_check.findings import Finding, Severity
from registry.model_check.model_files import Model, ModelFile, read_model
from registry.model_check.model_store import ModelStore, QueryMistake
from registry.model_check.rules import SHIPPED, Rule, read_rules, rule_findings
from registry.principal import Role
from registry.profile.compilation import MODEL
from sparql.scanner import scan
from sparql.turtle_places import read_places

CASES = Path(__file__).parent / "rules"
RULES = {rule.name: rule for rule in read_rules(SHIPPED)[0]}
SHIPPED_MODEL, _ = read_model(MODEL)
PREFIXES = """
@prefix api: <https://w3id.org/flexcoop/api#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix flex: <https://w3id.org/flexcoop/cim#> .
@prefix flexsh: <https://w3id.org/flexcoop/shapes#> .
@prefix geo: <http://www.opengis.net/ont/geosparql#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix qudt: <http://qudt.org/schema/qudt/> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix unit: <http://qudt.org/vocab/unit/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
""".replace("\n", " ")
"""On one line, so that lines of a patch keep their numbers."""


def head(text: str, name: str) -> list[str]:
    return re.findall(rf"^# {name}: (.*)$", text, re.MULTILINE)


def as_file(name: str, text: str) -> ModelFile:
    graph = Graph(bind_namespaces="none").parse(data=text, format="turtle")
    return ModelFile(name, text, graph, read_places(text))


def patched(text: str) -> Model:
    """Return the shipped model with a patch."""
    (name,) = head(text, "file")
    shipped = list(SHIPPED_MODEL.files)
    for part in head(text, "without"):
        assert any(part in file.text for file in shipped)
        shipped = [as_file(file.name, file.text.replace(part, "")) for file in shipped]
    return Model(MODEL, (*shipped, as_file(name, PREFIXES + text)), complete=True)


def found(text: str, *rules: Rule) -> list[Finding]:
    model = patched(text)
    return list(rule_findings(model, ModelStore(model), rules))


@pytest.mark.parametrize("case", sorted(CASES.glob("*/*.ttl")), ids=lambda case: f"{case.parent.name}/{case.stem}")
def test_finds_what_the_case_says(case: Path) -> None:
    text, rule = case.read_text(), RULES[case.parent.name]
    findings = found(text, rule)
    assert sorted(finding.message for finding in findings) == sorted(head(text, "error"))
    assert {finding.kind for finding in findings} <= {rule.name}
    assert {finding.severity for finding in findings} <= {rule.severity}
    assert all(finding.file for finding in findings)
    assert bool(findings) == (case.stem != "sound")


@pytest.mark.parametrize("name", RULES)
def test_every_rule_has_a_sound_case_and_a_broken_one(name: str) -> None:
    cases = {path.stem for path in (CASES / name).glob("*.ttl")}
    assert "sound" in cases
    assert len(cases) > 1


def test_no_case_is_of_a_rule_that_is_gone() -> None:
    assert {path.name for path in CASES.iterdir()} == set(RULES)


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.name)
def test_a_rule_says_what_and_why_how_bad_it_is_and_passes_the_scanner(rule: Rule) -> None:
    lines = rule.text.splitlines()
    assert re.fullmatch(r"# [A-Z].*[.]", lines[0])
    assert re.fullmatch(r"# [A-Z].*[.?]", lines[1])
    assert re.fullmatch(r"# Severity: (error|warning)", lines[2])
    assert "?error" in rule.text
    assert scan(rule.text).form == "SELECT"


def test_the_shipped_model_breaks_no_rule() -> None:
    findings = list(rule_findings(SHIPPED_MODEL, ModelStore(SHIPPED_MODEL), RULES.values()))
    assert findings == []


def test_the_roles_are_those_that_can_see_devices() -> None:
    text = RULES["roles_are_known"].text
    assert [role.value for role in Role if f'"{role.value}"' not in text] == [Role.ENGINEER.value]


def test_a_finding_stands_where_its_term_is_a_subject() -> None:
    text = '# file: shapes/patch.ttl\n\n  flexsh:x\n    api:visibleTo "nobody" .\n'
    (finding,) = found(text, RULES["roles_are_known"])
    assert (finding.file, finding.line, finding.column) == ("shapes/patch.ttl", 3, 3)
    assert finding.term == "https://w3id.org/flexcoop/shapes#x"


def test_a_term_that_is_nowhere_a_subject_is_shown_where_it_is_named() -> None:
    text = "# file: shapes/patch.ttl\nflexsh:x sh:path ( flex:status\n   flex:modus ) ."
    (finding,) = found(text, RULES["shapes_use_defined_terms"])
    assert (finding.file, finding.line, finding.column) == ("shapes/patch.ttl", 3, 4)


def test_a_term_is_looked_for_in_the_file_that_a_rule_names_first() -> None:
    text = "# file: shapes/patch.ttl\n<urn:a> a owl:Ontology . <https://w3id.org/flexcoop/cim> a owl:Ontology ."
    (finding,) = found(text, RULES["files_declare_one_ontology"])
    assert (finding.file, finding.line, finding.column) == ("shapes/patch.ttl", 2, 1)


def test_of_what_has_no_name_no_place_is_made_up() -> None:
    (finding,) = found(
        "# file: shapes/patch.ttl\n[] api:visibleTo 'x' .",
        Rule("own", "hygiene/own.rq", RULES["roles_are_known"].text, Severity.WARNING, each_file=False),
    )
    assert (finding.file, finding.line, finding.column, finding.term) == (None, None, None, None)
    assert (finding.kind, finding.severity) == ("own", Severity.WARNING)
    assert finding.message.startswith("something without an IRI contradicts this: Who may see or change a field")


def test_of_a_model_that_is_not_complete_only_what_holds_for_single_files_is_asked() -> None:
    patch = as_file("shapes/patch.ttl", PREFIXES + 'flexsh:x sh:path flex:y ; api:visibleTo "x" .')
    model = Model(MODEL, (patch,), complete=False)
    kinds = {finding.kind for finding in rule_findings(model, ModelStore(model), RULES.values())}
    assert "roles_are_known" in kinds
    assert kinds <= {rule.name for rule in RULES.values() if rule.each_file}
    assert "shapes_use_defined_terms" not in kinds


@pytest.mark.parametrize(
    ("query", "line", "column", "words"),
    [
        ("SELECT ?term ?error\nWHERE { ?term rdfs:label ?error }", 2, 15, "The prefix rdfs: is not declared"),
        ("SELECT ?term WHERE { SERVICE <urn:x> { ?term ?p ?o } }", 1, 22, "SERVICE"),
        ("ASK { ?s ?p ?o }", 1, 1, "results in boolean"),
        ("SELECT * WHERE " + "{" * 3000 + "}" * 3000, 1, 117, "brackets"),
        ("DELETE WHERE { ?s ?p ?o }", 1, 1, "update"),
        ("SELECT ?term WHERE { ?term a ?kind } LIMIT 1", 1, None, "must bind ?error"),
    ],
    ids=["undeclared", "service", "ask", "nested", "update", "no_error"],
)
def test_a_query_that_can_not_be_asked_is_itself_a_finding(
    query: str, line: int, column: int | None, words: str
) -> None:
    (finding,) = found("# file: shapes/x.ttl\n", Rule("x", "hygiene/x.rq", query, Severity.WARNING, each_file=True))
    assert (finding.file, finding.line, finding.column) == ("hygiene/x.rq", line, column)
    assert finding.kind == "syntax"
    assert finding.severity is Severity.ERROR
    assert words in finding.message


def test_a_mistake_in_a_query_does_not_end_the_store() -> None:
    store = ModelStore(SHIPPED_MODEL)
    with pytest.raises(QueryMistake):
        store.ask_model("SELECT")
    (row,) = store.ask_model("SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }")
    assert int(row["n"]) > 1000


def test_rules_of_a_folder_are_read_with_their_heads(tmp_path: Path) -> None:
    (tmp_path / "hygiene").mkdir()
    (tmp_path / "hygiene" / "a.rq").write_text("# A.\n# Severity: warning\n# Scope: file\nSELECT ?error {}")
    (tmp_path / "hygiene" / "b.rq").write_text("# B.\nSELECT ?error {}")
    (tmp_path / "hygiene" / "c.rq").write_bytes(b"# \xff")
    rules, findings = read_rules(tmp_path)
    assert [(rule.name, rule.severity, rule.each_file) for rule in rules] == [
        ("a", Severity.WARNING, True),
        ("b", Severity.ERROR, False),
    ]
    assert [(finding.file, finding.kind) for finding in findings] == [("hygiene/c.rq", "encoding")]
