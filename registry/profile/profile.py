"""The profile: ontology and shapes at one version, compiled (W3C PROF).

Every JSON name, codec, rule of visibility and superclass that the registry uses comes from here. It holds no
device, and nothing of HTTP.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property

from rdflib import Graph

from registry.principal import Role
from registry.profile.calendars import CalendarCodec
from registry.profile.codecs import CodeCodec
from registry.profile.entailment import Entailment
from registry.profile.field import Field
from sparql.terms import Iri, Triple


class ProfileError(Exception):
    """The Turtle can't be compiled; the message says which term is wrong and what would be right."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Profile:
    """Ontology and shapes at one version; equal to itself alone, so that what is made of it can be kept beside it.

    A profile equals itself alone, so that what is made from it can be kept beside it in a weak dictionary.

    Attributes:
        version: the ontology's owl:versionIRI.
        fields: the fields of a device by JSON name, in the order of sh:order.
        shape: the node shape of a device.
        stale_after: class that has a code -> how long its devices may be silent, if there is a limit.
        entailment: what the ontology entails of a device's triples.
        ontology: ontology and alignments, as parsed.
        shapes: the shapes graph, as parsed.
        prefixes: prefix -> namespace, as the Turtle declares them.
    """

    version: str
    fields: Mapping[str, Field]
    shape: Iri
    stale_after: Mapping[Iri, timedelta]
    entailment: Entailment = field(repr=False)
    ontology: Graph = field(repr=False)
    shapes: Graph = field(repr=False)
    prefixes: Mapping[str, str] = field(repr=False)

    @cached_property
    def objects(self) -> Mapping[str, Iri]:
        """Names of nested objects -> the predicate that links to their node: {"status": flex:status}."""
        return {item.names[0]: item.path[0] for item in self.fields.values() if "." in item.name}

    @cached_property
    def nodes(self) -> tuple[str, ...]:
        """The fragments of a device's further nodes: a device's status is `<device>#status` (decision D1)."""
        return tuple(dict.fromkeys(item.names[0] for item in self.fields.values() if len(item.path) > 1))

    @cached_property
    def by_shape(self) -> Mapping[Iri, Field]:
        """Property shape -> field."""
        return {item.shape: item for item in self.fields.values()}

    @cached_property
    def by_predicate(self) -> Mapping[Iri, Field]:
        """Predicate of the value -> field; no two fields share one."""
        return {item.predicate: item for item in self.fields.values()}

    @cached_property
    def identity(self) -> Field:
        """The field whose value names the device."""
        return self.fields["device_id"]

    @cached_property
    def class_field(self) -> Field | None:
        """The field whose values are classes, whose instance a device with the value is."""
        each = (item for item in self.fields.values() if isinstance(item.codec, CodeCodec) and item.codec.classes)
        return next(each, None)

    @cached_property
    def calendar_field(self) -> Field | None:
        """The field that says when a device can be used."""
        return next((item for item in self.fields.values() if isinstance(item.codec, CalendarCodec)), None)

    @cached_property
    def _fields_with_nodes(self) -> Mapping[Iri, Field]:
        return {item.predicate: item for item in self.fields.values() if item.codec.node_predicates}

    def with_nodes(self, triples: Collection[Triple]) -> frozenset[Triple]:
        """Return a device's triples with the further nodes that follow from them, such as availability windows.

        These are derived wherever a device's triples are wanted whole, and never read: no field stands for them.
        """
        found: set[Triple] = set()
        for subject, predicate, value in triples:
            field = self._fields_with_nodes.get(predicate)
            if field is not None:
                found.update(self.entailment.closed(field.codec.nodes(subject, value)))
        return frozenset(triples) | found

    @cached_property
    def stamped_field(self) -> Field | None:
        """The field that the registry sets when a device reports: when it was last heard of."""
        return next((item for item in self.fields.values() if item.stamped_by), None)

    @cached_property
    def derived_predicates(self) -> frozenset[Iri]:
        """The predicates of the triples that follow from what fields state: entailed ones, coordinates and cells."""
        codecs = [item.codec for item in self.fields.values()]
        derived = (predicates for codec in codecs for predicates in (codec.entailed_predicates, codec.node_predicates))
        return self.entailment.predicates.union(*derived)

    def keeps(self, name: str) -> bool:
        """Tell whether the registry itself keeps the field with this name, as the time of creation."""
        found = self.fields.get(name)
        return found is not None and found.is_record

    def visible(self, role: Role) -> tuple[Field, ...]:
        """Return the fields that `role` may see, in their order."""
        return self._visible[role]

    def visible_predicates(self, role: Role) -> frozenset[Iri]:
        """Return the predicates of the triples that state what `role` may see, and not what these entail."""
        return self._predicates[role]

    def shared_links(self, role: Role) -> frozenset[Iri]:
        """Return the predicates that lead to nested objects of whose members `role` sees some and others not."""
        return self._shared_links[role]

    @cached_property
    def _visible(self) -> Mapping[Role, tuple[Field, ...]]:
        return {role: tuple(item for item in self.fields.values() if role in item.visible_to) for role in Role}

    @cached_property
    def _predicates(self) -> Mapping[Role, frozenset[Iri]]:
        return {role: frozenset(self._stated(role)) for role in Role}

    @cached_property
    def _shared_links(self) -> Mapping[Role, frozenset[Iri]]:
        return {role: self._predicates[role] & self._links_of_hidden(role) for role in Role}

    def _stated(self, role: Role) -> set[Iri]:
        stated: set[Iri] = set()
        for item in self.visible(role):
            stated.update(item.path)
            stated.update(item.codec.entailed_predicates)
        return stated

    def _links_of_hidden(self, role: Role) -> set[Iri]:
        return {link for item in self.fields.values() if role not in item.visible_to for link in item.path[:-1]}
