"""What the pages say of the shipped model, and of what a model may say beside."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from parsed_page import ParsedPage
from rdflib.term import URIRef
from small_models import FORMER, IN_FORCE, SHOWN, model, ontology, shapes, shipped

from registry.access_matrix import ROLES
from registry.model_pages import Frame, versions_page
from registry.model_pages.rendering import CONTENT_SECURITY_POLICY
from registry.profile.codecs import CodeCodec
from registry.vocabulary import SH

ENTRIES = {
    "HeatPump": [
        *("heat pump", "heatPump", "flex:HeatPump", "owl:Class"),
        "An HVAC device that moves heat from a colder to a warmer place.",
        *("Wärmepumpe", "bomba de calor", "warmtepomp", "dizalica topline", "αντλία θερμότητας"),
        *("superclasses", "HVAC device", "value of", "device_class"),
        *("related match", "brick:Packaged_Heat_Pump", "oeo:OEO_00000212"),
    ],
    "HvacDevice": ["subclasses", "heat pump", "superclasses", "flexible load"],
    "Device": ["Properties", "maximum capacity", "unit:KiloW", "max_capacity", "at most one", "xsd:double"],
    "maxCapacity": [
        *("In JSON: max_capacity", "at most one: number, in unit:KiloW", "seen by", "aggregator, prosumer, service"),
        *("domain", "device", "range", "xsd:double", "close match", "cim:PowerElectronicsUnit.maxP"),
    ],
    "deviceClass": ["exactly one: code", "codes", "heatPump", "changed by", "service"],
    "serialNumber": ["superproperties", "saref:hasIdentifier"],
    "//https://w3id.org/flexcoop/cim/alignments/saref": ["Alignment of the FLEXCoop CIM with SAREF"],
    "//api/field": ["The name of the field in JSON."],
}
SHAPES = {
    "max_capacity": ["max_capacity", "maximum capacity", "at most one: number, in unit:KiloW", "sh:Violation",
                     "max_capacity must be one number, in kW.", "maximale Leistung", "of", "device"],
    "device_class": ["exactly one: code", "heatPump", "An HVAC device that moves heat", "changed by", "service"],
    "status_mode": ["status.mode", "status / operating mode", "max count", "1"],
    "DeviceShape": ["target class", "device", "severity", "sh:Violation", "property"],
}  # fmt: skip
MORE = {
    'flex:X a owl:Class ; owl:deprecated true ; rdfs:seeAlso flex:Load ; rdfs:label "old" .': [
        "deprecated",
        "see also",
    ],
    "flex:X a owl:Class ; owl:deprecated false .": [],
    "flex:X a owl:Class ; rdfs:subClassOf [ a owl:Restriction ; owl:maxCardinality 2 ] .": ["max cardinality", "2"],
    "flex:X a owl:Class ; owl:oneOf ( flex:Lamp flex:Boiler ) .": ["one of", "Lamp", "Boiler"],
    'flex:X a owl:Class ; rdfs:label "chat"@fr .': ["chat"],
    'flex:X a owl:Class ; rdfs:label "chat"@fr , "cat"@en .': ["cat", "chat", "fr"],
    "flex:X a owl:Class ; skos:exactMatch <https://x.example/Y> .": ["In other vocabularies", "exact match"],
    "flex:X a owl:Class ; owl:equivalentClass flex:Load .": ["equivalent class", "Load"],
    "flex:X a skos:Concept ; skos:notation 7 ; skos:inScheme flex:S .": ["7", "code list", "flex:S"],
}
RULES = {
    "ex:other sh:severity sh:Warning .": ["sh:Warning"],
    'ex:other sh:message "Nein."@de , "No."@en .': ["No.", "en", "Nein.", "de"],
    'ex:other sh:pattern "^[a-z]+$" ; sh:maxLength 3 .': ["pattern", "^[a-z]+$", "max length", "3"],
    "ex:other sh:or ( [ sh:minLength 1 ] [ sh:maxLength 0 ] ) .": ["or", "min length", "1"],
    "ex:other a sh:PropertyShape ; owl:deprecated true .": ["deprecated", "sh:Violation"],
}


@pytest.mark.parametrize("anchor", ENTRIES)
def test_a_term_is_shown_with_all_that_is_said_of_it(anchor: str) -> None:
    words = " ".join(ontology(shipped()).words[anchor].split())
    assert [each for each in ENTRIES[anchor] if each not in words] == []


@pytest.mark.parametrize("anchor", SHAPES)
def test_a_shape_is_shown_with_its_rules(anchor: str) -> None:
    words = " ".join(shapes(shipped()).words[anchor].split())
    assert [each for each in SHAPES[anchor] if each not in words] == []


@pytest.mark.parametrize("turtle", MORE)
def test_what_else_a_model_may_say_of_a_term(turtle: str) -> None:
    words = ontology(model(f"\n{turtle}")).words["X"]
    assert [each for each in MORE[turtle] if each not in words] == []
    assert ("deprecated" in words) == ("deprecated true" in turtle)


@pytest.mark.parametrize("turtle", RULES)
def test_what_else_a_model_may_say_of_a_shape(turtle: str) -> None:
    words = shapes(model(f"\n{turtle}")).words["//ex/other"]
    assert [each for each in RULES[turtle] if each not in words] == []


def test_every_field_is_there_with_its_message_codes_and_roles() -> None:
    page = shapes(shipped())
    for field in shipped().fields.values():
        words = page.words[str(field.shape).partition("#")[2]]
        assert [each for each in (field.name, field.label, field.description, field.message) if each not in words] == []
        codes = field.codec.codes if isinstance(field.codec, CodeCodec) else {}
        assert [code or "(empty)" for code in codes if (code or "(empty)") not in words] == []
        seen = words.partition("seen by")[2].partition("changed by")[0]
        assert {role for role in ROLES if role in seen} == field.visible_to


def test_every_message_of_a_shape_is_there_in_every_language() -> None:
    page = shapes(shipped())
    messages = list(shipped().shapes.objects(None, URIRef(SH.term("message"))))
    assert len(messages) > 40
    assert [str(each) for each in messages if str(each) not in page.whole] == []


def test_every_definition_label_and_comment_is_there() -> None:
    page = ontology(shipped())
    said = [
        str(value)
        for name in ("http://www.w3.org/2004/02/skos/core#definition", "http://www.w3.org/2000/01/rdf-schema#label")
        for value in shipped().ontology.objects(None, URIRef(name))
    ]
    assert len(said) > 400
    assert [each for each in said if each not in page.whole] == []


@pytest.mark.parametrize(
    ("frame", "words", "others"),
    [
        (IN_FORCE, ["Version 1.2.3", "in force", "2026-03-04"], ["not in force"]),
        (FORMER, ["Version 1.0.0", "not in force", "See the one in force.", "2026-01-02"], []),
    ],
    ids=["in force", "former"],
)
def test_a_page_says_of_which_version_it_is(frame: Frame, words: list[str], others: list[str]) -> None:
    for page in (ontology(model(), frame=frame), shapes(model(), frame=frame)):
        assert [each for each in words if each not in page.whole] == []
        assert [each for each in others if each in page.whole] == []


def test_a_page_leads_to_every_form_and_to_the_other_pages() -> None:
    links = ontology(shipped(), frame=FORMER).links
    for each in ("turtle", "jsonld", "nt", "rdfxml", "zip"):
        assert f"/ontology/1.0.0?format={each}" in links
    assert {"/ontology/1.0.0", "/shapes/1.0.0", "/ontology/versions", "/docs/", "/ontology"} <= set(links)


def test_the_list_of_versions_leads_to_all() -> None:
    page = ParsedPage(versions_page([SHOWN, FORMER.shown]))
    assert {"/ontology/1.2.3", "/shapes/1.2.3", "/ontology/1.0.0", "/ontology/1.0.0?format=zip"} <= set(page.links)
    assert page.whole.count("in force") == 1


def test_a_page_is_the_same_in_every_process() -> None:
    turtle = "ex:other sh:or ( [ sh:minLength 1 ] [ sh:maxLength 0 ] ) , ( [ sh:minLength 2 ] ) ; sh:not [ sh:in () ] ."
    program = (
        f"import hashlib, small_models as small; page = small.shapes_page(small.model({turtle!r}), small.IN_FORCE);"
    )
    program += "page += small.ontology_page(small.shipped(), small.FORMER);"
    program += "print(hashlib.sha256(page.encode()).hexdigest())"
    path = os.pathsep.join(sys.path)
    found = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": path},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(found) == 1


def test_the_policy_lets_nothing_run_and_nothing_load() -> None:
    rules = dict(each.strip().split(" ", 1) for each in CONTENT_SECURITY_POLICY.split(";"))
    assert rules["default-src"] == "'none'"
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert "script-src" not in rules
    assert not [name for name, _ in ontology(shipped()).elements if name == "script"]
