"""Runs query texts from outside on pyoxigraph. For a process that may die of it: see `sparql.sandbox`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Protocol

import pyoxigraph as ox

from sparql.query_engine import NotAcceptableResult, Query, QueryError, QuerySyntaxError, ResultKind

RESULT_FORMATS = {
    "application/sparql-results+json": ox.QueryResultsFormat.JSON,
    "application/sparql-results+xml": ox.QueryResultsFormat.XML,
    "text/csv": ox.QueryResultsFormat.CSV,
    "text/tab-separated-values": ox.QueryResultsFormat.TSV,
}
GRAPH_FORMATS = {
    "text/turtle": ox.RdfFormat.TURTLE,
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
    "application/n-quads": ox.RdfFormat.N_QUADS,
    "application/trig": ox.RdfFormat.TRIG,
    "application/ld+json": ox.RdfFormat.JSON_LD,
    "application/rdf+xml": ox.RdfFormat.RDF_XML,
}
_WITH_PREFIXES = (ox.RdfFormat.TURTLE, ox.RdfFormat.TRIG, ox.RdfFormat.RDF_XML)
_KINDS = {
    ox.QuerySolutions: ResultKind.BINDINGS,
    ox.QueryBoolean: ResultKind.BOOLEAN,
    ox.QueryTriples: ResultKind.GRAPH,
}


class ResultSink(Protocol):
    """Takes a serialised result. Any of its methods may raise a QueryError, and that ends the query."""

    def begin(self, media_type: str) -> None:
        """Note how the result is serialised."""

    def count_triple(self) -> None:
        """Note that a triple of a graph follows."""

    def write(self, data: bytes) -> int:
        """Take a piece."""


def evaluate(store: ox.Store, query: Query, sink: ResultSink) -> ResultKind:
    """Write the result of `query` to `sink`.

    Raises:
        QuerySyntaxError: the text is no query.
        NotAcceptableResult: its kind of result was not asked for.
        QueryError: it can't be evaluated.
    """
    try:
        results: Any = store.query(
            query.text,
            prefixes=dict(query.prefixes),
            base_iri=query.base,
            default_graph=[ox.NamedNode(name) for name in query.dataset.default],
            named_graphs=[ox.NamedNode(name) for name in query.dataset.named],
        )
    except SyntaxError as error:
        raise QuerySyntaxError(str(error)) from None
    kind = _KINDS[type(results)]
    media_type = query.media_types.get(kind)
    if media_type is None:
        raise NotAcceptableResult(f"the query results in {kind}, and no media type that was asked for can hold that")
    sink.begin(media_type)
    try:
        _write(results, kind, media_type, query, sink)
    except OSError as error:
        raise QueryError(f"the query can't be evaluated: {error}") from None
    return kind


def _write(results: Any, kind: ResultKind, media_type: str, query: Query, sink: Any) -> None:
    if kind is not ResultKind.GRAPH:
        results.serialize(output=sink, format=RESULT_FORMATS[media_type])
        return
    form = GRAPH_FORMATS[media_type]
    used = {prefix: name for prefix, name in query.prefixes.items() if f"{prefix}:" in query.text}
    prefixes = used if form in _WITH_PREFIXES else {}
    ox.serialize(_counted(results, sink), output=sink, format=form, prefixes=prefixes)


def _counted(triples: Iterable[ox.Triple], sink: ResultSink) -> Iterator[ox.Triple]:
    for triple in triples:
        sink.count_triple()
        yield triple
