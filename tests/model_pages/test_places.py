"""Where the model's IRIs lead: paths of the server, anchors of pages; and no two things have one anchor."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urldefrag, urlsplit

import pytest
from parsed_page import ParsedPage
from rdflib import OWL, RDF
from rdflib.term import URIRef
from small_models import FORMER, IN_FORCE, model, ontology, shapes, shipped

from registry.access import ONTOLOGY, SHAPES
from registry.model_pages import Frame, Place, places, version_places
from registry.model_pages.places import anchors, terms
from registry.profile import Profile

TERMS = """
@prefix far: <https://far.example/ns/> .
<https://far.example/ns> a owl:Ontology ; rdfs:label "far" ; owl:versionIRI <https://far.example/ns/2.0.0> .
<https://near.example/ns/> a owl:Ontology ; rdfs:label "near" .
far:Roof a owl:Class ; rdfs:label "roof" .
<https://far.example/ns/parts/Tile> a owl:Class ; rdfs:label "tile" .
<https://far.example/ns#Wall> a owl:Class ; rdfs:label "wall" .
<https://near.example/ns/Door> a owl:Class ; rdfs:label "door" .
<https://else.example/Window> a owl:Class ; rdfs:label "window" .
"""
ODD = """
<https://w3id.org/flexcoop/cim#/classes> a owl:Class ; rdfs:label "as a heading" .
<https://w3id.org/flexcoop/cim#//far/x> a owl:Class ; rdfs:label "as a distant one" .
<https://w3id.org/flexcoop/cim#classes> a owl:Class ; rdfs:label "as a title" .
<https://w3id.org/flexcoop/cim#a/b> a owl:Class ; rdfs:label "with a slash" .
<https://w3id.org/flexcoop/cim#W%C3%A4rme> a owl:Class ; rdfs:label "with an escape" .
<https://w3id.org/flexcoop/cim#Wärme> a owl:Class ; rdfs:label "with an umlaut" .
<https://w3id.org/flexcoop/cim/#Load> a owl:Class ; rdfs:label "behind a slash" .
<https://w3id.org/flexcoop/cim/Load> a owl:Class ; rdfs:label "instead of a fragment" .
<urn:flex:Load> a owl:Class ; rdfs:label "of another scheme" .
@prefix urn: <https://urn.example/> .
<https://urn.example/flex:Load> a owl:Class ; rdfs:label "with a prefix like a scheme" .
"""
MODELS: dict[str, Callable[[], Profile]] = {
    "shipped": shipped,
    "smallest": model,
    "with other ontologies": lambda: model(TERMS),
    "with odd names": lambda: model(TERMS + ODD),
}
EACH_MODEL = pytest.mark.parametrize("name", MODELS)


def pages(profile: Profile, frame: Frame = IN_FORCE) -> list[ParsedPage]:
    return [
        ontology(profile, frame=frame),
        shapes(profile, frame=frame),
        *(
            ontology(profile, place.about, frame)
            for place in places(profile).values()
            if place.part == "ontology" and place.about != ONTOLOGY
        ),
    ]


@EACH_MODEL
def test_nothing_shares_an_anchor(name: str) -> None:
    for page in pages(MODELS[name]()):
        assert len(page.ids) == len(set(page.ids))
        assert not [each for each in page.ids if " " in each]


@EACH_MODEL
@pytest.mark.parametrize("frame", [IN_FORCE, FORMER], ids=["in force", "former"])
def test_no_link_leads_to_nothing(name: str, frame: Frame) -> None:
    profile = MODELS[name]()
    main = {f"{frame.path('ontology')}": ontology(profile), f"{frame.path('shapes')}": shapes(profile)}
    for page in pages(profile, frame):
        assert page.fragments <= set(page.ids)
        for link in page.links:
            path, fragment = urldefrag(link)
            if fragment and path in main:
                assert f"#{fragment}" in main[path].links, link


@EACH_MODEL
def test_each_term_has_an_entry_under_its_own_fragment(name: str) -> None:
    profile = MODELS[name]()
    shown = set(ontology(profile).ids)
    for term in terms(profile, "ontology"):
        document, fragment = urldefrag(str(term))
        if document == ONTOLOGY and not fragment.startswith("/"):
            assert fragment in shown, term


@pytest.mark.parametrize(
    ("iri", "anchor"),
    [
        ("https://w3id.org/flexcoop/cim#Load", "Load"),
        ("https://w3id.org/flexcoop/cim#classes", "classes"),
        ("https://w3id.org/flexcoop/cim#a/b", "a/b"),
        ("https://w3id.org/flexcoop/cim#Wärme", "Wärme"),
        ("https://w3id.org/flexcoop/cim#/classes", "//flex//classes"),
        ("https://w3id.org/flexcoop/cim/Load", "//https://w3id.org/flexcoop/cim/Load"),
        ("https://far.example/ns/Roof", "//far/Roof"),
        ("https://far.example/ns#Wall", "//https://far.example/ns#Wall"),
        ("urn:flex:Load", "//urn:flex:Load"),
        ("https://urn.example/flex:Load", "//urn/flex:Load"),
    ],
)
def test_anchors_of_terms(iri: str, anchor: str) -> None:
    assert anchors(model(TERMS + ODD), "ontology", ONTOLOGY)[iri] == anchor


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/flexcoop/cim", Place("ontology", ONTOLOGY)),
        ("/flexcoop/shapes", Place("shapes", SHAPES)),
        ("/ns", Place("ontology", "https://far.example/ns")),
        ("/ns/Roof", Place("ontology", ONTOLOGY, "//far/Roof")),
        ("/ns/parts/Tile", Place("ontology", ONTOLOGY, "//far/parts/Tile")),
        ("/ns/Door", Place("ontology", ONTOLOGY, "//https://near.example/ns/Door")),
        ("/Window", None),
        ("/ns/2.0.0", None),
        ("/", None),
        ("", None),
    ],
)
def test_paths_of_iris(path: str, place: Place | None) -> None:
    assert places(model(TERMS)).get(path) == place


def test_the_paths_are_those_that_the_model_states() -> None:
    graph = shipped().ontology
    stated = {urlsplit(str(each)).path for each in graph.subjects(RDF.type, OWL.Ontology)}
    assert len(stated) > 10
    assert {path for path, place in places(shipped()).items() if place.part == "ontology"} == stated


def test_the_paths_of_versions_are_those_of_version_iris() -> None:
    stated = [
        urlsplit(str(each)).path
        for graph in (shipped().ontology, shipped().shapes)
        for each in graph.objects(None, OWL.versionIRI)
    ]
    assert sorted(version_places(shipped())) == sorted(stated)
    assert version_places(model(TERMS))["/ns/2.0.0"] == Place("ontology", "https://far.example/ns")


def test_the_page_of_another_ontology_has_its_terms_alone() -> None:
    page = ontology(model(TERMS), "https://far.example/ns")
    assert {"Wall", "//far/Roof"} > {each for each in page.ids if not each.startswith("/")} == {"Wall"}
    assert "wall" in page.words["Wall"]
    related = model(f"{TERMS}<https://far.example/ns#W> a owl:Class ; rdfs:seeAlso flex:Load .")
    assert "/ontology#Load" in ontology(related, "https://far.example/ns").links


def test_links_of_a_version_stay_in_it() -> None:
    links = ontology(shipped(), frame=FORMER).links
    assert "/shapes/1.0.0#max_capacity" in links
    assert not [each for each in links if each.startswith("/shapes#")]
    assert "/shapes#max_capacity" in ontology(shipped()).links


def test_the_shipped_model_has_its_terms_where_its_iris_say() -> None:
    page, graph = ontology(shipped()), shipped().ontology
    described = {each for each in graph.subjects(RDF.type, OWL.Class) if str(each).startswith(f"{ONTOLOGY}#")}
    assert URIRef(f"{ONTOLOGY}#HeatPump") in described
    assert {str(each).partition("#")[2] for each in described} <= set(page.ids)
