"""The entries of a diff: what is new, gone or renamed as a whole, and each aspect in which a subject differs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from rdflib import RDF, RDFS, SKOS, Literal, URIRef

from registry.model_diff.aspect import Aspect, Both, Found, three
from registry.model_diff.change import Change
from registry.model_diff.inventory import Inventory, Subject, SubjectKind
from registry.model_diff.kinds import KINDS
from registry.model_diff.matching import Pair
from registry.model_diff.rule_aspects import RULE_ASPECTS, added_field
from registry.model_diff.term_aspects import TERM_ASPECTS
from registry.model_diff.values import Value, machine_text
from registry.model_diff.versions import VERSION_PREDICATES
from registry.model_diff.wording import Wording
from registry.vocabulary import API, SH

ASPECTS = (*RULE_ASPECTS, *TERM_ASPECTS)
KNOWN = frozenset(predicate for aspect in ASPECTS for predicate in aspect.predicates)
"""The predicates that have words of their own."""
_TERM = ("term-added", "term-removed", "term-renamed")
_WHOLE: Mapping[SubjectKind, tuple[str, str, str]] = {
    SubjectKind.ONTOLOGY: ("ontology-added", "ontology-removed", "ontology-renamed"),
    SubjectKind.RULE: ("rule-added", "rule-removed", "rule-renamed"),
    SubjectKind.UNUSED_SHAPE: ("unused-shape-added", "unused-shape-removed", "rule-renamed"),
    SubjectKind.NODE_SHAPE: ("rule-added", "rule-removed", "rule-renamed"),
    SubjectKind.GROUP: ("group-added", "group-removed", "group-renamed"),
    SubjectKind.ANNOTATION_PROPERTY: ("annotation-property-added", "annotation-property-removed", "term-renamed"),
}
"""What a subject is told as that is new, gone or renamed, unless as a term."""


@dataclass(frozen=True)
class Entries:
    """Makes the entries of a diff.

    Attributes:
        before: the old model, with the new names of its terms.
        after: the new model.
        wording: words for what they hold.
        old_names: new IRI of a renamed term -> its old one.
    """

    before: Inventory
    after: Inventory
    wording: Wording
    old_names: Mapping[str, URIRef]

    def of(self, pair: Pair) -> Iterator[Change]:
        """Yield the entries for a subject and its counterpart."""
        old, new = pair.old, pair.new
        if old is not None and new is not None:
            yield from self._renaming(old, new)
            yield from self._differences(old, new)
        elif new is not None:
            yield from self._added(new)
        elif old is not None:
            yield from self._removed(old)

    def _added(self, subject: Subject) -> Iterator[Change]:
        if subject.kind == SubjectKind.FOREIGN:
            yield from self._differences(_nothing(subject), subject)
        else:
            field = subject.kind == SubjectKind.FIELD
            kind = added_field(subject) if field else _WHOLE.get(subject.kind, _TERM)[0]
            yield self._whole(subject, Found(kind, None, subject.term))

    def _removed(self, subject: Subject) -> Iterator[Change]:
        if subject.kind == SubjectKind.FOREIGN:
            yield from self._differences(subject, _nothing(subject))
        else:
            kind = "field-removed" if subject.kind == SubjectKind.FIELD else _WHOLE.get(subject.kind, _TERM)[1]
            yield self._whole(subject, Found(kind, subject.term, None))

    def _renaming(self, old: Subject, new: Subject) -> Iterator[Change]:
        kind = "shape-renamed" if new.kind == SubjectKind.FIELD else _WHOLE.get(new.kind, _TERM)[2]
        former = self.old_names.get(new.key)
        if former is not None:
            yield self._whole(new, Found(kind, former, new.term), f"the {new.kind} `{self.wording.iri(former)}`")
        elif old.key != new.key and (old.is_named or new.is_named):
            yield self._whole(new, Found(kind, old.term, new.term), self._called(old))

    def _whole(self, subject: Subject, found: Found, was: str = "") -> Change:
        details = self.wording.details(subject) if subject.kind == SubjectKind.FIELD else self._place(subject)
        words = {"the": self._called(subject), "was": was, "details": details}
        for which, value in (("old", found.old), ("new", found.new)):
            words[which] = f"`{self.wording.iri(value)}`" if isinstance(value, URIRef) else "one without an IRI"
        return self._change(Found(found.kind, found.old, found.new, words), subject, None)

    def _called(self, subject: Subject) -> str:
        name = self.wording.name(subject)
        return name if subject.key != subject.about else f"the {subject.kind} {name}"

    def _place(self, subject: Subject) -> str:
        """Return where a term belongs: its superclasses and how it is written in JSON."""
        above = sorted(value for value in subject.values.get(RDFS.subClassOf, ()) if isinstance(value, URIRef))
        code = subject.one(SKOS.notation)
        parts = [
            f", a subclass of {', '.join(map(self.wording.iri, above))}" if above else "",
            f", written `{code}`" if code is not None else "",
        ]
        return "".join(parts)

    def _differences(self, old: Subject, new: Subject) -> Iterator[Change]:
        both = Both(old, new, self.before, self.after, self.wording)
        known = old if old.field and not new.field else new
        said = old.values.keys() | new.values.keys()
        if new.kind == SubjectKind.ONTOLOGY:
            said -= VERSION_PREDICATES
        told: set[URIRef] = set()
        for aspect in (*ASPECTS, *map(self._unknown, said - KNOWN)):
            for found in aspect.compare(both, aspect) if said.intersection(aspect.predicates) else ():
                told.update(aspect.predicates)
                yield self._change(found, known, aspect)
        for predicate in said - told:
            if old.values.get(predicate) != new.values.get(predicate):
                aspect = self._untold(predicate, both)
                yield from (self._change(found, known, aspect) for found in aspect.compare(both, aspect))

    def _unknown(self, predicate: URIRef) -> Aspect:
        """Return the aspect of a predicate without words of its own; the worst is assumed."""
        constrains = str(predicate).startswith((SH.term(""), API.term("")))
        kind = "unknown-constraint-changed" if constrains else "statement-changed"
        return Aspect(f"`{self.wording.iri(predicate)}`", three(kind, kind, kind), (predicate,))

    def _untold(self, predicate: URIRef, both: Both) -> Aspect:
        """Return the aspect of what differs and means the same, or nothing that its comparison understands."""
        values = [*both.old.values.get(predicate, ()), *both.new.values.get(predicate, ())]
        kind = "said-otherwise" if all(map(_is_readable, values)) else "unknown-constraint-changed"
        return replace(self._unknown(predicate), compare=three(kind, kind, kind))

    def _change(self, found: Found, subject: Subject, aspect: Aspect | None) -> Change:
        kind = KINDS[found.kind]
        words = {
            "name": self.wording.name(subject),
            "aspect": aspect.words if aspect else "",
            "old": self.wording.value(found.old),
            "new": self.wording.value(found.new),
            **found.words,
        }
        return Change(
            kind=kind.name,
            sort=kind.sort_of(was_there=found.old is not None, is_there=found.new is not None),
            subject=subject.about,
            name=self.wording.short_name(subject),
            predicate=str(aspect.predicates[0]) if aspect else None,
            old=_machine(found.old),
            new=_machine(found.new),
            what=kind.words.format_map(words),
            json=kind.json,
            sparql=kind.sparql,
        )


def _nothing(subject: Subject) -> Subject:
    return Subject(subject.key, subject.kind, {}, subject.about)


def _is_readable(value: Value) -> bool:
    return value == RDF.nil or (isinstance(value, Literal) and not isinstance(value.value, str | None))


def _machine(value: Value | None) -> str | None:
    return None if value is None else machine_text(value)
