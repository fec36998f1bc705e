"""Which subject of the new model is which of the old one, so that a new name is told as such.

Terms are the same by their IRI. One that is gone and one that is new are the same if something else about them is,
and nothing like it is said of a third. Fields are the same by their name in JSON, else by their path.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping
from dataclasses import dataclass

from rdflib import RDFS, SH, SKOS, Graph, URIRef

from registry.model_diff.inventory import TARGETS, Inventory, Subject, SubjectKind

_PROPERTY_SHAPES = {SubjectKind.FIELD, SubjectKind.RULE, SubjectKind.UNUSED_SHAPE}


@dataclass(frozen=True)
class Pair:
    """A subject in both models; None where it is in one alone."""

    old: Subject | None
    new: Subject | None


def renamed_terms(before: Inventory, after: Inventory) -> Mapping[URIRef, URIRef]:
    """Return old IRI -> new IRI of each term, node shape and group that has got another."""
    found: dict[URIRef, URIRef] = {}
    for evidence in (_code, _step, _target, _words):
        lost = _by_evidence(evidence, before, after, found.keys())
        fresh = _by_evidence(evidence, after, before, found.values())
        found |= {URIRef(old): URIRef(fresh[what]) for what, old in lost.items() if what in fresh}
    return found


def substituted(graph: Graph, names: Mapping[URIRef, URIRef]) -> Graph:
    """Return a graph in which old IRIs are replaced by new ones."""
    result = Graph(bind_namespaces="none")
    for triple in graph:
        subject, predicate, value = (names.get(part, part) if isinstance(part, URIRef) else part for part in triple)
        result.add((subject, predicate, value))
    return result


def pairs(before: Inventory, after: Inventory) -> Iterator[Pair]:
    """Yield all subjects of both models, each with its counterpart."""
    lost = {key: each for key, each in before.subjects.items() if each.kind in _PROPERTY_SHAPES}
    fresh = {key: each for key, each in after.subjects.items() if each.kind in _PROPERTY_SHAPES}
    for same in (_name_and_path, _name, _path, _key, _owner_and_path):
        old, new = _unique(same, lost.values()), _unique(same, fresh.values())
        for what in old.keys() & new.keys():
            yield Pair(lost.pop(old[what].key), fresh.pop(new[what].key))
    yield from (Pair(each, None) for each in lost.values())
    yield from (Pair(None, each) for each in fresh.values())
    for key in before.subjects.keys() | after.subjects.keys():
        both = [model.subjects.get(key) for model in (before, after)]
        was, now = (None if each is None or each.kind in _PROPERTY_SHAPES else each for each in both)
        if was or now:
            yield Pair(was, now)


def _by_evidence(
    evidence: Callable[[Inventory, Subject], Iterator[Hashable]],
    model: Inventory,
    other: Inventory,
    known: Collection[URIRef],
) -> dict[Hashable, str]:
    """Return what tells the terms apart that only `model` has -> IRI."""
    only = [
        subject
        for key, subject in model.subjects.items()
        if key not in other.subjects and subject.is_named and URIRef(key) not in known
    ]
    found = [(what, each.key) for each in only if each.kind not in _PROPERTY_SHAPES for what in evidence(model, each)]
    counts = Counter(what for what, _ in found)
    return {what: key for what, key in found if counts[what] == 1}


def _code(_: Inventory, subject: Subject) -> Iterator[Hashable]:
    for notation in subject.values.get(SKOS.notation, ()):
        yield subject.kind, subject.values.get(SKOS.inScheme), notation


def _step(model: Inventory, subject: Subject) -> Iterator[Hashable]:
    for name, field in model.fields.items():
        for place, step in enumerate(field.path):
            if step == subject.term:
                yield name, place, len(field.path)


def _target(_: Inventory, subject: Subject) -> Iterator[Hashable]:
    targets = subject.said(TARGETS)
    if targets:
        yield subject.kind, targets


def _words(_: Inventory, subject: Subject) -> Iterator[Hashable]:
    words = subject.said((RDFS.label, SKOS.definition, RDFS.comment))
    if words:
        yield subject.kind, words


def _unique(criterion: Callable[[Subject], Hashable | None], subjects: Collection[Subject]) -> dict[Hashable, Subject]:
    found = [(criterion(subject), subject) for subject in subjects]
    counts = Counter(what for what, _ in found)
    return {what: subject for what, subject in found if what is not None and counts[what] == 1}


def _name_and_path(shape: Subject) -> Hashable | None:
    return (shape.field, shape.path) if shape.field else None


def _name(shape: Subject) -> Hashable | None:
    return shape.field


def _path(shape: Subject) -> Hashable | None:
    return shape.path if shape.field else None


def _key(shape: Subject) -> Hashable | None:
    return shape.key


def _owner_and_path(shape: Subject) -> Hashable | None:
    return (shape.kind, shape.values.get(SH.property), shape.path)
