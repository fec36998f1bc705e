"""The rules that contracts are judged by, as shapes/contract.ttl has them: whom each asks, and what it depends on.

A rule is a property shape, or a node shape for what else it says, of a node shape that targets contracts, their assets,
or the subjects of a property of theirs (SHACL, section 2.1.3). What a rule says of a node depends on the values of the
predicates that it mentions and on nothing else, so nodes with the same ones are asked about once.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from rdflib import RDF, RDFS, SH, Graph
from rdflib.collection import Collection
from rdflib.term import BNode, Node, URIRef

from registry.devices.messages import Message
from registry.devices.validation import ShapeJudge, ShapesError
from registry.profile import Profile
from registry.vocabulary import API, FLEX
from sparql.graph_formats import to_term
from sparql.terms import DOUBLE, TYPE, Iri, Literal, Triple

CONTRACT, ASSET_CLASS = FLEX.term("Contract"), FLEX.term("ContractAsset")
_OURS = {URIRef(CONTRACT), URIRef(ASSET_CLASS), URIRef(FLEX.term("Agreement"))}
_REASON = URIRef(API.term("reason"))
_OPAQUE = {SH.sparql, SH.closed}
_COUNTING = {SH.path, SH.minCount, SH.maxCount}
_ABOUT_VALUES = {SH.path, SH.maxCount, SH.datatype, SH.nodeKind, SH["in"], SH["class"], SH.pattern, SH.flags} | {
    *(SH.minInclusive, SH.maxInclusive, SH.minExclusive, SH.maxExclusive, SH.minLength, SH.maxLength),
    *(SH.lessThan, SH.lessThanOrEquals, SH["not"]),
}
"""Predicates of a property shape whose constraints hold wherever there is no value (SHACL, section 4)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One reason for which a contract can be refused.

    Attributes:
        shape: the shape that is asked.
        code: the reason for programs (api:reason).
        message: the reason for people (sh:message).
        path: the predicates that lead to the values; none for a rule across several.
        target_class: the class whose instances are asked about, if it is said by a class.
        target_subjects_of: the predicate whose subjects are asked about, if it is said so.
        mentions: the predicates on whose values the answer depends.
        opaque: whether it may depend on anything.
        counts: whether it depends on the number of values alone.
        about_values: whether it holds wherever its path leads to nothing.
    """

    shape: Iri
    code: str
    message: Message
    path: tuple[Iri, ...]
    target_class: Iri | None
    target_subjects_of: Iri | None
    mentions: tuple[Iri, ...]
    opaque: bool
    counts: bool
    about_values: bool


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules of a model.

    Attributes:
        rules: in the order in which reasons are given.
        mentions: the predicates that any of them mentions.
        judge: asks their shapes.
        known: what was found out about nodes that agree in all that a rule depends on, so that it is asked once: the
            rule's shape and these values -> the constraint component that is broken, if one is.
    """

    rules: tuple[Rule, ...]
    mentions: frozenset[Iri]
    judge: ShapeJudge
    known: dict[Hashable, str | None] = field(default_factory=dict)


_kept: WeakKeyDictionary[Profile, Rules] = WeakKeyDictionary()


def contract_rules(profile: Profile) -> Rules:
    """Return the rules for contracts in a model."""
    found = _kept.get(profile)
    if found is None:
        found = _kept[profile] = _read(profile)
    return found


def probe(profile: Profile) -> None:
    """Ask every rule about a node with a text and a number for all that it mentions: is there one that can't be asked?

    Raises:
        ShapesError: says which shape is written wrong.
    """
    rules, node, device = contract_rules(profile), Iri("urn:probe"), Iri("urn:probe:device")
    asset = FLEX.term("asset")
    for rule in rules.rules:
        values = [Literal("probe"), Literal("1", DOUBLE)]
        mentioned = [name for name in rule.mentions if name not in {TYPE, asset}]
        triples = [Triple(each, name, value) for name in mentioned for each in (node, device) for value in values]
        try:
            rules.judge.broken(rule.shape, [*triples, Triple(node, asset, device)], [node])
        except Exception as error:  # noqa: BLE001  pyshacl lets through whatever a constraint's value brings about
            raise ShapesError(f"{rule.shape}: {str(error).partition(chr(10))[0]}") from None


def _read(profile: Profile) -> Rules:
    shapes = profile.shapes
    graph = Graph(bind_namespaces="none")
    rules: list[tuple[float, str, Rule]] = []
    for owner, target in _targeted(profile):
        asked = [each for each in shapes.objects(owner, SH.property) if _active(shapes, each)]
        for each in asked:
            graph += _part(shapes, each)
            graph.add((each, RDF.type, SH.PropertyShape))
        own = _part(shapes, owner, without=SH.property)
        if any(predicate not in _FOR_PEOPLE and predicate != RDF.type for predicate in own.predicates(owner)):
            graph += own
            asked.append(owner)
        rules += [(_order(shapes, each), str(each), _rule(shapes, each, owner, target)) for each in asked]
    found = tuple(dict.fromkeys(rule for _, _, rule in sorted(rules, key=lambda item: item[:2])))
    return Rules(found, frozenset().union(*(rule.mentions for rule in found)), ShapeJudge(graph))


_FOR_PEOPLE = {RDFS.label, RDFS.comment, SH.name, SH.description, SH.message, SH.order, SH.group, SH.severity} | {
    *(SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf, SH.targetNode, SH.property, SH.deactivated, _REASON)
}


def _targeted(profile: Profile) -> Iterator[tuple[URIRef, tuple[Iri | None, Iri | None]]]:
    """Yield the node shapes about contracts with their targets."""
    shapes, ontology = profile.shapes, profile.ontology
    for owner, name in sorted(shapes.subject_objects(SH.targetClass)):
        if isinstance(owner, URIRef) and name in _OURS and _active(shapes, owner):
            yield owner, (Iri(str(name)), None)
    for owner, name in sorted(shapes.subject_objects(SH.targetSubjectsOf)):
        ours = not _OURS.isdisjoint(ontology.objects(name, RDFS.domain))
        if isinstance(owner, URIRef) and ours and _active(shapes, owner):
            yield owner, (None, Iri(str(name)))


def _rule(shapes: Graph, shape: Node, owner: URIRef, target: tuple[Iri | None, Iri | None]) -> Rule:
    part = _part(shapes, shape, without=SH.property if shape == owner else None)
    name = Iri(str(shape))
    code = shapes.value(shape, _REASON)
    constraints = {each for each in part.predicates(shape) if each != RDF.type and each not in _FOR_PEOPLE}
    path = _path(shapes, shape)
    return Rule(
        shape=name,
        code=str(code) if code is not None else name.rpartition("#")[2].rpartition("/")[2],
        message=_message(shapes, shape) or _message(shapes, owner),
        path=path,
        target_class=target[0],
        target_subjects_of=target[1],
        mentions=tuple(sorted(_mentions(part))),
        opaque=any(predicate in _OPAQUE for predicate in part.predicates()),
        counts=len(path) == 1 and constraints <= _COUNTING,
        about_values=len(path) > 0 and constraints <= _ABOUT_VALUES,
    )


def _message(shapes: Graph, shape: Node) -> Message:
    terms = map(to_term, shapes.objects(shape, SH.message))
    return Message(term for term in terms if isinstance(term, Literal))


def _path(shapes: Graph, shape: Node) -> tuple[Iri, ...]:
    head = shapes.value(shape, SH.path)
    if head is None or isinstance(head, URIRef):
        return () if head is None else (Iri(head),)
    if (head, RDF.first, None) not in shapes:  # an inverse, an alternative or a repetition
        return ()
    steps = list(Collection(shapes, head))
    return tuple(Iri(step) for step in steps if isinstance(step, URIRef))


def _mentions(part: Graph) -> set[Iri]:
    """Return all names that a shape leads to, and so all predicates; with rdf:type, where it asks for a class."""
    found = {Iri(str(value)) for value in part.objects() if isinstance(value, URIRef)}
    return (
        found | {TYPE} if any(predicate in {SH["class"], SH.targetClass} for predicate in part.predicates()) else found
    )


def _part(shapes: Graph, start: Node, without: Node | None = None) -> Graph:
    """Return what is said of a shape and of the blank nodes and shapes that it leads to."""
    part = Graph(bind_namespaces="none")
    waiting, seen = [start], {start}
    while waiting:
        node = waiting.pop()
        for predicate, value in shapes.predicate_objects(node):
            if node == start and predicate == without:
                continue
            part.add((node, predicate, value))
            leads = isinstance(value, BNode) or predicate in {SH.node, SH.property, SH["not"], RDF.first}
            if leads and value not in seen:
                seen.add(value)
                waiting.append(value)
    return part


def _active(shapes: Graph, shape: Node) -> bool:
    return isinstance(shape, URIRef) and str(shapes.value(shape, SH.deactivated) or "").lower() not in {"true", "1"}


def _order(shapes: Graph, shape: Node) -> float:
    return float(str(shapes.value(shape, SH.order) or "inf"))
