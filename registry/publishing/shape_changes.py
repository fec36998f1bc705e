"""Which shapes of a candidate judge devices otherwise than before, and on which triples of a device each one depends.

A device that met a shape meets it still where the shape says the same. Most shapes look at few predicates, so that
many devices look alike to them, and one of each kind needs to be judged.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rdflib import RDF, SH, Graph
from rdflib.compare import to_isomorphic
from rdflib.term import BNode, Node, URIRef

from registry.devices.validation import constrains
from registry.profile import Profile
from sparql.terms import Iri

_OTHER_PATHS = {SH.inversePath, SH.alternativePath, SH.zeroOrMorePath, SH.oneOrMorePath, SH.zeroOrOnePath}
_NAMED = (SH.lessThan, SH.lessThanOrEquals, SH.equals, SH.disjoint)
_SILENT = {SH.message, SH.severity, SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf}
"""What neither changes whether a device conforms nor, as the devices are named, who is judged."""
_BY_TRIPLES = {RDF.type, RDF.first, RDF.rest, SH.path, SH.deactivated, *_NAMED} | {
    *(SH.minCount, SH.maxCount, SH.datatype, SH.nodeKind, SH["in"], SH.hasValue, SH.languageIn, SH.uniqueLang),
    *(SH.minInclusive, SH.maxInclusive, SH.minExclusive, SH.maxExclusive),
    *(SH.pattern, SH.flags, SH.minLength, SH.maxLength),
    *(SH["and"], SH["or"], SH["not"], SH.xone, SH.node, SH.property),
    *(SH.qualifiedValueShape, SH.qualifiedMinCount, SH.qualifiedMaxCount, SH.qualifiedValueShapesDisjoint),
}
"""Constraints whose outcome depends on the triples with the predicates that they name, and on nothing else."""


@dataclass(frozen=True, slots=True)
class ShapeChange:
    """A shape that must be asked about the devices that are there.

    Attributes:
        shape: a property shape of the device's node shape, or this node shape without its property shapes.
        predicates: those whose triples decide; None when any triple may.
    """

    shape: Iri
    predicates: frozenset[Iri] | None


def shape_changes(old: Profile, new: Profile) -> list[ShapeChange]:
    """Return the shapes of `new` that are not in `old` or constrain otherwise there, in a stable order."""
    before, after = _constraints(old), _constraints(new)
    return [
        ShapeChange(Iri(str(shape)), _predicates(graph))
        for shape, graph in sorted(after.items())
        if shape not in before or to_isomorphic(before[shape]) != to_isomorphic(graph)
    ]


def _constraints(profile: Profile) -> dict[Node, Graph]:
    """Return what each shape says, with all that it refers to; annotations for people left out."""
    node = URIRef(profile.shape)
    shapes = Graph(bind_namespaces="none")
    for triple in profile.shapes:
        if constrains(triple[1]) and triple[1] not in _SILENT:
            shapes.add(triple)
    properties = list(shapes.objects(node, SH.property))
    shapes.remove((node, SH.property, None))
    return {shape: _closure(shapes, shape) for shape in (node, *properties)}


def _closure(shapes: Graph, start: Node) -> Graph:
    found, todo, seen = Graph(bind_namespaces="none"), [start], {start}
    while todo:
        for triple in shapes.triples((todo.pop(), None, None)):
            found.add(triple)
            value = triple[2]
            if value not in seen and isinstance(value, BNode | URIRef):
                seen.add(value)
                todo.append(value)
    return found


def _predicates(constraints: Graph) -> frozenset[Iri] | None:
    if not set(constraints.predicates()) <= _BY_TRIPLES:
        return None
    found = {Iri(str(value)) for name in _NAMED for value in constraints.objects(None, name)}
    for path in constraints.objects(None, SH.path):
        if set(constraints.predicates(path)) & _OTHER_PATHS:
            return None
        found.update(_steps(constraints, path))
    return frozenset(found)


def _steps(constraints: Graph, path: Node) -> Iterator[Iri]:
    if isinstance(path, URIRef):
        yield Iri(str(path))
    else:
        for step in constraints.items(path):
            yield from _steps(constraints, step)
