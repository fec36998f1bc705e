"""The aspects of terms: hierarchy, alignments, codes, units and what is only for people."""

from __future__ import annotations

from collections.abc import Iterator

from rdflib import DCTERMS, OWL, RDF, RDFS, SKOS, Literal, URIRef

from registry.model_diff.aspect import Aspect, Both, Found, each, text, three
from registry.model_diff.inventory import Subject
from registry.model_diff.values import Value
from registry.model_diff.wording import HAS_UNIT, QUDT_SYMBOL
from registry.vocabulary import FLEX, STALE_AFTER

_QUANTITY_KIND = URIRef("http://qudt.org/schema/qudt/hasQuantityKind")
_DEPRECATED_TYPES = {OWL.DeprecatedClass, OWL.DeprecatedProperty}
_KINDS_OF_TERMS = {OWL.Class, RDFS.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty}


def _deprecation(both: Both, _: Aspect) -> Iterator[Found]:
    old, new = map(_is_deprecated, (both.old, both.new))
    if new and not old:
        successor = both.new.one(DCTERMS.isReplacedBy)
        words = f"; {both.wording.value(successor)} takes its place" if successor is not None else ""
        yield Found("deprecated", None, Literal(True), {"successor": words})
    elif old and not new:
        yield Found("deprecation-withdrawn", Literal(True), None)


def _successor(both: Both, aspect: Aspect) -> Iterator[Found]:
    if _is_deprecated(both.old) == _is_deprecated(both.new):
        yield from three(*["successor-changed"] * 3)(both, aspect)


def _types(both: Both, aspect: Aspect) -> Iterator[Found]:
    for found in each("type-added", "type-removed")(both, aspect):
        changed = found.old or found.new
        if changed not in _DEPRECATED_TYPES:
            matters = changed in _KINDS_OF_TERMS or not str(changed).startswith(
                (str(OWL), "http://www.w3.org/ns/shacl#")
            )
            yield found if matters else Found("statement-changed", found.old, found.new)


def _superclasses(both: Both, aspect: Aspect) -> Iterator[Found]:
    for found in each("superclass-added", "superclass-removed")(both, aspect):
        changed, model = (found.new, both.before) if found.old is None else (found.old, both.after)
        if not isinstance(changed, URIRef):
            yield Found("axiom-changed", found.old, found.new)
        elif changed in model.superclasses(both.new.key):
            words = {name: "" for name, value in (("old", found.old), ("new", found.new)) if value is None}
            verb = "now said, but followed before" if found.old is None else "no longer said, but still follows"
            yield Found("superclass-by-another-way", found.old, found.new, {**words, "verb": verb})
        else:
            yield found


def _notation(both: Both, aspect: Aspect) -> Iterator[Found]:
    used = both.old.term in both.before.codes_in_use
    removed, changed = ("notation-removed", "notation-changed") if used else ["notation-of-no-field-changed"] * 2
    yield from three("notation-added", removed, changed)(both, aspect)


def _units(both: Both, aspect: Aspect) -> Iterator[Found]:
    for found in three("unit-added", "unit-removed", "unit-changed")(both, aspect):
        words = {name: _symbol(both, value) for name, value in (("old", found.old), ("new", found.new))}
        yield Found(found.kind, found.old, found.new, words)


def _symbol(both: Both, unit: Value | None) -> str:
    return "none" if unit is None else both.wording.symbol(unit)


def _is_deprecated(subject: Subject) -> bool:
    said = subject.one(OWL.deprecated)
    stated = isinstance(said, Literal) and said.value is True
    return stated or bool(_DEPRECATED_TYPES & subject.values.get(RDF.type, frozenset()))


_axiom = three(*["axiom-changed"] * 3)
_silence = three("limit-of-silence-stated", "limit-of-silence-removed", "limit-of-silence-changed")
_match = each("match-added", "match-removed")
_equivalence = each("equivalence-added", "equivalence-removed")

TERM_ASPECTS = (
    Aspect("whether it is deprecated", _deprecation, (OWL.deprecated, RDF.type, DCTERMS.isReplacedBy)),
    Aspect("what takes its place", _successor, (DCTERMS.isReplacedBy,)),
    Aspect("what it is", _types, (RDF.type,)),
    Aspect("the superclass", _superclasses, (RDFS.subClassOf,)),
    Aspect("the superproperty", each("superproperty-added", "superproperty-removed"), (RDFS.subPropertyOf,)),
    Aspect("an equivalent class", _equivalence, (OWL.equivalentClass,)),
    Aspect("an equivalent property", _equivalence, (OWL.equivalentProperty,)),
    Aspect("the same thing", _equivalence, (OWL.sameAs,)),
    Aspect("an exact match", _match, (SKOS.exactMatch,)),
    Aspect("a close match", _match, (SKOS.closeMatch,)),
    Aspect("a broader match", _match, (SKOS.broadMatch,)),
    Aspect("a narrower match", _match, (SKOS.narrowMatch,)),
    Aspect("a related match", _match, (SKOS.relatedMatch,)),
    Aspect("the kind of quantity", _match, (_QUANTITY_KIND,)),
    Aspect("the code", _notation, (SKOS.notation,)),
    Aspect("another form of the code", each("alias-added", "alias-removed"), (SKOS.hiddenLabel,)),
    Aspect("the code list", each("scheme-joined", "scheme-left"), (SKOS.inScheme,)),
    Aspect("the unit", _units, (HAS_UNIT,)),
    Aspect("how long its devices may be silent", _silence, (URIRef(STALE_AFTER),)),
    Aspect("which devices are fit for it", each("suits-added", "suits-removed"), (URIRef(FLEX.term("suits")),)),
    Aspect("the domain", _axiom, (RDFS.domain,)),
    Aspect("the range", _axiom, (RDFS.range,)),
    Aspect("the inverse", _axiom, (OWL.inverseOf,)),
    Aspect("what it has nothing in common with", _axiom, (OWL.disjointWith,)),
    Aspect("the label", text, (RDFS.label,)),
    Aspect("the preferred label", text, (SKOS.prefLabel,)),
    Aspect("another label", text, (SKOS.altLabel,)),
    Aspect("the definition", text, (SKOS.definition,)),
    Aspect("the comment", text, (RDFS.comment,)),
    Aspect("the note on its scope", text, (SKOS.scopeNote,)),
    Aspect("the example", text, (SKOS.example,)),
    Aspect("the symbol", text, (QUDT_SYMBOL,)),
    Aspect("where more is said", text, (RDFS.seeAlso,)),
    Aspect("where it is defined", text, (RDFS.isDefinedBy,)),
    Aspect("the date of its last change", text, (DCTERMS.modified,)),
)
"""Aspects of classes, properties, codes, code lists, ontologies and whatever else has an IRI."""
