"""A device's JSON document and its triples: two forms of the same, by the profile's fields alone.

Validity is not judged here, but for what no shape can see: names that no field has, and values where an object
belongs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from registry.principal import Role
from registry.profile import Field, Profile
from registry.vocabulary import DEVICE
from sparql.terms import TYPE, Iri, Term, Triple

Document: TypeAlias = dict[str, Any]

ABSENT = object()
"""The value of a name that a document doesn't have; null is a value."""

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def device_iri(device_id: Any) -> Iri | None:
    """Return the IRI of the device with this id, `urn:uuid:<device_id>` (decision D1); None if it is no UUID."""
    if not isinstance(device_id, str) or not _UUID.fullmatch(device_id.lower()):
        return None
    return Iri(f"urn:uuid:{device_id.lower()}")


def id_of(device: Iri) -> str:
    """Return the id of the device with this IRI."""
    return device.removeprefix("urn:uuid:")


def node_iris(profile: Profile, device: Iri) -> tuple[Iri, ...]:
    """Return the device and the further nodes that hold its values: its status is `<device>#status`."""
    return device, *(Iri(f"{device}#{name}") for name in profile.nodes)


def value_at(document: Mapping[str, Any], names: Sequence[str]) -> Any:
    """Return the value under nested names, or ABSENT."""
    value: Any = document
    for name in names:
        if not isinstance(value, Mapping) or name not in value:
            return ABSENT
        value = value[name]
    return value


def to_triples(profile: Profile, document: Mapping[str, Any], device: Iri) -> frozenset[Triple]:
    """Return what `document` says of `device`, with all that it entails (decision D3).

    Values that are not of their field's kind become triples that break the field's shape. Names that no field has
    are passed over; `structural_issues` reports them.
    """
    triples = [Triple(device, TYPE, DEVICE)]
    for name, link in profile.objects.items():
        if isinstance(document.get(name), dict):
            triples.append(Triple(device, link, Iri(f"{device}#{name}")))
    for field in profile.fields.values():
        if field.names[0] in document:
            triples += _statements(field, terms_at(profile, document, field), device)
    return profile.with_nodes(profile.entailment.closed(triples))


def terms_at(profile: Profile, document: Mapping[str, Any], field: Field) -> frozenset[Term]:
    """Return the terms of a field's values in `document`; none when it has no value.

    The device's id is folded to lower case, as in its IRI.
    """
    value = value_at(document, field.names)
    if value is ABSENT:
        return frozenset()
    if field is profile.identity and isinstance(value, str):
        value = value.lower()
    values: Sequence[Any] = value if field.multiple and isinstance(value, list) else [value]
    return frozenset([field.codec.encode(each) for each in values])


def from_triples(profile: Profile, triples: Iterable[Triple]) -> Document:
    """Return the document that `triples` of one device state, its fields in the profile's order.

    Triples that no field stands for (types, decimal coordinates, bookkeeping) are passed over: they are entailed.
    """
    values: dict[str, list[Any]] = {}
    links = {link: name for name, link in profile.objects.items()}
    fields = profile.by_predicate
    present = set()
    for triple in triples:
        field = fields.get(triple.predicate)
        if field is not None:
            values.setdefault(field.name, []).append(field.codec.decode(triple.object))
        elif triple.predicate in links:
            present.add(links[triple.predicate])
    document: Document = {}
    for name, field in profile.fields.items():
        top = field.names[0]
        if top in present:
            document.setdefault(top, {})
        if name in values:
            found = sorted(values[name], key=repr) if field.multiple else values[name][0]
            put(document, field.names, found)
    return document


def structural_issues(
    profile: Profile, document: Mapping[str, Any], role: Role, *, null_removes: bool = False
) -> dict[str, Any]:
    """Return what is wrong with the names in `document` for a role that sees only some fields.

    A field out of the role's view is as unknown as one that no shape describes.

    Args:
        null_removes: whether `document` is a merge patch, in which null stands for removal (RFC 7396).
    """
    known = {field.name for field in profile.visible(role) if not field.is_record}
    issues: dict[str, Any] = {}
    for name, value in document.items():
        if name in profile.objects:
            inner = {} if value is None and null_removes else _object_issues(name, value, known)
            if inner:
                issues[name] = inner
        elif name not in known or "." in name:
            issues[name] = "unknown field"
    return issues


def _object_issues(name: str, value: Any, known: set[str]) -> str | dict[str, str]:
    if value is None:
        return "null value not allowed"
    if not isinstance(value, dict):
        return "must be of dict type"
    return {key: "unknown field" for key in value if f"{name}.{key}" not in known}


def _statements(field: Field, terms: Iterable[Term], device: Iri) -> Iterable[Triple]:
    node = device if len(field.path) == 1 else Iri(f"{device}#{field.names[0]}")
    for term in terms:
        if node != device:
            yield Triple(device, field.path[0], node)
        yield Triple(node, field.predicate, term)
        for predicate, entailed in field.codec.entailed(term):
            yield Triple(device, predicate, entailed)


def put(document: Document, names: Sequence[str], value: Any) -> None:
    """Set the value under nested names."""
    for name in names[:-1]:
        document = document.setdefault(name, {})
    document[names[-1]] = value
