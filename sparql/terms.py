"""RDF terms as small immutable values, and their one serialiser.

The layers above the store speak these types alone, so that no engine's classes leak upwards. There is no
blank node: device data has none (decision D1), and an engine that returns one is told apart by `Iri("_:…")`.

Source: RDF 1.1 Concepts, section 3; canonical lexical forms as in XSD 1.1 part 2.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple, TypeAlias

_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_ESCAPE = re.compile(r'[\\"\n\r\t]')
_NOT_IN_IRI = re.compile(r'[\x00-\x20<>"{}|^`\\]')
_LANGUAGE = re.compile(r"[a-zA-Z]+(-[a-zA-Z0-9]+)*")


class Iri(str):
    """An absolute IRI. A `str`, so that it hashes and compares at the speed of one."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{self!s}>"


class Namespace(str):
    """A prefix IRI whose items are terms: `FLEX["Device"]`."""

    __slots__ = ()

    def term(self, name: str) -> Iri:
        """Return the IRI of `name` in this namespace."""
        return Iri(f"{self}{name}")


XSD = Namespace("http://www.w3.org/2001/XMLSchema#")
RDF = Namespace("http://www.w3.org/1999/02/22-rdf-syntax-ns#")
STRING = XSD.term("string")
DOUBLE = XSD.term("double")
DECIMAL = XSD.term("decimal")
INTEGER = XSD.term("integer")
BOOLEAN = XSD.term("boolean")
DATE_TIME = XSD.term("dateTime")
LANG_STRING = RDF.term("langString")
JSON = RDF.term("JSON")
TYPE = RDF.term("type")


class Literal(NamedTuple):
    """A literal: lexical form, datatype, and a language tag for rdf:langString only."""

    lexical: str
    datatype: Iri = STRING
    language: str | None = None


Term: TypeAlias = Iri | Literal


class Triple(NamedTuple):
    """Subject, predicate and object."""

    subject: Iri
    predicate: Iri
    object: Term


class Quad(NamedTuple):
    """A triple in the named graph `graph`."""

    subject: Iri
    predicate: Iri
    object: Term
    graph: Iri

    @property
    def triple(self) -> Triple:
        """The triple without its graph."""
        return Triple(self.subject, self.predicate, self.object)


def double(value: float) -> Literal:
    """Return the xsd:double of `value` in plain decimal notation, as engines canonicalise it: 3.0 is "3"."""
    return Literal(_plain(value), DOUBLE)


def decimal(value: float) -> Literal:
    """Return the xsd:decimal of `value`, without trailing zeros."""
    return Literal(_plain(value), DECIMAL)


def _plain(value: float) -> str:
    text = format(Decimal(repr(float(value) + 0.0)), "f")  # the sum makes -0.0, which equals 0.0, the same term
    return text.rstrip("0").rstrip(".") if "." in text else text


def to_sparql(term: Term) -> str:
    """Serialise `term` for a SPARQL text or for N-Triples.

    This is the only way by which a value enters a query text, so it refuses what could leave its place.

    Raises:
        ValueError: an IRI holds a character that the grammar's IRIREF forbids, or a language tag one that LANGTAG does.
    """
    if isinstance(term, Iri):
        if _NOT_IN_IRI.search(term):
            raise ValueError(f"not an IRI: {str(term)!r}")
        return f"<{term}>"
    quoted = '"' + _ESCAPE.sub(lambda found: _ESCAPES[found.group()], term.lexical) + '"'
    if term.language is not None:
        if not _LANGUAGE.fullmatch(term.language):
            raise ValueError(f"not a language tag: {term.language!r}")
        return f"{quoted}@{term.language}"
    return quoted if term.datatype == STRING else f"{quoted}^^{to_sparql(term.datatype)}"
