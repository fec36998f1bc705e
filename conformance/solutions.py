"""Compares results: solutions up to the names of blank nodes, graphs up to isomorphism, numbers by their value."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TypeAlias

from rdflib import RDF, XSD, BNode, Graph, Literal, Namespace, URIRef
from rdflib.compare import isomorphic
from rdflib.query import Result
from rdflib.term import Node

from conformance.manifest import published

RS = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/result-set#")
MEDIA_TYPES = {
    ".srx": "application/sparql-results+xml",
    ".srj": "application/sparql-results+json",
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".ttl": "text/turtle",
}
"""Form of a result -> its media type."""
_PARSERS = {".srx": "xml", ".srj": "json", ".csv": "csv", ".tsv": "tsv"}
_NUMBERS = {XSD.integer, XSD.decimal, XSD.double, XSD.float}

Row: TypeAlias = frozenset[tuple[str, object]]


@dataclass(frozen=True, slots=True)
class Solutions:
    """The result of a SELECT query, its terms as values that compare."""

    variables: frozenset[str]
    rows: tuple[Row, ...]


def form_of(expected: Path) -> str:
    """Return the form in which to ask for what a file expects: its suffix, but for solutions written in RDF."""
    return ".srx" if isinstance(_read(expected), Solutions) and expected.suffix == ".ttl" else expected.suffix


def difference(expected: Path, actual: bytes, *, ordered: bool) -> str | None:
    """Say how `actual`, in the form of `expected`, differs from that file; None when it doesn't.

    Args:
        expected: what the test demands.
        actual: what came back.
        ordered: whether the order of solutions counts.
    """
    wanted, found = _read(expected), _parse(form_of(expected), actual)
    if isinstance(wanted, Graph) and isinstance(found, Graph):
        return None if isomorphic(wanted, found) else "another graph"
    if not (isinstance(wanted, Solutions) and isinstance(found, Solutions)):
        return None if wanted is found else f"{found} instead of {wanted}"
    if wanted.variables != found.variables:
        return f"the variables {sorted(found.variables)} instead of {sorted(wanted.variables)}"
    return _rows_difference(wanted.rows, found.rows, ordered=ordered)


def _read(path: Path) -> Solutions | Graph | bool:
    return _parse(path.suffix, path.read_bytes(), published(path))


def _parse(form: str, document: bytes, base: str | None = None) -> Solutions | Graph | bool:
    if form == ".ttl":
        graph = Graph().parse(data=document, format="turtle", publicID=base)
        return _from_rdf(graph) if (None, RDF.type, RS.ResultSet) in graph else graph
    result = Result.parse(io.BytesIO(document), format=_PARSERS[form])
    if result.type == "ASK":
        return bool(result.askAnswer)
    rows = ({str(name): term for name, term in row.items()} for row in result.bindings)
    return Solutions(frozenset(map(str, result.vars or ())), _rows(rows))


def _from_rdf(graph: Graph) -> Solutions:
    """Read solutions that are written as RDF, as the first suite of tests did."""
    rows = (
        {
            str(graph.value(binding, RS.variable)): graph.value(binding, RS.value)
            for binding in graph.objects(solution, RS.binding)
        }
        for solution in graph.objects(None, RS.solution)
    )
    return Solutions(frozenset(map(str, graph.objects(None, RS.resultVariable))), _rows(rows))


def _rows(rows: Iterable[Mapping[str, Node | None]]) -> tuple[Row, ...]:
    return tuple(frozenset((name, _value(term)) for name, term in row.items() if term is not None) for row in rows)


def _value(term: Node) -> object:
    """Return what two equal terms have in common: "2"^^xsd:decimal and "2.0"^^xsd:decimal are one."""
    if not isinstance(term, Literal):
        return term
    if term.datatype in _NUMBERS:
        return (_number(term), term.datatype)
    return (str(term), None if term.datatype == XSD.string else term.datatype, (term.language or "").lower())


def _number(term: Literal) -> object:
    try:
        return float(term) if term.datatype in (XSD.double, XSD.float) else Decimal(str(term))
    except (ValueError, InvalidOperation):
        return str(term)


def _rows_difference(wanted: tuple[Row, ...], found: tuple[Row, ...], *, ordered: bool) -> str | None:
    if len(wanted) != len(found):
        return f"{len(found)} solutions instead of {len(wanted)}"
    if ordered and not any(map(_has_blank_node, wanted)):
        return None if wanted == found else "other solutions, or in another order"
    missing = _ground(wanted) - _ground(found)
    if missing:
        return f"{missing.total()} solutions are missing, one is {sorted(next(iter(missing)), key=repr)}"
    return None if isomorphic(_graph(wanted), _graph(found)) else "other solutions with blank nodes"


def _ground(rows: tuple[Row, ...]) -> Counter[Row]:
    return Counter(row for row in rows if not _has_blank_node(row))


def _has_blank_node(row: Row) -> bool:
    return any(isinstance(value, BNode) for _, value in row)


def _graph(rows: tuple[Row, ...]) -> Graph:
    """Return the rows with blank nodes as a graph, each a node of its own: isomorphism maps all of them at once."""
    graph = Graph()
    for row in filter(_has_blank_node, rows):
        node = BNode()
        for name, value in row:
            graph.add((node, URIRef(f"urn:var:{name}"), value if isinstance(value, BNode) else Literal(repr(value))))
    return graph
