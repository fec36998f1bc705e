"""What a processor should make of plain JSON and the context, and how its triples are compared with the registry's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from registry.devices.documents import ABSENT, to_triples, value_at
from registry.json_ld import express
from registry.profile import Profile
from sparql.terms import DATE_TIME, DOUBLE, Iri, Literal, Term, Triple


def with_names(profile: Profile, triples: set[Triple]) -> set[Triple]:
    """Give blank nodes their names: a device by its id, its further nodes by their fragments (decision D1)."""
    links = {link: name for name, link in profile.objects.items()}
    names: dict[Term, Iri] = {
        each.subject: Iri(f"urn:uuid:{each.object.lexical}")
        for each in triples
        if each.predicate == profile.identity.predicate and isinstance(each.object, Literal)
    }
    for each in triples:
        if each.predicate in links:
            names[each.object] = Iri(f"{names[each.subject]}#{links[each.predicate]}")
    return {Triple(*(names.get(term, term) for term in triple)) for triple in triples}  # type: ignore[arg-type]


def said(profile: Profile, document: Mapping[str, Any], triples: set[Triple] | None = None) -> set[Triple]:
    """Return those of `triples` that a context can say: of fields whose values it says, without what is entailed.

    Without `triples`: of all that the registry holds of `document`.
    """
    held = to_triples(profile, document, Iri(f"urn:uuid:{document['device_id']}")) if triples is None else triples
    links = set(profile.objects.values())
    unsaid = {
        step for field in profile.fields.values() if not _says(profile, document, field.name) for step in field.path
    }
    fields = {step for field in profile.fields.values() for step in field.path} - (unsaid - links)
    return {triple for triple in held if triple.predicate in fields}


def comparable(
    profile: Profile, document: Mapping[str, Any], found: set[Triple], held: set[Triple]
) -> tuple[set[tuple[Any, ...]], set[tuple[Any, ...]]]:
    """Return what a processor found in `document`, and what it should have found of the triples `held`.

    Left out are fields with a value that the context doesn't promise to say.
    """
    expected = said(profile, document, held)
    passed_over = {predicate for _, predicate, _ in held} - {predicate for _, predicate, _ in expected}
    named = {triple for triple in with_names(profile, found) if triple.predicate not in passed_over}
    return by_value(named), by_value(expected)


def by_value(triples: set[Triple]) -> set[tuple[Any, ...]]:
    """Return triples with numbers and times for the literals whose lexical form JSON-LD does not keep."""
    return {(subject, predicate, _value(term)) for subject, predicate, term in triples}


def with_ids(profile: Profile, document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a device that names its nodes, as docs/json-ld.md tells clients to do."""
    name = f"urn:uuid:{document['device_id']}"
    inner = {key: {**document[key], "@id": f"{name}#{key}"} for key in profile.objects if key in document}
    return {**document, **inner, "@id": name}


def _says(profile: Profile, document: Mapping[str, Any], name: str) -> bool:
    field = profile.fields[name]
    value, expression = value_at(document, field.names), express(profile, field)
    values: Sequence[Any] = [] if value is ABSENT else value if field.multiple else [value]
    return expression.definition is not None and all(map(expression.says, values))


def _value(term: Term) -> Any:
    if isinstance(term, Literal) and term.datatype == DOUBLE:
        return DOUBLE, float(term.lexical)
    if isinstance(term, Literal) and term.datatype == DATE_TIME:
        return DATE_TIME, datetime.fromisoformat(term.lexical)
    return term


def fields_of(context: Mapping[str, Any], profile: Profile) -> Iterator[str]:
    """Return the dotted names that a context defines, keywords left out."""
    for name, definition in context["@context"].items():
        if name in profile.objects:
            yield from (f"{name}.{inner}" for inner in definition["@context"])
        elif not name.startswith("@"):
            yield name
