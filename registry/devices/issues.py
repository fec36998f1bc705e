"""Violations in the words that clients of the registry know, arranged like the document they speak of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rdflib.term import URIRef

from registry.devices.validation import OUT_OF_VIEW, Violation
from registry.principal import Role
from registry.profile import Profile
from registry.vocabulary import SH
from sparql.terms import JSON, STRING, Iri, Literal

_BOUNDS = {
    "MinLengthConstraintComponent": ("minLength", "min length is {}"),
    "MaxLengthConstraintComponent": ("maxLength", "max length is {}"),
    "MinInclusiveConstraintComponent": ("minInclusive", "min value is {}"),
    "MaxInclusiveConstraintComponent": ("maxInclusive", "max value is {}"),
}
_DECISIVE = ("MinCountConstraintComponent", "DatatypeConstraintComponent", "NodeKindConstraintComponent")
_NULL = Literal("null", JSON)


def issues_of(profile: Profile, violations: Iterable[Violation], role: Role) -> dict[str, Any]:
    """Return field -> words, nested as the document is, for a role that sees only some fields.

    A field whose value is missing or of the wrong kind has that one issue; else each broken rule has its words, one
    as a string and several as a list. A rule across fields stands under "_rules"; what is wrong with a field out of
    the role's view too, and without a word about it.
    """
    by_name: dict[str, list[Violation]] = {}
    for violation in violations:
        if violation.field is not None and role not in violation.field.visible_to:
            violation = Violation(None, "", None, OUT_OF_VIEW)  # noqa: PLW2901
        name = "_rules" if violation.field is None else violation.field.name
        by_name.setdefault(name, []).append(violation)
    issues: dict[str, Any] = {}
    for name in (*profile.fields, "_rules"):
        found = by_name.get(name)
        if found is None:
            continue
        explained = [each for each in map(_explained, found) if each is not None]
        decisive = [each for each in found if each.component in _DECISIVE or each.value == _NULL]
        words = explained[:1] or sorted({_words(profile, each) for each in decisive[:1] or found})
        *parents, last = name.split(".")
        place = issues
        for parent in parents:
            place = place.setdefault(parent, {})
        place[last] = words[0] if len(words) == 1 else words
    return issues


def joined(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """Return the issues of both; of two about the same field the second's."""
    result = dict(first)
    for name, issue in second.items():
        known = result.get(name)
        both = isinstance(known, Mapping) and isinstance(issue, Mapping)
        result[name] = joined(known, issue) if both else issue  # type: ignore[arg-type]  # both are objects
    return result


def _explained(violation: Violation) -> str | Mapping[str, Any] | None:
    """Return what the field's codec says of a value that is not of its kind."""
    if violation.field is None or violation.value is None or violation.component != "DatatypeConstraintComponent":
        return None
    return violation.field.codec.explain(violation.value)


def _words(profile: Profile, violation: Violation) -> str:
    field, value = violation.field, violation.value
    if field is None:
        return violation.message
    if violation.component in _BOUNDS and value != _NULL:
        name, words = _BOUNDS[violation.component]
        return words.format(profile.shapes.value(URIRef(field.shape), URIRef(SH.term(name))))
    kind = f"must be of {'list of ' if field.multiple else ''}{field.codec.kind} type"
    match violation.component:
        case _ if value == _NULL:
            words = "null value not allowed"
        case "MinCountConstraintComponent":
            words = "required field"
        case "InConstraintComponent" if value is not None and _is_text(value):
            words = f"unallowed value {field.codec.decode(value)}"
        case "InConstraintComponent" | "DatatypeConstraintComponent" | "NodeKindConstraintComponent":
            words = kind
        case "PatternConstraintComponent" if field.codec.kind in ("uuid", "point"):
            words = f"{kind}: {violation.message}"
        case _:
            words = violation.message
    return words


def _is_text(value: Iri | Literal) -> bool:
    return isinstance(value, Iri) or value.datatype == STRING
