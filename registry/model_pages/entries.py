"""The entries of the ontology's page: a term with all that is said of it, in the form in which the page shows it."""

from __future__ import annotations

from dataclasses import dataclass

from rdflib import OWL, RDF, RDFS, SKOS
from rdflib.term import Node, URIRef

from registry.model_pages.fields import FieldSummary, summary
from registry.model_pages.places import Links, graph_of
from registry.model_pages.values import Describer, Row, Value, is_deprecated, written
from registry.profile import Profile
from registry.profile.codecs import CodeCodec

PART = "ontology"
DEFINITIONS = (SKOS.definition, RDFS.comment)
LABELS = (RDFS.label, SKOS.prefLabel)
_HAS_UNIT = URIRef("http://qudt.org/schema/qudt/hasUnit")
_SHOWN_APART = frozenset({*DEFINITIONS, *LABELS, SKOS.notation, RDF.type, OWL.deprecated})
_MATCHES = frozenset(
    {
        *(SKOS.exactMatch, SKOS.closeMatch, SKOS.broadMatch, SKOS.narrowMatch, SKOS.relatedMatch),
        *(OWL.equivalentClass, OWL.equivalentProperty, OWL.sameAs),
    }
)
_HIERARCHY = frozenset({RDFS.subClassOf, RDFS.subPropertyOf})
_INVERSES = (
    ("subclasses", RDFS.subClassOf),
    ("subproperties", RDFS.subPropertyOf),
    ("values of", RDFS.range),
    ("codes", SKOS.inScheme),
)


@dataclass(frozen=True, slots=True)
class PropertyLine:
    """A property in the table of a class: itself, its range, its unit, and its field in JSON."""

    term: Value
    range: tuple[Value, ...]
    unit: tuple[Value, ...]
    fields: tuple[FieldSummary, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A term with all that is said of it.

    Attributes:
        anchor: its place on the page.
        label: its name for people.
        iri: it.
        short: it with a prefix.
        kinds: the classes that it is of.
        codes: its wire forms (skos:notation).
        definitions: what it means.
        labels: its names in all languages.
        rows: everything else.
        alignments: what it is in other vocabularies.
        properties: those of a class.
        fields: those whose values a property leads to.
        used_by: the fields that a code is a value of.
        deprecated: whether it should not be used any more.
    """

    anchor: str
    label: str
    iri: str
    short: str
    kinds: tuple[Value, ...]
    codes: tuple[Value, ...]
    definitions: tuple[Value, ...]
    labels: tuple[Value, ...]
    rows: tuple[Row, ...]
    alignments: tuple[Row, ...]
    properties: tuple[PropertyLine, ...]
    fields: tuple[FieldSummary, ...]
    used_by: tuple[Value, ...]
    deprecated: bool


class EntryMaker:
    """Makes the entries of the terms of an ontology.

    Args:
        profile: the model.
        links: where IRIs lead.
        describer: puts what the model says into words.
    """

    def __init__(self, profile: Profile, links: Links, describer: Describer) -> None:
        self._graph = graph_of(profile, PART)
        self._links = links
        self._describer = describer
        self._fields: dict[str, list[FieldSummary]] = {}
        self._used_by: dict[str, list[Value]] = {}
        for field in profile.fields.values():
            found = summary(describer, field)
            self._fields.setdefault(str(field.predicate), []).append(found)
            for iri in field.codec.codes.values() if isinstance(field.codec, CodeCodec) else ():
                self._used_by.setdefault(str(iri), []).append(found.name)

    def entry(self, term: URIRef) -> Entry:
        """Return the entry of a term."""
        graph, describer = self._graph, self._describer
        inverses = (Row(Value(text=name), self._subjects(predicate, term)) for name, predicate in _INVERSES)
        rows = describer.rows(graph, term, lambda *each: each[0] not in _SHOWN_APART and not self._aligns(*each))
        return Entry(
            anchor=self._links.anchors[str(term)],
            label=describer.label(term),
            iri=written(term),
            short=describer.short(term),
            kinds=tuple(describer.iri(str(each)) for each in sorted(graph.objects(term, RDF.type), key=str)),
            codes=describer.texts(term, (SKOS.notation,)),
            definitions=describer.texts(term, DEFINITIONS),
            labels=describer.texts(term, LABELS),
            rows=(*rows, *(row for row in inverses if row.values)),
            alignments=describer.rows(graph, term, self._aligns),
            properties=self._properties(term),
            fields=tuple(self._fields.get(str(term), ())),
            used_by=tuple(self._used_by.get(str(term), ())),
            deprecated=is_deprecated(graph, term),
        )

    def _aligns(self, predicate: Node, value: Node) -> bool:
        """Tell whether a triple relates a term to one of another vocabulary."""
        if not isinstance(value, URIRef) or predicate not in _MATCHES | _HIERARCHY:
            return False
        return not self._links.owns(str(value))

    def _properties(self, term: URIRef) -> tuple[PropertyLine, ...]:
        found = {each for each in self._graph.subjects(RDFS.domain, term) if isinstance(each, URIRef)}
        lines = (
            PropertyLine(
                self._describer.iri(str(each)),
                self._named(each, RDFS.range),
                self._named(each, _HAS_UNIT),
                tuple(self._fields.get(str(each), ())),
            )
            for each in sorted(found)
        )
        return tuple(sorted(lines, key=lambda line: line.term.text.casefold()))

    def _named(self, term: URIRef, predicate: URIRef) -> tuple[Value, ...]:
        found = {str(each) for each in self._graph.objects(term, predicate) if isinstance(each, URIRef)}
        return tuple(self._describer.iri(each) for each in sorted(found))

    def _subjects(self, predicate: URIRef, term: URIRef) -> tuple[Value, ...]:
        found = {str(each) for each in self._graph.subjects(predicate, term) if isinstance(each, URIRef)}
        return tuple(sorted(map(self._describer.iri, found), key=lambda each: (each.text.casefold(), each.hint)))
