"""How a JSON value becomes an RDF term and back, one codec for each kind of value.

A codec judges nothing: validity is SHACL's alone. What it can't express in the term that the shape asks for becomes
a literal that says what was given, and so breaks the shape: a string where a number belongs stays a string, an
object becomes an rdf:JSON literal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, ClassVar, Protocol
from urllib.parse import quote, unquote

from registry.profile.calendars import CalendarCodec
from registry.profile.points import PointCodec
from registry.profile.values import Plain, lexical, number, stray
from registry.vocabulary import WKT_LITERAL
from sparql.terms import (
    BOOLEAN,
    DATE_TIME,
    DECIMAL,
    DOUBLE,
    INTEGER,
    JSON,
    XSD,
    Iri,
    Literal,
    Term,
    Triple,
    decimal,
    double,
)

DATE_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"
"""Times in JSON, always in UTC."""


def written(moment: datetime) -> str:
    """Return a moment in DATE_FORMAT; strftime alone leaves the zeros out with which early years begin."""
    return moment.astimezone(UTC).strftime(DATE_FORMAT).rjust(27, "0")


class Codec(Protocol):
    """Both directions for one kind of value."""

    @property
    def kind(self) -> str:
        """The word for the kind of value in messages ("must be of float type")."""

    @property
    def entailed_predicates(self) -> tuple[Iri, ...]:
        """The predicates that `entailed` can return."""

    @property
    def node_predicates(self) -> tuple[Iri, ...]:
        """The predicates of what `nodes` can return, beside rdf:type."""

    def encode(self, value: Any) -> Term:
        """Return the term for a JSON value; one that breaks the shape when there is none."""

    def decode(self, term: Term) -> Any:
        """Return the JSON value of a term that `encode` made."""

    def entailed(self, term: Term) -> tuple[tuple[Iri, Term], ...]:
        """Return predicates and objects that are derived from `term` for the device, as the cells of a place are."""

    def nodes(self, device: Iri, term: Term) -> Iterable[Triple]:
        """Return the further nodes that are derived from `term` for the device, and what leads to them."""

    def explain(self, term: Term) -> str | Mapping[str, Any] | None:
        """Return what is wrong with a value that `term` states, by its members where it has some; None for no words."""


class StringCodec(Plain):
    """xsd:string."""

    kind: ClassVar[str] = "string"

    def encode(self, value: Any) -> Term:
        """Keep strings; anything else is stray."""
        return stray(value)

    def decode(self, term: Term) -> Any:
        """Return the text."""
        return lexical(term)


@dataclass(frozen=True)
class NumberCodec(Plain):
    """xsd:double or xsd:decimal; integers and numeric strings are taken as numbers, booleans are not."""

    write: Callable[[float], Literal]
    kind: str = "float"

    def encode(self, value: Any) -> Term:
        """Return a literal for what reads as a finite number."""
        found = number(value)
        return stray(value) if found is None else self.write(found)

    def decode(self, term: Term) -> Any:
        """Return a float."""
        return float(lexical(term))


class IntegerCodec(Plain):
    """xsd:integer; a float without a fraction is one."""

    kind: ClassVar[str] = "integer"

    def encode(self, value: Any) -> Term:
        """Return an xsd:integer for what reads as a whole number."""
        found = number(value)
        return Literal(str(int(found)), INTEGER) if found is not None and found.is_integer() else stray(value)

    def decode(self, term: Term) -> Any:
        """Return an int."""
        return int(lexical(term))


class BooleanCodec(Plain):
    """xsd:boolean."""

    kind: ClassVar[str] = "boolean"

    def encode(self, value: Any) -> Term:
        """Keep true and false; anything else is stray."""
        return stray(value)

    def decode(self, term: Term) -> Any:
        """Return a bool."""
        return lexical(term) in ("true", "1")


class DateTimeCodec(Plain):
    """xsd:dateTime in UTC, written in DATE_FORMAT; any ISO 8601 time with an offset is read."""

    kind: ClassVar[str] = "datetime"

    def encode(self, value: Any) -> Term:
        """Return an xsd:dateTime without trailing zeros in its fraction, as engines canonicalise it."""
        try:
            moment = datetime.fromisoformat(value)
            moment = moment.astimezone(UTC)
        except (TypeError, ValueError, OverflowError):
            return stray(value)
        if datetime.fromisoformat(value).tzinfo is None:
            return stray(value)
        text = moment.strftime("%Y-%m-%dT%H:%M:%S.%f").rjust(26, "0").rstrip("0").rstrip(".")
        return Literal(f"{text}Z", DATE_TIME)

    def decode(self, term: Term) -> Any:
        """Return the time in DATE_FORMAT."""
        return written(datetime.fromisoformat(lexical(term)))


class DateCodec(Plain):
    """xsd:date without a time zone."""

    kind: ClassVar[str] = "date"

    def encode(self, value: Any) -> Term:
        """Return an xsd:date for a text like 2021-05-01."""
        try:
            return Literal(date.fromisoformat(value).isoformat(), XSD.term("date"))
        except (TypeError, ValueError):
            return stray(value)

    def decode(self, term: Term) -> Any:
        """Return the date's text."""
        return lexical(term)


@dataclass(frozen=True)
class CodeCodec(Plain):
    """A class or an individual whose wire form is its skos:notation (decision D4).

    Attributes:
        codes: wire form -> IRI.
        aliases: further wire forms that are understood on input.
        classes: those of the codes that are classes, whose instance a device with the code is.
    """

    codes: Mapping[str, Iri]
    aliases: Mapping[str, Iri] = field(default_factory=dict)
    classes: frozenset[Iri] = frozenset()
    kind: str = "string"

    def __post_init__(self) -> None:
        object.__setattr__(self, "_wire", {iri: code for code, iri in self.codes.items()})

    def encode(self, value: Any) -> Term:
        """Return the IRI of a code; the text itself when it is none."""
        if not isinstance(value, str):
            return stray(value)
        return self.codes.get(value) or self.aliases.get(value) or Literal(value)

    def decode(self, term: Term) -> Any:
        """Return the wire form; an IRI without one is shown as it is."""
        wire: dict[Iri, str] = self._wire  # type: ignore[attr-defined]  # set once in __post_init__
        return wire.get(term, str(term)) if isinstance(term, Iri) else term.lexical


@dataclass(frozen=True)
class IriCodec(Plain):
    """A string that becomes an IRI by a template such as `urn:uuid:{value}` (api:iriTemplate).

    UUIDs are folded to lower case, their output form (RFC 4122, section 3).
    """

    template: str

    @property
    def kind(self) -> str:
        """The word for the value in messages."""
        return "uuid" if self._uuid else "string"

    @property
    def _uuid(self) -> bool:
        return self.template.startswith("urn:uuid:")

    def encode(self, value: Any) -> Term:
        """Percent-encode a string into the template."""
        if not isinstance(value, str):
            return stray(value)
        text = quote(value.lower() if self._uuid else value, safe="")
        return Iri(self.template.replace("{value}", text))

    def decode(self, term: Term) -> Any:
        """Return the string that was encoded."""
        before, after = self.template.split("{value}")
        return unquote(lexical(term)[len(before) :].removesuffix(after))


DATATYPES: dict[Iri, Codec] = {
    XSD.term("string"): StringCodec(),
    DOUBLE: NumberCodec(double),
    DECIMAL: NumberCodec(decimal),
    INTEGER: IntegerCodec(),
    BOOLEAN: BooleanCodec(),
    DATE_TIME: DateTimeCodec(),
    XSD.term("date"): DateCodec(),
    WKT_LITERAL: PointCodec(),
}
"""sh:datatype -> codec."""

CODECS: dict[str, tuple[Codec, Iri]] = {"calendar": (CalendarCodec(), JSON)}
"""api:codec -> codec, and the sh:datatype that it needs."""
