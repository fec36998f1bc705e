"""What a term definition of JSON-LD 1.1 can say of a field, and what it can't, by the kind of the field's values.

A definition gives the terms that the field's codec gives, as far as JSON-LD has the means: it can look a text up, put
an IRI before it, and add a datatype. It can't compute, so some values come out otherwise, and some not at all. Each
expression says so; nothing here looks at a device.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias
from urllib.parse import quote

from registry.profile import Field, Profile
from registry.profile.calendars import CalendarCodec
from registry.profile.codecs import DATATYPES, Codec, CodeCodec, IriCodec
from registry.vocabulary import WKT_LITERAL
from sparql.terms import BOOLEAN, DATE_TIME, DECIMAL, DOUBLE, INTEGER, STRING, XSD, Iri

TermDefinition: TypeAlias = dict[str, Any]

_KEYWORD = re.compile(r"@[A-Za-z]+")
_DATATYPE_OF: Mapping[Codec, Iri] = {codec: datatype for datatype, codec in DATATYPES.items()}
_LARGEST_INTEGER = 10**21


class Degree(StrEnum):
    """How much of a field a context says."""

    TERM = "the same term"
    VALUE = "the same value"
    SOME = "some values"
    NOTHING = "nothing"


def _always(_: Any) -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression:
    """How a context expresses a field.

    Attributes:
        definition: the expanded term definition (JSON-LD 1.1, section 9.15.1); None where the name means nothing.
        degree: how much of the field it says.
        reason: why not all of it; empty when it does.
        says: tells whether it says one JSON value to the degree that it promises.
    """

    definition: TermDefinition | None
    degree: Degree = Degree.TERM
    reason: str = ""
    says: Callable[[Any], bool] = _always


def is_term(text: str) -> bool:
    """Tell whether JSON-LD lets `text` be any IRI's term: it takes other texts for IRIs or keywords (section 9.1)."""
    return text != "" and ":" not in text and "/" not in text and not _KEYWORD.fullmatch(text)


def express(profile: Profile, field: Field) -> Expression:
    """Return how a context expresses `field`."""
    found = _by_codec(field)
    if found.definition is None:
        return found
    if not all(map(is_term, field.names)):
        return _nothing("JSON-LD takes a name with a colon or a slash for an IRI, and `@` with letters for a keyword.")
    if field.path[:-1] != tuple(profile.objects[name] for name in field.names[:-1]):
        return _nothing("The value stands on a node of its own, for which the JSON has no object.")
    if field.multiple:
        found.definition["@container"] = "@set"
    return found


def _by_codec(field: Field) -> Expression:
    match field.codec:
        case CodeCodec():
            return _code(field, field.codec)
        case IriCodec():
            return _iri(field, field.codec)
        case CalendarCodec():  # JSON-LD writes JSON in the same canonical form (JSON-LD 1.1, section 5.2.2)
            return Expression(definition={"@id": str(field.predicate), "@type": "@json"})
    datatype = _DATATYPE_OF[field.codec]
    definition = {"@id": str(field.predicate), "@type": str(datatype)}
    match datatype:
        case t if t == STRING:
            return Expression(definition={"@id": str(field.predicate)})
        case t if t in (BOOLEAN, XSD.term("date")):
            return Expression(definition=definition)
    return _LIMITED[datatype](definition)


def _double(definition: TermDefinition) -> Expression:
    reason = 'JSON-LD writes numbers in canonical form with 16 digits: `3` is `"3.0E0"`, in the registry `"3"`.'
    return Expression(definition=definition, degree=Degree.VALUE, reason=reason, says=_has_16_digits)


def _has_16_digits(value: Any) -> bool:
    return bool(float(f"{value:.15E}") == value)


def _integer(definition: TermDefinition) -> Expression:
    reason = "JSON-LD writes whole numbers from 10²¹ on with an exponent, which is no xsd:integer."
    return Expression(definition=definition, degree=Degree.SOME, reason=reason, says=_is_plain_integer)


def _is_plain_integer(value: Any) -> bool:
    return bool(abs(value) < _LARGEST_INTEGER)


def _date_time(definition: TermDefinition) -> Expression:
    reason = "The text stays as it is in JSON, six digits after the second; the registry cuts zeros at the end off."
    return Expression(definition=definition, degree=Degree.VALUE, reason=reason)


def _decimal(_: TermDefinition) -> Expression:
    return _nothing("JSON-LD writes fractions with an exponent, which is no xsd:decimal.")


def _point(_: TermDefinition) -> Expression:
    return _nothing("A GeoJSON object can't become a WKT literal.")


def _nothing(reason: str) -> Expression:
    return Expression(definition=None, degree=Degree.NOTHING, reason=reason, says=lambda _: False)


_LIMITED: Mapping[Iri, Callable[[TermDefinition], Expression]] = {
    DOUBLE: _double,
    INTEGER: _integer,
    DATE_TIME: _date_time,
    DECIMAL: _decimal,
    WKT_LITERAL: _point,
}


def _code(field: Field, codec: CodeCodec) -> Expression:
    """Return codes as terms of a context of their own; one that can't be a term is put behind an @vocab, if that fits.

    So the empty code becomes an IRI: the @vocab itself.
    """
    terms = {code: str(iri) for code, iri in codec.codes.items() if is_term(code)}
    others = {code: str(iri) for code, iri in codec.codes.items() if code not in terms}
    vocab = next((iri.removesuffix(code) for code, iri in others.items() if _follows(code, iri)), None)
    lost = {code for code, iri in others.items() if not _follows(code, iri) or f"{vocab}{code}" != iri}
    scope = _scope(field, terms)
    if vocab is not None:
        scope = {"@vocab": vocab, **scope}
    definition = {"@id": str(field.predicate), "@type": "@vocab", "@context": scope}
    if not lost:
        return Expression(definition=definition)
    named = ", ".join(f"`{code}`" for code in sorted(lost))
    reason = f"JSON-LD can't take these codes for terms: {named}."
    return Expression(definition=definition, degree=Degree.SOME, reason=reason, says=lambda value: value not in lost)


def _follows(code: str, iri: str) -> bool:
    """Tell whether `iri` is an IRI with `code` put behind it, as JSON-LD does with what is no IRI and no keyword."""
    return ":" not in code and not _KEYWORD.fullmatch(code) and iri.endswith(code) and ":" in iri.removesuffix(code)


def _iri(field: Field, codec: IriCodec) -> Expression:
    before, after = codec.template.split("{value}")
    if after or ":" not in before:
        return _nothing("JSON-LD can put an IRI before a text, but nothing behind it.")
    name = field.names[-1]
    # null takes away the other names of the context: a value may be called as one of them
    scope = [None, {"@vocab": before, **_scope(field, {name: before + name})}]
    definition = {"@id": str(field.predicate), "@type": "@vocab", "@context": scope}
    if codec.kind == "uuid":
        return Expression(definition=definition)
    reason = (
        "JSON-LD doesn't percent-encode: right for texts of letters and digits of ASCII, `-`, `.`, `_` and `~` alone."
    )
    return Expression(definition=definition, degree=Degree.SOME, reason=reason, says=_is_unreserved)


def _is_unreserved(value: Any) -> bool:
    return bool(quote(value, safe="") == value)


def _scope(field: Field, terms: Mapping[str, str]) -> TermDefinition:
    """Return the context for a field's values; the term that is called as the field keeps the field's kind."""
    name = field.names[-1]
    return {term: {"@id": iri, "@type": "@vocab"} if term == name else iri for term, iri in terms.items()}
