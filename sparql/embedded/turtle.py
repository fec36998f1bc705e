"""Reads Turtle triple by triple, each literal as it is written, with the place of what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyoxigraph as ox

from sparql.terms import Iri, Literal, Term, Triple


class TurtleError(ValueError):
    """A text that is no Turtle: the reason is its message, and `line` and `column`, from 1, say where."""

    def __init__(self, reason: str, line: int, column: int = 1) -> None:
        super().__init__(reason)
        self.line = line
        self.column = column


def parse_turtle(data: bytes) -> Iterator[Triple]:
    """Yield the triples of a Turtle document in its order.

    Blank nodes become `Iri("_:…")` and triple terms `Iri("<<…")`: no IRI starts so, and `to_sparql` refuses them.

    Raises:
        TurtleError: it is no Turtle.
    """
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
