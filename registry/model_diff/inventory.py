"""What a model holds: its terms, fields and rules, each with all that is said of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from rdflib import OWL, RDF, RDFS, SH, SKOS, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from registry.model_diff.values import Members, Value, sort_key, value_of
from registry.vocabulary import API

FIELD = URIRef(API.term("field"))
TARGETS = (SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf, SH.target)


class SubjectKind(StrEnum):
    """What a subject is, in words."""

    ONTOLOGY = "ontology"
    FIELD = "field"
    RULE = "rule"
    UNUSED_SHAPE = "unused shape"
    NODE_SHAPE = "node shape"
    GROUP = "property group"
    CLASS = "class"
    OBJECT_PROPERTY = "object property"
    DATATYPE_PROPERTY = "datatype property"
    ANNOTATION_PROPERTY = "annotation property"
    PROPERTY = "property"
    CODE_LIST = "code list"
    CODE = "code"
    INDIVIDUAL = "individual"
    FOREIGN = "term of another vocabulary"


_BY_TYPE: Mapping[Node, SubjectKind] = {
    OWL.Ontology: SubjectKind.ONTOLOGY,
    SH.NodeShape: SubjectKind.NODE_SHAPE,
    SH.PropertyGroup: SubjectKind.GROUP,
    OWL.Class: SubjectKind.CLASS,
    RDFS.Class: SubjectKind.CLASS,
    OWL.ObjectProperty: SubjectKind.OBJECT_PROPERTY,
    OWL.DatatypeProperty: SubjectKind.DATATYPE_PROPERTY,
    OWL.AnnotationProperty: SubjectKind.ANNOTATION_PROPERTY,
    RDF.Property: SubjectKind.PROPERTY,
    SKOS.ConceptScheme: SubjectKind.CODE_LIST,
    SKOS.Concept: SubjectKind.CODE,
}
"""rdf:type -> kind; the first that fits counts."""


@dataclass(frozen=True)
class Subject:
    """One thing that a model speaks of.

    Attributes:
        key: its IRI; for a blank node a text that says what it is or where it stands.
        kind: what it is.
        values: predicate -> values. A property shape has as sh:property the shapes that list it.
        about: the IRI to which changes are put down: its own, or that of the shape in which a blank node stands.
    """

    key: str
    kind: SubjectKind
    values: Mapping[URIRef, frozenset[Value]]
    about: str

    @property
    def is_named(self) -> bool:
        """Whether it has an IRI of its own."""
        return self.key == self.about and not self.key.startswith(("[", "("))

    @property
    def term(self) -> URIRef | Literal:
        """Its IRI; a text for a blank node."""
        return URIRef(self.key) if self.is_named else Literal(self.key)

    def one(self, predicate: URIRef) -> Value | None:
        """Return the value of `predicate`, the first of several, None without any."""
        return min(self.values.get(predicate, ()), key=sort_key, default=None)

    def said(self, predicates: Iterable[URIRef]) -> frozenset[tuple[URIRef, Value]]:
        """Return all that is said by some predicates."""
        return frozenset((name, value) for name in predicates for value in self.values.get(name, ()))

    @property
    def field(self) -> str | None:
        """The name in JSON, if it is a field."""
        name = self.one(FIELD)
        return str(name) if isinstance(name, Literal) else None

    @property
    def path(self) -> tuple[Value, ...]:
        """The steps of sh:path."""
        path = self.one(SH.path)
        return path.members if isinstance(path, Members) else () if path is None else (path,)

    @property
    def is_required(self) -> bool:
        """Whether sh:minCount asks for a value."""
        count = self.one(SH.minCount)
        return isinstance(count, Literal) and isinstance(count.value, int) and count.value > 0


class Inventory:
    """All subjects of a model."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    @cached_property
    def subjects(self) -> Mapping[str, Subject]:
        """Key -> subject."""
        found = [self._named(node) for node in set(self.graph.subjects()) if isinstance(node, URIRef)]
        return {subject.key: subject for subject in (*found, *self._nested(), *self._nameless())}

    @cached_property
    def fields(self) -> Mapping[str, Subject]:
        """Name in JSON -> field."""
        return {each.field: each for each in self.subjects.values() if each.kind == SubjectKind.FIELD and each.field}

    @cached_property
    def fields_of_properties(self) -> Mapping[Value, tuple[str, ...]]:
        """Property at the end of a path -> the names of its fields."""
        found: defaultdict[Value, list[str]] = defaultdict(list)
        for name, field in sorted(self.fields.items()):
            for step in field.path[-1:]:
                found[step].append(name)
        return {step: tuple(names) for step, names in found.items()}

    @cached_property
    def codes_in_use(self) -> frozenset[Value]:
        """What the fields allow by sh:in."""
        lists = (field.one(SH["in"]) for field in self.fields.values())
        return frozenset(member for each in lists if isinstance(each, Members) for member in each.members)

    def superclasses(self, name: str) -> frozenset[Node]:
        """Return the classes that a class stands under by one step or several, without itself."""
        node = URIRef(name)
        found = self.graph.transitive_objects(node, RDFS.subClassOf)
        return frozenset(each for each in found if each is not None and each != node)

    def _named(self, node: URIRef) -> Subject:
        values = self._values(node)
        kind = self._kind(node)
        if kind == SubjectKind.UNUSED_SHAPE:
            values.pop(FIELD, None)
        return Subject(str(node), kind, values, str(node))

    def _kind(self, node: Node) -> SubjectKind:
        if self._is_property_shape(node):
            if not self._is_used(node):
                return SubjectKind.UNUSED_SHAPE
            return SubjectKind.FIELD if (node, FIELD, None) in self.graph else SubjectKind.RULE
        types = set(self.graph.objects(node, RDF.type))
        if any((node, predicate, None) in self.graph for predicate in (SH.property, *TARGETS)):
            types.add(SH.NodeShape)
        named = (kind for name, kind in _BY_TYPE.items() if name in types)
        return next(named, SubjectKind.INDIVIDUAL if types else SubjectKind.FOREIGN)

    def _is_property_shape(self, node: Node) -> bool:
        return (node, SH.path, None) in self.graph or (node, RDF.type, SH.PropertyShape) in self.graph

    def _is_used(self, node: Node) -> bool:
        return (None, SH.property, node) in self.graph or any((node, name, None) in self.graph for name in TARGETS)

    def _values(self, node: Node) -> dict[URIRef, frozenset[Value]]:
        found: defaultdict[URIRef, set[Value]] = defaultdict(set)
        for predicate, value in self.graph.predicate_objects(node):
            if predicate != SH.property:
                found[URIRef(str(predicate))].add(value_of(self.graph, value, predicate))
        owners = {owner for owner in self.graph.subjects(SH.property, node) if isinstance(owner, URIRef)}
        if owners:
            found[SH.property] |= owners
        return {predicate: frozenset(values) for predicate, values in found.items()}

    def _nested(self) -> Iterator[Subject]:
        """Yield the blank property shapes, which are known by the shape that lists them and by their path."""
        seen: Counter[str] = Counter()
        blank = ((owner, node) for owner, node in self.graph.subject_objects(SH.property) if isinstance(node, BNode))
        placed = [(owner, node, sort_key(value_of(self.graph, node))) for owner, node in blank]
        for owner, node, _ in sorted(placed, key=lambda each: each[2]):
            if isinstance(owner, URIRef):
                path = self.graph.value(node, SH.path)
                place = f"{owner} {sort_key(value_of(self.graph, path)) if path is not None else ''}"
                seen[place] += 1
                key = place if seen[place] == 1 else f"{place} {seen[place]}"
                yield Subject(key, self._kind(node), self._values(node), str(owner))

    def _nameless(self) -> Iterator[Subject]:
        """Yield the blank nodes that no IRI leads to; each is known by all that is said of it."""
        blank = {node for node in self.graph.subjects() if isinstance(node, BNode)}
        reached = self._reached(node for node in self.graph.subjects() if isinstance(node, URIRef))
        roots = {node for node in blank - reached if (None, None, node) not in self.graph}
        for node in roots | (blank - reached - self._reached(roots)):
            key = sort_key(value_of(self.graph, node))
            yield Subject(key, self._kind(node), self._values(node), key)

    def _reached(self, starts: Iterable[Node]) -> set[Node]:
        waiting, reached = [*set(starts)], set[Node]()
        while waiting:
            node = waiting.pop()
            if node not in reached:
                reached.add(node)
                waiting += [value for value in self.graph.objects(node) if isinstance(value, BNode)]
        return reached
