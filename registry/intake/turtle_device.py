"""A device as foreign triples describe it: sorted into what fields say, what follows from that, and what is neither.

SHACL judges the values afterwards. What is judged here is what shapes can't see, because they are open and because a
lexical form can be of the right datatype and still be no value of ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from registry.access import BOOKKEEPING
from registry.devices.documents import node_iris
from registry.intake.records import unfit
from registry.profile import Field, Profile
from registry.vocabulary import DEVICE, MODIFIED, WKT_LITERAL
from sparql.terms import DATE_TIME, DECIMAL, DOUBLE, INTEGER, JSON, TYPE, XSD, Iri, Literal, Term, Triple

_READ_AS_TEXT = frozenset({DATE_TIME, XSD.term("date"), DOUBLE, DECIMAL, INTEGER})
"""Datatypes whose lexical forms the codecs read from text, refusing INF, NaN and times without a zone."""


class TurtleDevice:
    """Collects the triples of one device.

    Args:
        profile: the profile in force.
        device: the focus node.
    """

    def __init__(self, profile: Profile, device: Iri) -> None:
        self._profile = profile
        self._device = device
        self._nodes = node_iris(profile, device)
        self._links = {item.path[0]: item.names[0] for item in profile.fields.values() if len(item.path) > 1}
        self._said: set[Triple] = set()
        self._types: list[Triple] = []
        self._derived: list[Triple] = []
        self._further: list[Triple] = []
        self._derived_predicates = profile.derived_predicates
        self.issues: dict[str, Any] = {}

    def add(self, triple: Triple) -> None:
        """Sort in one triple."""
        subject, predicate, value = triple
        field = self._profile.by_predicate.get(predicate)
        if subject.startswith("_:"):
            return  # reported where it is the object
        if subject not in self._nodes and (predicate in self._derived_predicates or predicate == TYPE):
            self._further.append(triple)
        elif subject not in self._nodes:
            self._refuse(f"<{subject}>", f"is no node of a device; these are {_among(self._nodes)}")
        elif isinstance(value, Iri) and value.startswith(("_:", "<<")):
            what = "a blank node" if value.startswith("_:") else "a triple term"
            example = f"<{self._device}#{next(iter(self._profile.nodes), 'part')}>"
            self._refuse(self._name(predicate), f"{what} is refused: use an IRI such as {example}")
        elif predicate in self._links:
            self._add_link(triple)
        elif field is not None:
            self._add_value(field, triple)
        elif predicate == TYPE and isinstance(value, Iri):
            self._types.append(triple)
        elif predicate in BOOKKEEPING:
            self._add_time(triple)
        elif predicate in self._derived_predicates:
            self._derived.append(triple)
        else:
            self._refuse(self._name(predicate), "no field stands for this predicate")

    def completed(self, moment: str) -> tuple[frozenset[Triple], Mapping[str, Any]]:
        """Return what was said with defaults, times and all that it entails, and the issues.

        Args:
            moment: the time for `_created` and `_updated` where they are absent.
        """
        self._add_class()
        present = {triple.predicate for triple in self._said}
        for field in self._profile.fields.values():
            default = moment if field.is_record else field.default
            if default is not None and field.predicate not in present:
                self._said.add(Triple(self._place(field), field.predicate, field.codec.encode(default)))
        whole = self._profile.with_nodes(self._profile.entailment.closed(self._stated()))
        self._check_derived(whole)
        return whole, self.issues

    def _add_link(self, triple: Triple) -> None:
        expected = Iri(f"{self._device}#{self._links[triple.predicate]}")
        if triple.subject != self._device or triple.object != expected:
            self._refuse(self._name(triple.predicate), f"must lead from <{self._device}> to <{expected}>")
        else:
            self._said.add(triple)

    def _add_value(self, field: Field, triple: Triple) -> None:
        value = triple.object
        reason: str | Mapping[str, Any] | None = None
        if triple.subject != self._place(field):
            reason = f"must stand at <{self._place(field)}>"
        elif field is self._profile.identity and field.codec.decode(value) != self._device.removeprefix("urn:uuid:"):
            reason = f"must be the UUID of the device's IRI, {self._device}"
        elif isinstance(value, Literal):
            reason = unfit(value.lexical) or _misread(field, value)
        if reason is None:
            self._said.add(_canonical(field, triple))
        else:
            self._refuse(field.name, reason)

    def _add_time(self, triple: Triple) -> None:
        """Keep the time at which a role's view last changed; the registry's own exports have it."""
        updated = self._profile.by_predicate[MODIFIED]
        if triple.subject != self._device or not isinstance(triple.object, Literal):
            self._refuse(self._name(triple.predicate), "must be a time at the device")
            return
        time = updated.codec.encode(triple.object.lexical)
        if isinstance(time, Iri) or not time.datatype == triple.object.datatype == DATE_TIME:
            self._refuse(self._name(triple.predicate), "must be of datetime type")
        else:
            self._said.add(Triple(self._device, triple.predicate, time))

    def _add_class(self) -> None:
        """Take the class from rdf:type where no field says it: the most specific one that has a code."""
        field = self._profile.class_field
        if field is None or any(triple.predicate == field.predicate for triple in self._said):
            return
        classes = self._profile.entailment.consequences[field.predicate].value_types
        types = {triple.object for triple in self._types if triple.subject == self._device}
        known = sorted(name for name in classes if name in types)
        above = {higher for name in known for higher in classes[name] if higher != name}
        lowest = [name for name in known if name not in above]
        if len(lowest) == 1:
            self._said.add(Triple(self._device, field.predicate, lowest[0]))
        elif lowest:
            self._refuse(field.name, f"is not said, and {_among(lowest)} are all types of the device")

    def _check_derived(self, whole: frozenset[Triple]) -> None:
        field = self._profile.class_field
        for triple in self._types:
            if triple not in whole and (field is None or field.name not in self.issues):
                self._refuse(self._name(TYPE), f"<{triple.object}> does not follow from what the device's fields say")
        for subject, predicate, value in self._derived:
            if not any((subject, predicate) == each[:2] and _same(value, each.object) for each in whole):
                self._refuse(self._name(predicate), "does not follow from what the device's fields say")
        for triple in self._further:
            if not any(triple[:2] == each[:2] and _same(triple.object, each.object) for each in whole):
                words = (
                    f"is no node of a device; these are {_among(self._nodes)}, and those that follow from its fields"
                )
                self._refuse(f"<{triple.subject}>", words)

    def _stated(self) -> Iterator[Triple]:
        yield Triple(self._device, TYPE, DEVICE)
        yield from self._said
        for triple in self._said:
            field = self._profile.by_predicate.get(triple.predicate)
            if field is None:
                continue
            if len(field.path) > 1:
                yield Triple(self._device, field.path[0], triple.subject)
            for predicate, value in field.codec.entailed(triple.object):
                yield Triple(self._device, predicate, value)

    def _place(self, field: Field) -> Iri:
        return self._device if len(field.path) == 1 else Iri(f"{self._device}#{field.names[0]}")

    def _name(self, predicate: Iri) -> str:
        field = self._profile.by_predicate.get(predicate)
        return field.name if field else f"<{predicate}>"

    def _refuse(self, name: str, reason: str | Mapping[str, Any]) -> None:
        place = self.issues
        if name in self._profile.fields:
            *parents, name = name.split(".")
            for parent in parents:
                place = place.setdefault(parent, {})
        place.setdefault(name, reason)


def _misread(field: Field, value: Literal) -> str | Mapping[str, Any] | None:
    if value.datatype in _READ_AS_TEXT:
        read = field.codec.encode(value.lexical)
        if isinstance(read, Iri) or read.datatype != value.datatype:
            return f"must be of {field.codec.kind} type: {value.lexical[:60]!r} as {_local(value.datatype)} is none"
    if value.datatype == WKT_LITERAL and value.lexical != value.lexical.strip():
        return f"must be of {field.codec.kind} type: there is white space around it"
    if field.codec.kind == "calendar" and value.datatype == JSON and field.codec.explain(value) is not None:
        return field.codec.explain(value)
    return None


def _canonical(field: Field, triple: Triple) -> Triple:
    """Return the triple with the one literal that the registry has for a calendar."""
    if field.codec.kind != "calendar" or not isinstance(triple.object, Literal) or triple.object.datatype != JSON:
        return triple
    return triple._replace(object=field.codec.encode(field.codec.decode(triple.object)))


def _local(datatype: Iri) -> str:
    return f"xsd:{datatype.removeprefix(XSD)}"


def _same(one: Term, other: Term) -> bool:
    number = _as_number(one)
    return one == other if number is None else number == _as_number(other)


def _as_number(term: Term) -> float | None:
    try:
        return float(term.lexical) if isinstance(term, Literal) else None
    except ValueError:
        return None


def _among(names: tuple[Iri, ...] | list[Iri]) -> str:
    return ", ".join(f"<{name}>" for name in names)
