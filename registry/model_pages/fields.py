"""A field in words, for both pages: what it is called in JSON, what its values are, who sees and changes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rdflib import RDFS, SKOS
from rdflib.term import URIRef

from registry.access_matrix import ROLES
from registry.model_pages.values import Describer, Value, written
from registry.profile import Field
from registry.profile.codecs import CodeCodec

_WORDS: Mapping[str, str] = {
    "float": "number",
    "integer": "whole number",
    "boolean": "true or false",
    "datetime": "date and time",
    "string": "text",
    "uuid": "UUID",
    "point": "GeoJSON point",
}


@dataclass(frozen=True, slots=True)
class Code:
    """A code of a field: its wire form, other forms that are read, its term, and what it means."""

    code: str
    aliases: tuple[str, ...]
    term: Value
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSummary:
    """A field in words.

    Attributes:
        name: in JSON, with a link to its rules.
        label: its name for people.
        kind: of its values.
        number: how many values it has.
        unit: of its values.
        default: the value that it takes when it is left out; empty if there is none.
        codes: its values, if these are codes.
        seen_by: the roles that see it.
        changed_by: the roles that change it.
    """

    name: Value
    label: str
    kind: str
    number: str
    unit: Value | None
    default: str
    codes: tuple[Code, ...]
    seen_by: tuple[str, ...]
    changed_by: tuple[str, ...]


def summary(describer: Describer, field: Field) -> FieldSummary:
    """Return a field in words."""
    return FieldSummary(
        name=Value(
            text=written(field.name), href=describer.iri(field.shape).href, hint=written(field.message), code=True
        ),
        label=written(field.label),
        kind="code" if isinstance(field.codec, CodeCodec) else _WORDS.get(field.codec.kind, field.codec.kind),
        number=_number(field),
        unit=None if field.unit is None else describer.iri(field.unit),
        default="" if field.default is None else written(str(field.default)) or "(empty)",
        codes=tuple(_codes(describer, field)),
        seen_by=tuple(role for role in ROLES if role in field.visible_to),
        changed_by=tuple(role for role in ROLES if role in field.writable_by),
    )


def _number(field: Field) -> str:
    if field.multiple:
        return "one or more" if field.required else "any number"
    return "exactly one" if field.required else "at most one"


def _codes(describer: Describer, field: Field) -> Iterator[Code]:
    if not isinstance(field.codec, CodeCodec):
        return
    for code, iri in field.codec.codes.items():
        aliases = sorted(written(alias) for alias, meant in field.codec.aliases.items() if meant == iri)
        meaning = describer.text(URIRef(iri), (SKOS.definition, RDFS.comment))
        yield Code(written(code) or "(empty)", tuple(aliases), describer.iri(iri), meaning)
