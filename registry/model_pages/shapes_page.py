"""The page of the shapes: every field with its kind, unit, codes and rules, who sees and changes it, and each shape."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rdflib import RDF, RDFS, SH, SKOS
from rdflib.term import Node, URIRef

from registry.access import SHAPES
from registry.model_pages.fields import FieldSummary, summary
from registry.model_pages.frame import Frame
from registry.model_pages.places import Links, graph_of, terms
from registry.model_pages.rendering import render
from registry.model_pages.values import Describer, Row, Value, is_deprecated
from registry.profile import Field, Profile
from registry.vocabulary import API

PART = "shapes"
_OF_FIELDS = frozenset(
    {
        *(RDF.type, SH.path, SH.order, SH.group, SH["in"], SH.name, SH.description, SH.message, SH.severity),
        *(URIRef(API.term(name)) for name in ("field", "visibleTo", "writableBy")),
    }
)
"""What is shown of a field beside its rules."""
_OF_SHAPES = frozenset({RDF.type, SH.severity, SH.message, RDFS.label, RDFS.comment, SH.name, SH.description})
_SHAPES = frozenset({SH.NodeShape, SH.PropertyShape})
_FIELDS = "/fields"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A shape, or another node of the graph.

    Attributes:
        anchor: its place on the page.
        label: its name for people.
        short: it with a prefix.
        labels: its names in all languages.
        descriptions: what it is for, in all languages.
        severity: of what breaks it; None if it is no shape.
        targets: the node shapes that it belongs to.
        rules: everything else that is said of it.
        messages: what is said to who breaks them, in all languages.
        deprecated: whether it should not be used any more.
    """

    anchor: str
    label: str
    short: str
    labels: tuple[Value, ...]
    descriptions: tuple[Value, ...]
    severity: Value | None
    targets: tuple[Value, ...]
    rules: tuple[Row, ...]
    messages: tuple[Value, ...]
    deprecated: bool


@dataclass(frozen=True, slots=True)
class FieldEntry:
    """A field with its shape, and the properties that lead from a device to its values."""

    field: FieldSummary
    shape: Shape
    path: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that belong together (sh:group)."""

    anchor: str
    label: str
    fields: Sequence[FieldEntry]


def shapes_page(profile: Profile, frame: Frame, about: str = SHAPES) -> str:
    """Return the page in HTML.

    Args:
        profile: the model.
        frame: what surrounds the page.
        about: the ontology of shapes whose names have plain anchors.
    """
    links = Links(profile, PART, about, {each: frame.path(each) for each in ("ontology", PART)})
    describer = Describer(profile, links)
    maker = _ShapeMaker(profile, links, describer)
    return render(
        "shapes.html",
        frame=frame,
        part=PART,
        title=describer.label(about),
        about=describer.short(about),
        comments=describer.texts(URIRef(about), (RDFS.comment, SKOS.definition)),
        groups=maker.groups(),
        others=maker.others(),
    )


class _ShapeMaker:
    """Puts shapes and fields into the form of the page."""

    def __init__(self, profile: Profile, links: Links, describer: Describer) -> None:
        self._profile = profile
        self._graph = graph_of(profile, PART)
        self._links = links
        self._describer = describer

    def groups(self) -> list[Group]:
        """Return the fields in their groups."""
        found: dict[str, list[FieldEntry]] = {}
        for field in self._profile.fields.values():
            found.setdefault(field.group or "", []).append(self._field(field))
        return [
            Group(
                self._links.anchors.get(iri, f"{_FIELDS}/{number}"),
                self._describer.label(iri) if iri else "fields",
                fields,
            )
            for number, (iri, fields) in enumerate(found.items())
        ]

    def others(self) -> list[Shape]:
        """Return everything in the graph that is neither a field nor a group of fields, the shape of devices first."""
        known: set[Node] = {URIRef(each) for each in self._profile.by_shape}
        known |= {URIRef(field.group) for field in self._profile.fields.values() if field.group}
        found = sorted(terms(self._profile, PART) - known, key=lambda each: (each != URIRef(self._profile.shape), each))
        return [self._shape(term, _OF_SHAPES) for term in found]

    def _field(self, field: Field) -> FieldEntry:
        path = tuple(self._describer.iri(each) for each in field.path)
        return FieldEntry(summary(self._describer, field), self._shape(URIRef(field.shape), _OF_FIELDS), path)

    def _shape(self, term: URIRef, without: frozenset[Node]) -> Shape:
        graph, describer = self._graph, self._describer
        holders = {str(each) for each in graph.subjects(SH.property, term) if isinstance(each, URIRef)}
        return Shape(
            anchor=self._links.anchors[str(term)],
            label=describer.label(term),
            short=describer.short(term),
            labels=describer.texts(term, (RDFS.label, SH.name)),
            descriptions=describer.texts(term, (SH.description, RDFS.comment, SKOS.definition)),
            severity=self._severity(term),
            targets=tuple(describer.iri(each) for each in sorted(holders)),
            rules=describer.rows(graph, term, lambda predicate, _: predicate not in without),
            messages=describer.texts(term, (SH.message,)),
            deprecated=is_deprecated(graph, term),
        )

    def _severity(self, term: URIRef) -> Value | None:
        """Return the severity of a shape, a violation if it states none (SHACL, section 2.1.4)."""
        stated = self._graph.value(term, SH.severity)
        kinds = set(self._graph.objects(term, RDF.type))
        is_shape = kinds & _SHAPES or str(term) in self._profile.by_shape or stated is not None
        return self._describer.iri(str(stated or SH.Violation)) if is_shape else None
