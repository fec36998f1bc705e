"""The ontology and its alignments: everything named is defined, labelled and, where it is foreign, was looked up."""

import csv
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from rdflib import OWL, RDF, RDFS, SH, SKOS, XSD, Graph, Literal, Namespace, URIRef
from rdflib.term import Node

ROOT = Path(__file__).parents[2]
FLEX = Namespace("https://w3id.org/flexcoop/cim#")
HAS_UNIT = URIRef("http://qudt.org/schema/qudt/hasUnit")
XSD_DOUBLE = URIRef("http://www.w3.org/2001/XMLSchema#double")
TURTLE = sorted([*ROOT.glob("ontology/**/*.ttl"), *ROOT.glob("shapes/*.ttl")])
ALIGNMENTS = sorted(ROOT.glob("ontology/alignments/*.ttl"))
TARGETS = {"saref", "s4ener", "sosa", "geosparql", "qudt", "time", "prov", "org", "cim", "brick", "oeo", "openadr"}
LANGUAGES = {"en", "de", "es", "nl", "hr", "el"}
UNITS = {"KiloW", "KiloW-HR", "PERCENT", "SEC"}
WITHOUT_UNIT = {FLEX.setPoint, FLEX.fanSpeed}  # each device reports them on a scale of its own
NOT_FOREIGN = (str(OWL), str(RDF), str(RDFS), str(SKOS), str(SH), str(XSD), "https://w3id.org/flexcoop/")
with (ROOT / "ontology/alignments/verified.csv").open(encoding="utf-8", newline="") as lines:
    LINES = list(csv.DictReader(lines))
VERIFIED = {row["iri"]: row for row in LINES}


def parse(*files: Path) -> Graph:
    graph = Graph()
    for file in files:
        graph.parse(file, format="turtle")
    return graph


ONTOLOGY = parse(ROOT / "ontology/flexcoop.ttl", ROOT / "ontology/api.ttl")
ALIGNED = parse(ROOT / "ontology/flexcoop.ttl", *ALIGNMENTS)
KINDS = (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, SKOS.Concept, SKOS.ConceptScheme)
TERMS = sorted({str(term) for kind in KINDS for term in ONTOLOGY.subjects(RDF.type, kind)})
PROPERTY_KINDS = {OWL.ObjectProperty, OWL.DatatypeProperty}
PROPERTIES = [
    name for name in TERMS if name.startswith(FLEX) and PROPERTY_KINDS & set(ONTOLOGY.objects(URIRef(name), RDF.type))
]
SCHEMES = sorted(str(name) for name in ONTOLOGY.subjects(RDF.type, SKOS.ConceptScheme))
NUMBERS = [name for name in PROPERTIES if (URIRef(name), RDFS.range, XSD_DOUBLE) in ONTOLOGY]


def texts(term: URIRef, predicate: URIRef) -> list[str | None]:
    return [text.language for text in ONTOLOGY.objects(term, predicate) if isinstance(text, Literal) and str(text)]


@pytest.mark.parametrize("file", TURTLE, ids=lambda file: file.stem)
def test_turtle_declares_one_ontology_with_a_label_and_imports_nothing(file: Path) -> None:
    graph = parse(file)
    (ontology,) = graph.subjects(RDF.type, OWL.Ontology)
    assert graph.value(ontology, RDFS.label)
    assert graph.value(ontology, RDFS.comment)
    assert not list(graph.objects(ontology, OWL.imports))


def test_only_the_ontology_itself_has_the_version_that_a_profile_reports() -> None:
    versions = set(parse(*ROOT.glob("ontology/**/*.ttl")).subject_objects(OWL.versionIRI))
    assert versions == {
        (URIRef("https://w3id.org/flexcoop/cim"), URIRef("https://w3id.org/flexcoop/cim/1.1.0")),
    }


@pytest.mark.parametrize("term", TERMS)
def test_term_has_one_label_a_language_and_an_english_definition(term: str) -> None:
    languages = texts(URIRef(term), RDFS.label)
    assert "en" in languages
    assert len(languages) == len(set(languages))
    assert set(languages) <= LANGUAGES
    assert texts(URIRef(term), SKOS.definition) == ["en"]


@pytest.mark.parametrize("name", PROPERTIES)
def test_property_has_one_domain_of_ours_and_one_range(name: str) -> None:
    (domain,) = ONTOLOGY.objects(URIRef(name), RDFS.domain)
    (values,) = ONTOLOGY.objects(URIRef(name), RDFS.range)
    assert domain in {FLEX.Device, FLEX.DeviceStatus, FLEX.AvailabilityPeriod, FLEX.WeeklyAvailability}
    if str(values).startswith(FLEX):
        assert (values, RDF.type, OWL.Class) in ONTOLOGY


@pytest.mark.parametrize("name", NUMBERS)
def test_number_has_a_unit_or_says_why_it_has_none(name: str) -> None:
    units = [str(unit).removeprefix("http://qudt.org/vocab/unit/") for unit in ONTOLOGY.objects(URIRef(name), HAS_UNIT)]
    if URIRef(name) in WITHOUT_UNIT:
        assert not units
        assert texts(URIRef(name), SKOS.scopeNote) == ["en"]
    else:
        assert len(units) == 1
        assert set(units) <= UNITS


def test_subclasses_have_no_cycle() -> None:
    for name in set(ALIGNED.subjects(RDFS.subClassOf)):
        above = {top for parent in ALIGNED.objects(name, RDFS.subClassOf) for top in _ancestors(parent)}
        assert name not in above, name


def _ancestors(name: Node) -> set[Node]:
    return {node for node in ALIGNED.transitive_objects(name, RDFS.subClassOf) if node is not None}


def test_every_class_with_a_code_is_a_kind_of_device() -> None:
    coded = [name for name in ONTOLOGY.subjects(SKOS.notation) if (name, RDF.type, OWL.Class) in ONTOLOGY]
    assert len(coded) == 10
    assert all(FLEX.Device in _ancestors(name) for name in coded)


@pytest.mark.parametrize(
    ("name", "parent"),
    [
        (FLEX.HeatPump, FLEX.HvacDevice),
        (FLEX.HvacDevice, FLEX.FlexibleLoad),
        (FLEX.EvCharger, FLEX.FlexibleLoad),
        (FLEX.PvDevice, FLEX.Generator),
        (FLEX.BatteryDevice, FLEX.StorageDevice),
        (FLEX.MeteringDevice, FLEX.MonitoringDevice),
        (FLEX.OtherLoad, URIRef("https://saref.etsi.org/core/Device")),
        (FLEX.OtherLoad, URIRef("https://w3id.org/def/openadr#Resource")),
        (FLEX.HeatPump, URIRef("https://brickschema.org/schema/Brick#HVAC_Equipment")),
    ],
)
def test_class_stands_under(name: URIRef, parent: URIRef) -> None:
    assert parent in _ancestors(name)


def test_what_cannot_change_its_load_is_no_openadr_resource() -> None:
    assert URIRef("https://w3id.org/def/openadr#Resource") not in _ancestors(FLEX.MeteringDevice)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_codes_of_a_scheme_and_their_other_forms_are_distinct(scheme: str) -> None:
    codes = list(ONTOLOGY.subjects(SKOS.inScheme, URIRef(scheme)))
    wire = [str(text) for code in codes for text in ONTOLOGY.objects(code, SKOS.notation)]
    others = [str(text) for code in codes for text in ONTOLOGY.objects(code, SKOS.hiddenLabel)]
    assert len(wire) == len(codes) > 1
    assert len({*wire, *others}) == len(wire) + len(others)


def test_every_target_has_its_alignment() -> None:
    assert {file.stem for file in ALIGNMENTS} == TARGETS


@pytest.mark.parametrize("file", ALIGNMENTS, ids=lambda file: file.stem)
def test_alignment_speaks_of_defined_terms_and_of_looked_up_ones(file: Path) -> None:
    named = {str(part) for triple in parse(file) for part in triple if isinstance(part, URIRef)}
    foreign = {name for name in named if not name.startswith(NOT_FOREIGN)}
    assert foreign
    assert foreign <= set(VERIFIED)
    assert {name for name in named if name.startswith(FLEX)} <= set(TERMS)


def test_every_foreign_iri_was_looked_up_and_no_line_is_left_over() -> None:
    used = {
        str(part)
        for subject, predicate, value in parse(*TURTLE)
        for part in (subject, predicate, *([] if predicate == RDFS.isDefinedBy else [value]))
        if isinstance(part, URIRef) and not str(part).startswith(NOT_FOREIGN)
    }
    assert used == set(VERIFIED)


def test_lines_are_sorted_and_no_iri_has_two() -> None:
    names = [row["iri"] for row in LINES]
    assert names == sorted(set(names))


@pytest.mark.parametrize("name", sorted(VERIFIED))
def test_a_line_says_what_was_read_and_when(name: str) -> None:
    row = VERIFIED[name]
    assert row["label"].strip() == row["label"] != ""
    assert row["version"]
    assert row["kind"] in {"own", "copy", "extended copy", "conversion"}
    assert re.fullmatch(r"PyPI \S+ [0-9.]+ \S+|[\w.-]+/[\w.-]+ [0-9a-f]{8} \S+", row["source"])
    assert date.fromisoformat(row["read"]) <= datetime.now(UTC).date()


def test_the_page_about_the_alignments_lists_every_file_read() -> None:
    table = {(row["source"], row["version"], row["kind"]) for row in LINES}
    lines = (ROOT / "ontology/alignments/README.md").read_text().splitlines()
    found = {tuple(line.strip("| ").split(" | ")) for line in lines if re.fullmatch(r"\| \S+/\S+ .*|\| PyPI .*", line)}
    assert found == table


SUPER_PROPERTIES = [(str(one), str(other)) for one, other in ALIGNED.subject_objects(RDFS.subPropertyOf)]


@pytest.mark.parametrize(("name", "above"), SUPER_PROPERTIES)
def test_a_property_under_a_foreign_one_has_no_unit_that_the_other_could_differ_in(name: str, above: str) -> None:
    assert name.startswith(FLEX)
    assert above in VERIFIED
    assert ALIGNED.value(URIRef(name), HAS_UNIT) is None


def test_what_entails_and_what_only_matches_are_not_said_of_the_same_pair() -> None:
    for axiom in (RDFS.subClassOf, RDFS.subPropertyOf):
        for one, other in ALIGNED.subject_objects(axiom):
            assert not {SKOS.closeMatch, SKOS.relatedMatch} & set(ALIGNED.predicates(one, other)), (one, other)
