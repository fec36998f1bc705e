"""What the ontology entails of one device: the rules of OWL 2 RL that need one triple, compiled into tables.

Followed are rdfs:subClassOf, owl:equivalentClass, rdfs:subPropertyOf, owl:equivalentProperty, owl:inverseOf,
owl:SymmetricProperty, rdfs:domain and rdfs:range, between names. So each entailed triple follows from one stated
triple, which is what makes it known who may see it (decision D5). It is said of the device's own nodes alone: what
follows for others, such as that an aggregator is an organisation, belongs to no device. Not followed are axioms with
blank nodes, rules that join several triples (chains, transitive properties, keys), and SKOS, whose matches entail
nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from types import MappingProxyType
from typing import NamedTuple, TypeVar

from rdflib import OWL, RDF, RDFS, Graph
from rdflib.term import URIRef

from registry.profile.codecs import CodeCodec
from registry.profile.field import Field
from registry.vocabulary import DEVICE
from sparql.terms import TYPE, Iri, Triple

_TRIVIAL = frozenset({OWL.Thing, RDFS.Resource})
"""Classes of everything, whose membership says nothing."""

_NONE: frozenset[Iri] = frozenset()
_State = TypeVar("_State")


class Consequences(NamedTuple):
    """What a triple entails by its predicate.

    Attributes:
        predicates: the predicates that relate its subject to its object too.
        inverses: those that relate its object to its subject.
        subject_types: the classes of its subject.
        object_types: the classes of its object.
        value_types: object -> the classes of its subject.
    """

    predicates: tuple[Iri, ...] = ()
    inverses: tuple[Iri, ...] = ()
    subject_types: frozenset[Iri] = frozenset()
    object_types: frozenset[Iri] = frozenset()
    value_types: Mapping[Iri, frozenset[Iri]] = MappingProxyType({})


class Axioms:
    """The terminological part of an ontology, closed for one class or one property at a time."""

    def __init__(self, ontology: Graph) -> None:
        self._ontology = ontology

    def classes(self, name: Iri) -> frozenset[Iri]:
        """Return the classes of every instance of the class `name`, itself among them."""
        found = _closure(URIRef(name), self._above)
        return frozenset(Iri(each) for each in found if each not in _TRIVIAL)

    def consequences(self, predicate: Iri) -> Consequences:
        """Return what a triple with `predicate` entails, beside itself."""
        related = _closure((URIRef(predicate), True), self._related)
        subjects: set[Iri] = set()
        objects: set[Iri] = set()
        for name, forward in related:
            for axiom, ends in ((RDFS.domain, forward), (RDFS.range, not forward)):
                types = (self.classes(Iri(each)) for each in self._named(name, axiom))
                (subjects if ends else objects).update(*types)
        return Consequences(
            predicates=tuple(sorted(Iri(name) for name, forward in related if forward and name != URIRef(predicate))),
            inverses=tuple(sorted(Iri(name) for name, forward in related if not forward)),
            subject_types=frozenset(subjects),
            object_types=frozenset(objects),
        )

    def _above(self, name: URIRef) -> Iterator[URIRef]:
        yield from self._named(name, RDFS.subClassOf)
        yield from self._equal(name, OWL.equivalentClass)

    def _related(self, state: tuple[URIRef, bool]) -> Iterator[tuple[URIRef, bool]]:
        """Yield properties one axiom away, each with whether it leads from the subject to the object."""
        name, forward = state
        for other in (*self._named(name, RDFS.subPropertyOf), *self._equal(name, OWL.equivalentProperty)):
            yield other, forward
        for other in self._equal(name, OWL.inverseOf):
            yield other, not forward
        if (name, RDF.type, OWL.SymmetricProperty) in self._ontology:
            yield name, not forward

    def _equal(self, name: URIRef, axiom: URIRef) -> Iterator[URIRef]:
        yield from self._named(name, axiom)
        yield from (each for each in self._ontology.subjects(axiom, name) if isinstance(each, URIRef))

    def _named(self, name: URIRef, axiom: URIRef) -> Iterator[URIRef]:
        yield from (each for each in self._ontology.objects(name, axiom) if isinstance(each, URIRef))


class Entailment:
    """The tables of one profile, by the predicates of stated triples.

    Args:
        axioms: the ontology's.
        fields: whose triples are stated, beside the one that says of each device that it is one.
    """

    def __init__(self, axioms: Axioms, fields: Iterable[Field]) -> None:
        self.device_types = axioms.classes(DEVICE)
        self.consequences: dict[Iri, Consequences] = {TYPE: Consequences(value_types={DEVICE: self.device_types})}
        for item in fields:
            given = self.device_types
            *links, last = item.path
            for link in links:
                self.consequences[link] = axioms.consequences(link)
                given = self.consequences[link].object_types
            for predicate in (last, *item.codec.entailed_predicates):
                row = axioms.consequences(predicate)
                # What a value leads to is no node of the device. Of its subject the rest is known without it.
                new = row.subject_types - (given if predicate == last else self.device_types)
                self.consequences[predicate] = row._replace(inverses=(), object_types=frozenset(), subject_types=new)
            self.consequences |= {name: axioms.consequences(name) for name in item.codec.node_predicates}
            if isinstance(item.codec, CodeCodec) and item.codec.classes:
                types = {name: axioms.classes(name) | self.device_types for name in item.codec.classes}
                self.consequences[last] = self.consequences[last]._replace(value_types=types)
        self._effective = {name: row for name, row in self.consequences.items() if any(row)}

    @cached_property
    def predicates(self) -> frozenset[Iri]:
        """The predicates of all triples that can be entailed."""
        rows = self.consequences.values()
        return frozenset({TYPE}.union(*(row.predicates for row in rows), *(row.inverses for row in rows)))

    def closed(self, stated: Iterable[Triple]) -> set[Triple]:
        """Return the stated triples of one device and all that they entail.

        For each value of a nested object the triple that leads to the object is taken to be stated too.
        """
        whole = set(stated)
        types: dict[Iri, frozenset[Iri]] = {}
        for subject, predicate, value in tuple(whole):
            row = self._effective.get(predicate)
            if row is None:
                continue
            whole.update([Triple(subject, name, value) for name in row.predicates])
            found = row.subject_types
            if isinstance(value, Iri):
                found |= row.value_types.get(value, _NONE)
                if row.object_types:
                    types[value] = types.get(value, _NONE) | row.object_types
                whole.update([Triple(value, name, subject) for name in row.inverses])
            if found:
                types[subject] = types.get(subject, _NONE) | found
        for subject, names in types.items():
            whole.update([Triple(subject, TYPE, name) for name in names])
        return whole


def _closure(begin: _State, step: Callable[[_State], Iterable[_State]]) -> set[_State]:
    found, waiting = {begin}, [begin]
    while waiting:
        new = set(step(waiting.pop())) - found
        found |= new
        waiting += new
    return found
