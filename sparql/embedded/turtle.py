"""Reads Turtle triple by triple, each literal as it is written, with the place of what is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pyoxigraph as ox

from sparql.terms import Iri, Literal, Term, Triple

MOST_TRIPLE_TERMS = 1_000
"""The most `<<` in a document. Of 20,000 triple terms, one in another, the parser's process dies on a stack of 8 MB."""

_PLACE = re.compile(r"Parser error (?:at|between) line .*? ?columns? \d+(?: and (?:line \d+ column )?\d+)?: ")


class TurtleError(ValueError):
    """A text that is no Turtle: the reason and the place are its message.

    Attributes:
        reason: what is wrong, without the place.
        line: where, from 1.
        column: likewise, in characters, from 1.
    """

    def __init__(self, message: str, line: int, column: int = 1) -> None:
        super().__init__(message)
        self.reason = _PLACE.sub("", message, count=1)
        self.line = line
        self.column = column


def parse_turtle(data: bytes) -> Iterator[Triple]:
    """Yield the triples of a Turtle document in its order.

    Blank nodes become `Iri("_:…")` and triple terms `Iri("<<…")`: no IRI starts so, and `to_sparql` refuses them.

    Raises:
        TurtleError: it is no Turtle, or has more triple terms than can be read safely.
    """
    if data.count(b"<<") > MOST_TRIPLE_TERMS:
        line = data.count(b"\n", 0, data.index(b"<<")) + 1
        raise TurtleError(f"more than {MOST_TRIPLE_TERMS:,} triple terms (<<)", line)
    try:
        for subject, predicate, value, _ in ox.parse(data, ox.RdfFormat.TURTLE):
            yield Triple(_node(subject), _node(predicate), _term(value))
    except SyntaxError as error:
        raise TurtleError(str(error.msg), error.lineno or 1, error.offset or 1) from None


def _term(term: Any) -> Term:
    if isinstance(term, ox.Literal):
        return Literal(term.value, Iri(term.datatype.value), term.language)
    return _node(term)


def _node(term: Any) -> Iri:
    return Iri(term.value) if isinstance(term, ox.NamedNode) else Iri(str(term))
