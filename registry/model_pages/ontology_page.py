"""The page of an ontology: each class, property and code with all that is said of it, and its fields in JSON.

It is made of the profile alone, so that a term that an engineer adds in Turtle is on it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rdflib import OWL, RDF, RDFS, SH, SKOS
from rdflib.term import Node, URIRef

from registry.access import ONTOLOGY
from registry.model_pages.entries import DEFINITIONS, LABELS, PART, Entry, EntryMaker
from registry.model_pages.frame import Frame
from registry.model_pages.places import Links, graph_of, ontologies, terms
from registry.model_pages.rendering import render
from registry.model_pages.values import Describer, Value
from registry.profile import Profile

_KINDS: Mapping[str, frozenset[Node]] = {
    "Classes": frozenset({OWL.Class, RDFS.Class, RDFS.Datatype}),
    "Properties": frozenset(
        {
            RDF.Property,
            *(OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty, OWL.FunctionalProperty),
        }
    ),
    "Code lists": frozenset({SKOS.ConceptScheme}),
    "Codes": frozenset({SKOS.Concept, OWL.NamedIndividual}),
}
"""Titles of sections -> the classes of the terms in them, in the order of the page."""
_OTHERS = "Other terms"
_FOREIGN = "What is said of terms of other vocabularies"


@dataclass(frozen=True, slots=True)
class Section:
    """Terms of one kind."""

    anchor: str
    title: str
    entries: Sequence[Entry]


@dataclass(frozen=True, slots=True)
class OtherOntology:
    """Another ontology of the model, whose terms are on the page as well."""

    anchor: str
    label: str
    iri: Value
    comments: tuple[Value, ...]


def ontology_page(profile: Profile, frame: Frame, about: str = ONTOLOGY) -> str:
    """Return the page in HTML.

    Args:
        profile: the model.
        frame: what surrounds the page.
        about: one of the model's ontologies; for another than the main one the page has its terms alone.
    """
    links = Links(profile, PART, about, {each: frame.path(each) for each in (PART, "shapes")})
    describer = Describer(profile, links)
    return render(
        "ontology.html",
        frame=frame,
        part=PART,
        title=describer.label(about),
        about=describer.short(about),
        comments=describer.texts(URIRef(about), (RDFS.comment, SKOS.definition)),
        sections=_sections(profile, links, describer),
        ontologies=_others(profile, links, describer) if about == ONTOLOGY else [],
    )


def _sections(profile: Profile, links: Links, describer: Describer) -> list[Section]:
    """Return the sections that have entries, each in the order of labels."""
    maker = EntryMaker(profile, links, describer)
    found: dict[str, list[Entry]] = {title: [] for title in (*_KINDS, _OTHERS, _FOREIGN)}
    for term in sorted(terms(profile, PART)):
        if links.shows(str(term)) and (title := _title(profile, links, term)):
            found[title].append(maker.entry(term))
    return [
        Section(
            f"/{title.lower().replace(' ', '-')}",
            title,
            sorted(entries, key=lambda each: (each.label.casefold(), each.iri)),
        )
        for title, entries in found.items()
        if entries
    ]


def _title(profile: Profile, links: Links, term: URIRef) -> str:
    """Return the section of a term; empty for another vocabulary's that is only named to be used."""
    graph, own = graph_of(profile, PART), links.owns(str(term))
    said = set(graph.predicates(term))
    if not own and not said.intersection((*LABELS, *DEFINITIONS)):
        return "" if said <= {RDF.type} else _FOREIGN
    kinds = set(graph.objects(term, RDF.type))
    return next((title for title, classes in _KINDS.items() if kinds & classes), _OTHERS)


def _others(profile: Profile, links: Links, describer: Describer) -> list[OtherOntology]:
    return [
        OtherOntology(
            links.anchors[iri],
            describer.label(iri),
            Value(text=describer.short(iri), href=iri),
            describer.texts(URIRef(iri), (RDFS.comment, SH.description)),
        )
        for iri in ontologies(profile, PART)
        if iri != ONTOLOGY
    ]
